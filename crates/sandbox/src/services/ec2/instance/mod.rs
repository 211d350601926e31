//! An instance: what it is, and which state follows from its times.

pub(crate) mod attribute;
pub(crate) mod launch;
pub(crate) mod lifecycle;
mod placement;
mod settings;
pub(crate) mod view;
pub(crate) mod volume;

use crate::model::{node::Node, tag::Tag};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// How long EC2 still shows a terminated instance.
pub(crate) const VISIBLE_AFTER_END: SignedDuration = SignedDuration::from_hours(1);

/// An instance. Its state is not stored but follows from the times, so that a crash in between changes nothing.
#[allow(clippy::struct_field_names)] // `instance_type` is the service's own word.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Instance {
    /// `i-…`
    pub id: String,
    /// `r-…`
    pub reservation: String,
    /// Its place among the instances of one launch.
    pub launch_index: usize,
    /// `ami-…`
    pub image: String,
    /// `x86_64` or `arm64`.
    pub architecture: String,
    /// For example `t3.micro`.
    pub instance_type: String,
    /// Where it is.
    pub subnet_id: String,
    /// Where it is.
    pub vpc_id: String,
    /// Where it is.
    pub zone: String,
    /// In the subnet's range.
    pub private_ip: String,
    /// Whether it was given a public address.
    pub public_ip: Option<String>,
    /// Ids of its security groups.
    pub groups: Vec<String>,
    /// The instance profile's name.
    pub profile: Option<String>,
    /// The instance profile's ARN.
    pub profile_arn: Option<String>,
    /// The client token and a digest of the arguments that came with it.
    pub token: Option<(String, String)>,
    /// Tags.
    pub tags: Vec<Tag>,
    /// When RunInstances was called.
    pub launched: Timestamp,
    /// When it is `running`.
    pub running_at: Timestamp,
    /// When its agent reaches SSM, if it can at all.
    pub online_at: Timestamp,
    /// When it is `terminated`, once TerminateInstances was called or its launch has failed.
    pub terminated_at: Option<Timestamp>,
    /// Whether its launch fails: it ends by itself instead of running. A fault on demand.
    #[serde(default)]
    pub doomed: bool,
    /// `stop` or `terminate`.
    pub shutdown_behavior: String,
    /// `required` means IMDSv2 only.
    pub http_tokens: String,
    /// Hops that a metadata answer may take.
    pub http_hops: i64,
    /// `standard` or `unlimited`.
    pub cpu_credits: String,
    /// Detailed monitoring.
    pub monitoring: bool,
    /// In base64, as it was given.
    #[serde(default)]
    pub user_data: Option<String>,
    /// Whether that was asked for.
    #[serde(default)]
    pub ebs_optimized: bool,
    /// Whether instance metadata can be asked at all.
    #[serde(default = "enabled")]
    pub http_endpoint: String,
    /// Whether instance metadata has the tags.
    #[serde(default = "disabled")]
    pub metadata_tags: String,
    /// The root volume.
    pub volume: Volume,
    /// The only network interface.
    pub interface: Interface,
}

/// A root volume.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Volume {
    /// `vol-…`
    pub id: String,
    /// GiB.
    pub size: i64,
    /// Whether it goes with the instance.
    pub delete_on_termination: bool,
    /// Whether it is encrypted.
    #[serde(default)]
    pub encrypted: bool,
    /// For example `gp3`.
    #[serde(default = "gp3")]
    pub kind: String,
    /// Operations a second, where the kind has a number of them.
    #[serde(default)]
    pub iops: Option<i64>,
    /// MiB a second, for gp3.
    #[serde(default)]
    pub throughput: Option<i64>,
    /// Tags.
    pub tags: Vec<Tag>,
}

fn enabled() -> String {
    "enabled".into()
}

fn disabled() -> String {
    "disabled".into()
}

fn gp3() -> String {
    "gp3".into()
}

/// A network interface.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Interface {
    /// `eni-…`
    pub id: String,
    /// `eni-attach-…`
    pub attachment: String,
    /// Six bytes in hexadecimal.
    pub mac: String,
    /// Tags.
    pub tags: Vec<Tag>,
}

/// What EC2 calls an instance's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum InstanceState {
    /// Starting.
    Pending,
    /// Up.
    Running,
    /// Ending.
    ShuttingDown,
    /// Gone, still shown for an hour.
    Terminated,
}

impl InstanceState {
    /// AWS's word.
    pub(crate) fn name(self) -> &'static str {
        match self {
            InstanceState::Pending => "pending",
            InstanceState::Running => "running",
            InstanceState::ShuttingDown => "shutting-down",
            InstanceState::Terminated => "terminated",
        }
    }

    /// AWS's number.
    pub(crate) fn code(self) -> u16 {
        match self {
            InstanceState::Pending => 0,
            InstanceState::Running => 16,
            InstanceState::ShuttingDown => 32,
            InstanceState::Terminated => 48,
        }
    }

    /// Whether it holds no resources any more.
    pub(crate) fn is_terminated(self) -> bool {
        self == InstanceState::Terminated
    }

    pub(crate) fn element(self, name: &'static str) -> Node {
        Node::new(name).leaf("code", self.code()).leaf("name", self.name())
    }
}

impl Instance {
    /// Its state at a time.
    pub(crate) fn state(&self, now: Timestamp) -> InstanceState {
        match self.terminated_at {
            Some(end) if end <= now => InstanceState::Terminated,
            Some(_) if self.doomed => InstanceState::Pending,
            Some(_) => InstanceState::ShuttingDown,
            None if self.running_at <= now => InstanceState::Running,
            None => InstanceState::Pending,
        }
    }

    pub(crate) fn is_visible(&self, now: Timestamp) -> bool {
        self.terminated_at.is_none_or(|end| end + VISIBLE_AFTER_END > now)
    }
}
