//! Filters of the describe operations: a filter looks at the answer that it lets through, as `filters.txt` says.

use crate::{
    model::{error::ApiError, params::Params},
    protocol::xml::Element,
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

type Table = BTreeMap<&'static str, BTreeMap<&'static str, Place>>;

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let (mut table, mut operation) = (Table::new(), "");
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
    pub(super) fn pass(&self, element: &Element) -> bool {
        self.pass_with(element, |_| Vec::new())
    }

    /// The same for an operation that works some values out.
    pub(super) fn pass_with(&self, element: &Element, computed: impl Fn(&str) -> Vec<String>) -> bool {
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
    pub(super) fn apply(&self, items: impl IntoIterator<Item = Element>) -> Vec<Element> {
        items.into_iter().filter(|item| self.pass(item)).collect()
    }
}

impl Element {
    /// The values of the tags with a key; of what is a tag itself, its own.
    fn texts_of_tag(&self, key: &str) -> Vec<&str> {
        let own = self.texts("key") == [key];
        let of = |tag: &'_ Element| tag.texts("key") == [key];
        if own {
            return self.texts("value");
        }
        self.at("tagSet/item").into_iter().filter(|tag| of(tag)).flat_map(|tag| tag.texts("value")).collect()
    }
}
