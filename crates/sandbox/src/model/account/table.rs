//! A table of resources in the order in which they were made, found by any of their keys.
//!
//! A copy shares everything with the original until one of the two is changed, and then what is not changed: a change
//! that is given up costs nothing, and one that is kept costs the same whatever else is there.

use super::index::{CHUNK, Index};
use immutable_chunkmap::map::Map;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// What a table holds.
pub(crate) trait Row: Clone + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// What it is found by; several rows may have the same key.
    fn keys(&self) -> Vec<String>;
}

/// A table of resources.
pub(crate) struct Table<T> {
    rows: Map<u64, Arc<T>, CHUNK>,
    index: Index,
    next: u64,
    /// The rows that were changed, made or removed since the last [`Stored::changes`], with their keys in the index.
    changed: BTreeMap<u64, Vec<String>>,
}

/// A table as far as its file needs it.
pub(crate) trait Stored {
    /// What has changed since the last time: rows by number, nothing for one that is gone. Puts the index in order.
    fn changes(&mut self) -> Vec<(u64, Value)>;

    /// Every row by number.
    fn all(&self) -> Vec<(u64, Value)>;

    /// Takes a change from the file.
    fn apply(&mut self, number: u64, row: Value) -> Result<(), serde_json::Error>;
}

/// What a service keeps: tables by name.
pub(crate) trait State {
    fn tables(&mut self) -> Vec<(&'static str, &mut dyn Stored)>;
}

impl<T: Row> Table<T> {
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All rows, the oldest first.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.rows.into_iter().map(|(_, row)| &**row)
    }

    /// All rows from a number on, each with its number.
    pub(crate) fn from(&self, first: u64) -> impl Iterator<Item = (u64, &T)> {
        self.rows.range(first..).map(|(number, row)| (*number, &**row))
    }

    pub(crate) fn first(&self) -> Option<&T> {
        self.iter().next()
    }

    #[cfg(test)]
    pub(crate) fn last(&self) -> Option<&T> {
        self.iter().next_back()
    }

