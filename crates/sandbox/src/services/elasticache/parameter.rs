//! The parameters of the cache families, and what they mean to a real engine.

use std::collections::BTreeMap;

use super::node_type;
use crate::model::error::ApiError;
use crate::model::node::Node;
use crate::services::shared::name::bad_value;

const TABLE: &str = include_str!("parameters.txt");

/// Families the sandbox serves (docs/aws.md, "ElastiCache").
pub(super) const FAMILIES: &[&str] = &["redis6.x", "redis7", "valkey7", "valkey8"];

/// Parameters that are AWS's own, not the engine's, and those that the sandbox must keep for itself.
const NOT_THE_ENGINES: &[&str] = &[
    "reserved-memory-percent",
    "close-on-replica-write",
    "rename-commands",
    "databases",
    "acl-pubsub-default",
];

/// One parameter of a family.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parameter {
    pub name: &'static str,
    pub default: &'static str,
    kind: &'static str,
    allowed: &'static str,
    pub modifiable: bool,
    change: &'static str,
    since: &'static str,
    description: &'static str,
}

/// Checks a family's name.
pub(super) fn check_family(family: &str) -> Result<(), ApiError> {
    if FAMILIES.contains(&family) {
        Ok(())
    } else {
        Err(bad_value(format!("CacheParameterGroupFamily {family} is not a valid parameter group family.")))
    }
}

/// The parameters of a family, by name.
pub(super) fn all(family: &str) -> impl Iterator<Item = Parameter> {
    let six = family == "redis6.x";
    TABLE.lines().filter(|line| !line.starts_with('#')).filter_map(move |line| {
        let mut fields = line.split('|');
        let mut next = || fields.next().unwrap_or_default();
        let found = Parameter {
            name: next(),
            default: next(),
            kind: next(),
            allowed: next(),
            modifiable: next() == "true",
            change: next(),
            since: next(),
            description: next(),
        };
        // Redis 6 knows the older encodings under other names, which nothing here needs.
        (!six || !found.since.starts_with('7')).then_some(found)
    })
}

/// One parameter of a family by name.
pub(super) fn find(family: &str, name: &str) -> Result<Parameter, ApiError> {
    all(family)
        .find(|parameter| parameter.name == name)
        .ok_or_else(|| bad_value(format!("Parameter {name} doesn't exist")))
}

impl Parameter {
    /// Checks a new value.
    pub(super) fn check(&self, value: &str) -> Result<(), ApiError> {
        if !self.modifiable {
            return Err(bad_value(format!("Parameter {} is not modifiable.", self.name)));
        }
        let fits = match self.kind {
            _ if self.allowed == "*" => true,
            "integer" => value.parse::<i64>().is_ok_and(|number| in_ranges(self.allowed, number)),
            _ if self.allowed.starts_with('^') => {
                value.chars().all(|c| self.allowed.contains(c) && !"^[]*".contains(c))
            }
            _ => self.allowed.split(',').any(|one| one == value),
        };
        if fits {
            Ok(())
        } else {
            let (name, allowed) = (self.name, self.allowed);
            Err(bad_value(format!("Invalid value '{value}' for parameter {name}. Allowed values: {allowed}")))
        }
    }

    /// As DescribeCacheParameters shows it.
    pub(super) fn element(&self, changed: Option<&String>) -> Node {
        Node::new("Parameter")
            .leaf("ParameterName", self.name)
            .leaf("ParameterValue", changed.map_or(self.default, String::as_str))
            .leaf("Description", self.description)
            .leaf("Source", if changed.is_some() { "user" } else { "system" })
            .leaf("DataType", self.kind)
            .leaf("AllowedValues", self.allowed)
            .leaf("IsModifiable", self.modifiable)
            .leaf("MinimumEngineVersion", self.since)
            .leaf("ChangeType", self.change)
    }
}

/// Whether a number fits a list such as `-1,0-` or `1-75`; a range without an end has none.
fn in_ranges(allowed: &str, number: i64) -> bool {
    allowed.split(',').any(|one| {
        if let Ok(single) = one.parse::<i64>() {
            return single == number;
        }
        let at = one.rfind('-').unwrap_or(one.len());
        let low = one[..at].parse::<i64>().unwrap_or(i64::MIN);
        let high = one.get(at + 1..).and_then(|text| text.parse::<i64>().ok()).unwrap_or(i64::MAX);
        (low..=high).contains(&number)
    })
}

/// The settings that a real engine gets for a node type and the changed parameters.
pub(super) fn settings(
    family: &str,
    changed: &BTreeMap<String, String>,
    node: &str,
) -> BTreeMap<String, String> {
    let value = |name: &str| {
        let default = || find(family, name).map(|parameter| parameter.default.to_owned()).unwrap_or_default();
        changed.get(name).cloned().unwrap_or_else(default)
    };
    let reserved: u64 = value("reserved-memory-percent").parse().unwrap_or(25);
    let memory = node_type::memory(node).unwrap_or(536_870_912);
    // It is never zero, which would mean no limit at all.
    let usable = (memory / 100 * (100 - reserved.min(100))).max(2_097_152);
    let mut settings: BTreeMap<String, String> = changed
        .iter()
        .filter(|(name, _)| !NOT_THE_ENGINES.contains(&name.as_str()))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    settings.insert("maxmemory".into(), usable.to_string());
    // These defaults of AWS differ from the engine's own.
    for name in ["maxmemory-policy", "maxmemory-samples"] {
        settings.insert(name.into(), value(name));
    }
    settings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_parameter_is_whole_and_allows_its_default() {
        for parameter in all("redis7") {
            assert!(!parameter.description.is_empty(), "{}", parameter.name);
            if parameter.modifiable {
                assert_eq!(parameter.check(parameter.default), Ok(()), "{}", parameter.name);
            }
        }
        assert!(all("redis7").count() > 45);
        assert!(all("redis6.x").all(|parameter| !parameter.name.contains("listpack")));
    }

    #[test]
    fn refuses_values_out_of_range() {
        let check = |name, value| find("redis7", name).and_then(|parameter| parameter.check(value)).is_ok();
        assert!(check("maxmemory-policy", "allkeys-lru"));
        assert!(!check("maxmemory-policy", "all-keys"));
        assert!(check("timeout", "0") && check("timeout", "20") && !check("timeout", "5"));
        assert!(check("slowlog-log-slower-than", "-1") && !check("slowlog-log-slower-than", "-2"));
        assert!(!check("appendonly", "yes") && !check("no-such", "1"));
        assert!(check("notify-keyspace-events", "KEx") && !check("notify-keyspace-events", "Q"));
        assert!(check_family("redis7.x").is_err());
    }

    #[test]
    fn a_node_offers_its_memory_less_the_reserve() {
        let plain = settings("redis7", &BTreeMap::new(), "cache.t3.micro");
        assert_eq!(plain["maxmemory-policy"], "volatile-lru");
        assert_eq!(plain["maxmemory"], (536_870_912_u64 / 100 * 75).to_string());
        let small = BTreeMap::from([("reserved-memory-percent".to_owned(), "95".to_owned())]);
        assert!(
            settings("redis7", &small, "cache.t3.micro")["maxmemory"]
                .parse::<u64>()
                .is_ok_and(|m| m < 30_000_000)
        );
    }
}
