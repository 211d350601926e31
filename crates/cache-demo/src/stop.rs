//! A polite request to stop: set by a signal, seen by every measurement, which then reports what it has.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Cheap to clone; all clones see the same request.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Asks for the end.
    pub fn request(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// Whether the end was asked for.
    pub fn is_requested(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Waits for `work`, but gives up as soon as the end is asked for.
    pub async fn or<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let poll = async {
            while !self.is_requested() {
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
        };
        tokio::select! {
            biased;
            value = work => Some(value),
            () = poll => None,
        }
    }
}
