//! `write-through`: what a write does to its key: remove it, so that the next reader loads it, or replace the value.

use crate::commands::interleave::{self, Case};
use crate::error::Failure;
use crate::session::Session;
use crate::shop::shoppers::Rule;
use recipe_walk_measurements::result::Experiment;

/// Runs the command.
pub async fn run(session: &Session) -> Result<Experiment, Failure> {
    session.require_data().await?;
    let mut experiment = Experiment::new(
        "After a write: remove the cached value (cache-aside), or replace it (write-through)?",
    );
    // The cache is filled before it counts, because the cold start is another experiment's.
    let warm_up = session.tuning.stage / 4;
    let cases = [("cache-aside", Rule::Invalidate), ("write-through", Rule::Replace)]
        .map(|(name, rule)| Case::new(name, session.cache(), rule, warm_up));
    interleave::run(session, &mut experiment, cases.into(), session.tuning.stage).await?;
    if let (Some(aside), Some(through)) = (experiment.value("misses", 0), experiment.value("misses", 1)) {
        experiment.conclude(format!(
            "Replacing spared the readers {:.0} of {aside:.0} misses: a written key is still there for the next one.",
            (aside - through).max(0.0)
        ));
        experiment.conclude(
            "It also stores what nobody may read, and two writers can store in another order than the database: the demo writes one at a time for each key.",
        );
    }
    Ok(experiment)
}
