//! One look at a class: every session of the places, with whoever needs help first.

use crate::commands::sessions::remote::cost;
use crate::error::CommandError;
use crate::options::AwsArgs;
use crate::session::parameters::Rates;
use crate::session::place::Reached;
use jiff::Timestamp;
use recipe_walk_engine::class::{Attendee, sort};
use recipe_walk_engine::recipe::Recipe;
use serde::Serialize;
use std::collections::BTreeSet;
use tokio::task::JoinSet;

/// One attendee with the place of their session.
#[derive(Debug, Serialize)]
pub(super) struct Row {
    #[serde(flatten)]
    pub(super) attendee: Attendee,
    pub(super) account: String,
    pub(super) region: String,
    /// The profile that it was seen with, where one was named.
    pub(super) profile: Option<String>,
    pub(super) sandbox: bool,
    /// Estimate: what is there now, at the recipe's usual sizes, since the session was opened.
    pub(super) cost_estimate: Option<f64>,
}

/// A place that could not be looked at.
#[derive(Debug, Serialize)]
pub(super) struct Trouble {
    pub(super) place: String,
    pub(super) problem: String,
}

impl Trouble {
    /// Why a place could not be looked at.
    pub(super) fn new(target: &AwsArgs, error: &CommandError) -> Self {
        let place: Vec<&str> =
            [&target.profile, &target.region].into_iter().flatten().map(String::as_str).collect();
        Self { place: place.join(" "), problem: error.message.clone() }
    }
}

/// What one look found.
#[derive(Debug, Serialize)]
pub(super) struct Look {
    pub(super) at: Timestamp,
    pub(super) cohort: String,
    pub(super) attendees: Vec<Row>,
    pub(super) troubles: Vec<Trouble>,
}

/// One account and region.
#[derive(Clone)]
pub(super) struct Site {
    pub(super) reached: Reached,
    pub(super) profile: Option<String>,
}

impl Site {
    /// What a trainer calls it.
    pub(super) fn name(&self) -> String {
        if self.reached.sandbox.is_some() {
            return "sandbox".into();
        }
        let place = &self.reached.identity.place;
        match &self.profile {
            Some(profile) => format!("{profile} {}", place.region),
            None => format!("{} {}", place.account, place.region),
        }
    }
}

/// Looks at all of them, side by side.
pub(super) async fn look(
    sites: &[Site],
    cohort: &str,
    recipe: &Recipe,
    rates: &Rates,
    mut troubles: Vec<Trouble>,
) -> Look {
    let mut set = JoinSet::new();
    for (index, site) in sites.iter().cloned().enumerate() {
        let cohort = cohort.to_owned();
        let first = recipe.steps.first().map(|step| step.id.to_string()).unwrap_or_default();
        set.spawn(async move { (index, site.reached.cloud.class(&cohort, &first).await) });
    }
    let now = Timestamp::now();
    let mut attendees = Vec::new();
    for (index, found) in set.join_all().await {
        let site = &sites[index];
        match found {
            Ok(remotes) => attendees.extend(remotes.iter().map(|remote| Row {
                attendee: Attendee::new(remote, recipe, now),
                account: site.reached.identity.place.account.clone(),
                region: site.reached.identity.place.region.clone(),
                profile: site.profile.clone(),
                sandbox: site.reached.sandbox.is_some(),
                cost_estimate: if site.reached.sandbox.is_some() {
                    Some(0.0)
                } else {
                    cost(remote, rates, now)
                },
            })),
            Err(failure) => troubles.push(Trouble { place: site.name(), problem: failure.to_string() }),
        }
    }
    // Two profiles may lead to one account.
    let mut seen = BTreeSet::new();
    attendees.retain(|row: &Row| {
        seen.insert((row.account.clone(), row.region.clone(), row.attendee.session.clone()))
    });
    sort(&mut attendees, |row: &Row| &row.attendee);
    Look { at: now, cohort: cohort.to_owned(), attendees, troubles }
}
