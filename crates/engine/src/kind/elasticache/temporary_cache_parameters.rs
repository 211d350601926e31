//! Values in ElastiCache parameter groups for a while.

use super::parameters::{listed, parameters_line};
use crate::kind::prelude::*;

/// Values set in a cache parameter group for as long as a lesson takes; undoing it puts back what was there before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TemporaryCacheParameters {
    /// Group name.
    pub group: String,
    /// Parameter and value.
    pub values: BTreeMap<String, String>,
    /// The same parameters as they were.
    pub before: BTreeMap<String, String>,
}

impl Kind for TemporaryCacheParameters {
    fn describe(&self) -> String {
        format!("{} in {}, for a lesson", listed(&self.values), self.group)
    }
    fn own_name(&mut self) -> Option<&mut String> {
        None
    }
    fn properties(&self) -> Properties<'_> {
        Properties::part(Nature::TemporarySetting(&self.group))
    }
    fn arns() -> &'static [Arn] {
        &[]
    }
    fn make_line(&self, _: &Planned) -> Line {
        parameters_line(&self.group, &self.values)
    }
    fn undo_line(&self, _: &str) -> Option<Line> {
        Some(parameters_line(&self.group, &self.before))
    }
    fn tag_line(&self, _: &Planned, _: &Place) -> Option<Line> {
        None
    }
}
