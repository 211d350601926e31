//! The bars that are on the screen, and what was last said of each where nothing moves.

use indicatif::ProgressBar;
use recipe_walk_engine::guide::Bar;
use std::collections::BTreeMap;
use std::time::Duration;

/// How often a line repeats itself when nothing changes.
const REPEAT: Duration = Duration::from_secs(30);

/// What is on the screen, or was last said.
#[derive(Default)]
pub(super) struct Shown {
    pub(super) bars: BTreeMap<String, ProgressBar>,
    pub(super) latest: BTreeMap<String, Bar>,
    pub(super) said: BTreeMap<String, (String, Duration)>,
    /// What moves while a call is on its way.
    pub(super) calling: Option<ProgressBar>,
}

impl Shown {
    /// Whether a plain line is due: something has changed, or nothing was said for half a minute. If so, it is about to be
    /// said. Time is the bar's own.
    pub(super) fn is_due(&mut self, bar: &Bar) -> bool {
        let status = format!("{}\n{:?}", bar.status, bar.event);
        let said = self.said.get(&bar.name);
        let silent = |at: &Duration| bar.elapsed.saturating_sub(*at);
        let due = said.is_none_or(|(before, at)| *before != status || silent(at) >= REPEAT);
        // Counting up would be a change at each look.
        let counting =
            bar.share.is_some() && !bar.done && said.is_some_and(|(_, at)| silent(at) < REPEAT / 6);
        let due = due && !counting;
        if due {
            self.said.insert(bar.name.clone(), (status, bar.elapsed));
        }
        due
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(crate) fn bar() -> Bar {
        Bar {
            name: "cache".into(),
            label: "redis replication group rw-abcdefgh-cache (2 nodes)".into(),
            elapsed: Duration::from_secs(75),
            expected: Some(Duration::from_secs(450)),
            share: None,
            status: "creating".into(),
            event: Some(
                "Automatic failover has been turned on for replication group rw-abcdefgh-cache".into(),
            ),
            done: false,
            lasting: true,
        }
    }

    #[test]
    fn lines_come_with_changes_or_every_half_minute() {
        let mut shown = Shown::default();
        let mut at = |seconds, status: &str, share| {
            let elapsed = Duration::from_secs(seconds);
            shown.is_due(&Bar { elapsed, status: status.into(), share, event: None, ..bar() })
        };
        let same: Vec<u64> = (0..100).filter(|second| at(*second, "creating", None)).collect();
        assert_eq!(same, [0, 30, 60, 90]);
        assert!(at(100, "modifying", None) && !at(101, "modifying", None));
        // What counts changes at each look, and is told every five seconds.
        let counted: Vec<u64> = (102..120).filter(|s| at(*s, &format!("{s} rows"), Some(0.5))).collect();
        assert_eq!(counted, [105, 110, 115]);
    }
}
