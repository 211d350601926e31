//! What a session keeps in the account beside its resources, so that it survives the loss of the machine: small SSM
//! parameters that say what the session is and what it measured.

use crate::id::SessionId;
use crate::names::Names;
use crate::record::Opening;
use crate::state::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// A standard parameter holds this many characters (AWS-ERRORS section 6).
pub const LIMIT: usize = 4096;

/// What the session is: everything that its tags do not tell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passport {
    /// The recipe's id.
    pub recipe: String,
    /// What of the recipe the session depends on, as a digest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipe_hash: Option<String>,
    /// Directory of the recipe on the machine where the session was begun, where it is not the embedded one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipe_dir: Option<String>,
    /// The person, or empty.
    pub owner: String,
    /// The class, or empty.
    pub cohort: String,
    /// When the session was opened.
    pub opened_at: Timestamp,
    /// When everything should be gone.
    pub expires_at: Timestamp,
    /// Whether the account is the embedded sandbox.
    pub sandbox: bool,
    /// Answers by parameter.
    pub answers: BTreeMap<String, String>,
    /// Whether clean-up has begun: whoever goes on with the session elsewhere must not build it up again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unwinding: bool,
}

impl Passport {
    /// The passport of an open session.
    pub fn of(opened_at: Timestamp, opening: &Opening, answers: &BTreeMap<String, String>) -> Self {
        Self {
            recipe: opening.recipe.clone(),
            recipe_hash: opening.recipe_hash.clone(),
            // Only said to a person: one that would not leave room for the rest is left out.
            recipe_dir: opening.recipe_dir.clone().filter(|dir| dir.len() <= 1024),
            owner: opening.owner.clone(),
            cohort: opening.cohort.clone(),
            opened_at,
            expires_at: opening.expires_at,
            sandbox: opening.sandbox,
            answers: answers.clone(),
            unwinding: false,
        }
    }
}

/// The path of the passport.
pub fn passport_path(session: &SessionId) -> String {
    format!("{}/session", Names(session).parameters())
}

/// The path of the measured results.
pub fn results_path(session: &SessionId) -> String {
    format!("{}/results", Names(session).parameters())
}

/// The path of the lease.
pub fn lease_path(session: &SessionId) -> String {
    format!("{}/lease", Names(session).parameters())
}

/// The order in which results are kept when not all of them fit: the table first.
const IMPORTANCE: [&str; 5] = ["compare", "load", "check", "load-data", "patterns"];

/// The measured results as one JSON text that fits into a parameter. What does not fit is left out, least important first.
pub fn results(state: &State) -> String {
    let mut kept = Map::new();
    let mut text = "{}".to_owned();
    let known = IMPORTANCE.iter().copied();
    let others = state.measured.keys().map(String::as_str).filter(|k| !IMPORTANCE.contains(k));
    for kind in known.chain(others) {
        let Some(result) = state.measured.get(kind) else { continue };
        kept.insert(kind.to_owned(), result.clone());
        let longer = Value::Object(kept.clone()).to_string();
        if longer.chars().count() <= LIMIT {
            text = longer;
        } else {
            kept.remove(kind);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_fit_and_the_table_comes_first() {
        let mut state = State::default();
        let long = |n: usize| Value::String("x".repeat(n));
        for (kind, size) in [("compare", 2000), ("load", 1500), ("check", 100), ("patterns", 3000)] {
            state.measured.insert(kind.to_owned(), long(size));
        }
        let text = results(&state);
        assert!(text.len() <= LIMIT, "{}", text.len());
        let kept: Value = serde_json::from_str(&text).expect("JSON");
        let kinds: Vec<&String> = kept.as_object().expect("an object").keys().collect();
        assert_eq!(kinds, ["check", "compare", "load"]);
    }
}
