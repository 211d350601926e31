//! Values in ElastiCache parameter groups.

use super::parameters::{listed, parameters_line};
use crate::kind::prelude::*;

/// Values set in a cache parameter group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CacheParameters {
    /// Group name.
    pub group: String,
    /// Parameter and value.
    pub values: BTreeMap<String, String>,
}

impl Kind for CacheParameters {
    fn describe(&self) -> String {
        format!("{} in {}", listed(&self.values), self.group)
    }
    fn own_name(&mut self) -> Option<&mut String> {
        None
    }
    fn properties(&self) -> Properties<'_> {
        Properties::part(Nature::Setting(&self.group))
    }
    fn arns() -> &'static [Arn] {
        &[]
    }
    fn make_line(&self, _: &Planned) -> Line {
        parameters_line(&self.group, &self.values)
    }
    fn undo_line(&self, _: &str) -> Option<Line> {
        None
    }
    fn tag_line(&self, _: &Planned, _: &Place) -> Option<Line> {
        None
    }
}
