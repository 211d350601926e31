//! How instances begin to work, how they end, and what a new start does about them.

use super::{Instance, InstanceState};
use crate::{
    engines::instance as machine,
    model::{account::world::World, error::ApiError, node::Node},
    server::ctx::Ctx,
    services::{
        ec2::call::{Call, check_count, well_formed},
        iam::agent_works,
    },
};
use jiff::Timestamp;
use std::{path::Path, sync::Arc};

/// Seconds on AWS from RunInstances to `running`.
pub(crate) const TO_RUNNING: f64 = 15.0;
/// Seconds on AWS from RunInstances until SSM sees the instance (docs/aws.md, "Systems Manager").
pub(crate) const TO_ONLINE: f64 = 90.0;
/// Seconds on AWS from TerminateInstances to `terminated`.
const TO_TERMINATED: f64 = 40.0;

/// Whether SSM can send it commands: it runs, its agent had time to register, and its profile lets the agent work.
pub(crate) fn is_online(instance: &Instance, world: &World, now: Timestamp) -> bool {
    instance.state(now) == InstanceState::Running
        && instance.online_at <= now
        && agent_works(world, instance.profile.as_deref())
}

/// Refuses ids that EC2 refuses.
pub(crate) fn check_ids(world: &World, ids: &[String], now: Timestamp) -> Result<(), ApiError> {
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

pub(crate) fn terminate(call: &Call) -> Result<Node, ApiError> {
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
        for id in &ids {
            let Some(instance) = world.ec2.instances.get_mut(id) else { continue };
            let before = instance.state(now);
            instance.terminated_at.get_or_insert(end);
            // Its keys die with it.
            world.iam.sessions.remove(&instance.id);
            items.push(
                Node::result()
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
    Ok(Node::result().list("instancesSet", "item", items))
}

/// Removes an instance's directory once it is terminated.
pub(crate) fn clear_later(ctx: &Arc<Ctx>, id: String, end: Timestamp) {
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
