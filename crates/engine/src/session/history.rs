//! How long things take on this machine, from the sessions that are on record here.

use crate::state::State;
use std::collections::BTreeMap;
use std::time::Duration;

/// The newest durations that count: what took long a year ago says little.
const NEWEST: usize = 7;

/// The median duration of each thing that was waited for, in sessions of the same kind of place. `states` come oldest
/// first, as sessions are listed.
pub fn medians<'a>(
    states: impl DoubleEndedIterator<Item = &'a State>,
    sandbox: bool,
) -> BTreeMap<String, Duration> {
    let mut all: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for state in states.rev() {
        if state.opening.as_ref().is_none_or(|(_, o)| o.sandbox != sandbox) {
            continue;
        }
        for (what, seconds) in &state.took {
            let list = all.entry(what.clone()).or_default();
            if list.len() < NEWEST && seconds.is_finite() && *seconds > 0.0 {
                list.push(*seconds);
            }
        }
    }
    all.into_iter()
        .filter_map(|(what, mut list)| {
            list.sort_by(f64::total_cmp);
            let median = *list.get(list.len() / 2)?;
            Some((what, Duration::try_from_secs_f64(median).ok()?))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(seconds: f64) -> State {
        let opening: crate::record::Opening = serde_json::from_value(serde_json::json!({
            "version": 1, "session": "rw-aaaaaaaa", "place": {"account": "1", "region": "r", "endpoint": null},
            "sandbox": true, "recipe": "x", "owner": "", "cohort": "", "expires_at": "2026-11-22T12:00:00Z",
        }))
        .expect("an opening");
        let opening = Some((jiff::Timestamp::UNIX_EPOCH, opening));
        State { opening, took: BTreeMap::from([("thing".to_owned(), seconds)]), ..State::default() }
    }

    #[test]
    fn the_newest_sessions_of_the_same_place_count() {
        let states: Vec<State> = [900.0, 900.0, 900.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0].map(state).into();
        assert_eq!(medians(states.iter(), true)["thing"], Duration::from_secs(4));
        assert!(medians(states.iter(), false).is_empty());
    }
}
