//! Time as a port, so that every run can be replayed and no test sleeps.

use crate::cloud::BoxFuture;
use jiff::Timestamp;
use std::time::{Duration, Instant};

/// The clock of a walk.
pub trait Clock: Send + Sync {
    /// The time of day, for records and tags.
    fn now(&self) -> Timestamp;
    /// Time since the clock was made, which never goes back: for waits and measurements.
    fn elapsed(&self) -> Duration;
    /// Sleeps.
    fn sleep(&self, time: Duration) -> BoxFuture<'_, ()>;
}

/// The machine's clock.
#[derive(Debug)]
pub struct SystemClock(Instant);

impl Default for SystemClock {
    fn default() -> Self {
        Self(Instant::now())
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
    fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
    fn sleep(&self, time: Duration) -> BoxFuture<'_, ()> {
        Box::pin(tokio::time::sleep(time))
    }
}

/// A clock for tests: a sleep ends at once and moves the time on.
#[derive(Debug)]
pub struct TestClock {
    start: Timestamp,
    passed: std::sync::Mutex<Duration>,
}

impl TestClock {
    /// A clock that begins at the time given.
    pub fn new(start: Timestamp) -> Self {
        Self { start, passed: std::sync::Mutex::default() }
    }
    fn passed(&self) -> std::sync::MutexGuard<'_, Duration> {
        self.passed.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        self.start + *self.passed()
    }
    fn elapsed(&self) -> Duration {
        *self.passed()
    }
    fn sleep(&self, time: Duration) -> BoxFuture<'_, ()> {
        *self.passed() += time;
        Box::pin(tokio::task::yield_now())
    }
}
