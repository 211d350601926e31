//! CloudShell ends a session without key presses after 20 to 30 minutes, whatever runs (docs/aws.md, "CloudShell").

use recipe_walk_engine::id::SessionId;
use recipe_walk_engine::shell::Typed;
use recipe_walk_engine::typed;
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

    /// What to remind of, and the command to have at hand, when it is time; the next reminder comes as long after.
    pub(super) fn reminder(&self, now: Instant, session: &SessionId) -> Option<(&'static str, Typed)> {
        let text =
            "CloudShell ends after 20 to 30 minutes without a key: press one. If it ends, nothing is lost:";
        self.is_long(now).then(|| (text, typed!("recipe-walk resume {}", session)))
    }

    fn is_long(&self, now: Instant) -> bool {
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
    fn reminders_come_before_the_end_and_again_after() {
        let idle = Idle::default();
        let begin = Instant::now();
        let session = SessionId::from_bytes([0; 8]);
        let after = |minutes| idle.reminder(begin + Duration::from_mins(minutes), &session);
        assert_eq!(after(14), None);
        let (text, command) = after(16).expect("a reminder");
        assert!(
            text.contains("press one") && command == typed!("recipe-walk resume {}", session),
            "{command:?}"
        );
        assert_eq!(after(30), None);
        assert!(after(32).is_some());
        idle.pressed();
        assert_eq!(idle.reminder(Instant::now(), &session), None);
    }
}
