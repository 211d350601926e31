//! Settings that hold for a while.

use crate::action::Action;
use crate::kind::{CacheParameters, TemporaryCacheParameters, listed};
use std::collections::BTreeMap;

impl Action {
    /// The same setting with other values for a while. None where it is no setting, or has them already.
    pub fn temporarily(&self, values: &BTreeMap<String, String>) -> Option<Self> {
        let Self::CacheParameters(CacheParameters { group, values: all }) = self else { return None };
        let before: BTreeMap<_, _> =
            values.keys().filter_map(|key| Some((key.clone(), all.get(key)?.clone()))).collect();
        let differs = before.len() == values.len() && before != *values;
        let (group, values) = (group.clone(), values.clone());
        differs.then(|| TemporaryCacheParameters { group, values, before }.into())
    }
    /// What undoing a temporary setting puts back, for a person.
    pub fn puts_back(&self) -> Option<String> {
        let Self::TemporaryCacheParameters(temporary) = self else { return None };
        Some(listed(&temporary.before))
    }
}
