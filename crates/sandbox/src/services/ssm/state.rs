//! What SSM holds.

use crate::model::{
    account::table::{Row, State, Stored, Table},
    status::ResourceStatus,
    tag::{self, Tag},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The document that runs shell scripts, the only one here.
pub(super) const DOCUMENT: &str = "AWS-RunShellScript";

/// Everything of SSM. Scripts and their output are in files of their own: they are large and would make every other
/// change slow to write.
#[derive(Clone, Debug, Default)]
pub(crate) struct SsmState {
    /// Parameters, in the order they were made.
    pub(crate) parameters: Table<Parameter>,
    /// Commands, the newest last.
    pub(crate) commands: Table<Command>,
}

/// A parameter.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Parameter {
    /// With its leading slash if it has one.
    pub name: String,
    /// `String`, `StringList` or `SecureString`.
    pub kind: String,
    /// In the clear, whatever its type: the file is readable by its owner only.
    pub value: String,
    /// From 1.
    pub version: i64,
    /// Earlier versions and their values.
    pub earlier: Vec<(i64, String)>,
    /// When this version was written.
    pub modified: Timestamp,
    /// Free text.
    pub description: Option<String>,
    /// Tags.
    pub tags: Vec<Tag>,
}

impl State for SsmState {
    fn tables(&mut self) -> Vec<(&'static str, &mut dyn Stored)> {
        vec![("parameters", &mut self.parameters), ("commands", &mut self.commands)]
    }
}

impl Row for Parameter {
    fn keys(&self) -> Vec<String> {
        std::iter::once(self.name.clone()).chain(tag::indices(&self.tags)).collect()
    }
}

impl Row for Command {
    fn keys(&self) -> Vec<String> {
        vec![self.id.clone()]
    }
}

impl std::fmt::Debug for Parameter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Parameter").field("name", &self.name).finish_non_exhaustive()
    }
}

/// A command that was sent.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Command {
    /// A UUID.
    pub id: String,
    /// Free text.
    pub comment: String,
    /// When it was sent.
    pub requested: Timestamp,
    /// Seconds that delivery may take.
    pub delivery_timeout: i64,
    /// Seconds that the script may take.
    pub execution_timeout: u64,
    /// Where the script runs.
    pub working_directory: Option<String>,
    /// One for each instance.
    pub invocations: Vec<Invocation>,
}

/// A command on one instance.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Invocation {
    /// The instance.
    pub instance: String,
    /// `Pending`, `InProgress`, `Success`, `Failed`, `TimedOut` or `Cancelled`.
    pub status: String,
    /// The finer word.
    pub details: String,
    /// The script's exit code, -1 until there is one.
    pub code: i32,
    /// When the script was started.
    pub started: Option<Timestamp>,
    /// When it ended.
    pub ended: Option<Timestamp>,
}

impl Invocation {
    /// Whether nothing more will come of it.
    pub(crate) fn is_over(&self) -> bool {
        !matches!(self.status.as_str(), "Pending" | "InProgress")
    }
}

impl Parameter {
    /// Its ARN.
    pub(crate) fn arn(&self, region: &str, account: &str) -> String {
        let slash = if self.name.starts_with('/') { "" } else { "/" };
        crate::model::arn::arn("ssm", region, account, &format!("parameter{slash}{}", self.name))
    }
}

impl SsmState {
    /// A parameter by name.
    pub(crate) fn parameter(&self, name: &str) -> Option<&Parameter> {
        self.parameters.find(name).filter(|p| p.name == name)
    }

    /// A command by id.
    pub(crate) fn command(&self, id: &str) -> Option<&Command> {
        self.commands.find(id)
    }

    /// The tags of a parameter.
    pub(crate) fn tags_of(&self, name: &str) -> &[Tag] {
        self.parameter(name).map(|p| p.tags.as_slice()).unwrap_or_default()
    }

    /// What a user created here, for the status.
    pub(crate) fn resources(&self) -> Vec<ResourceStatus> {
        self.parameters.iter().map(|p| ResourceStatus::new("ssm:parameter", &p.name, "")).collect()
    }
}
