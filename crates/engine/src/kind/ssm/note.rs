//! Notes: plain parameters of Systems Manager.

use crate::kind::prelude::*;

/// How IAM knows it.
const ARN: Arn = Arn { service: "ssm", resource: "parameter", concerns: |_| true };

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
        Line::new("ssm", "put-parameter")
            .arg("name", &self.path)
            .arg("type", "String")
            .arg("description", &self.description)
            .arg("value", &self.text)
            .tags(&planned.tags)
    }
    fn undo_line(&self, _: &str) -> Option<Line> {
        Some(Line::new("ssm", "delete-parameter").arg("name", &self.path))
    }
    fn tag_line(&self, _: &Planned, _: &Place) -> Option<Line> {
        Some(
            Line::new("ssm", "add-tags-to-resource")
                .arg("resource-type", "Parameter")
                .arg("resource-id", &self.path),
        )
    }
}
