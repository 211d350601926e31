//! Ctrl-C as a value: set once by the signal, seen by every wait.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::Notify;

/// A request to stop at the next safe place. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Interrupt(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    set: AtomicBool,
    notify: Notify,
    /// Stops this one too.
    whole: Option<Interrupt>,
}

impl Interrupt {
    /// One for a part of the work: it stops with the whole, and the whole goes on without it.
    #[must_use]
    pub fn part(&self) -> Self {
        Self(Arc::new(Inner { whole: Some(self.clone()), ..Inner::default() }))
    }

    /// Asks for the stop.
    pub fn set(&self) {
        self.0.set.store(true, Ordering::SeqCst);
        self.0.notify.notify_waiters();
    }

    /// Whether the stop was asked for.
    pub fn is_set(&self) -> bool {
        self.0.set.load(Ordering::SeqCst) || self.0.whole.as_ref().is_some_and(Self::is_set)
    }

    /// Ends when the stop is asked for, at once when it was already.
    pub async fn wait(&self) {
        match &self.0.whole {
            None => self.wait_alone().await,
            Some(whole) => tokio::select! {
                () = self.wait_alone() => {}
                () = Box::pin(whole.wait()) => {}
            },
        }
    }

    async fn wait_alone(&self) {
        let notified = self.0.notify.notified();
        tokio::pin!(notified);
        // Registered before the look at the flag, or a signal in between would be missed.
        notified.as_mut().enable();
        if !self.is_set() {
            notified.await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_part_stops_with_the_whole_and_never_stops_it() {
        let whole = Interrupt::default();
        let (one, other) = (whole.part(), whole.part());
        one.set();
        one.wait().await;
        assert!(one.is_set() && !whole.is_set() && !other.is_set());
        tokio::join!(other.wait(), whole.wait(), async {
            tokio::task::yield_now().await;
            whole.set();
        });
        assert!(other.is_set() && other.part().is_set());
    }
}
