//! What the steps look up, make, wait for and run: filled in with samples, in the order of the walk, each request must be
//! one, and each placeholder must be known by then.

use super::Lint;
use super::near::{Near, told};
use super::source::At;
use crate::action::Action;
use crate::demo::COMMANDS;
use crate::facts::{CALLER, MissingFact};
use crate::filling::{Filling, Piece, PlanError, pieces};
use crate::id::SessionId;
use crate::kind::Nature;
use crate::lab::{Fault, Lab, SPARE, changed};
use crate::names::belongs_to;
use crate::note::is_taken;
use crate::plan;
use crate::prose;
use crate::recipe::Recipe;
use crate::step::{Configure, Run, Step, When};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// What every recipe can name.
pub(super) const BUILT_IN: [&str; 4] = ["session", "region", "account", "partition"];
/// What prose can name beside parameters and what is looked up.
pub(super) const PROSE: [&str; 3] = ["session", "region", "account"];
/// Names that the session itself uses.
const TAKEN: [&str; 6] = ["note-key", "passport", "results", "delivery", "survey", SPARE];
/// What stands for every fact: a number, a text and a list.
const SAMPLE: &str = "1";

/// The facts that the recipe looks up.
pub(super) fn look_facts(recipe: &Recipe) -> Vec<String> {
    recipe.steps.iter().flat_map(facts_of).collect()
}

fn facts_of(step: &Step) -> Vec<String> {
    let looks = step.looks.iter();
    let looks = looks.filter_map(|l| Some((l, plan::look(l, &|_| Ok(SAMPLE.to_owned())).ok()?)));
    looks.flat_map(|(l, look)| look.facts().iter().map(|(fact, _)| l.called(fact).to_owned())).collect()
}

/// Whether something else than a look-up has this name.
fn is_taken_fact(recipe: &Recipe, name: &str) -> bool {
    name == CALLER || BUILT_IN.contains(&name) || recipe.parameters.iter().any(|p| p.id == name)
}

/// What is known at a place of the walk.
struct Walked<'a> {
    recipe: &'a Recipe,
    /// The default of each parameter.
    defaults: BTreeMap<&'a str, &'a str>,
    session: SessionId,
    /// Placeholders that can be filled in.
    known: BTreeSet<String>,
    /// What was made, by its name.
    made: BTreeMap<&'a str, Action>,
    /// Those of it that are settings.
    settings: BTreeSet<&'a str>,
    /// Results that are there.
    results: BTreeSet<&'a str>,
    /// Paths of the secrets that were made.
    secrets: BTreeSet<String>,
    /// Whether something was waited for on which scripts can be run.
    runs: bool,
    /// The step that makes or looks up what has this name.
    comes_with: BTreeMap<String, &'a Step>,
}

impl Walked<'_> {
    fn value(&self, name: &str) -> Result<String, PlanError> {
        if !self.known.contains(name) {
            return Err(MissingFact(name.to_owned()).into());
        }
        let default = self.defaults.get(name);
        let secret = name.strip_suffix(".id").and_then(|made| self.made.get(made)?.keeps());
        Ok(match (name, default, secret) {
            ("session", ..) => self.session.to_string(),
            (_, Some(default), _) => (*default).to_owned(),
            (.., Some(path)) => path.to_owned(),
            _ => SAMPLE.to_owned(),
        })
    }

    /// Why a placeholder cannot be filled in.
    fn unknown(&self, name: &str, near: &Near) -> String {
        let (made, fact) = name.split_once('.').unwrap_or((name, "id"));
        match self.comes_with.get(if name.contains('.') { made } else { name }) {
            Some(_) if self.made.contains_key(made) && fact != "id" => {
                let facts = self.made[made].properties().attributes.iter().copied().chain(["id"]);
                format!("'{name}' is not known before '{made}' was waited for{}", near.meant(fact, facts))
            }
            Some(step) => format!("'{name}' is not known before step '{}' is done", step.id),
            None => {
                format!(
                    "unknown placeholder '{name}'{}",
                    near.meant(name, self.known.iter().map(String::as_str))
                )
            }
        }
    }
}

type Of<'a> = (usize, &'a Step);

