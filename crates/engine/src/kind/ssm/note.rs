//! Notes: plain parameters of Systems Manager.

use super::parameter::{self, ARN};
use crate::kind::prelude::*;

/// A plain parameter: a text of the recipe, or what the session keeps about itself. It is deleted last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Note {
    /// Parameter path.
    pub path: String,
    /// What it is for.
    pub description: String,
    /// What it says.
    pub text: String,
}

impl Kind for Note {
    fn describe(&self) -> String {
        format!("note {}", self.path)
    }
    fn own_name(&mut self) -> Option<&mut String> {
        Some(&mut self.path)
    }
    fn properties(&self) -> Properties<'_> {
        Properties::free(UndoStage::Notes, None)
    }
    fn arns() -> &'static [Arn] {
        &[ARN]
    }
    fn make_line(&self, planned: &Planned) -> Line {
        parameter::put(&self.path, "String", &self.description).arg("value", &self.text).tags(&planned.tags)
    }
    fn undo_line(&self, _: &str) -> Option<Line> {
        Some(parameter::delete(&self.path))
    }
    fn tag_line(&self, _: &Planned, _: &Place) -> Option<Line> {
        Some(parameter::tag(&self.path))
    }
}
