//! The lint of a recipe: everything that is wrong with it, each finding with file and line.

mod content;
mod near;
mod source;

use self::near::{Near, told};
use self::source::{At, Source};
use crate::deliver::LARGEST;
use crate::diagram::{self, Diagram};
use crate::filling::JSON;
use crate::prose;
use crate::recipe::{FORMAT_VERSION, Recipe};
use crate::step::Step;
use crate::tags::{LEASE, UNWINDING};
use serde::Serialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Words a step's prose may have.
const WORDS: std::ops::RangeInclusive<usize> = 120..=300;

/// Bytes of all files of a recipe, each counted as often as it is named; ours have a hundredth.
const MOST: usize = 16 * 1024 * 1024;

/// Steps of which it is told that they need themselves.
const TOLD: usize = 20;

/// A way to get at the files of a recipe.
pub type Files<'a> = &'a mut dyn FnMut(&str) -> Option<String>;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// File in the recipe's directory.
    pub file: String,
    /// One-based line.
    pub line: usize,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.message)
    }
}

/// Lints a recipe. The recipe comes back as far as it can be read.
pub fn lint(toml: &str, files: Files<'_>) -> (Option<Recipe>, Vec<Finding>) {
    let source = Source::new(toml);
    let mut recipe: Recipe = match toml::from_str(toml) {
        Ok(recipe) => recipe,
        Err(e) => {
            let line = e.span().map_or(1, |span| source.line_at(span.start));
            return (None, vec![recipe_finding(line, told(e.message()).0)]);
        }
    };
    let mut lint = Lint { source, findings: Vec::new(), near: Near::default() };
    let mut left = MOST;
    let mut files = |name: &str| {
        let text = files(name)?;
        left = left.saturating_sub(text.len());
        (left > 0).then_some(text)
    };
    let files: Files<'_> = &mut files;
    if recipe.format_version != FORMAT_VERSION {
        let said = format!("format_version {} is not {FORMAT_VERSION}", recipe.format_version);
        lint.say(&[At::Key("format_version")], said);
    }
    lint.finish(&mut recipe, files);
    lint.parameters(&recipe);
    lint.steps(&recipe);
    lint.cycles(&recipe);
    lint.content(&recipe);
    lint.questions(&recipe);
    lint.cards(&recipe);
    lint.labs(&recipe);
    lint.diagram(&mut recipe, files);
    lint.prose(&mut recipe, files);
    if left == 0 {
        lint.say(&[], format!("the recipe's files have more than {MOST} bytes in all"));
    }
    (Some(recipe), lint.findings)
}

fn recipe_finding(line: usize, message: String) -> Finding {
    Finding { file: "recipe.toml".into(), line, message }
}

/// Whether a name is that of a file in the recipe's own directory.
fn is_file_name(name: &str) -> bool {
    let good = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    !name.is_empty() && !name.starts_with('.') && name.chars().all(good)
}

struct Lint<'a> {
    source: Source<'a>,
    findings: Vec<Finding>,
    near: Near,
}