    /// The rows that have a key, the oldest first.
    pub(crate) fn with<'a>(&'a self, key: &str) -> impl Iterator<Item = &'a T> + use<'a, T> {
        self.index.numbers(key, 0).filter_map(|number| self.rows.get(&number)).map(|row| &**row)
    }

    /// The rows that have any of some keys, each once, the oldest first.
    pub(crate) fn with_any<'a>(&'a self, keys: &[String]) -> impl Iterator<Item = &'a T> + use<'a, T> {
        self.with_any_from(keys, 0).map(|(_, row)| row)
    }

    /// The same from a number on, each with its number.
    pub(crate) fn with_any_from<'a>(
        &'a self,
        keys: &[String],
        first: u64,
    ) -> impl Iterator<Item = (u64, &'a T)> + use<'a, T> {
        self.rows_of(keys.iter().flat_map(|key| self.index.numbers(key, first)).collect())
    }

    fn rows_of(&self, numbers: BTreeSet<u64>) -> impl Iterator<Item = (u64, &T)> {
        numbers.into_iter().filter_map(|number| Some((number, &**self.rows.get(&number)?)))
    }

    /// The rows with a key that begins so, from a number on, each once and with its number, the oldest first.
    pub(crate) fn with_prefix_from<'a>(
        &'a self,
        prefix: &str,
        first: u64,
    ) -> impl Iterator<Item = (u64, &'a T)> + use<'a, T> {
        self.rows_of(self.index.with_prefix(prefix).filter(|number| *number >= first).collect())
    }

    /// The first row that has a key.
    pub(crate) fn find(&self, key: &str) -> Option<&T> {
        self.with(key).next()
    }

    pub(crate) fn contains(&self, key: &str) -> bool {
        self.index.numbers(key, 0).next().is_some()
    }

    /// The first row that has a key, to be changed.
    pub(crate) fn get_mut(&mut self, key: &str) -> Option<&mut T> {
        let number = self.index.numbers(key, 0).next()?;
        self.touch(number)
    }

    /// The first row, to be changed.
    #[cfg(test)]
    pub(crate) fn first_mut(&mut self) -> Option<&mut T> {
        let number = self.rows.into_iter().next().map(|(number, _)| *number)?;
        self.touch(number)
    }

    /// Changes every row: for what happens seldom, for all of them are written.
    pub(crate) fn each_mut(&mut self, mut change: impl FnMut(&mut T)) {
        let numbers: Vec<u64> = self.rows.into_iter().map(|(number, _)| *number).collect();
        for number in numbers {
            self.touch(number).into_iter().for_each(&mut change);
        }
    }

    pub(crate) fn push(&mut self, row: T) {
        let number = self.next;
        self.next += 1;
        // The index has it at once, because a later part of the same change may look for it.
        let keys = row.keys();
        self.add_keys(number, &keys);
        self.changed.insert(number, keys);
        self.rows.insert_cow(number, Arc::new(row));
    }

    /// Removes the rows that have a key.
    pub(crate) fn remove(&mut self, key: &str) {
        let numbers: Vec<u64> = self.index.numbers(key, 0).collect();
        for number in numbers {
            self.take(number);
        }
    }

    /// Removes the oldest row.
    pub(crate) fn remove_first(&mut self) {
        let first = self.rows.into_iter().next().map(|(number, _)| *number);
        if let Some(number) = first {
            self.take(number);
        }
    }

    /// Removes the rows that are not wanted.
    pub(crate) fn retain(&mut self, wanted: impl Fn(&T) -> bool) {
        let gone = self.rows.into_iter().filter(|(_, row)| !wanted(row)).map(|(number, _)| *number);
        gone.collect::<Vec<_>>().into_iter().for_each(|number| self.take(number));
    }

    /// A row to be changed; its keys are looked at again when the change is kept.
    fn touch(&mut self, number: u64) -> Option<&mut T> {
        let row = self.rows.get_mut_cow(&number)?;
        self.changed.entry(number).or_insert_with(|| row.keys());
        Some(Arc::make_mut(row))
    }

    fn take(&mut self, number: u64) {
        let Some(row) = self.rows.remove_cow(&number) else { return };
        let indexed = self.changed.insert(number, Vec::new()).unwrap_or_else(|| row.keys());
        self.remove_keys(number, &indexed);
    }

    fn add_keys(&mut self, number: u64, keys: &[String]) {
        for key in keys {
            self.index.add(key, number);
        }
    }

    fn remove_keys(&mut self, number: u64, keys: &[String]) {
        for key in keys {
            self.index.remove(key, number);
        }
    }
}

impl<T: Row> Stored for Table<T> {
    fn changes(&mut self) -> Vec<(u64, Value)> {
        let mut all = Vec::new();
        for (number, indexed) in std::mem::take(&mut self.changed) {
            let row = self.rows.get(&number).cloned();
            if let Some(row) = &row {
                let keys = row.keys();
                if keys != indexed {
                    self.remove_keys(number, &indexed);
                    self.add_keys(number, &keys);
                }
            }
            all.push((number, row.map_or(Value::Null, |row| json_of(&*row))));
        }
        all
    }

    fn all(&self) -> Vec<(u64, Value)> {
        self.rows.into_iter().map(|(number, row)| (*number, json_of(&**row))).collect()
    }

    fn apply(&mut self, number: u64, row: Value) -> Result<(), serde_json::Error> {
        if let Some(old) = self.rows.remove_cow(&number) {
            self.remove_keys(number, &old.keys());
        }
        if !row.is_null() {
            let row: T = serde_json::from_value(row)?;
            self.add_keys(number, &row.keys());
            self.rows.insert_cow(number, Arc::new(row));
        }
        self.next = self.next.max(number + 1);
        Ok(())
    }
}

