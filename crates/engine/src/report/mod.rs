//! What a report says: a pure function of the journal's records, the recipe and the prices. Redacted: it is meant to be
//! passed on.

pub mod class;
pub mod redact;
pub mod transcript;

mod predicted;
mod timeline;

pub use predicted::{Prediction, predictions};
pub use timeline::{Moment, StepLine, StepState};

use crate::amount::Amount;
use crate::cost::{Prices, lived_seconds};
use crate::receipt::Receipt;
use crate::recipe::Recipe;
use crate::record::Line;
use crate::standing::Standing;
use crate::state::{Misfit, State};
use crate::transcript::{Entry, transcript};
use crate::transition::{Status, may_exist};
use jiff::Timestamp;
use recipe_walk_measurements::format::sentence;
use recipe_walk_measurements::{Headline, Measurement, headlines, read_any};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// The version of the data below.
pub const VERSION: u32 = 1;

/// A report.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// Version of this format.
    pub version: u32,
    /// The recipe's title.
    pub title: String,
    /// The session.
    pub session: String,
    /// Whether it ran on the sandbox.
    pub sandbox: bool,
    /// Account, masked.
    pub account: String,
    /// Region.
    pub region: String,
    /// The person, or empty.
    pub owner: String,
    /// The class, or empty.
    pub cohort: String,
    /// `walking`, `walked`, `cleaning-up` or `closed`.
    pub state: Standing,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// The newest record.
    pub latest_at: Timestamp,
    /// When the report was written.
    pub written_at: Timestamp,
    /// From the first record to the newest, seconds.
    pub seconds: f64,
    /// The few figures that tell most.
    pub headlines: Vec<Headline>,
    /// Settings by parameter.
    pub settings: BTreeMap<String, String>,
    /// What a person calls the settings, by parameter.
    pub setting_names: BTreeMap<String, String>,
    /// What was found out, by what a person calls it.
    pub facts: Vec<(String, String)>,
    /// The steps.
    pub steps: Vec<StepLine>,
    /// What happened beside the steps.
    pub moments: Vec<Moment>,
    /// What was made.
    pub resources: Vec<ResourceLine>,
    /// Every result, by its kind.
    pub measured: BTreeMap<String, Measurement>,
    /// Results of a recipe's own program, as it printed them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub own_results: BTreeMap<String, Value>,
    /// Results that are not understood, and why: none of their figures is shown.
    pub not_understood: Vec<String>,
    /// What the person said before, and what came out.
    pub predictions: Vec<Prediction>,
    /// What it cost.
    pub cost: Cost,
    /// The commands.
    pub transcript: Vec<Entry>,
    /// The receipt, once the clean-up is complete.
    pub receipt: Option<Receipt>,
}

/// What it cost.
#[derive(Debug, Clone, Serialize)]
pub struct Cost {
    /// What AWS bills so far, estimated; on the sandbox what it would have billed.
    pub so_far: Amount,
    /// What an hour goes on costing.
    pub an_hour: Amount,
    /// Currency, region and month of the prices.
    pub prices: String,
    /// Whether the session was rebuilt from the account: then what had been deleted before is missing here.
    pub rebuilt: bool,
}

/// One thing that was made.
#[derive(Debug, Clone, Serialize)]
pub struct ResourceLine {
    /// Action name.
    pub name: String,
    /// What a person calls it.
    pub what: String,
    /// What the service calls it.
    pub id: Option<String>,
    /// The step that made it.
    pub step: String,
    /// Where it stands.
    pub status: Status,
    /// Whether it may still be there.
    pub remains: bool,
    /// Whether making it takes minutes.
    pub slow: bool,
    /// When it was asked for.
    pub since: Timestamp,
    /// When it was gone.
    pub gone_at: Option<Timestamp>,
    /// How long it lived, seconds.
    pub lived_seconds: f64,
    /// Price of an hour.
    pub an_hour: Amount,
    /// What it cost, estimated.
    pub cost: Amount,
}

impl Report {
    /// The region of the account, or none for the sandbox.
    pub fn account_region(&self) -> Option<&str> {
        (!self.sandbox).then_some(self.region.as_str())
    }

