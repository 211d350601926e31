//! Secrets: SecureStrings of Systems Manager.

use super::parameter::{self, ARN};
use crate::kind::prelude::*;

/// A random secret, made where the call is made and stored as a SecureString before anything uses it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Secret {
    /// Parameter path.
    pub path: String,
    /// What it is for.
    pub description: String,
    /// Number of letters and digits.
    pub length: usize,
}

impl Kind for Secret {
    fn describe(&self) -> String {
        format!("secret {}", self.path)
    }
    fn own_name(&mut self) -> Option<&mut String> {
        Some(&mut self.path)
    }
    fn properties(&self) -> Properties<'_> {
        Properties { secret: SecretUse::Keeps(&self.path), ..Properties::free(UndoStage::Parts, None) }
    }
    fn arns() -> &'static [Arn] {
        &[ARN]
    }
    fn make_line(&self, planned: &Planned) -> Line {
        parameter::put(&self.path, "SecureString", &self.description)
            .random("value", self.length)
            .tags(&planned.tags)
    }
    fn undo_line(&self, _: &str) -> Option<Line> {
        Some(parameter::delete(&self.path))
    }
    fn tag_line(&self, _: &Planned, _: &Place) -> Option<Line> {
        Some(parameter::tag(&self.path))
    }
}
