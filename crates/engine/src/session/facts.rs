//! What is known so far: ids, endpoints, versions. Folded from the journal; nothing else holds such state.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The fact that tells who walks, by their ARN.
pub const CALLER: &str = "caller";

/// Known facts by key: `vpc`, `subnets` (comma-separated), `<action>.id`, `<action>.<attribute>`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Facts(BTreeMap<String, String>);

/// A fact that a plan needs and that nobody has found out yet.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not known yet: an earlier step has to run first")]
pub struct MissingFact(pub String);

impl Facts {
    /// The fact's value.
    pub fn get(&self, key: &str) -> Result<&str, MissingFact> {
        self.0.get(key).map(String::as_str).ok_or_else(|| MissingFact(key.to_owned()))
    }

    /// The fact as a list.
    pub fn list(&self, key: &str) -> Result<Vec<String>, MissingFact> {
        Ok(self.get(key)?.split(',').map(str::to_owned).collect())
    }

    /// Adds or replaces a fact.
    pub fn set(&mut self, key: impl Into<String>, value: impl Into<String>) {
        self.0.insert(key.into(), value.into());
    }

    /// Forgets everything about one resource.
    pub fn forget(&mut self, name: &str) {
        let prefix = format!("{name}.");
        let keys = self.0.range(prefix.clone()..).map(|(key, _)| key);
        let about: Vec<String> = keys.take_while(|key| key.starts_with(&prefix)).cloned().collect();
        for key in about {
            self.0.remove(&key);
        }
    }

    /// All facts, in order of their keys.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(k, v)| (k.as_str(), v.as_str()))
    }
}

impl<K: Into<String>, V: Into<String>> Extend<(K, V)> for Facts {
    fn extend<T: IntoIterator<Item = (K, V)>>(&mut self, items: T) {
        self.0.extend(items.into_iter().map(|(k, v)| (k.into(), v.into())));
    }
}
