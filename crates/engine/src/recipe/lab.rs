//! Break-it labs: something is broken on purpose, by a real call; the person sees the real error and mends it.

use crate::action::Action;
use crate::plan::{PlanError, not, requested};
use crate::word::Word;
use serde::Deserialize;
use serde_json::{Map, Value};

/// The name of what a lab makes beside the walk, and takes away again.
pub(crate) const SPARE: &str = "lab";

/// A lab.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lab {
    /// Id, as it is typed.
    pub id: Word,
    /// Title.
    pub title: String,
    /// What is broken.
    pub fault: Fault,
    /// The result that must be there before: until then nothing works that could be broken.
    pub after: Word,
    /// The command of the demo that shows what is broken, and afterwards that it is mended.
    #[serde(default)]
    pub look: Option<Word>,
    /// What somebody has done, and what to find out.
    pub story: String,
    /// What to take from it.
    pub lesson: String,
}

/// How something is broken. `make` names what the walk has made, `with` the fields that are others.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "how", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Fault {
    /// It is taken away.
    TakeAway {
        /// What.
        make: Word,
    },
    /// It is set to something else.
    Change {
        /// What.
        make: Word,
        /// Its fields meanwhile.
        with: Map<String, Value>,
    },
    /// Something like it is asked for that the service refuses. It has a name of its own, and nothing that is there is
    /// touched.
    AskFor {
        /// Like what.
        make: Word,
        /// What is wrong with it.
        with: Map<String, Value>,
    },
}

impl Fault {
    /// The name of what it concerns.
    pub fn make(&self) -> &Word {
        match self {
            Self::TakeAway { make } | Self::Change { make, .. } | Self::AskFor { make, .. } => make,
        }
    }
}

/// The same request with other fields.
pub fn changed(action: &Action, with: &Map<String, Value>) -> Result<Action, PlanError> {
    let mut request = serde_json::to_value(action).unwrap_or_default();
    merge(&mut request, &Value::Object(with.clone()));
    let changed = requested("with", request.as_object().cloned().unwrap_or_default())?;
    if changed.password() == action.password() {
        Ok(changed)
    } else {
        Err(not("with", "a lab changes no secret".to_owned()))
    }
}

fn merge(into: &mut Value, other: &Value) {
    match (into, other) {
        (Value::Object(into), Value::Object(other)) => {
            for (key, value) in other {
                merge(into.entry(key.clone()).or_insert(Value::Null), value);
            }
        }
        (into, other) => into.clone_from(other),
    }
}
