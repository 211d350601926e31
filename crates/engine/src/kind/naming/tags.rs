//! The tags that everything carries from creation on: the cloud is the second source of truth about a session.

use crate::id::SessionId;
use serde::{Deserialize, Serialize};

/// Tag key: the session that made the resource.
pub const SESSION: &str = "recipe-walk:session";
/// Tag key: the step that made it.
pub const STEP: &str = "recipe-walk:step";
/// Tag key: the person it was made for.
pub const OWNER: &str = "recipe-walk:owner";
/// Tag key: the class it belongs to.
pub const COHORT: &str = "recipe-walk:cohort";
/// Tag key: when it should be gone, RFC 3339 in UTC.
pub const EXPIRES_AT: &str = "recipe-walk:expires-at";

/// Tag key: the furthest step. The app security group carries it; before there is one the session's passport, and before
/// that its lease. Of several the newest counts.
pub const PROGRESS: &str = "recipe-walk:progress";
/// What the lease has as its step: it is there before the first one.
pub const LEASE: &str = "lease";
/// The value of the progress once clean-up has begun.
pub const UNWINDING: &str = "clean-up";
/// Tag key there: since when, RFC 3339 in UTC.
pub const SINCE: &str = "recipe-walk:since";
/// Tag key there: the newest error, or `none`.
pub const ERROR: &str = "recipe-walk:error";
/// Tag key there: when the session was opened, RFC 3339 in UTC.
pub const OPENED_AT: &str = "recipe-walk:opened-at";

/// The tags of one resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tags {
    /// The session.
    pub session: SessionId,
    /// The step's id.
    pub step: String,
    /// The person, or empty.
    pub owner: String,
    /// The class, or empty.
    pub cohort: String,
    /// When the resource should be gone.
    pub expires_at: jiff::Timestamp,
}

impl Tags {
    /// The tags as keys and values; empty values are left out.
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = vec![
            (SESSION, self.session.to_string()),
            (STEP, self.step.clone()),
            (EXPIRES_AT, format!("{:.0}", self.expires_at)),
        ];
        if !self.owner.is_empty() {
            pairs.push((OWNER, self.owner.clone()));
        }
        if !self.cohort.is_empty() {
            pairs.push((COHORT, self.cohort.clone()));
        }
        pairs
    }
}

/// The name of a person or a class, fit for a tag's value whatever was typed: the same for what makes things and for what
/// looks for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagValue(String);

/// A name of which nothing is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a name needs a letter or a digit")]
pub struct NoName;

impl std::str::FromStr for TagValue {
    type Err = NoName;

    fn from_str(text: &str) -> Result<Self, NoName> {
        let clean = clean(text);
        if clean.contains(char::is_alphanumeric) { Ok(Self(clean)) } else { Err(NoName) }
    }
}

impl std::ops::Deref for TagValue {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for TagValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Makes text fit for a tag value: AWS allows letters, digits, spaces and `_.:/=+-@`, 256 at most.
pub fn clean(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_alphanumeric() || " _.:/=+-@".contains(c) { c } else { '_' })
        .take(256)
        .collect::<String>()
        .trim()
        .to_owned()
}
