//! Instance profiles.

use super::{
    exceeded, iso, listed, name, path, role,
    state::{Profile, holding, no_profile, no_role, spelt},
    tags,
};
use crate::{
    model::{account::world::World, error::ApiError, node::Node, params::Params, tag::merge},
    server::ctx::Ctx,
    services::iam::quota::INSTANCE_PROFILES,
    system::ids,
};
use std::sync::Arc;

fn profile_name(p: &Params) -> Result<&str, ApiError> {
    name(p, "InstanceProfileName", "instanceProfileName")
}

pub(super) fn create(ctx: &Arc<Ctx>, p: &Params) -> Result<Node, ApiError> {
    let profile = Profile {
        name: profile_name(p)?.to_owned(),
        id: format!("AIPA{}", ids::base32(17)),
        path: path(p)?,
        created: ctx.now(),
        tags: tags(p)?,
        role: None,
    };
    ctx.change(|world| {
        if world.iam.profiles.contains(&spelt(&profile.name)) {
            let text = format!("Instance Profile {} already exists.", profile.name);
            return Err(ApiError::new("EntityAlreadyExists", 409, text));
        }
        if world.iam.profiles.len() >= ctx.limit(&INSTANCE_PROFILES) {
            return Err(exceeded("InstanceProfilesPerAccount", ctx.limit(&INSTANCE_PROFILES)));
        }
        let element = element(world, &profile);
        world.iam.profiles.push(profile);
        Ok(Node::result().child(element))
    })
}

pub(super) fn get(ctx: &Arc<Ctx>, p: &Params) -> Result<Node, ApiError> {
    let name = profile_name(p)?;
    ctx.read(|world| {
        let profile = world.iam.profile(name).ok_or_else(|| no_profile(name))?;
        Ok(Node::result().child(element(world, profile)))
    })
}

pub(super) fn list(ctx: &Arc<Ctx>, p: &Params) -> Result<Node, ApiError> {
    let prefix = p.get("PathPrefix").unwrap_or("/");
    let world = ctx.world();
    let items = world.iam.profiles.iter().filter(|i| i.path.starts_with(prefix)).map(|i| element(&world, i));
    listed(p, "InstanceProfiles", items)
}

pub(super) fn list_for_role(ctx: &Arc<Ctx>, p: &Params) -> Result<Node, ApiError> {
    let role = name(p, "RoleName", "roleName")?;
    let world = ctx.world();
    world.iam.role(role).ok_or_else(|| no_role(role))?;
    let holders = world.iam.profiles.with(&holding(role));
    listed(p, "InstanceProfiles", holders.map(|i| element(&world, i)))
}

pub(super) fn delete(ctx: &Arc<Ctx>, p: &Params) -> Result<Node, ApiError> {
    let name = profile_name(p)?;
    ctx.change(|world| {
        if world.iam.profile_mut(name)?.role.is_some() {
            let text = "Cannot delete entity, must remove roles from instance profile first.";
            return Err(ApiError::new("DeleteConflict", 409, text));
        }
        world.iam.profiles.remove(name);
        Ok(Node::result())
    })
}

pub(super) fn tag(ctx: &Arc<Ctx>, p: &Params) -> Result<Node, ApiError> {
    let (name, tags) = (profile_name(p)?, tags(p)?);
    ctx.change(|world| {
        merge(&mut world.iam.profile_mut(name)?.tags, tags);
        Ok(Node::result())
    })
}

pub(super) fn list_tags(ctx: &Arc<Ctx>, p: &Params) -> Result<Node, ApiError> {
    let name = profile_name(p)?;
    let world = ctx.world();
    let profile = world.iam.profile(name).ok_or_else(|| no_profile(name))?;
    listed(p, "Tags", profile.tags.iter().map(|t| t.element("member", "Key", "Value")))
}

pub(super) fn add_role(ctx: &Arc<Ctx>, p: &Params) -> Result<Node, ApiError> {
    let profile = profile_name(p)?;
    let role = name(p, "RoleName", "roleName")?;
    ctx.change(|world| {
        world.iam.own_role(role)?;
        let profile = world.iam.profile_mut(profile)?;
        if profile.role.is_some() {
            let text = "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1";
            return Err(ApiError::new("LimitExceeded", 409, text));
        }
        profile.role = Some(role.to_owned());
        Ok(Node::result())
    })
}

pub(super) fn remove_role(ctx: &Arc<Ctx>, p: &Params) -> Result<Node, ApiError> {
    let profile = profile_name(p)?;
    let role = name(p, "RoleName", "roleName")?;
    ctx.change(|world| {
        world.iam.role(role).ok_or_else(|| no_role(role))?;
        let profile = world.iam.profile_mut(profile)?;
        if profile.role.as_deref() != Some(role) {
            let text = format!("Instance profile with name {} does not contain role {role}.", profile.name);
            return Err(ApiError::new("NoSuchEntity", 404, text));
        }
        profile.role = None;
        Ok(Node::result())
    })
}

fn element(world: &World, profile: &Profile) -> Node {
    let role = profile.role.as_deref().and_then(|r| world.iam.role(r));
    let element = Node::new("InstanceProfile")
        .leaf("Path", &profile.path)
        .leaf("InstanceProfileName", &profile.name)
        .leaf("InstanceProfileId", &profile.id)
        .leaf("Arn", profile.arn(&world.account))
        .leaf("CreateDate", iso(profile.created))
        .list("Roles", "member", role.map(|r| role::element(r, &world.account, false)));
    if profile.tags.is_empty() {
        return element;
    }
    element.list("Tags", "member", profile.tags.iter().map(|t| t.element("member", "Key", "Value")))
}
