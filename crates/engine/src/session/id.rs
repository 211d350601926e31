//! Session ids: short, pronounceable enough to read aloud, and valid inside every AWS name that we derive.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// What every session id starts with; resource names start with the session id, so clean-up can match on it.
pub const PREFIX: &str = "rw-";

/// Letters and digits that are not mistaken for one another when read aloud.
const ALPHABET: &[u8; 28] = b"abcdefghjkmnpqrstvwxyz234567";

/// The id of one session, `rw-` and eight letters or digits (about 38 bits, so that a class does not collide).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SessionId(String);

impl SessionId {
    /// Makes an id from eight random bytes.
    pub fn from_bytes(bytes: [u8; 8]) -> Self {
        let tail: String = bytes.iter().map(|b| ALPHABET[usize::from(*b) % ALPHABET.len()] as char).collect();
        Self(format!("{PREFIX}{tail}"))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Text that is not a session id.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("'{0}' is not a session name: it looks like rw- and eight letters or digits")]
pub struct NotAnId(pub String);

impl FromStr for SessionId {
    type Err = NotAnId;
    fn from_str(text: &str) -> Result<Self, NotAnId> {
        let tail = text.strip_prefix(PREFIX).unwrap_or_default();
        if tail.len() == 8 && tail.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(NotAnId(text.to_owned()))
        }
    }
}

impl TryFrom<String> for SessionId {
    type Error = NotAnId;
    fn try_from(text: String) -> Result<Self, NotAnId> {
        text.parse()
    }
}

impl From<SessionId> for String {
    fn from(id: SessionId) -> String {
        id.0
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_round_trip_and_junk_is_refused() {
        let id = SessionId::from_bytes([0, 1, 2, 3, 250, 251, 252, 253]);
        assert_eq!(id.as_str().parse::<SessionId>().as_ref(), Ok(&id));
        for junk in ["", "rw-", "rw-ABCDEFGH", "rw-../../..", "xx-abcdefgh", "rw-abcdefghi"] {
            assert!(junk.parse::<SessionId>().is_err(), "{junk}");
        }
    }
}
