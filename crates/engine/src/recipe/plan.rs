//! The plan: a pure function from a step and what is known to what it makes. The recipe says what; the session adds what
//! no recipe decides: tags, tokens and its own notes.

use crate::action::{Action, FORGOTTEN, Planned};
use crate::cli_line::{is_special, is_variable};
use crate::facts::MissingFact;
use crate::filling::{Filling, Shape};
pub use crate::filling::{PlanError, Values};
use crate::kind::{Act, Look, Note, NoteKey};
use crate::names::belongs_to;
use crate::note::{Passport, is_taken, key_path, passport_path, results_path};
use crate::partition;
use crate::shown::shown;
use crate::state::{Misfit, State};
use crate::step::{Lookup, Make, Run, Step};
use crate::tags::Tags;
use crate::transition::Status;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// What is known of a session while a step is planned.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// The step.
    pub step: &'a Step,
    /// The session.
    pub state: &'a State,
}

impl Known<'_> {
    /// What stands for a placeholder. An id that a call of the same step makes known only while it runs is shown as a shell
    /// variable until then.
    pub fn value(&self, name: &str) -> Result<String, PlanError> {
        let opening = self.state.opened()?;
        let place = &opening.place;
        match name {
            "session" => return Ok(opening.session.to_string()),
            "region" => return Ok(place.region.clone()),
            "account" => return Ok(place.account.clone()),
            "partition" => return Ok(partition::of(&place.region).to_owned()),
            _ => {}
        }
        if let Some(known) = self.state.answers.get(name).or(self.state.facts.get(name).ok()) {
            return Ok(known.to_owned());
        }
        let own =
            name.strip_suffix(".id").filter(|own| self.step.makes.iter().any(|make| *own == &*make.name));
        own.map(variable).ok_or_else(|| MissingFact(name.to_owned()).into())
    }
}

/// The shell variable that stands for the id of what has this name.
pub fn variable(name: &str) -> String {
    format!("${}_ID", name.to_uppercase().replace('-', "_"))
}

/// What the step makes, in order. Steps that only look or measure make nothing.
pub fn plan(step: &Step, state: &State) -> Result<Vec<Planned>, PlanError> {
    let known = Known { step, state };
    let tags = tags(step, state)?;
    let made = step.makes.iter().map(|make| {
        let mut action = request(make, &|name| known.value(name))?;
        named_after(&mut action, state)?;
        // A variable of ours is the id of what the same step makes.
        let own = |text: &str| step.makes.iter().any(|make| variable(&make.name) == text);
        if action.any_text(&|text| is_variable(text) && !own(text)) {
            return Err(not(&make.name, "a value that a shell would take for a variable's name".to_owned()));
        }
        Ok((make.name.as_str(), action))
    });
    let notes = if step.first { notes(state)? } else { Vec::new() };
    notes
        .into_iter()
        .map(Ok)
        .chain(made)
        .map(|made| {
            made.map(|(name, action)| {
                let generation = generation(name, state);
                Planned { name: name.to_owned(), generation, action, tags: tags.clone() }
            })
        })
        .collect()
}

/// The tags of what a step makes.
pub(crate) fn tags(step: &Step, state: &State) -> Result<Tags, PlanError> {
    Ok(state.opened()?.tags(&step.id))
}

/// What lets another machine go on with the session: the key that vouches for its notes, its passport, and a place for its
/// results.
fn notes(state: &State) -> Result<Vec<(&'static str, Action)>, PlanError> {
    let (at, opening) = state.opening.as_ref().ok_or(Misfit::Opening)?;
    let passport = serde_json::to_string(&Passport::of(*at, opening, &state.answers)).unwrap_or_default();
    let note = |path: String, description: &str, text: String| {
        let description = format!("recipe-walk: {description}");
        // A new parameter has version 1.
        let text = state.key.as_ref().map_or(text.clone(), |kept| kept.key.sign(&path, 1, &text));
        Action::Note(Note { path, description, text })
    };
    let session = &opening.session;
    let key = NoteKey {
        path: key_path(session),
        description: "recipe-walk: key of the session's notes".to_owned(),
        file: state
            .key
            .as_ref()
            .map_or(FORGOTTEN.to_owned(), |kept| kept.file.to_string_lossy().into_owned()),
    };
    Ok(vec![
        ("note-key", key.into()),
        ("passport", note(passport_path(session), "what this session is", passport)),
        ("results", note(results_path(session), "what it measured", "{}".into())),
    ])
}

