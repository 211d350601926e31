//! Keys whose removal Redis did not confirm: what they hold is old for all we know, and is removed later.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Keys that are remembered; beyond this, their TTL must do.
const MOST: usize = 10_000;

/// A bounded set of keys.
#[derive(Debug, Default)]
pub(crate) struct Owed {
    keys: Mutex<HashSet<String>>,
}

impl Owed {
    /// Remembers a key.
    pub(crate) fn add(&self, key: &str) {
        let mut keys = self.lock();
        if keys.len() < MOST {
            keys.insert(key.to_owned());
        }
    }

    /// All keys.
    pub(crate) fn keys(&self) -> Vec<String> {
        self.lock().iter().cloned().collect()
    }

    /// These have been removed.
    pub(crate) fn paid(&self, paid: &[String]) {
        let mut keys = self.lock();
        for key in paid {
            keys.remove(key);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashSet<String>> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
