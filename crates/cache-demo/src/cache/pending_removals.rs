//! Keys whose removal Redis did not confirm: what they hold is old for all we know, and is removed later.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Keys that are remembered; beyond this, their TTL must do.
const MOST: usize = 10_000;

/// A bounded set of keys.
#[derive(Debug, Default)]
pub(crate) struct PendingRemovals {
    keys: Mutex<HashSet<String>>,
}

impl PendingRemovals {
    /// Remembers a key.
    pub(crate) fn add(&self, key: &str) {
        let mut keys = self.lock();
        if keys.len() < MOST {
            keys.insert(key.to_owned());
        }
    }

    /// Takes all keys. They are taken before they are removed, so that one that is added meanwhile stays.
    pub(crate) fn take(&self) -> Vec<String> {
        self.lock().drain().collect()
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.lock().len()
    }

    fn lock(&self) -> MutexGuard<'_, HashSet<String>> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
