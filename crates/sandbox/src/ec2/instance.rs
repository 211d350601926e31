//! Instances: what they are, how they age, how they end.

use super::{Call, check_count, well_formed};
use crate::{
    ctx::Ctx, engines::instance as machine, error::ApiError, iam::agent_works, tag::Tag, wire::Element,
    world::World,
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::{path::Path, sync::Arc};

/// Seconds on AWS from RunInstances to `running`.
pub(super) const TO_RUNNING: f64 = 15.0;
/// Seconds on AWS from RunInstances until SSM sees the instance (AWS-FACTS section 4).
pub(super) const TO_ONLINE: f64 = 90.0;
/// Seconds on AWS from TerminateInstances to `terminated`.
const TO_TERMINATED: f64 = 40.0;
/// How long EC2 still shows a terminated instance.
pub(super) const VISIBLE_AFTER_END: SignedDuration = SignedDuration::from_hours(1);

/// An instance. Its state is not stored but follows from the times, so that a crash in between changes nothing.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Instance {
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
    /// The root volume.
    pub volume: Volume,
    /// The only network interface.
    pub interface: Interface,
}

/// A root volume.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Volume {
    /// `vol-…`
    pub id: String,
    /// GiB.
    pub size: i64,
    /// Whether it goes with the instance.
    pub delete_on_termination: bool,
    /// Tags.
    pub tags: Vec<Tag>,
}

/// A network interface.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Interface {
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
pub enum InstanceState {
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
    pub fn name(self) -> &'static str {
        match self {
            InstanceState::Pending => "pending",
            InstanceState::Running => "running",
            InstanceState::ShuttingDown => "shutting-down",
            InstanceState::Terminated => "terminated",
        }
    }

    /// AWS's number.
    pub fn code(self) -> u16 {
        match self {
            InstanceState::Pending => 0,
            InstanceState::Running => 16,
            InstanceState::ShuttingDown => 32,
            InstanceState::Terminated => 48,
        }
    }

    /// Whether it holds no resources any more.
    pub fn is_terminated(self) -> bool {
        self == InstanceState::Terminated
    }

    pub(super) fn element(self, name: &'static str) -> Element {
        Element::new(name).leaf("code", self.code()).leaf("name", self.name())
    }
}

impl Instance {
    /// Its state at a time.
    pub fn state(&self, now: Timestamp) -> InstanceState {
        match self.terminated_at {
            Some(end) if end <= now => InstanceState::Terminated,
            Some(_) if self.doomed => InstanceState::Pending,
            Some(_) => InstanceState::ShuttingDown,
            None if self.running_at <= now => InstanceState::Running,
            None => InstanceState::Pending,
        }
    }

    /// Whether SSM can send it commands: it runs, its agent had time to register, and its profile lets the agent work.
    pub fn is_online(&self, world: &World, now: Timestamp) -> bool {
        self.state(now) == InstanceState::Running
            && self.online_at <= now
            && agent_works(world, self.profile.as_deref())
    }

    pub(super) fn is_visible(&self, now: Timestamp) -> bool {
        self.terminated_at.is_none_or(|end| end + VISIBLE_AFTER_END > now)
    }
}

/// Refuses ids that EC2 refuses.
pub(super) fn check_ids(world: &World, ids: &[String], now: Timestamp) -> Result<(), ApiError> {
    if let Some(bad) = ids.iter().find(|id| !well_formed(id, "i")) {
        return Err(ApiError::bad("InvalidInstanceID.Malformed", format!("Invalid id: \"{bad}\"")));
    }
    let missing: Vec<&str> = ids
        .iter()
        .map(String::as_str)
        .filter(|id| !world.ec2.instance(id).is_some_and(|i| i.is_visible(now)))
        .collect();
    match missing.as_slice() {
        [] => Ok(()),
        [id] => {
            let text = format!("The instance ID '{id}' does not exist");
            Err(ApiError::bad("InvalidInstanceID.NotFound", text))
        }
        all => {
            let text = format!("The instance IDs '{}' do not exist", all.join(", "));
            Err(ApiError::bad("InvalidInstanceID.NotFound", text))
        }
    }
}

pub(super) fn terminate(call: &Call) -> Result<Element, ApiError> {
    let ids = call.p.list("InstanceId");
    if ids.is_empty() {
        let text = "The request must contain the parameter InstanceId";
        return Err(ApiError::bad("MissingParameter", text));
    }
    check_count(&ids)?;
    let now = call.ctx.now();
    let end = call.ctx.after(TO_TERMINATED);
    let items = call.change(|world| {
        check_ids(world, &ids, now)?;
        let mut items = Vec::new();
        for instance in world.ec2.instances.iter_mut().filter(|i| ids.contains(&i.id)) {
            let before = instance.state(now);
            instance.terminated_at.get_or_insert(end);
            // Its keys die with it.
            world.iam.sessions.retain(|s| s.instance != instance.id);
            items.push(
                Element::result()
                    .leaf("instanceId", &instance.id)
                    .child(instance.state(now).element("currentState"))
                    .child(before.element("previousState")),
            );
        }
        Ok(items)
    })?;
    for id in ids {
        clear_later(call.ctx, id, end);
    }
    Ok(Element::result().list("instancesSet", "item", items))
}

/// Removes an instance's directory once it is terminated.
pub(super) fn clear_later(ctx: &Arc<Ctx>, id: String, end: Timestamp) {
    let dir = ctx.dir.clone();
    let wait = std::time::Duration::try_from(end.duration_since(ctx.now())).unwrap_or_default();
    let task = Arc::clone(ctx);
    ctx.spawn(async move {
        tokio::time::sleep(wait).await;
        task.commands.cancel_all(&id);
        task.guard_ports_again();
        let done = tokio::task::spawn_blocking(move || clear(&dir, &id)).await;
        if let Err(error) = done {
            tracing::warn!(%error, "an instance's files were not removed");
        }
    });
}

fn clear(dir: &Path, id: &str) {
    if let Err(error) = machine::remove(dir, id) {
        tracing::warn!(%error, id, "an instance's files were not removed");
    }
}

/// Picks up what a previous run left half done.
pub(crate) fn resume(ctx: &Arc<Ctx>) {
    for instance in &ctx.world().ec2.instances {
        match instance.terminated_at {
            Some(end) => clear_later(ctx, instance.id.clone(), end),
            None => {
                if let Err(error) = machine::create(&ctx.dir, &instance.id) {
                    tracing::error!(%error, id = instance.id, "an instance's directory cannot be made");
                }
            }
        }
    }
}