impl Lint<'_> {
    /// Goes through the steps as a walk would.
    pub(super) fn content(&mut self, recipe: &Recipe) {
        let parameters = recipe.parameters.iter().map(|p| p.id.to_string());
        let mut walked = Walked {
            recipe,
            // Of two with one name, the first counts.
            defaults: recipe.parameters.iter().rev().map(|p| (&*p.id, &*p.default)).collect(),
            session: SessionId::from_bytes([0; 8]),
            known: BUILT_IN.iter().map(|name| (*name).to_owned()).chain(parameters).collect(),
            made: BTreeMap::new(),
            settings: BTreeSet::new(),
            results: BTreeSet::new(),
            secrets: BTreeSet::new(),
            runs: false,
            comes_with: BTreeMap::new(),
        };
        for step in recipe.steps.iter().rev() {
            let made = step.makes.iter().map(|make| make.name.to_string());
            walked.comes_with.extend(made.chain(facts_of(step)).map(|name| (name, step)));
        }
        for of in recipe.steps.iter().enumerate() {
            self.looks(of, &walked);
            self.makes(of, &mut walked);
            self.waits(of, &mut walked);
            walked.known.extend(facts_of(of.1));
            if let Some(configure) = &of.1.configure {
                self.configure(of, configure, &walked);
            }
            if let Some(run) = &of.1.run {
                self.run(of, run, &mut walked);
            }
        }
        self.broken(recipe, &walked);
    }

    /// Says what is wrong with a table that was to become a request.
    fn no_request(
        &mut self,
        of: Of<'_>,
        way: &[At<'_>],
        fields: &Map<String, Value>,
        why: &PlanError,
        walked: &Walked<'_>,
    ) {
        match why {
            PlanError::Unknown(MissingFact(name)) => {
                let names = |value: &Value| value.to_string().contains(name.as_str());
                let field = fields.iter().find(|(_, value)| names(value)).map_or("kind", |(key, _)| key);
                self.say_of(of, &[way, &[At::Key(field)]].concat(), &walked.unknown(name, &self.near));
            }
            PlanError::NoRequest { what, why } => {
                let (message, word) = told(why);
                // An unknown kind is a word that stands as a value.
                let key = if message.starts_with("unknown variant") { Some("kind") } else { word };
                let way = [way, &key.map(At::Key).into_iter().collect::<Vec<_>>()].concat();
                self.say_of(of, &way, &format!("{what}: {message}"));
            }
            PlanError::Misfit(misfit) => self.say_of(of, way, &misfit.to_string()),
        }
    }

    fn looks(&mut self, of: Of<'_>, walked: &Walked<'_>) {
        for (index, lookup) in of.1.looks.iter().enumerate() {
            let way = [At::Key("look"), At::Nth(index)];
            match plan::look(lookup, &|name| walked.value(name)) {
                Err(why) => self.no_request(of, &way, &lookup.fields, &why, walked),
                Ok(look) => {
                    let called = look.facts().iter().map(|(fact, _)| lookup.called(fact));
                    for name in called.filter(|name| is_taken_fact(walked.recipe, name)) {
                        let said = format!("'{name}' is called like something that is known already");
                        self.say_of(of, &[&way[..], &[At::Key("as")]].concat(), &said);
                    }
                    let facts = || look.facts().iter().map(|(fact, _)| *fact);
                    for name in lookup.names.keys().filter(|name| facts().all(|fact| fact != name.as_str())) {
                        let said = format!("the look-up finds no '{name}'{}", self.near.meant(name, facts()));
                        self.say_of(of, &[&way[..], &[At::Key("as"), At::Key(name)]].concat(), &said);
                    }
                }
            }
        }
    }

    fn makes<'r>(&mut self, of: Of<'r>, walked: &mut Walked<'r>) {
        for (index, make) in of.1.makes.iter().enumerate() {
            let way = [At::Key("make"), At::Nth(index)];
            let name = [&way[..], &[At::Key("as")]].concat();
            if walked.made.contains_key(make.name.as_str()) {
                self.say_of(of, &name, &format!("'{}' is made twice", make.name));
            }
            if TAKEN.contains(&make.name.as_str()) || make.name.starts_with("temporary-") {
                self.say_of(of, &name, &format!("'{}' is a name of the session's own", make.name));
            }
            if make.name.starts_with("aws") {
                self.say_of(of, &name, &format!("'{}' would be a variable of the AWS CLI's", make.name));
            }
            match plan::request(make, &|name| walked.value(name)) {
                Err(why) => self.no_request(of, &way, &make.fields, &why, walked),
                Ok(mut action) => {
                    if matches!(action.properties().nature, Nature::TemporarySetting(_)) {
                        let said =
                            format!("'{}' would outlive its step; a run sets it with 'set'", make.name);
                        self.say_of(of, &[&way[..], &[At::Key("kind")]].concat(), &said);
                    }
                    if let Some(own) = action.own_name().filter(|own| !belongs_to(own, &walked.session)) {
                        let said = format!(
                            "'{own}' would not be found by a clean-up: names begin with '{{{{session}}}}-', paths with \
                             '/recipe-walk/{{{{session}}}}/'"
                        );
                        let field = ["name", "id", "path"].into_iter().find(|f| make.fields.contains_key(*f));
                        self.say_of(of, &[&way[..], &[At::Key(field.unwrap_or("kind"))]].concat(), &said);
                    }
                    if let Some(own) = action.own_name().filter(|own| is_taken(own, &walked.session)) {
                        let said = format!("'{own}' is what the session itself keeps there");
                        self.say_of(of, &[&way[..], &[At::Key("path")]].concat(), &said);
                    }
                    walked.secrets.extend(action.keeps().map(str::to_owned));
                    if let Some(path) = action.password().filter(|path| !walked.secrets.contains(*path)) {
                        let field = make.fields.iter().find(|(_, value)| value.as_str() == Some(path));
                        let field = field.map_or("kind", |(key, _)| key);
                        let said = format!("'{path}' is the path of no secret that is made before");
                        self.say_of(of, &[&way[..], &[At::Key(field)]].concat(), &said);
                    }
                    if action.is_setting() {
                        walked.settings.insert(&make.name);
                    }
                    walked.made.insert(&make.name, action);
                }
            }
            walked.known.insert(format!("{}.id", make.name));
        }
    }

    fn waits<'r>(&mut self, of: Of<'r>, walked: &mut Walked<'r>) {
        for (index, name) in of.1.wait.iter().enumerate() {
            let way = [At::Key("wait"), At::Nth(index)];
            match walked.made.get(name.as_str()) {
                None => {
                    let near = self.near.meant(name, walked.made.keys().copied());
                    self.say_of(
                        of,
                        &way,
                        &format!("waits for '{name}', which nothing makes before it{near}"),
                    );
                }
                Some(action) if !action.is_slow() => {
                    self.say_of(of, &way, &format!("waits for '{name}', which is there at once"));
                }
                Some(action) => {
                    walked.runs |= action.properties().wait.is_some_and(|wait| wait.runs_commands);
                    walked
                        .known
                        .extend(action.properties().attributes.iter().map(|fact| format!("{name}.{fact}")));
                }
            }
        }
        let wait: BTreeSet<&str> = of.1.wait.iter().map(String::as_str).collect();
        for part in of.1.parts.keys().filter(|part| !wait.contains(part.as_str())) {
            let near = self.near.meant(part, wait.iter().copied());
            self.say_of(of, &[At::Key("parts")], &format!("does not wait for '{part}'{near}"));
        }
    }

    fn configure(&mut self, of: Of<'_>, configure: &Configure, walked: &Walked<'_>) {
        let text = configure.content.to_string();
        for piece in pieces(&text) {
            let Piece::Name(name) = piece else { continue };
            let known = match name {
                "system-roots" => true,
                "fetched-roots" => configure.roots.is_some(),
                _ => match name.strip_prefix("secret:") {
                    Some(secret) => walked.made.get(secret).is_some_and(|action| action.keeps().is_some()),
                    None => walked.known.contains(name.strip_prefix("number:").unwrap_or(name)),
                },
            };
            if !known {
                let bare = name.trim_start_matches("secret:").trim_start_matches("number:");
                let said = format!("{}: {}", configure.file, walked.unknown(bare, &self.near));
                self.say_of(of, &[At::Key("configure"), At::Key("file")], &said);
            }
        }
    }

    fn run<'r>(&mut self, of: Of<'r>, run: &'r Run, walked: &mut Walked<'r>) {
        let way = |key| [At::Key("run"), At::Key(key)];
        if let Some(said) = no_command(walked.recipe, &run.command, &self.near) {
            self.say_of(of, &way("command"), &said);
        }
        if !walked.runs {
            self.say_of(of, &way("command"), "runs the demo, and waits for no instance before");
        }
        for argument in &run.arguments {
            if let Err(PlanError::Unknown(MissingFact(name))) =
                Filling(&|name| walked.value(name)).text(argument)
            {
                self.say_of(of, &way("arguments"), &walked.unknown(&name, &self.near));
            }
        }
        for (index, when) in run.whens.iter().enumerate() {
            self.when(of, &[&way("when")[..], &[At::Nth(index)]].concat(), when, walked);
        }
        if !walked.results.insert(&run.command) {
            self.say_of(of, &way("command"), &format!("an earlier step leaves the result '{}'", run.command));
        }
    }

    fn when(&mut self, of: Of<'_>, way: &[At<'_>], when: &When, walked: &Walked<'_>) {
        if when.act.is_some() == when.set.is_some() {
            self.say_of(of, way, &format!("'{}' needs either 'act' or 'set'", when.event));
        }
        if let Some(fields) = &when.act
            && let Err(why) = plan::act(fields, &|name| walked.value(name))
        {
            self.no_request(of, &[way, &[At::Key("act")]].concat(), fields, &why, walked);
        }
        if let Some(set) = &when.set {
            let lasting = walked.made.get(set.make.as_str());
            if lasting.and_then(|action| action.temporarily(&set.values)).is_none() {
                let said = format!(
                    "'{}' is no setting with other values of these{}",
                    set.make,
                    self.near.meant(&set.make, walked.settings.iter().copied())
                );
                self.say_of(of, &[way, &[At::Key("set")]].concat(), &said);
            }
        }
    }

    pub(super) fn labs(&mut self, recipe: &Recipe) {
        let mut seen = BTreeSet::new();
        for (index, lab) in recipe.labs.iter().enumerate() {
            let way = |key| [At::Key("lab"), At::Nth(index), At::Key(key)];
            if !seen.insert(&lab.id) {
                self.say(&way("id"), format!("lab '{}': is there twice", lab.id));
            }
            for (key, text) in [("story", &lab.story), ("lesson", &lab.lesson)] {
                let words = prose::words(text);
                if !(10..=90).contains(&words) {
                    self.say(&way(key), format!("lab '{}': {words} words, not 10 to 90", lab.id));
                }
            }
            if let Some(said) = lab.look.as_deref().and_then(|look| no_command(recipe, look, &self.near)) {
                self.say(&way("look"), format!("lab '{}': {said}", lab.id));
            }
        }
    }

    /// What labs break must be there, and can be broken like that.
    fn broken(&mut self, recipe: &Recipe, walked: &Walked<'_>) {
        for (index, lab) in recipe.labs.iter().enumerate() {
            let way = |key| [At::Key("lab"), At::Nth(index), At::Key(key)];
            if let Err((key, why)) = breaks(lab, walked, &self.near) {
                self.say(&way(key), format!("lab '{}': {why}", lab.id));
            }
        }
    }
}

