//! A circuit breaker: after several failures in a row nobody waits for Redis, until one probe succeeds.
//!
//! Closed lets everything through. Open lets nothing through for a while. Half-open lets exactly one request
//! through, whose outcome closes or opens it again.

pub use recipe_walk_measurements::Circuit as State;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

#[derive(Debug)]
enum Inner {
    Closed { failures: u32 },
    Open { until: Instant },
    HalfOpen { probing: bool },
}

/// The breaker. Time is tokio's, so that tests can stop it.
#[derive(Debug)]
pub struct Breaker {
    inner: Mutex<(Inner, u64)>,
    threshold: u32,
    pause: Duration,
}

/// Leave to try. Dropping it without a verdict, as a cancelled task does, changes nothing but frees the probe.
#[derive(Debug)]
pub struct Permit<'a> {
    breaker: &'a Breaker,
    probe: bool,
    decided: bool,
}

impl Breaker {
    /// Opens after `threshold` failures in a row and stays open for `pause`.
    pub fn new(threshold: u32, pause: Duration) -> Self {
        Self { inner: Mutex::new((Inner::Closed { failures: 0 }, 0)), threshold: threshold.max(1), pause }
    }

    /// Leave to try, or none while the circuit is open.
    pub fn allow(&self) -> Option<Permit<'_>> {
        let mut guard = self.lock();
        let probe = match &mut guard.0 {
            Inner::Closed { .. } => false,
            Inner::Open { until } if Instant::now() < *until => return None,
            Inner::HalfOpen { probing: true } => return None,
            half @ (Inner::Open { .. } | Inner::HalfOpen { probing: false }) => {
                *half = Inner::HalfOpen { probing: true };
                true
            }
        };
        Some(Permit { breaker: self, probe, decided: false })
    }

    /// The state now.
    pub fn state(&self) -> State {
        match &self.lock().0 {
            Inner::Closed { .. } => State::Closed,
            Inner::Open { until } if Instant::now() < *until => State::Open,
            Inner::Open { .. } | Inner::HalfOpen { .. } => State::HalfOpen,
        }
    }

    /// How often it has opened.
    pub fn openings(&self) -> u64 {
        self.lock().1
    }

    fn lock(&self) -> MutexGuard<'_, (Inner, u64)> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Permit<'_> {
    /// The request was answered.
    pub fn success(mut self) {
        self.decided = true;
        let mut guard = self.breaker.lock();
        match &guard.0 {
            Inner::Closed { failures: 0 } => {}
            Inner::Closed { .. } => guard.0 = Inner::Closed { failures: 0 },
            // A request that was sent before the circuit opened proves nothing about now.
            _ if self.probe => guard.0 = Inner::Closed { failures: 0 },
            _ => {}
        }
    }

    /// The request failed or took too long. Returns whether that opened the circuit.
    pub fn failure(mut self) -> bool {
        self.decided = true;
        let mut guard = self.breaker.lock();
        let open = match &mut guard.0 {
            Inner::Closed { failures } => {
                *failures += 1;
                *failures >= self.breaker.threshold
            }
            _ => self.probe,
        };
        if open {
            guard.0 = Inner::Open { until: Instant::now() + self.breaker.pause };
            guard.1 += 1;
        }
        open
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        if self.probe && !self.decided {
            self.breaker.lock().0 = Inner::HalfOpen { probing: false };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAUSE: Duration = Duration::from_secs(1);

    fn fail(breaker: &Breaker, times: u32) {
        for _ in 0..times {
            breaker.allow().expect("closed").failure();
        }
    }

    #[tokio::test(start_paused = true)]
    async fn opens_after_failures_in_a_row_only() {
        let breaker = Breaker::new(3, PAUSE);
        fail(&breaker, 2);
        breaker.allow().expect("closed").success();
        fail(&breaker, 2);
        assert_eq!(breaker.state(), State::Closed);
        fail(&breaker, 1);
        assert_eq!((breaker.state(), breaker.openings()), (State::Open, 1));
        assert!(breaker.allow().is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn one_probe_decides_whether_the_circuit_closes() {
        let breaker = Breaker::new(1, PAUSE);
        fail(&breaker, 1);
        tokio::time::advance(PAUSE).await;
        let probe = breaker.allow().expect("half-open");
        assert!(breaker.allow().is_none(), "one probe at a time");
        probe.failure();
        assert_eq!((breaker.state(), breaker.openings()), (State::Open, 2));
        tokio::time::advance(PAUSE).await;
        breaker.allow().expect("half-open").success();
        assert_eq!(breaker.state(), State::Closed);
    }

    #[tokio::test(start_paused = true)]
    async fn a_cancelled_probe_frees_its_place() {
        let breaker = Breaker::new(1, PAUSE);
        fail(&breaker, 1);
        tokio::time::advance(PAUSE).await;
        drop(breaker.allow());
        assert_eq!(breaker.state(), State::HalfOpen);
        assert!(breaker.allow().is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn a_late_answer_from_before_changes_nothing() {
        let breaker = Breaker::new(1, PAUSE);
        let (late, later) = (breaker.allow().expect("closed"), breaker.allow().expect("closed"));
        fail(&breaker, 1);
        late.success();
        later.failure();
        assert_eq!((breaker.state(), breaker.openings()), (State::Open, 1));
    }
}