/// Everything that is kept is made of texts, numbers and maps by text, which JSON can hold.
fn json_of<T: Serialize>(row: &T) -> Value {
    serde_json::to_value(row).unwrap_or_else(|error| {
        tracing::error!(%error, "a resource cannot be written");
        Value::Null
    })
}

impl<T> Clone for Table<T> {
    fn clone(&self) -> Self {
        let (rows, index) = (self.rows.clone(), self.index.clone());
        Self { rows, index, next: self.next, changed: self.changed.clone() }
    }
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self { rows: Map::new(), index: Index::new(), next: 0, changed: BTreeMap::new() }
    }
}

impl<T: Row> FromIterator<T> for Table<T> {
    fn from_iter<I: IntoIterator<Item = T>>(rows: I) -> Self {
        let mut table = Self::default();
        rows.into_iter().for_each(|row| table.push(row));
        table
    }
}

impl<T: Row> Extend<T> for Table<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, rows: I) {
        rows.into_iter().for_each(|row| self.push(row));
    }
}

impl<T: std::fmt::Debug + Row> std::fmt::Debug for Table<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl<'a, T: Row> IntoIterator for &'a Table<T> {
    type Item = &'a T;
    type IntoIter = Box<dyn DoubleEndedIterator<Item = &'a T> + 'a>;

    fn into_iter(self) -> Self::IntoIter {
        Box::new(self.iter())
    }
}

#[cfg(test)]
impl<T: Row> std::ops::Index<usize> for Table<T> {
    type Output = T;

    fn index(&self, at: usize) -> &T {
        self.iter().nth(at).expect("a row")
    }
}

#[cfg(test)]
impl<T: Row> Table<T> {
    /// Removes the newest row.
    pub(crate) fn pop(&mut self) {
        let last = self.rows.into_iter().next_back().map(|(number, _)| *number);
        if let Some(number) = last {
            self.take(number);
        }
    }
}

impl Row for String {
    fn keys(&self) -> Vec<String> {
        vec![self.clone()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_keeps_what_the_original_changes() {
        let mut table: Table<String> = ["a", "b", "c"].map(str::to_owned).into_iter().collect();
        let copy = table.clone();
        table.remove("b");
        "d".clone_into(table.get_mut("c").unwrap());
        table.changes();
        assert_eq!(table.iter().collect::<Vec<_>>(), ["a", "d"]);
        assert!(table.contains("d") && !table.contains("c") && !table.contains("b"));
        assert_eq!(copy.iter().collect::<Vec<_>>(), ["a", "b", "c"]);
        assert!(copy.contains("b") && copy.contains("c") && !copy.contains("d"));
    }

    #[test]
    fn its_changes_make_the_same_table_again() {
        let mut table: Table<String> = (0..100).map(|n| format!("k{}", n % 10)).collect();
        let mut again = Table::<String>::default();
        let copy = |table: &mut Table<String>, again: &mut Table<String>| {
            let changes = table.changes();
            let count = changes.len();
            for (number, row) in changes {
                again.apply(number, row).unwrap();
            }
            assert_eq!(table.iter().collect::<Vec<_>>(), again.iter().collect::<Vec<_>>());
            count
        };
        assert_eq!(copy(&mut table, &mut again), 100);
        assert_eq!(again.with("k3").count(), 10);
        table.remove("k3");
        table.push("k3".into());
        "new".clone_into(table.first_mut().unwrap());
        table.remove_first();
        assert_eq!(copy(&mut table, &mut again), 12);
        assert_eq!(
            [again.with("k3").count(), again.with("k0").count(), again.with("new").count()],
            [1, 9, 0]
        );
        assert_eq!(copy(&mut table, &mut again), 0, "nothing has changed since");
        again.push("later".into());
        assert_eq!(again.len(), 91, "numbers are not used again");
    }
}