/// Why a command cannot be run. A program of the recipe's own may have any.
fn no_command(recipe: &Recipe, command: &str, near: &Near) -> Option<String> {
    let unknown = recipe.program.is_none() && !COMMANDS.contains(&command);
    unknown.then(|| format!("the demo has no command '{command}'{}", near.meant(command, COMMANDS)))
}

fn breaks(lab: &Lab, walked: &Walked<'_>, near: &Near) -> Result<(), (&'static str, String)> {
    if !walked.results.contains(lab.after.as_str()) {
        let hint = near.meant(&lab.after, walked.results.iter().copied());
        return Err(("after", format!("there is no result '{}'{hint}", lab.after)));
    }
    let make = lab.fault.make();
    let Some(action) = walked.made.get(make.as_str()) else {
        let hint = near.meant(make, walked.made.keys().copied());
        return Err(("fault", format!("nothing makes '{make}'{hint}")));
    };
    let mut action = action.clone();
    let other = match &lab.fault {
        Fault::TakeAway { .. } => return Ok(()),
        Fault::Change { with, .. } if action.is_setting() => with,
        Fault::Change { .. } => return Err(("fault", format!("'{make}' is no setting that can be changed"))),
        Fault::AskFor { with, .. } if action.own_name().is_some() => with,
        Fault::AskFor { .. } => return Err(("fault", format!("'{make}' has no name of its own to ask for"))),
    };
    match changed(&action, other) {
        Ok(other) if other == action => Err(("fault", "changes nothing".to_owned())),
        Ok(_) => Ok(()),
        Err(PlanError::NoRequest { why, .. }) => Err(("fault", told(&why).0)),
        Err(why) => Err(("fault", why.to_string())),
    }
}
