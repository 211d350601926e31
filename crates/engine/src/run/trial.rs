//! A setting that is tried for as long as a lesson takes: the other eviction policy, in the session's own parameter group.

use crate::action::{Action, Planned};
use crate::kind;
use crate::recipe::Step;
use crate::state::State;
use crate::transition::Status;
use std::collections::BTreeMap;

/// Its name in the journal.
pub const NAME: &str = "trial-policy";
/// The parameter; ElastiCache applies a change of it at once.
const PARAMETER: &str = "maxmemory-policy";
/// What is tried.
const OTHER: &str = "allkeys-lfu";

/// The other policy, where the session has set one of its own.
pub fn policy(step: &Step, state: &State) -> Option<Planned> {
    let set = state.resource("cache-policy").filter(|r| r.status == Status::Present)?;
    let Action::CacheParameters(kind::CacheParameters { group, values }) = &set.planned.action else {
        return None;
    };
    let before = values.get(PARAMETER).filter(|policy| *policy != OTHER)?;
    let one = |value: &str| BTreeMap::from([(PARAMETER.to_owned(), value.to_owned())]);
    let action = Action::TemporaryCacheParameters(kind::TemporaryCacheParameters {
        group: group.clone(),
        values: one(OTHER),
        before: one(before),
    });
    let mut tags = set.planned.tags.clone();
    tags.step.clone_from(&step.id);
    Some(Planned { name: NAME.into(), action, tags })
}

/// The demo's options: it runs under the one policy, and waits for the other.
pub fn arguments(trial: &Planned) -> String {
    let Action::TemporaryCacheParameters(kind::TemporaryCacheParameters { values, before, .. }) =
        &trial.action
    else {
        return String::new();
    };
    let policies: Vec<&str> = before.values().chain(values.values()).map(String::as_str).collect();
    format!("--policies {}", policies.join(","))
}
