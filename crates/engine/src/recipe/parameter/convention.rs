//! Parameters of which the walk itself makes something, in every recipe that has them.

use super::{Parameter, Rule};
use crate::answers::Answers;

/// How many hours a session is given.
const HOURS: &str = "hours_to_live";
/// What a session may cost, in US dollars.
pub const BUDGET: &str = "budget_usd";

/// Hours that a session is given where the recipe does not ask.
const USUAL: u32 = 4;
/// The longest life of a session, in hours: a year.
const LONGEST_LIFE: i64 = 365 * 24;

/// How many hours a session with these answers is given.
pub fn hours_to_live(answers: &Answers) -> u32 {
    answers.get(HOURS).and_then(|hours| hours.parse().ok()).unwrap_or(USUAL)
}

impl Parameter {
    /// What the walk would make of it, where its rule allows what the walk cannot use.
    pub(crate) fn misfit(&self) -> Option<String> {
        let (fits, expected) = match self.id.as_str() {
            HOURS => (
                matches!(self.rule, Rule::Integer { min, max } if min >= 1 && max <= LONGEST_LIFE),
                format!("hours that a session is given: type 'integer', from 1 to {LONGEST_LIFE}"),
            ),
            BUDGET => (
                match self.rule {
                    Rule::Integer { min, .. } => min >= 0,
                    Rule::Decimal { min, .. } => min >= 0.0,
                    Rule::Choice { .. } | Rule::Text { .. } | Rule::Integers { .. } => false,
                },
                "dollars that a session may cost: type 'decimal' or 'integer', none below 0".to_owned(),
            ),
            _ => return None,
        };
        (!fits).then(|| format!("the walk takes '{}' for the {expected}", self.id))
    }
}
