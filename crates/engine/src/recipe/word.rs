//! A name that is safe wherever it stands: in a path, in a script, as a key of the journal.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::ops::Deref;

/// Small letters, digits and dashes, beginning with a letter; at most 40 of them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Word(String);

/// A text that is no [`Word`].
#[derive(Debug, thiserror::Error)]
#[error("'{0}' is no name: small letters, digits and dashes, beginning with a letter, at most 40")]
pub struct NoWord(String);

impl TryFrom<String> for Word {
    type Error = NoWord;

    fn try_from(text: String) -> Result<Self, NoWord> {
        let good = text.len() <= 40
            && text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        if good { Ok(Self(text)) } else { Err(NoWord(text)) }
    }
}

impl Word {
    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Deref for Word {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
