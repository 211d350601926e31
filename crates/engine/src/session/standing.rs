//! How far a session is, in one word.

use crate::recipe::Recipe;
use crate::state::State;
use serde::Serialize;

/// How far a session is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// Steps are open.
    Walking,
    /// All steps are done or left out, and things are there.
    Walked,
    /// A clean-up has begun.
    CleaningUp,
    /// All is gone.
    Closed,
}

impl Standing {
    /// As the session's journal and its recipe tell it. Where no recipe tells the steps, some may be open.
    pub fn of(state: &State, recipe: Option<&Recipe>) -> Self {
        let done = |recipe: &Recipe| recipe.steps.iter().all(|step| state.is_done(&step.id));
        if state.closed.is_some() {
            Self::Closed
        } else if state.unwinding.is_some() {
            Self::CleaningUp
        } else if recipe.is_some_and(done) {
            Self::Walked
        } else {
            Self::Walking
        }
    }

    /// The same in a word, as it stands in the data.
    pub fn word(self) -> &'static str {
        match self {
            Self::Walking => "walking",
            Self::Walked => "walked",
            Self::CleaningUp => "cleaning-up",
            Self::Closed => "closed",
        }
    }
}
