//! A parameter as its author wrote it, and what is wrong with that.

use super::{Charset, LONGEST, Parameter, Rule, admissible};
use crate::did_you_mean::closest;
use crate::shown::shown;
use crate::word::Key;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use std::fmt;
use std::str::FromStr;

/// A parameter as it stands in the recipe. All keys of all types in one: `flatten` and `deny_unknown_fields` do not go
/// together, and a key that is not heeded must be refused.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    id: Key,
    name: String,
    question: String,
    #[serde(default)]
    help: String,
    default: Plain,
    r#type: Type,
    choices: Option<Vec<String>>,
    min: Option<Plain>,
    max: Option<Plain>,
    min_length: Option<usize>,
    max_length: Option<usize>,
    charset: Option<Charset>,
    decimals: Option<usize>,
    max_items: Option<usize>,
    ascending: Option<bool>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Type {
    Choice,
    Text,
    Integer,
    Decimal,
    Integers,
}

impl Type {
    /// Its name, and the keys that belong to it.
    fn keys(self) -> (&'static str, &'static [&'static str]) {
        match self {
            Self::Choice => ("choice", &["choices"]),
            Self::Text => ("text", &["min_length", "max_length", "charset"]),
            Self::Integer => ("integer", &["min", "max"]),
            Self::Decimal => ("decimal", &["min", "max", "decimals"]),
            Self::Integers => ("integers", &["min", "max", "max_items", "ascending"]),
        }
    }
}

/// A text, or a number that is kept as text.
#[derive(Deserialize)]
#[serde(untagged)]
enum Plain {
    Text(String),
    Whole(i64),
    Decimal(f64),
}

impl fmt::Display for Plain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => text.fmt(f),
            Self::Whole(number) => number.fmt(f),
            Self::Decimal(number) => number.fmt(f),
        }
    }
}

impl Written {
    /// The keys that only some types have, with whether they are there.
    fn given(&self) -> [(&'static str, bool); 9] {
        [
            ("choices", self.choices.is_some()),
            ("min", self.min.is_some()),
            ("max", self.max.is_some()),
            ("min_length", self.min_length.is_some()),
            ("max_length", self.max_length.is_some()),
            ("charset", self.charset.is_some()),
            ("decimals", self.decimals.is_some()),
            ("max_items", self.max_items.is_some()),
            ("ascending", self.ascending.is_some()),
        ]
    }

    fn rule(&self) -> Result<Rule, String> {
        let (name, keys) = self.r#type.keys();
        if let Some((key, _)) = self.given().iter().find(|(key, given)| *given && !keys.contains(key)) {
            let nearest = closest(key, keys.iter().copied());
            let meant = nearest.map_or_else(String::new, |meant| format!("; did you mean '{meant}'?"));
            return Err(format!("type '{name}' has no '{key}', only {}{meant}", keys.join(", ")));
        }
        let rule = match self.r#type {
            Type::Choice => Rule::Choice { choices: need(self.choices.clone(), "choices", name)? },
            Type::Text => Rule::Text {
                min_length: self.min_length.unwrap_or(0),
                max_length: self.max_length.unwrap_or(LONGEST),
                charset: self.charset.unwrap_or_default(),
            },
            Type::Integer => Rule::Integer {
                min: number(self.min.as_ref(), "min", name)?,
                max: number(self.max.as_ref(), "max", name)?,
            },
            Type::Decimal => Rule::Decimal {
                min: number(self.min.as_ref(), "min", name)?,
                max: number(self.max.as_ref(), "max", name)?,
                decimals: self.decimals.unwrap_or(2),
            },
            Type::Integers => Rule::Integers {
                min: number(self.min.as_ref(), "min", name)?,
                max: number(self.max.as_ref(), "max", name)?,
                max_items: need(self.max_items, "max_items", name)?,
                ascending: self.ascending.unwrap_or(false),
            },
        };
        match rule.fault() {
            Some(fault) => Err(fault),
            None => Ok(rule),
        }
    }
}

impl Rule {
    /// Why nothing at all, or something that no answer may be, would keep it.
    fn fault(&self) -> Option<String> {
        let empty = match self {
            Self::Choice { choices } => {
                if let Some(Err(why)) = choices.iter().map(|c| admissible(c)).find(Result::is_err) {
                    return Some(format!("choice {why}"));
                }
                choices.is_empty()
            }
            Self::Text { min_length, max_length, .. } => {
                if *max_length > LONGEST {
                    return Some(format!("max_length {max_length} is more than {LONGEST}"));
                }
                min_length > max_length
            }
            Self::Integer { min, max } => min > max,
            // Not a number is in no order.
            Self::Decimal { min, max, .. } => !(min <= max && min.is_finite() && max.is_finite()),
            Self::Integers { min, max, max_items, .. } => min > max || *max_items == 0,
        };
        empty.then(|| "no value would be allowed".to_owned())
    }
}

fn need<T>(value: Option<T>, key: &str, kind: &str) -> Result<T, String> {
    value.ok_or_else(|| format!("type '{kind}' needs '{key}'"))
}

fn number<T: FromStr>(value: Option<&Plain>, key: &str, kind: &str) -> Result<T, String> {
    let value = need(value, key, kind)?;
    value
        .to_string()
        .parse()
        .map_err(|_| format!("{key} {} is no number for type '{kind}'", shown(&value.to_string())))
}

impl<'de> Deserialize<'de> for Parameter {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = Written::deserialize(deserializer)?;
        let faulty = |what: String| D::Error::custom(format!("parameter {}: {what}", shown(&written.id)));
        let rule = written.rule().map_err(faulty)?;
        let default = written.default.to_string();
        Ok(Self {
            id: written.id,
            name: written.name,
            question: written.question,
            help: written.help,
            default,
            rule,
        })
    }
}
