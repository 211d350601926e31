//! What the database has really confirmed, so that every answer can be judged: fresh, stale and by how much, or never
//! written at all. The version of a product travels in its `stock` column.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Version 0 of every product. Other stocks are below it, so a value from elsewhere is recognised.
pub const BASE: i64 = 1_000_000;

/// What an answer was worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Worth {
    /// Nothing newer was confirmed before the question.
    Fresh,
    /// Something newer had been confirmed for so long when the question was asked.
    Stale(Duration),
    /// Nobody wrote this.
    NeverWritten,
}

#[derive(Default)]
struct Versions {
    /// The newest version that was sent to the database, confirmed or not.
    issued: i64,
    /// When each version from 1 was confirmed; a write that failed takes the moment of the next one.
    confirmed: Vec<Instant>,
}

/// The versions of some products, by their place in a list.
pub struct VersionOracle {
    products: Vec<Mutex<Versions>>,
}

impl VersionOracle {
    /// All of `count` products at version 0.
    pub fn new(count: usize) -> Self {
        Self { products: (0..count).map(|_| Mutex::default()).collect() }
    }

    /// The stock of the next version of `place`, which is about to be written. One writer a product at a time.
    pub fn issue(&self, place: usize) -> i64 {
        let mut versions = self.lock(place);
        versions.issued += 1;
        BASE + versions.issued
    }

    /// The database has confirmed this stock.
    pub fn confirm(&self, place: usize, stock: i64) {
        let now = Instant::now();
        let mut versions = self.lock(place);
        versions.confirmed.resize((stock - BASE).max(0) as usize, now);
    }

    /// Judges an answer to a question that was asked at `asked`.
    pub fn judge(&self, place: usize, stock: i64, asked: Instant) -> Worth {
        let versions = self.lock(place);
        let version = stock - BASE;
        if version < 0 || version > versions.issued {
            return Worth::NeverWritten;
        }
        // The next version is the one whose confirmation made this one old.
        match versions.confirmed.get(version as usize) {
            Some(confirmed) if *confirmed < asked => Worth::Stale(asked - *confirmed),
            _ => Worth::Fresh,
        }
    }

    fn lock(&self, place: usize) -> MutexGuard<'_, Versions> {
        self.products[place].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answer_is_stale_once_the_next_version_is_confirmed() {
        let oracle = VersionOracle::new(1);
        let before = Instant::now();
        assert_eq!(oracle.judge(0, BASE, before), Worth::Fresh);
        let stock = oracle.issue(0);
        // Both versions are right while the newer one is written and not confirmed.
        assert_eq!(oracle.judge(0, BASE, Instant::now()), Worth::Fresh);
        assert_eq!(oracle.judge(0, stock, Instant::now()), Worth::Fresh);
        oracle.confirm(0, stock);
        assert_eq!(oracle.judge(0, BASE, before), Worth::Fresh, "asked before");
        let later = Instant::now() + Duration::from_secs(1);
        assert!(
            matches!(oracle.judge(0, BASE, later), Worth::Stale(age) if age > Duration::from_millis(900))
        );
        assert_eq!(oracle.judge(0, stock, later), Worth::Fresh);
    }

    #[test]
    fn what_nobody_wrote_is_recognised() {
        let oracle = VersionOracle::new(2);
        assert_eq!(oracle.judge(1, BASE + 1, Instant::now()), Worth::NeverWritten);
        assert_eq!(oracle.judge(1, 17, Instant::now()), Worth::NeverWritten);
        // A write that failed may still have happened; the next confirmed one makes both old.
        oracle.issue(1);
        let stock = oracle.issue(1);
        oracle.confirm(1, stock);
        let later = Instant::now() + Duration::from_millis(1);
        assert!(matches!(oracle.judge(1, BASE + 1, later), Worth::Stale(_)));
    }
}
