//! The key of a session's notes: a SecureString of Systems Manager.

use super::parameter::{self, ARN};
use crate::kind::prelude::*;

/// The key with which a session signs its notes. It is the first thing that a session makes and the last that goes: its
/// tags say whose the session is. No recipe makes one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NoteKey {
    /// Parameter path.
    pub path: String,
    /// What it is for.
    pub description: String,
    /// The file on this machine that holds it.
    pub file: String,
}

impl Kind for NoteKey {
    fn describe(&self) -> String {
        format!("key {}", self.path)
    }
    fn own_name(&mut self) -> Option<&mut String> {
        Some(&mut self.path)
    }
    fn properties(&self) -> Properties<'_> {
        Properties { secret: SecretUse::Keeps(&self.path), ..Properties::free(UndoStage::Key, None) }
    }
    fn arns() -> &'static [Arn] {
        &[ARN]
    }
    fn make_line(&self, planned: &Planned) -> Line {
        parameter::put(&self.path, "SecureString", &self.description)
            .file("value", &self.file)
            .tags(&planned.tags)
    }
    fn undo_line(&self, _: &str) -> Option<Line> {
        Some(parameter::delete(&self.path))
    }
    fn tag_line(&self, _: &Planned, _: &Place) -> Option<Line> {
        Some(parameter::tag(&self.path))
    }
}
