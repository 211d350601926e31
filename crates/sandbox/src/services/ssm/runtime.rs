//! What of commands lives only as long as the process.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::{Notify, Semaphore};

/// The agent's own limit of commands at a time.
const AT_ONCE: usize = 5;

/// What lives only as long as the process: places on instances, and the handles that cancel.
#[derive(Default)]
pub(crate) struct Runtime {
    places: Mutex<HashMap<String, Arc<Semaphore>>>,
    running: Mutex<HashMap<(String, String), Arc<Notify>>>,
}

impl Runtime {
    pub(super) fn places(&self, instance: &str) -> Arc<Semaphore> {
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(places.entry(instance.to_owned()).or_insert_with(|| Arc::new(Semaphore::new(AT_ONCE))))
    }

    /// Ends everything on an instance that is going away.
    pub(crate) fn cancel_all(&self, instance: &str) {
        let running = self.running();
        for handle in running.iter().filter(|((_, i), _)| i == instance).map(|(_, handle)| handle) {
            handle.notify_one();
        }
    }

    /// Ends a script, if it is running or waiting.
    pub(super) fn cancel(&self, command: &str, instance: &str) {
        let running = self.running();
        if let Some(handle) = running.get(&(command.to_owned(), instance.to_owned())) {
            handle.notify_one();
        }
    }

    /// Notes a script that runs or waits; the handle cancels it.
    pub(super) fn begin(&self, command: &str, instance: &str) -> Arc<Notify> {
        let cancelled = Arc::new(Notify::new());
        self.running().insert((command.to_owned(), instance.to_owned()), Arc::clone(&cancelled));
        cancelled
    }

    pub(super) fn end(&self, command: &str, instance: &str) {
        self.running().remove(&(command.to_owned(), instance.to_owned()));
    }

    pub(super) fn runs(&self, command: &str, instance: &str) -> bool {
        self.running().contains_key(&(command.to_owned(), instance.to_owned()))
    }

    fn running(&self) -> MutexGuard<'_, HashMap<(String, String), Arc<Notify>>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
