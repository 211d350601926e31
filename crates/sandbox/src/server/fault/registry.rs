//! The faults that wait for calls.

use super::{Fault, FaultKind, FaultStatus, SLOWEST, target::Target};
use crate::model::account::part::{Part, Parts};
use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};
use tokio::sync::watch;

/// The faults that wait for calls, in the order in which they were added.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    rules: Mutex<Vec<Rule>>,
    /// Changed to let go of every call that is held.
    released: watch::Sender<()>,
    held: Arc<AtomicU32>,
}

#[derive(Debug)]
struct Rule {
    fault: Fault,
    target: Target,
    passed: u32,
    used: u32,
    counts: Arc<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    hits: AtomicU32,
    held: AtomicU32,
}

/// A fault that a call has met.
#[derive(Debug)]
pub(crate) struct Hit {
    pub(crate) kind: FaultKind,
    /// How long a slow call waits.
    pub(crate) wait: Duration,
    release: watch::Receiver<()>,
    counts: Arc<Counts>,
    all_held: Arc<AtomicU32>,
}

impl Faults {
    /// Adds a fault; the error says what is wrong with it.
    pub(crate) fn add(&self, fault: Fault, parts: &Parts) -> Result<(), String> {
        let target = Target::read(&fault.operation, parts)?;
        target.check(fault.kind, parts)?;
        if fault.times == 0 {
            return Err("a fault hits at least one call".into());
        }
        if !(fault.seconds >= 0.0 && fault.seconds <= SLOWEST) {
            return Err(format!("a call waits between 0 and {SLOWEST} seconds"));
        }
        self.rules().push(Rule { fault, target, passed: 0, used: 0, counts: Arc::default() });
        Ok(())
    }

    /// Every fault, also those that have hit as often as they were to.
    pub(crate) fn list(&self) -> Vec<FaultStatus> {
        self.rules()
            .iter()
            .map(|rule| FaultStatus {
                fault: rule.fault.clone(),
                hits: rule.counts.hits.load(Ordering::SeqCst),
                held: rule.counts.held.load(Ordering::SeqCst),
            })
            .collect()
    }

    /// Removes every fault and lets go of every call that is held.
    pub(crate) fn clear(&self) {
        // It is released under the lock, so that no call can meet a fault that is gone and miss its release.
        let mut rules = self.rules();
        rules.clear();
        self.released.send_replace(());
    }

    /// Whether a call is held.
    pub(crate) fn holds_a_call(&self) -> bool {
        self.held.load(Ordering::SeqCst) > 0
    }

    /// The first fault that is for this call.
    pub(crate) fn meet(&self, service: &Part, operation: &str, mutating: bool) -> Option<Hit> {
        let mut rules = self.rules();
        for rule in rules.iter_mut() {
            let kind = rule.fault.kind;
            if rule.used >= rule.fault.times || !rule.target.matches(kind, service, operation, mutating) {
                continue;
            }
            if rule.passed < rule.fault.after_calls {
                rule.passed += 1;
                continue;
            }
            rule.used += 1;
            // A caller that waits for a call held after its effect must not be told before the effect.
            if kind != FaultKind::StallAfter {
                rule.counts.hits.fetch_add(1, Ordering::SeqCst);
            }
            return Some(Hit {
                kind,
                wait: Duration::try_from_secs_f64(rule.fault.seconds).unwrap_or_default(),
                release: self.released.subscribe(),
                counts: Arc::clone(&rule.counts),
                all_held: Arc::clone(&self.held),
            });
        }
        None
    }

    fn rules(&self) -> MutexGuard<'_, Vec<Rule>> {
        self.rules.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Hit {
    /// Holds the call until every call is let go of.
    pub(crate) async fn hold(mut self) {
        let _held = Held::begin(&self);
        // The sender lives as long as the sandbox.
        let _ = self.release.changed().await;
    }
}

/// Counts a call while it is held, however that ends.
struct Held(Arc<Counts>, Arc<AtomicU32>);

impl Held {
    fn begin(hit: &Hit) -> Self {
        hit.all_held.fetch_add(1, Ordering::SeqCst);
        hit.counts.held.fetch_add(1, Ordering::SeqCst);
        if hit.kind == FaultKind::StallAfter {
            hit.counts.hits.fetch_add(1, Ordering::SeqCst);
        }
        Self(Arc::clone(&hit.counts), Arc::clone(&hit.all_held))
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.0.held.fetch_sub(1, Ordering::SeqCst);
        self.1.fetch_sub(1, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::services::{self, ssm};

    fn meets(faults: &Faults, operation: &str) -> Option<FaultKind> {
        faults.meet(&ssm::SERVICE.part, operation, true).map(|hit| hit.kind)
    }

    #[test]
    fn counts_calls_before_and_hits() {
        let faults = Faults::default();
        let late = Fault { times: 2, after_calls: 1, ..Fault::new("PutParameter", FaultKind::Throttle) };
        faults.add(late, &services::ALL.parts()).unwrap();
        faults.add(Fault::new("*", FaultKind::Drop), &services::ALL.parts()).unwrap();
        let met: Vec<_> = (0..5).map(|_| meets(&faults, "PutParameter")).collect();
        let throttle = Some(FaultKind::Throttle);
        assert_eq!(met, [Some(FaultKind::Drop), throttle, throttle, None, None]);
        let hits: Vec<u32> = faults.list().iter().map(|fault| fault.hits).collect();
        assert_eq!(hits, [2, 1]);
        faults.clear();
        assert!(faults.list().is_empty());
    }

    #[test]
    fn faults_that_cannot_happen_are_refused() {
        let faults = Faults::default();
        let add = |fault| faults.add(fault, &services::ALL.parts()).unwrap_err();
        assert!(add(Fault { times: 0, ..Fault::new("*", FaultKind::Drop) }).contains("at least one"));
        let forever = Fault { seconds: f64::NAN, ..Fault::new("*", FaultKind::Slow) };
        assert!(add(forever).contains("between 0 and 3600"));
        assert!(add(Fault::new("Nonsense", FaultKind::Drop)).contains("no operation"));
        assert!(faults.list().is_empty());
    }
}