    /// Writes the report.
    pub fn new(
        lines: &[Line],
        recipe: Option<&Recipe>,
        prices: &Prices,
        now: Timestamp,
    ) -> Result<Self, Misfit> {
        let mut state = State::default();
        for line in lines {
            state.fold(line.clone())?;
        }
        let opening = state.opened()?.clone();
        let opened_at = state.opening.as_ref().map_or(now, |(at, _)| *at);
        let latest_at = state.latest.unwrap_or(opened_at);
        let account = opening.place.account.clone();
        let for_others = |text: &str| redact::for_others(text, &account);
        let (mut measured, mut own_results, mut not_understood) =
            (BTreeMap::new(), BTreeMap::new(), Vec::new());
        for (kind, result) in &state.measured {
            let mut result = result.clone();
            redact::value_for_others(&mut result, &account);
            match read_any(kind, &result) {
                Ok(Some(measurement)) => {
                    measured.insert(kind.clone(), measurement);
                }
                Ok(None) => {
                    own_results.insert(kind.clone(), result);
                }
                Err(why) => not_understood.push(for_others(&sentence(&format!("{why}.")))),
            }
        }
        // What is there goes on costing until the report is written; a closed session does not.
        let cost = Cost {
            so_far: prices.so_far(&state, now),
            an_hour: prices.going_rate(&state),
            prices: format!("{}, {} prices of {}", prices.currency, prices.region, prices.date),
            rebuilt: opening.rebuilt,
        };
        let steps = timeline::steps(lines, recipe);
        Ok(Self {
            version: VERSION,
            title: recipe.map_or_else(|| opening.recipe.clone(), |r| r.title.clone()),
            session: opening.session.to_string(),
            sandbox: opening.sandbox,
            account: redact::masked_account(&account),
            region: opening.place.region.clone(),
            owner: for_others(&opening.owner),
            cohort: for_others(&opening.cohort),
            state: Standing::of(&state, recipe),
            opened_at,
            latest_at,
            written_at: now,
            seconds: latest_at.duration_since(opened_at).as_secs_f64().max(0.0),
            headlines: headlines(measured.values()),
            settings: state.answers.told().into_iter().map(|(k, v)| (k, for_others(&v))).collect(),
            setting_names: recipe
                .iter()
                .flat_map(|r| &r.parameters)
                .map(|p| (p.id.to_string(), p.name.clone()))
                .collect(),
            facts: recipe
                .map(Recipe::telling)
                .unwrap_or_default()
                .into_iter()
                .filter_map(|(fact, label)| {
                    let value = state.facts.get(&fact).ok().filter(|value| !value.is_empty())?;
                    Some((label.to_owned(), for_others(&value.replace(',', ", "))))
                })
                .collect(),
            steps,
            moments: timeline::moments(lines, recipe, &account),
            resources: resources(&state, prices, now, &account),
            predictions: predicted::predictions(&state, recipe),
            measured,
            own_results,
            not_understood,
            cost,
            transcript: transcript(lines, recipe),
            receipt: state
                .closed
                .map(|_| Receipt::new(&state, Ok(Vec::new()), prices, now))
                .map(|receipt| masked(receipt, &account)),
        })
    }
}

fn masked(mut receipt: Receipt, account: &str) -> Receipt {
    for item in &mut receipt.items {
        item.what = redact::for_others(&item.what, account);
    }
    receipt
}

fn resources(state: &State, prices: &Prices, now: Timestamp, account: &str) -> Vec<ResourceLine> {
    let made = state.resources.iter().filter(|r| !r.planned.action.is_setting());
    made.map(|r| ResourceLine {
        name: r.planned.name.clone(),
        what: redact::for_others(&r.planned.action.describe(), account),
        id: r.output.as_ref().map(|o| redact::for_others(&o.id, account)),
        step: r.planned.tags.step.clone(),
        status: r.status,
        remains: may_exist(r.status),
        slow: r.planned.action.is_slow(),
        since: r.since,
        gone_at: r.gone_at,
        lived_seconds: lived_seconds(r, now),
        an_hour: prices.per_hour(&r.planned.action),
        cost: prices.of(r, now),
    })
    .collect()
}

#[cfg(test)]
mod tests;