impl Lint<'_> {
    /// Something is wrong at this place of recipe.toml.
    fn say(&mut self, way: &[At<'_>], message: String) {
        self.findings.push(recipe_finding(self.source.line(way), message));
    }

    /// Something is wrong with a step.
    fn say_of(&mut self, step: (usize, &Step), way: &[At<'_>], message: &str) {
        let start = [At::Key("step"), At::Nth(step.0)];
        self.say(&[&start, way].concat(), format!("step '{}': {message}", step.1.id));
    }

    /// Adds what the recipe's reader knows beside its text: the content of JSON files, and where each step stands.
    fn finish(&mut self, recipe: &mut Recipe, files: Files<'_>) {
        if let Some(program) = &mut recipe.program {
            let way = [At::Key("program"), At::Key("file")];
            match is_file_name(&program.file).then(|| files(&program.file)).flatten() {
                None => self.say(&way, format!("there is no file '{}'", program.file)),
                Some(text) if text.len() > LARGEST => {
                    self.say(&way, format!("{} has {} bytes, more than {LARGEST}", program.file, text.len()));
                }
                Some(text) => program.content = text,
            }
        }
        let mut configured = false;
        for (index, step) in recipe.steps.iter_mut().enumerate() {
            let way = [At::Key("step"), At::Nth(index)];
            for (nth, make) in step.makes.iter_mut().enumerate() {
                for (field, value) in &mut make.fields {
                    let Some(content) = value.as_object_mut().and_then(|table| table.get_mut(JSON)) else {
                        continue;
                    };
                    let name = content.as_str().unwrap_or_default().to_owned();
                    let place = [At::Key("make"), At::Nth(nth), At::Key(field)];
                    *content = self.json(&[&way[..], &place[..]].concat(), &name, files);
                }
            }
            if let Some(configure) = &mut step.configure {
                let place = [At::Key("configure"), At::Key("file")];
                configure.content = self.json(&[&way[..], &place[..]].concat(), &configure.file, files);
                configured = true;
            }
            (step.first, step.configured) = (index == 0, configured);
        }
    }

    fn json(&mut self, way: &[At<'_>], name: &str, files: Files<'_>) -> Value {
        let Some(text) = is_file_name(name).then(|| files(name)).flatten() else {
            self.say(way, format!("there is no file '{name}'"));
            return Value::Null;
        };
        serde_json::from_str(&text).unwrap_or_else(|e| {
            self.findings.push(Finding {
                file: name.to_owned(),
                line: e.line().max(1),
                message: e.to_string(),
            });
            Value::Null
        })
    }

    fn parameters(&mut self, recipe: &Recipe) {
        let mut seen = BTreeSet::new();
        for (index, p) in recipe.parameters.iter().enumerate() {
            let way = [At::Key("parameter"), At::Nth(index), At::Key("id")];
            if !seen.insert(&p.id) {
                self.say(&way, format!("parameter '{}' is there twice", p.id));
            }
            if content::BUILT_IN.contains(&p.id.as_str()) {
                self.say(&way, format!("parameter '{}' has a name that every recipe has already", p.id));
            }
            if let Some(said) = p.misfit() {
                self.say(&way, format!("parameter '{}': {said}", p.id));
            }
            if let Err(why) = p.check(&p.default) {
                let way = [At::Key("parameter"), At::Nth(index), At::Key("default")];
                self.say(&way, format!("parameter '{}': its default {why}", p.id));
            }
        }
    }

    fn steps(&mut self, recipe: &Recipe) {
        let mut before: BTreeSet<&str> = BTreeSet::new();
        let all: BTreeSet<&str> = recipe.steps.iter().map(|s| s.id.as_str()).collect();
        let phases: BTreeSet<&str> = recipe.phases.iter().map(|p| p.id.as_str()).collect();
        for of in recipe.steps.iter().enumerate() {
            let step = of.1;
            if [UNWINDING, LEASE].contains(&step.id.as_str()) {
                self.say_of(of, &[At::Key("id")], "has an id by which tags tell something else of a session");
            }
            if !phases.contains(step.phase.as_str()) {
                let near = self.near.meant(&step.phase, phases.iter().copied());
                self.say_of(of, &[At::Key("phase")], &format!("unknown phase '{}'{near}", step.phase));
            }
            for need in &step.needs {
                if !all.contains(need.as_str()) {
                    let near = self.near.meant(need, all.iter().copied());
                    self.say_of(of, &[At::Key("needs")], &format!("needs '{need}', which is no step{near}"));
                } else if !before.contains(need.as_str()) && step.id != *need {
                    self.say_of(of, &[At::Key("needs")], &format!("needs '{need}', which comes after it"));
                }
            }
            if step.makes.is_empty() {
                if !step.hints.is_empty() {
                    let said = "has hints, and makes nothing that a person could make";
                    self.say_of(of, &[At::Key("hints")], said);
                }
            } else if step.hints.len() != 2 {
                let said = format!("{} hints, not two: a nudge and a pointer", step.hints.len());
                self.say_of(of, &[At::Key("hints")], &said);
            }
            let all_estimates = std::iter::once(&step.estimate).chain(step.parts.values());
            for seconds in all_estimates.flat_map(|e| [e.aws_seconds, e.sandbox_seconds]) {
                if !(seconds.is_finite() && (0.0..=7200.0).contains(&seconds)) {
                    let said = format!("estimate of {seconds} s is not between 0 and 7200");
                    self.say_of(of, &[At::Key("estimate")], &said);
                }
            }
            if !before.insert(&step.id) {
                self.say_of(of, &[At::Key("id")], "is there twice");
            }
        }
    }

    fn cycles(&mut self, recipe: &Recipe) {
        let needs: BTreeMap<&str, &Step> = recipe.steps.iter().map(|s| (s.id.as_str(), s)).collect();
        // A circle has a step that needs itself or one after it.
        let place: BTreeMap<&str, usize> =
            recipe.steps.iter().enumerate().map(|(n, s)| (&*s.id, n)).collect();
        let turns =
            |of: &(usize, &Step)| of.1.needs.iter().any(|id| place.get(&**id).is_some_and(|n| *n >= of.0));
        for of in recipe.steps.iter().enumerate().filter(turns).take(TOLD) {
            let mut seen = BTreeSet::new();
            let mut stack: Vec<&str> = of.1.needs.iter().map(String::as_str).collect();
            while let Some(id) = stack.pop() {
                if of.1.id == id {
                    let said = format!("needs itself, over {} others", seen.len());
                    self.say_of(of, &[At::Key("needs")], &said);
                    break;
                }
                if seen.insert(id) {
                    stack.extend(needs.get(id).into_iter().flat_map(|s| s.needs.iter().map(String::as_str)));
                }
            }
        }
    }

    /// Whether there is such a step; else it is said.
    fn is_step(&mut self, steps: &BTreeSet<&str>, id: &str, way: &[At<'_>], who: &str) {
        if !steps.contains(id) {
            let near = self.near.meant(id, steps.iter().copied());
            self.say(way, format!("{who}: unknown step '{id}'{near}"));
        }
    }

    fn questions(&mut self, recipe: &Recipe) {
        let mut seen = BTreeSet::new();
        let steps: BTreeSet<&str> = recipe.steps.iter().map(|s| s.id.as_str()).collect();
        let results: BTreeSet<&str> = recipe.steps.iter().filter_map(Step::result).collect();
        for (index, question) in recipe.questions.iter().enumerate() {
            let way = |key| [At::Key("question"), At::Nth(index), At::Key(key)];
            let who = format!("question '{}'", question.id);
            if !seen.insert(&question.id) {
                self.say(&way("id"), format!("{who}: is there twice"));
            }
            self.is_step(&steps, &question.step, &way("step"), &who);
            if let Some(result) = question.result.as_deref().filter(|r| !results.contains(r)) {
                let near = self.near.meant(result, results.iter().copied());
                self.say(&way("result"), format!("{who}: there is no result '{result}'{near}"));
            }
            for fault in question.faults() {
                self.say(&way("id"), format!("{who}: {fault}"));
            }
        }
    }

    fn cards(&mut self, recipe: &Recipe) {
        let steps: BTreeSet<&str> = recipe.steps.iter().map(|s| s.id.as_str()).collect();
        for (index, card) in recipe.cards.iter().enumerate() {
            let way = |key| [At::Key("card"), At::Nth(index), At::Key(key)];
            let who = format!("card '{}'", card.title);
            self.is_step(&steps, &card.step, &way("step"), &who);
            // A card is read at a glance, between two looks at the bars.
            let words = prose::words(&card.text);
            if !(15..=90).contains(&words) {
                self.say(&way("text"), format!("{who}: {words} words, not 15 to 90"));
            }
        }
    }

    fn diagram(&mut self, recipe: &mut Recipe, files: Files<'_>) {
        let Some(text) = files(diagram::FILE) else { return };
        let source = Source::new(&text);
        let mut say = |line, message| {
            self.findings.push(Finding { file: diagram::FILE.into(), line, message });
        };
        match toml::from_str::<Diagram>(&text) {
            Ok(picture) => {
                picture.faults(recipe).into_iter().for_each(|fault| say(1, fault));
                recipe.diagram = picture;
            }
            Err(e) => say(e.span().map_or(1, |s| source.line_at(s.start)), told(e.message()).0),
        }
    }

    fn prose(&mut self, recipe: &mut Recipe, files: Files<'_>) {
        let mut known: BTreeSet<String> = content::PROSE.iter().map(|name| (*name).to_owned()).collect();
        known.extend(recipe.parameters.iter().map(|p| p.id.to_string()));
        known.extend(content::look_facts(recipe));
        let mut texts = BTreeMap::new();
        for of in recipe.steps.iter().enumerate() {
            let name = &of.1.prose;
            if texts.contains_key(name) {
                continue;
            }
            match is_file_name(name).then(|| files(name)).flatten() {
                None => self.say_of(of, &[At::Key("prose")], &format!("there is no file {name}")),
                Some(text) => {
                    check_prose(name, &text, &known, &self.near, &mut self.findings);
                    texts.insert(name.clone(), text);
                }
            }
        }
        recipe.prose = texts;
    }
}

fn check_prose(file: &str, text: &str, known: &BTreeSet<String>, near: &Near, findings: &mut Vec<Finding>) {
    let mut say = |line, message| findings.push(Finding { file: file.to_owned(), line, message });
    let headings = prose::headings(text);
    let names: Vec<&str> = headings.iter().map(|(_, h)| *h).collect();
    if names != prose::SECTIONS {
        let line = headings.first().map_or(1, |(l, _)| *l);
        say(line, format!("sections are [{}], not [{}]", names.join(", "), prose::SECTIONS.join(", ")));
    }
    for (line, name) in prose::placeholders(text) {
        if !known.contains(name) {
            let near = near.meant(name, known.iter().map(String::as_str));
            say(line, format!("unknown placeholder '{name}'{near}"));
        }
    }
    let words = prose::words(text);
    if !WORDS.contains(&words) {
        say(1, format!("{words} words, not {} to {}", WORDS.start(), WORDS.end()));
    }
}

#[cfg(test)]
pub(crate) mod tests;
