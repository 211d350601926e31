//! The journal's records: one JSON object a line.

use crate::action::{Output, Planned};
use crate::cloud::{Place, Undone};
use crate::failure::Failure;
use crate::id::SessionId;
use crate::tags::Tags;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The version of the records below. A reader refuses journals of a later version.
pub const VERSION: u32 = 1;

/// One line of the journal. It is read in [`crate::line`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// When it was written.
    pub at: Timestamp,
    /// What happened.
    pub record: Record,
}

/// What a session is, written once as its first record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    /// Version of the records.
    pub version: u32,
    /// The session.
    pub session: SessionId,
    /// Account, region and endpoint it is pinned to.
    pub place: Place,
    /// Whether the place is the embedded sandbox.
    pub sandbox: bool,
    /// The recipe's id.
    pub recipe: String,
    /// What of the recipe a session depends on, as a digest. Journals of the first version have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipe_hash: Option<String>,
    /// Directory of the recipe where it is not the embedded one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipe_dir: Option<String>,
    /// The person, or empty.
    pub owner: String,
    /// The class, or empty.
    pub cohort: String,
    /// When everything should be gone.
    pub expires_at: Timestamp,
    /// Whether it was written anew from what was in the account: what was gone by then is on no record of it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub rebuilt: bool,
}

impl Opening {
    /// A session of nobody in particular on AWS, with a recipe of that id.
    pub fn new(session: SessionId, place: Place, recipe: &str, expires_at: Timestamp) -> Self {
        Self {
            version: VERSION,
            session,
            place,
            sandbox: false,
            recipe: recipe.to_owned(),
            recipe_hash: None,
            recipe_dir: None,
            owner: String::new(),
            cohort: String::new(),
            expires_at,
            rebuilt: false,
        }
    }

    /// The tags of what a step of the session makes.
    pub fn tags(&self, step: &str) -> Tags {
        Tags {
            session: self.session.clone(),
            step: step.to_owned(),
            owner: self.owner.clone(),
            cohort: self.cohort.clone(),
            expires_at: self.expires_at,
        }
    }
}

/// What happened. In JSON its kind is the one key of an object, or a word where there is no more to say.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Record {
    /// The session began.
    Opened(Box<Opening>),
    /// A question was answered, or a default taken.
    Answered {
        /// Parameter id.
        key: String,
        /// Value.
        value: String,
    },
    /// A step was left out.
    Skipped {
        /// Step id.
        step: String,
        /// Why.
        reason: String,
    },
    /// A call that changes something is about to be made.
    Intended(Box<Planned>),
    /// It was made.
    Created {
        /// Action name.
        name: String,
        /// What the service told.
        output: Output,
    },
    /// It was there already, with our tag.
    Adopted {
        /// Action name.
        name: String,
        /// What the service told.
        output: Output,
    },
    /// The service said no.
    Refused {
        /// Action name.
        name: String,
        /// How.
        failure: Failure,
    },
    /// Nobody knows whether it took effect.
    Unclear {
        /// Action name.
        name: String,
        /// How.
        failure: Failure,
    },
    /// A step, or a part of one, is done and its outcome was checked.
    Verified {
        /// Step id, or the part's name.
        step: String,
        /// Facts learned on the way.
        facts: BTreeMap<String, String>,
    },
    /// A step that was done has to be done again, because something it made is gone.
    Reopened {
        /// Step id.
        step: String,
    },
    /// The demo measured something.
    Measured {
        /// `compare`, `load`, …
        kind: String,
        /// The demo's result.
        result: serde_json::Value,
    },
    /// The person answered a question of the recipe, or predicted what will be measured. The newest answer counts.
    Predicted {
        /// Question id.
        question: String,
        /// Id of the option.
        answer: String,
    },
    /// Something that was waited for took this long: what later walks on this machine expect.
    Took {
        /// Action name, or kind of result.
        what: String,
        /// Seconds.
        seconds: f64,
    },
    /// Clean-up began.
    Unwinding,
    /// A deletion is about to be asked for.
    UndoStarted {
        /// Action name.
        name: String,
    },
    /// It did not work; it can be tried again.
    UndoFailed {
        /// Action name.
        name: String,
        /// How.
        failure: Failure,
    },
    /// The thing is gone, or was never ours.
    UndoFinished {
        /// Action name.
        name: String,
        /// How it went.
        how: Undone,
    },
    /// Clean-up finished and the sweep found nothing.
    Closed,
    /// A record that a later version wrote and this one does not know.
    #[serde(skip)]
    Unknown,
}
