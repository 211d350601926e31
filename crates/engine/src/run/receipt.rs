//! The receipt of a clean-up: each resource, when it went, how long it lived, what it cost, and what is left.

use crate::amount::Amount;
use crate::cloud::{Leftover, Undone};
use crate::cost::{Prices, lived_seconds};
use crate::state::State;
use crate::transition::Status;
use jiff::Timestamp;
use serde::Serialize;

/// What is to be known about the cost of a session that was rebuilt.
pub const REBUILT: &str =
    "The session was taken up here from the account: what had been deleted before is not counted.";

/// One line of a receipt.
#[derive(Debug, Clone, Serialize)]
pub struct Item {
    /// Action name.
    pub name: String,
    /// What a person calls it.
    pub what: String,
    /// When it went.
    pub gone_at: Option<Timestamp>,
    /// How it went.
    pub how: Option<Undone>,
    /// How long it lived, seconds.
    pub lived_seconds: f64,
    /// What AWS bills for it, estimated; on the sandbox what it would have billed.
    pub cost: Amount,
    /// Why it is still there.
    pub problem: Option<String>,
}

/// A receipt.
#[derive(Debug, Clone, Serialize)]
pub struct Receipt {
    /// The session.
    pub session: String,
    /// Everything that was made, in order of its going.
    pub items: Vec<Item>,
    /// What the sweep found, independent of the journal.
    pub left: Vec<Leftover>,
    /// Why the sweep could not look, if it could not.
    pub sweep_problem: Option<String>,
    /// The same in all.
    pub cost: Amount,
    /// Currency and date of the prices.
    pub prices: String,
    /// Whether the account was the sandbox, where nothing costs anything.
    pub sandbox: bool,
    /// Whether the session was rebuilt from the account: then what had been deleted before is missing here.
    pub rebuilt: bool,
}

impl Receipt {
    /// Writes the receipt for a state and a sweep.
    pub fn new(state: &State, sweep: Result<Vec<Leftover>, String>, prices: &Prices, now: Timestamp) -> Self {
        let opened = state.opening.as_ref();
        let mut items: Vec<Item> = state
            .resources
            .iter()
            // What was refused was not made; but it may have been before.
            .filter(|r| !r.planned.action.is_setting() && (r.status != Status::Refused || !r.past.is_empty()))
            .map(|r| Item {
                name: r.planned.name.clone(),
                what: r.planned.action.describe(),
                gone_at: match r.status {
                    Status::Refused => r.past.last().map(|(_, gone)| *gone),
                    _ => r.gone_at,
                },
                how: r.how,
                lived_seconds: lived_seconds(r, now),
                cost: prices.of(r, now),
                problem: (!matches!(r.status, Status::Gone | Status::Refused)).then(|| {
                    r.failure.as_ref().map_or_else(|| "still there".to_owned(), ToString::to_string)
                }),
            })
            .collect();
        items.sort_by_key(|i| (i.gone_at.is_none(), i.gone_at));
        let (left, sweep_problem) = match sweep {
            Ok(left) => (
                left.into_iter().map(|left| Leftover { hourly: prices.known(&left), ..left }).collect(),
                None,
            ),
            Err(problem) => (Vec::new(), Some(problem)),
        };
        Self {
            session: opened.map(|(_, o)| o.session.to_string()).unwrap_or_default(),
            cost: items.iter().map(|i| i.cost.clone()).sum(),
            items,
            left,
            sweep_problem,
            prices: format!("{}, {} prices of {}", prices.currency, prices.region, prices.date),
            sandbox: opened.is_some_and(|(_, o)| o.sandbox),
            rebuilt: opened.is_some_and(|(_, o)| o.rebuilt),
        }
    }

    /// Whether nothing is left, and somebody has looked.
    pub fn is_clean(&self) -> bool {
        self.left.is_empty() && self.sweep_problem.is_none() && self.items.iter().all(|i| i.problem.is_none())
    }
}
