//! Names that are safe wherever they stand: in a path, in a script, as a key of the journal, as a variable's name.

use crate::shown::shown;
use serde::{Deserialize, Serialize};
use std::borrow::Borrow;
use std::fmt;
use std::ops::Deref;

/// Characters that a name may have.
const LONGEST: usize = 40;

/// A text that is no [`Word`], or no [`Key`].
#[derive(Debug, thiserror::Error)]
#[error("{} is no {what}", shown(text))]
pub struct NoName {
    text: String,
    what: &'static str,
}

/// A name that is checked where it is read.
macro_rules! name {
    ($(#[$about:meta])* $name:ident, $what:literal, $is:expr) => {
        $(#[$about])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String")]
        pub struct $name(String);

        impl TryFrom<String> for $name {
            type Error = NoName;

            fn try_from(text: String) -> Result<Self, NoName> {
                let is: fn(&str) -> bool = $is;
                if text.len() <= LONGEST && is(&text) { Ok(Self(text)) } else { Err(NoName { text, what: $what }) }
            }
        }

        impl $name {
            /// Its text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl Deref for $name {
            type Target = str;

            fn deref(&self) -> &str {
                &self.0
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl PartialEq<str> for $name {
            fn eq(&self, other: &str) -> bool {
                self.0 == other
            }
        }

        impl PartialEq<&str> for $name {
            fn eq(&self, other: &&str) -> bool {
                self.0 == *other
            }
        }

        impl PartialEq<String> for $name {
            fn eq(&self, other: &String) -> bool {
                self.0 == *other
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
    };
}

fn only(text: &str, mark: char) -> bool {
    text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == mark)
}

name! {
    /// Small letters, digits and dashes, beginning with a letter; at most 40 of them.
    Word,
    "name: small letters, digits and dashes, beginning with a letter, at most 40",
    |text| text.starts_with(|c: char| c.is_ascii_lowercase()) && only(text, '-')
}

name! {
    /// Small letters, digits and `_`; at most 40 of them. With `RECIPE_WALK_SET_` in front it is the name of a variable.
    Key,
    "key: small letters, digits and '_', at most 40",
    |text| !text.is_empty() && only(text, '_')
}
