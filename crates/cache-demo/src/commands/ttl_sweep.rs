//! `ttl-sweep`: what a TTL costs and what it gives, where nobody tells the cache that data has changed.

use crate::cache::policy::Policy;
use crate::commands::interleave::{self, Case};
use crate::error::Failure;
use crate::session::Session;
use crate::shop::shoppers::Rule;
use recipe_walk_measurements::result::Experiment;
use std::time::Duration;

/// The TTLs, in milliseconds: short ones, so that the experiment is short. What matters is their ratio to the time
/// between two writes of a key.
const TTLS: [u64; 4] = [100, 250, 500, 1_000];

/// A load that takes longer than this makes answers older than the TTL.
const LOAD_MS: f64 = 20.0;

/// Runs the command.
pub async fn run(session: &Session) -> Result<Experiment, Failure> {
    session.require_data().await?;
    let mut experiment =
        Experiment::new("Nobody invalidates: how does the TTL trade hits against stale answers?");
    let cases = TTLS.map(Duration::from_millis).map(|ttl| {
        let cache = session.cache_with(Policy { ttl, ..Policy::default() });
        // The warm-up is one TTL long, so that keys expire from the first moment that counts.
        Case::new(format!("{} ms", ttl.as_millis()), cache, Rule::Nothing, ttl)
    });
    let longest = Duration::from_millis(TTLS[TTLS.len() - 1]);
    interleave::run(session, &mut experiment, cases.into(), session.tuning.stage.max(longest * 2)).await?;
    let last = experiment.columns.len().saturating_sub(1);
    let pair = |id| Some((experiment.value(id, 0)?, experiment.value(id, last)?));
    if let (true, Some(hits), Some(stale)) = (last > 0, pair("hit_percent"), pair("stale_percent")) {
        experiment.conclude(format!(
            "From {} to {}: hits {:.1} to {:.1} %, stale reads {:.2} to {:.2} %.",
            experiment.columns[0], experiment.columns[last], hits.0, hits.1, stale.0, stale.1
        ));
        let late = TTLS.iter().enumerate().filter(|(case, ttl)| {
            // The jitter, and the time that a load takes between reading the old row and storing it.
            experiment.value("stale_max", *case).is_some_and(|age| age > **ttl as f64 * 1.1 + LOAD_MS)
        });
        experiment.conclude(match late.count() {
            0 => "No answer was older than TTL and jitter allow: that is what a TTL promises, and all."
                .to_owned(),
            n => format!(
                "In {n} of the cases an answer was older than TTL and jitter allow: a load took long."
            ),
        });
    }
    Ok(experiment)
}