/// Looks whether a name is the session's own, whatever the recipe and the answers have made of it: clean-up finds a thing by
/// its name where its tags are lost, and the name stands in scripts and paths.
fn named_after(action: &mut Action, state: &State) -> Result<(), PlanError> {
    let session = &state.opened()?.session;
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
    match action.own_name() {
        Some(name) if !belongs_to(name, session) || !name.chars().all(plain) => {
            Err(not("a name", format!("{} is no name of session {session}'s own", shown(name))))
        }
        Some(path) if is_taken(path, session) => {
            Err(not("a name", format!("{} is what the session itself keeps there", shown(path))))
        }
        _ => match action.password() {
            // What somebody else keeps there would become a password that they know.
            Some(path) if path != FORGOTTEN && !is_variable(path) && !belongs_to(path, session) => {
                Err(not("a secret", format!("{} is no secret of session {session}'s own", shown(path))))
            }
            _ => Ok(()),
        },
    }
}

pub(crate) fn not(what: &str, why: String) -> PlanError {
    PlanError::NoRequest { what: what.to_owned(), why }
}

/// Which generation of it is the next to be made, or is there.
fn generation(name: &str, state: &State) -> u32 {
    state.resource(name).map_or_else(Planned::first_generation, |resource| {
        let gone = resource.status == Status::Gone;
        resource.planned.generation.saturating_add(u32::from(gone))
    })
}

/// The request of something that the recipe makes.
pub fn request(make: &Make, known: Values<'_>) -> Result<Action, PlanError> {
    let shape = |field: &str| shape(&MAKES, &make.fields, field);
    match requested(&make.name, Filling(known).fields(&make.fields, &shape)?)? {
        Action::NoteKey(_) => {
            Err(not(&make.name, "the key of its notes is the session's to make".to_owned()))
        }
        action => Ok(action),
    }
}

/// The request that these fields are, where anybody could also type it.
pub(crate) fn requested(what: &str, fields: Map<String, Value>) -> Result<Action, PlanError> {
    let action: Action = read(what, fields)?;
    if action.any_text(&is_special) {
        let why = "a text begins with file:// or the like, which the AWS CLI reads in place of the text";
        return Err(not(what, why.to_owned()));
    }
    Ok(action)
}

/// A look-up of the recipe.
pub fn look(lookup: &Lookup, known: Values<'_>) -> Result<Look, PlanError> {
    let shape = |field: &str| shape(&LOOKS, &lookup.fields, field);
    read("look", Filling(known).fields(&lookup.fields, &shape)?)
}

/// An act of the recipe.
pub fn act(fields: &Map<String, Value>, known: Values<'_>) -> Result<Act, PlanError> {
    read("act", Filling(known).fields(fields, &|field| shape(&ACTS, fields, field))?)
}

/// The arguments of a run.
pub fn arguments(run: &Run, known: Values<'_>) -> Result<Vec<String>, PlanError> {
    run.arguments.iter().map(|argument| Filling(known).text(argument)).collect()
}

fn read<T: for<'de> Deserialize<'de>>(what: &str, fields: Map<String, Value>) -> Result<T, PlanError> {
    T::deserialize(Value::Object(fields))
        .map_err(|e| PlanError::NoRequest { what: what.to_owned(), why: e.to_string() })
}

/// The shapes of fields, by kind and field.
type Shapes = BTreeMap<&'static str, BTreeMap<String, Shape>>;

static MAKES: LazyLock<Shapes> = LazyLock::new(|| shapes(Action::KINDS, Action::schema));
static LOOKS: LazyLock<Shapes> = LazyLock::new(|| shapes(Look::KINDS, Look::schema));
static ACTS: LazyLock<Shapes> = LazyLock::new(|| shapes(Act::KINDS, Act::schema));

fn shapes(kinds: &[&'static str], schema: fn(&str) -> Option<schemars::Schema>) -> Shapes {
    let of = |kind: &&'static str| {
        let schema = schema(kind)?;
        let fields = schema.get("properties")?.as_object()?;
        let shape = |field: &Value| match field["type"].as_str() {
            Some("integer") => Shape::Number,
            Some("array") => Shape::List,
            _ => Shape::Text,
        };
        Some((*kind, fields.iter().map(|(name, field)| (name.clone(), shape(field))).collect()))
    };
    kinds.iter().filter_map(of).collect()
}

fn shape(shapes: &Shapes, fields: &Map<String, Value>, field: &str) -> Shape {
    let kind = fields.get("kind").and_then(Value::as_str).unwrap_or_default();
    shapes.get(kind).and_then(|fields| fields.get(field)).copied().unwrap_or(Shape::Text)
}
