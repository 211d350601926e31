//! The places that a server has for connections: whoever has signed a request keeps his, anybody else may have to leave.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::sync::Notify;

/// A connection that is younger is not asked to leave: its request may be on its way.
const YOUTH: Duration = Duration::from_millis(250);

/// All places, and who has one.
#[derive(Debug)]
pub(crate) struct Places {
    most: usize,
    /// By number, so the oldest first.
    held: Mutex<BTreeMap<u64, Held>>,
    /// The next one's number; none is given twice.
    next: AtomicU64,
    freed: Notify,
}

#[derive(Debug)]
struct Held {
    since: Instant,
    signed: bool,
    leave: Arc<Notify>,
}

/// One connection's place, given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    places: Arc<Places>,
    number: u64,
    leave: Arc<Notify>,
}

impl Places {
    pub(crate) fn new(most: usize) -> Arc<Self> {
        Arc::new(Self { most, held: Mutex::default(), next: AtomicU64::new(0), freed: Notify::new() })
    }

    fn held(&self) -> MutexGuard<'_, BTreeMap<u64, Held>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a place. Where all are taken, the oldest connection without a signature loses its own.
    pub(crate) async fn take(self: &Arc<Self>) -> Place {
        loop {
            let freed = self.freed.notified();
            let patience = match self.try_take() {
                Ok(place) => return place,
                Err(patience) => patience,
            };
            tokio::select! {
                () = freed => {}
                () = tokio::time::sleep(patience) => {}
            }
        }
    }

    /// A place, or how long it takes until somebody may be asked to leave.
    fn try_take(self: &Arc<Self>) -> Result<Place, Duration> {
        let mut held = self.held();
        if held.len() >= self.most {
            let oldest = held.iter().find(|(_, one)| !one.signed);
            let Some((&number, one)) = oldest else { return Err(Duration::MAX) };
            let young = YOUTH.saturating_sub(one.since.elapsed());
            if !young.is_zero() {
                return Err(young);
            }
            one.leave.notify_one();
            held.remove(&number);
        }
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let leave = Arc::new(Notify::new());
        held.insert(number, Held { since: Instant::now(), signed: false, leave: Arc::clone(&leave) });
        Ok(Place { places: Arc::clone(self), number, leave })
    }
}

impl Place {
    /// Keeps it for a connection that has carried a request with a good signature; false where it is lost already.
    pub(crate) fn sign(&self) -> bool {
        self.places.held().get_mut(&self.number).map(|held| held.signed = true).is_some()
    }

    /// Whether its connection has carried a request with a good signature.
    pub(crate) fn is_signed(&self) -> bool {
        self.places.held().get(&self.number).is_some_and(|held| held.signed)
    }

    /// Ends when somebody else needs the place, or when nobody has signed a request in this time.
    pub(crate) async fn lost(&self, limit: Duration) {
        tokio::select! {
            () = self.leave.notified() => return,
            () = tokio::time::sleep(limit) => {}
        }
        if self.is_signed() {
            std::future::pending::<()>().await;
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.places.held().remove(&self.number);
        self.places.freed.notify_one();
    }
}
