//! What a recipe asks for: each parameter with the rule that its value must keep.

pub mod convention;
#[cfg(test)]
mod tests;
mod written;

use crate::did_you_mean::closest;
use crate::shown::{is_visible, shown};
use crate::word::Key;
use serde::Deserialize;
use std::fmt;

/// Characters that any answer may have, whatever its rule says. All answers together go into the session's note, which
/// holds 4,096.
pub const LONGEST: usize = 256;

/// Something that may be asked, with its default.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// Id.
    pub id: Key,
    /// What a person calls it, in small letters.
    pub name: String,
    /// The question.
    pub question: String,
    /// One line of help.
    pub help: String,
    /// The answer when nobody is asked.
    pub default: String,
    /// What is allowed.
    pub rule: Rule,
}

/// What a parameter's value may be. Numbers are written in one way only, in ASCII digits: no sign but a minus, no zero in
/// front, no blank.
#[derive(Debug, Clone, PartialEq)]
pub enum Rule {
    /// One of a list.
    Choice {
        /// The list.
        choices: Vec<String>,
    },
    /// Free text of visible characters.
    Text {
        /// Fewest characters.
        min_length: usize,
        /// Most characters.
        max_length: usize,
        /// Which characters.
        charset: Charset,
    },
    /// A whole number.
    Integer {
        /// Smallest.
        min: i64,
        /// Largest.
        max: i64,
    },
    /// A number that may have decimals.
    Decimal {
        /// Smallest.
        min: f64,
        /// Largest.
        max: f64,
        /// Most digits after the point.
        decimals: usize,
    },
    /// Whole numbers with commas between them.
    Integers {
        /// Smallest.
        min: i64,
        /// Largest.
        max: i64,
        /// Most numbers; there is at least one.
        max_items: usize,
        /// Whether each must be larger than the one before.
        ascending: bool,
    },
}

/// Which characters a text may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Charset {
    /// All that can be seen, and blanks.
    #[default]
    Visible,
    /// Those of them that are ASCII.
    Ascii,
    /// ASCII letters and digits, and `.`, `_` and `-`.
    Name,
}

impl Charset {
    fn has(self, c: char) -> bool {
        match self {
            Self::Visible => true,
            Self::Ascii => c.is_ascii(),
            Self::Name => c.is_ascii_alphanumeric() || "._-".contains(c),
        }
    }
}

impl Parameter {
    /// Checks an answer; the error is one line for a person.
    pub fn check(&self, value: &str) -> Result<(), String> {
        admissible(value)?;
        if self.rule.allows(value) { Ok(()) } else { Err(format!("{} is not {}", shown(value), self.rule)) }
    }

    /// Which of the choices was probably meant.
    pub fn meant(&self, value: &str) -> Option<&str> {
        match &self.rule {
            Rule::Choice { choices } => closest(value, choices.iter().map(String::as_str)),
            Rule::Text { .. } | Rule::Integer { .. } | Rule::Decimal { .. } | Rule::Integers { .. } => None,
        }
    }
}

/// What every answer must keep, also where nobody knows its rule: it is no longer than [`LONGEST`], all of it is seen, and
/// it has no double braces, which Parameter Store takes for a reference and refuses in a session's note (docs/aws.md,
/// "Systems Manager").
pub fn admissible(value: &str) -> Result<(), String> {
    if value.chars().nth(LONGEST).is_some() {
        return Err(format!("{} is longer than {LONGEST} characters", shown(value)));
    }
    if !value.chars().all(is_visible) {
        return Err(format!("{} has characters that cannot be seen, such as a line break", shown(value)));
    }
    if value.contains("{{") {
        return Err(format!("{} has double braces, which no note in the account can hold", shown(value)));
    }
    Ok(())
}

impl Rule {
    fn allows(&self, value: &str) -> bool {
        match self {
            Self::Choice { choices } => choices.iter().any(|c| c == value),
            Self::Text { min_length, max_length, charset } => {
                (*min_length..=*max_length).contains(&value.chars().count())
                    && value.chars().all(|c| charset.has(c))
            }
            Self::Integer { min, max } => whole(value).is_some_and(|n| (*min..=*max).contains(&n)),
            Self::Decimal { min, max, decimals } => {
                decimal(value, *decimals).is_some_and(|n| (*min..=*max).contains(&n))
            }
            Self::Integers { min, max, max_items, ascending } => {
                let numbers: Option<Vec<i64>> =
                    value.split(',').map(|n| whole(n).filter(|n| (*min..=*max).contains(n))).collect();
                numbers.is_some_and(|numbers| {
                    numbers.len() <= *max_items && (!*ascending || numbers.is_sorted_by(|a, b| a < b))
                })
            }
        }
    }
}

/// What it demands, as in "… is not a whole number from 1 to 24".
impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Choice { choices } => write!(f, "one of {}", choices.join(", ")),
            Self::Text { min_length, max_length, charset } => {
                let of = match charset {
                    Charset::Visible => "",
                    Charset::Ascii => " of ASCII",
                    Charset::Name => " (letters, digits, '.', '_' and '-')",
                };
                write!(f, "a text of {min_length} to {max_length} characters{of}")
            }
            Self::Integer { min, max } => write!(f, "a whole number from {min} to {max}"),
            Self::Decimal { min, max, decimals } => {
                write!(f, "a number from {min} to {max} with up to {decimals} decimals")
            }
            Self::Integers { min, max, max_items, ascending } => {
                let order = if *ascending { ", each larger than the one before" } else { "" };
                write!(
                    f,
                    "a list of up to {max_items} whole numbers from {min} to {max}{order}, with commas between them and \
                     nothing else"
                )
            }
        }
    }
}

/// A whole number, if it is written as we would write it.
fn whole(text: &str) -> Option<i64> {
    text.parse().ok().filter(|n: &i64| n.to_string() == text)
}

/// A number with so many decimals at most, if it is digits and a point.
fn decimal(text: &str, decimals: usize) -> Option<f64> {
    let (before, after) = text.split_once('.').map_or((text, None), |(before, after)| (before, Some(after)));
    whole(before)?;
    let fits =
        |digits: &str| (1..=decimals).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    after.is_none_or(fits).then(|| text.parse().ok()).flatten()
}
