//! Which rows of a table have which key.
//!
//! Each key has its own numbers: one map of (key, number) pairs would have to be searched by range, and a range of
//! immutable-chunkmap 2.1 looks at a part of the whole map, not of what it finds.

use immutable_chunkmap::{map::Map, set::Set};
use std::{ops::Bound, sync::Arc};

/// Entries that are copied together.
pub(super) const CHUNK: usize = 32;

/// Numbers of rows by key; a copy shares with the original what is not changed.
#[derive(Clone)]
pub(super) struct Index(Map<Arc<str>, Numbers, CHUNK>);

/// Most keys are those of one row, which needs no set.
#[derive(Clone)]
enum Numbers {
    One(u64),
    Many(Set<u64, CHUNK>),
}

impl Index {
    pub(super) fn new() -> Self {
        Self(Map::new())
    }

    pub(super) fn add(&mut self, key: &str, number: u64) {
        match self.0.get_mut_cow(key) {
            None => drop(self.0.insert_cow(key.into(), Numbers::One(number))),
            Some(Numbers::Many(all)) => drop(all.insert_cow(number)),
            Some(Numbers::One(one)) if *one == number => {}
            Some(few @ Numbers::One(_)) => *few = Numbers::Many(few.from(0).chain([number]).collect()),
        }
    }

    pub(super) fn remove(&mut self, key: &str, number: u64) {
        let gone = match self.0.get_mut_cow(key) {
            None => false,
            Some(Numbers::One(one)) => *one == number,
            Some(Numbers::Many(all)) => all.remove_cow(&number) && all.len() == 0,
        };
        if gone {
            self.0.remove_cow(&Arc::<str>::from(key));
        }
    }

    /// The rows that have a key, from a number on, in order.
    pub(super) fn numbers(&self, key: &str, first: u64) -> impl Iterator<Item = u64> + use<'_> {
        self.0.get(key).into_iter().flat_map(move |numbers| numbers.from(first))
    }

    /// The rows with a key that begins so, in the order of the keys.
    pub(super) fn with_prefix<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = u64> + use<'a> {
        let range = (Bound::Included(prefix), Bound::Unbounded);
        let keys = self.0.range::<str, _>(range).take_while(move |(key, _)| key.starts_with(prefix));
        keys.flat_map(|(_, numbers)| numbers.from(0))
    }
}

impl Numbers {
    fn from(&self, first: u64) -> impl Iterator<Item = u64> + use<'_> {
        let (one, many) = match self {
            Self::One(one) => (Some(*one).filter(|one| *one >= first), None),
            Self::Many(all) => (None, Some(all.range(first..).copied())),
        };
        one.into_iter().chain(many.into_iter().flatten())
    }
}
