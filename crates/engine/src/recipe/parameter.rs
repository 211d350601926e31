//! What a recipe asks for: each parameter with the rule that its value must keep.

use serde::Deserialize;

/// Something that may be asked, with its default.
#[derive(Debug, Clone, Deserialize)]
pub struct Parameter {
    /// Id.
    pub id: String,
    /// What a person calls it, in small letters.
    pub name: String,
    /// The question.
    pub question: String,
    /// One line of help.
    #[serde(default)]
    pub help: String,
    /// The answer when nobody is asked.
    #[serde(deserialize_with = "text_or_number")]
    pub default: String,
    /// What is allowed.
    #[serde(flatten)]
    pub rule: Rule,
}

/// What a parameter's value may be.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum Rule {
    /// One of a list.
    Choice {
        /// The list.
        choices: Vec<String>,
    },
    /// Free text.
    Text {
        /// Fewest characters.
        #[serde(default)]
        min_length: usize,
        /// Most characters.
        #[serde(default = "most")]
        max_length: usize,
    },
    /// A whole number.
    Integer {
        /// Smallest.
        min: i64,
        /// Largest.
        max: i64,
    },
}

fn most() -> usize {
    256
}

fn text_or_number<'de, D: serde::Deserializer<'de>>(d: D) -> Result<String, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        Text(String),
        Number(i64),
    }
    Ok(match Either::deserialize(d)? {
        Either::Text(t) => t,
        Either::Number(n) => n.to_string(),
    })
}

impl Parameter {
    /// Checks an answer; the error is one line for a person.
    pub fn check(&self, value: &str) -> Result<(), String> {
        match &self.rule {
            Rule::Choice { choices } if !choices.iter().any(|c| c == value) => {
                Err(format!("'{value}' is not one of {}", choices.join(", ")))
            }
            Rule::Text { min_length, max_length }
                if !(*min_length..=*max_length).contains(&value.chars().count()) =>
            {
                Err(format!("'{value}' must have {min_length} to {max_length} characters"))
            }
            Rule::Integer { min, max } => match value.parse::<i64>() {
                Ok(n) if (*min..=*max).contains(&n) => Ok(()),
                _ => Err(format!("'{value}' is not a whole number from {min} to {max}")),
            },
            _ => Ok(()),
        }
    }
}
