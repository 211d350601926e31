//! `refusals.txt`: what is sent, and what is to come back.

use std::collections::BTreeMap;

const TEXT: &str = include_str!("../refusals.txt");

/// A line of the source and what belongs to it.
pub(super) struct Entry {
    pub(super) name: &'static str,
    pub(super) lines: Vec<&'static str>,
}

pub(super) struct Book {
    pub(super) short: BTreeMap<&'static str, (&'static str, &'static str, &'static str)>,
    pub(super) entries: Vec<Entry>,
}

pub(super) fn book() -> Book {
    let mut book = Book { short: BTreeMap::new(), entries: Vec::new() };
    for line in TEXT.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(rest) = line.strip_prefix("= ") {
            let mut words = rest.splitn(4, ' ');
            let mut next = || words.next().unwrap();
            book.short.insert(next(), (next(), next(), next()));
        } else if line.starts_with("docs/") {
            book.entries.push(Entry { name: line, lines: Vec::new() });
        } else {
            book.entries.last_mut().unwrap().lines.push(line);
        }
    }
    book
}
