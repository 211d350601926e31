//! Where in a file something stands.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A step on the way to a value.
#[derive(Debug, Clone, Copy)]
pub(super) enum At<'a> {
    /// The value of a key.
    Key(&'a str),
    /// An element of a list.
    Nth(usize),
}

/// A TOML file with its places.
pub(super) struct Source<'a> {
    /// Where each line but the first begins.
    starts: Vec<usize>,
    table: Option<Spanned<DeTable<'a>>>,
}

impl<'a> Source<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let starts = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        Self { starts: starts.collect(), table: DeTable::parse(text).ok() }
    }

    /// The line of a place in the text, from one on.
    pub(super) fn line_at(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset) + 1
    }

    /// The line of the key or the element at the end of the way, or of the last one that is there.
    pub(super) fn line(&self, way: &[At<'_>]) -> usize {
        let Some(table) = &self.table else { return 1 };
        let mut offset = 0;
        let (mut table, mut list) = (Some(table.get_ref()), None);
        for at in way {
            let value: Option<&Spanned<DeValue<'_>>> = match at {
                At::Key(key) => table.and_then(|table: &DeTable<'_>| {
                    let (key, value) = table.get_key_value(*key)?;
                    offset = key.span().start;
                    Some(value)
                }),
                At::Nth(index) => list.and_then(|list: &toml::de::DeArray<'_>| {
                    let value = list.get(*index)?;
                    offset = value.span().start;
                    Some(value)
                }),
            };
            (table, list) = match value.map(Spanned::get_ref) {
                Some(DeValue::Table(inner)) => (Some(inner), None),
                Some(DeValue::Array(inner)) => (None, Some(inner)),
                _ => break,
            };
        }
        self.line_at(offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_elements_are_found_where_they_are_there() {
        let source =
            Source::new("a = 1\n[[step]]\nid = \"x\"\n[[step]]\nid = \"y\"\nrun = { one = 1,\n two = 2 }\n");
        let line = |way: &[At<'_>]| source.line(way);
        assert_eq!(line(&[At::Key("a")]), 1);
        assert_eq!(line(&[At::Key("step"), At::Nth(1)]), 4);
        assert_eq!(line(&[At::Key("step"), At::Nth(1), At::Key("id")]), 5);
        assert_eq!(line(&[At::Key("step"), At::Nth(1), At::Key("run"), At::Key("two")]), 7);
        assert_eq!(line(&[At::Key("step"), At::Nth(1), At::Key("pony")]), 4);
        assert_eq!(Source::new("a = ").line(&[At::Key("a")]), 1);
    }
}
