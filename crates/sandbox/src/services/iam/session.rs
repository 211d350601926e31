//! What an instance may do through its profile: be online, and call AWS with temporary keys.

use super::{
    policy::{role_allows, trusts_ec2},
    state::{Role, Session},
};
use crate::model::permission::Context;
use crate::{
    model::{account::world::World, error::ApiError},
    server::ctx::Ctx,
    system::ids,
};
use jiff::SignedDuration;

/// As on EC2: keys last six hours and are renewed well before they end.
const LIFETIME: SignedDuration = SignedDuration::from_hours(6);
const RENEW_BEFORE: SignedDuration = SignedDuration::from_hours(2);

/// The role that an instance with this profile really has: one that exists and that EC2 may assume.
fn usable_role<'a>(world: &'a World, profile: Option<&str>) -> Option<&'a Role> {
    let role = world.iam.profile(profile?)?.role.as_deref()?;
    world.iam.role(role).filter(|r| trusts_ec2(&r.trust))
}

/// Whether the agent of an instance with this profile can register with SSM and take commands.
pub(crate) fn agent_works(world: &World, profile: Option<&str>) -> bool {
    const SSM_CHANNELS: [&str; 4] = [
        "ssmmessages:CreateControlChannel",
        "ssmmessages:CreateDataChannel",
        "ssmmessages:OpenControlChannel",
        "ssmmessages:OpenDataChannel",
    ];
    const OLD_CHANNEL: [&str; 4] = [
        "ec2messages:GetMessages",
        "ec2messages:AcknowledgeMessage",
        "ec2messages:SendReply",
        "ec2messages:GetEndpoint",
    ];
    let Some(role) = usable_role(world, profile) else { return false };
    let may = |action: &&str| role_allows(world, role, action, "*", &Context::default());
    may(&"ssm:UpdateInstanceInformation") && (SSM_CHANNELS.iter().all(may) || OLD_CHANNEL.iter().all(may))
}

/// The keys that an instance has now, renewed where they end soon; `None` without a usable role.
pub(crate) fn keys_for(
    ctx: &Ctx,
    instance: &str,
    profile: Option<&str>,
) -> Result<Option<Session>, ApiError> {
    let now = ctx.now();
    let world = ctx.world();
    let Some(role) = usable_role(&world, profile).map(|r| r.name.clone()) else { return Ok(None) };
    let current =
        world.iam.sessions.with(instance).find(|s| s.role == role && s.expires > now + RENEW_BEFORE);
    if let Some(session) = current {
        return Ok(Some(session.clone()));
    }
    ctx.change(|world| {
        let session = Session {
            access_key_id: format!("ASIA{}", ids::base32(16)),
            secret_access_key: ids::secret(40),
            token: ids::secret(160),
            role,
            instance: instance.to_owned(),
            expires: now + LIFETIME,
        };
        world.iam.sessions.retain(|s| s.expires > now);
        world.iam.sessions.push(session.clone());
        Ok(Some(session))
    })
}
