//! Filters of the describe operations: a filter looks at the answer that it lets through, as `filters.txt` says.

use crate::{
    model::{
        account::table::{Row, Table},
        error::ApiError,
        node::Node,
        params::Params,
        tag,
    },
    services::iam::matches,
};
use std::{collections::BTreeMap, sync::LazyLock};

/// Where the value of a filter is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Elements of the answer.
    At(&'static str),
    /// Everything has this value.
    Always(&'static str),
    /// Worked out by the operation.
    Computed,
    /// Nothing has any.
    Nowhere,
    /// AWS has some, and the sandbox does not.
    Unknown,
    /// Tags, by this key.
    Tag,
    /// Keys of tags.
    TagKey,
}

type Places = BTreeMap<&'static str, BTreeMap<&'static str, Place>>;

static TABLE: LazyLock<Places> = LazyLock::new(|| {
    let (mut table, mut operation) = (Places::new(), "");
    for line in include_str!("filters.txt").lines().filter(|l| !l.is_empty() && !l.starts_with('#')) {
        let Some(line) = line.strip_prefix("  ") else {
            operation = line;
            continue;
        };
        let known = table.entry(operation).or_default();
        match line.split_once(' ') {
            None => {
                known.insert("tag:", Place::Tag);
                known.insert("tag-key", Place::TagKey);
            }
            Some(("-", names)) => known.extend(names.split(' ').map(|name| (name, Place::Nowhere))),
            Some(("?", names)) => known.extend(names.split(' ').map(|name| (name, Place::Unknown))),
            Some((name, "*")) => drop(known.insert(name, Place::Computed)),
            Some((name, value)) => {
                let place = value.strip_prefix('=').map_or(Place::At(value), Place::Always);
                known.insert(name.trim_start_matches('~'), place);
            }
        }
    }
    table
});

/// A filter whose value is a row's key, and how the key is written.
pub(super) type Key<'a> = (&'a str, fn(&str) -> String);

/// The filters of one request: all must hold, each by any of its values.
pub(super) struct Filters(Vec<(String, Place, Vec<String>)>);

impl Filters {
    /// Reads `Filter.N.Name` and `Filter.N.Value.M` of an operation's request.
    pub(super) fn read(p: &Params, operation: &str) -> Result<Self, ApiError> {
        let invalid = |text| Err(ApiError::bad("InvalidParameterValue", text));
        let mut filters = Vec::new();
        for filter in p.structs("Filter") {
            let name = filter.required("Name")?.to_owned();
            let known = TABLE.get(operation).and_then(|known| {
                if name.strip_prefix("tag:").is_some_and(|key| !key.is_empty()) {
                    return known.get("tag:");
                }
                known.get(name.as_str()).filter(|place| **place != Place::Tag)
            });
            let place = match known {
                None => return invalid(format!("The filter '{name}' is invalid")),
                Some(Place::Unknown) => {
                    return invalid(format!(
                        "The recipe-walk sandbox does not implement the filter '{name}'"
                    ));
                }
                Some(place) => *place,
            };
            let values = filter.list("Value");
            if values.is_empty() {
                return invalid(format!("The filter '{name}' must have at least one value"));
            }
            filters.push((name, place, values));
        }
        Ok(Self(filters))
    }

    /// Whether an answer's element passes.
    pub(super) fn pass(&self, element: &Node) -> bool {
        self.pass_with(element, |_| Vec::new())
    }

    /// The same for an operation that works some values out.
    pub(super) fn pass_with(&self, element: &Node, computed: impl Fn(&str) -> Vec<String>) -> bool {
        self.0.iter().all(|(name, place, wanted)| {
            let fits = |value: &str| wanted.iter().any(|pattern| matches(pattern, value, false));
            match place {
                Place::At(path) => element.texts(path).iter().any(|value| !value.is_empty() && fits(value)),
                Place::Always(value) => fits(value),
                Place::Computed => computed(name).iter().any(|value| fits(value)),
                Place::Tag => element.texts_of_tag(name.trim_start_matches("tag:")).iter().any(|v| fits(v)),
                Place::TagKey => element.texts("tagSet/item/key").iter().any(|key| fits(key)),
                Place::Nowhere | Place::Unknown => false,
            }
        })
    }

    /// Those of a list that pass.
    pub(super) fn apply(&self, items: impl IntoIterator<Item = Node>) -> impl Iterator<Item = Node> {
        items.into_iter().filter(|item| self.pass(item))
    }

    /// The rows of a table that may pass, from a number on: those that a filter for exact values finds by a key. `keys`
    /// says by which, where it is not by a tag.
    pub(super) fn candidates<'t, T: Row>(
        &self,
        table: &'t Table<T>,
        keys: &[Key<'_>],
        first: u64,
    ) -> Box<dyn Iterator<Item = (u64, &'t T)> + 't> {
        let found = self.0.iter().find_map(|(name, _, values)| {
            let key: Box<dyn Fn(&str) -> String> = match name.strip_prefix("tag:") {
                Some(tag) => Box::new(|value| tag::index(tag, value)),
                None => Box::new(keys.iter().find(|(known, _)| known == name)?.1),
            };
            let exact = !values.iter().any(|value| value.contains(['*', '?']));
            exact.then(|| values.iter().map(|value| key(value)).collect::<Vec<_>>())
        });
        match found {
            Some(keys) => Box::new(table.with_any_from(&keys, first)),
            None => Box::new(table.from(first)),
        }
    }

    /// The values of a filter, if they are exact.
    pub(super) fn exact(&self, name: &str) -> Option<&[String]> {
        let values = self.0.iter().find(|(own, ..)| own == name).map(|(_, _, values)| values.as_slice())?;
        (!values.iter().any(|value| value.contains(['*', '?']))).then_some(values)
    }
}

impl Node {
    /// The values of the tags with a key; of what is a tag itself, its own.
    fn texts_of_tag(&self, key: &str) -> Vec<&str> {
        let own = self.texts("key") == [key];
        let of = |tag: &'_ Node| tag.texts("key") == [key];
        if own {
            return self.texts("value");
        }
        self.at("tagSet/item").into_iter().filter(|tag| of(tag)).flat_map(|tag| tag.texts("value")).collect()
    }
}
