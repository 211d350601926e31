//! CloudShell ends a session without key presses after 20 to 30 minutes, whatever runs (AWS-FACTS section 8).

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Soon enough before the earliest end.
const LONG: Duration = Duration::from_mins(15);

/// Whether this is CloudShell.
pub(crate) fn in_cloudshell() -> bool {
    std::env::var("AWS_EXECUTION_ENV").is_ok_and(|name| name == "CloudShell")
}

/// When a key was pressed last. Clones are the same.
#[derive(Debug, Clone)]
pub(super) struct Idle(Arc<Mutex<Instant>>);

impl Default for Idle {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Instant::now())))
    }
}

impl Idle {
    /// A key was pressed.
    pub(super) fn pressed(&self) {
        self.set(Instant::now());
    }

    /// Whether it is time for a reminder; the next one comes as long after.
    pub(super) fn is_long(&self) -> bool {
        self.is_long_at(Instant::now())
    }

    fn is_long_at(&self, now: Instant) -> bool {
        let last = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let long = now.saturating_duration_since(last) >= LONG;
        if long {
            self.set(now);
        }
        long
    }

    fn set(&self, at: Instant) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = at;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reminder_comes_before_the_end_and_again_as_long_after() {
        let idle = Idle::default();
        let begin = Instant::now();
        assert!(!idle.is_long_at(begin + Duration::from_mins(14)));
        assert!(idle.is_long_at(begin + Duration::from_mins(16)));
        assert!(!idle.is_long_at(begin + Duration::from_mins(30)));
        assert!(idle.is_long_at(begin + Duration::from_mins(32)));
        idle.pressed();
        assert!(!idle.is_long_at(Instant::now()));
    }
}
