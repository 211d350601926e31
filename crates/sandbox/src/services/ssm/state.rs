//! What SSM holds.

use crate::model::{status::ResourceStatus, tag::Tag};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Everything of SSM. Scripts and their output are in files of their own: they are large and would make every other
/// change slow to write.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct SsmState {
    /// Parameters, in the order they were made.
    #[serde(default)]
    pub parameters: Vec<Parameter>,
    /// Commands, the newest last.
    #[serde(default)]
    pub commands: Vec<Command>,
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
        self.parameters.iter().find(|p| p.name == name)
    }

    /// A command by id.
    pub(crate) fn command(&self, id: &str) -> Option<&Command> {
        self.commands.iter().find(|c| c.id == id)
    }

    /// The tags of the parameter with this ARN.
    pub(crate) fn tags_of(&self, region: &str, account: &str, arn: &str) -> Vec<Tag> {
        let found = self.parameters.iter().find(|p| p.arn(region, account) == arn);
        found.map(|p| p.tags.clone()).unwrap_or_default()
    }

    /// What a user created here, for the status.
    pub(crate) fn resources(&self) -> Vec<ResourceStatus> {
        self.parameters.iter().map(|p| ResourceStatus::new("ssm:parameter", &p.name, "")).collect()
    }
}
