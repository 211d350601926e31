//! Roles and their policies.

use super::{
    encoded, exceeded, iso, listed, managed, name, path, policy, role_name,
    state::{Role, holding, no_role, spelt},
    tags,
};
use crate::{
    model::{account::world::World, error::ApiError, node::Node, params::Params, tag::merge},
    server::ctx::Ctx,
    services::iam::quota::ROLES,
    system::ids,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

pub(super) fn create(ctx: &Arc<Ctx>, p: &Params) -> Result<Node, ApiError> {
    let trust = p.required("AssumeRolePolicyDocument")?;
    policy::check_trust(trust)?;
    let max_session = p.int("MaxSessionDuration")?.unwrap_or(3600);
    if !(3600..=43200).contains(&max_session) {
        return Err(super::validation(
            "Value at 'maxSessionDuration' failed to satisfy constraint: Member must have value between 3600 and 43200",
        ));
    }
    let mut role = Role {
        name: role_name(p)?.to_owned(),
        id: format!("AROA{}", ids::base32(17)),
        path: path(p)?,
        trust: trust.to_owned(),
        description: p.get("Description").map(str::to_owned),
        max_session,
        created: ctx.now(),
        tags: tags(p)?,
        inline: BTreeMap::new(),
        attached: BTreeSet::new(),
        boundary: None,
    };
    ctx.change(|world| {
        if world.iam.roles.contains(&spelt(&role.name)) {
            let text = format!("Role with name {} already exists.", role.name);
            return Err(ApiError::new("EntityAlreadyExists", 409, text));
        }
        // Roles that services made for themselves count for nothing.
        let own = world.iam.roles.iter().filter(|r| !r.path.starts_with("/aws-service-role/")).count();
        if own >= ctx.limit(&ROLES) {
            return Err(exceeded("RolesPerAccount", ctx.limit(&ROLES)));
        }
        if let Some(arn) = p.get("PermissionsBoundary") {
            role.boundary = Some(managed::boundary(&world.iam, &world.account, arn)?);
        }
        let element = element(&role, &world.account, true);
        world.iam.roles.push(role);
        Ok(Node::result().child(element))
    })
}

/// The name of a service's service-linked role.
fn service_linked_name(service: &str) -> Option<&'static str> {
    match service {
        "elasticache.amazonaws.com" => Some("AWSServiceRoleForElastiCache"),
        "rds.amazonaws.com" => Some("AWSServiceRoleForRDS"),
        "ec2.amazonaws.com" | "ssm.amazonaws.com" => Some("AWSServiceRoleForAmazonSSM"),
        _ => None,
    }
}

fn service_linked(service: &str, name: &str, now: jiff::Timestamp) -> Role {
    Role {
        name: name.to_owned(),
        id: format!("AROA{}", ids::base32(17)),
        path: format!("/aws-service-role/{service}/"),
        trust: serde_json::json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
            "Principal": {"Service": service}, "Action": "sts:AssumeRole"}]})
        .to_string(),
        description: None,
        max_session: 3600,
        created: now,
        tags: Vec::new(),
        inline: BTreeMap::new(),
        attached: BTreeSet::new(),
        boundary: None,
    }
}

/// Makes a service's role if it is not there: services do so when they are first used.
pub(crate) fn ensure_service_linked(world: &mut World, service: &str, now: jiff::Timestamp) {
    if let Some(name) = service_linked_name(service)
        && !world.iam.service_linked.contains(service)
    {
        world.iam.service_linked.push(service.to_owned());
        world.iam.roles.push(service_linked(service, name, now));
    }
}

pub(super) fn create_service_linked(ctx: &Arc<Ctx>, p: &Params) -> Result<Node, ApiError> {
    let service = p.required("AWSServiceName")?;
    let Some(name) = service_linked_name(service) else {
        let text = format!("The recipe-walk sandbox has no service-linked role for {service}.");
        return Err(ApiError::bad("InvalidInput", text));
    };
    if p.get("CustomSuffix").is_some_and(|s| !s.is_empty()) {
        return Err(ApiError::bad("InvalidInput", format!("Custom suffix is not allowed for {service}")));
    }
    let role = Role {
        description: p.get("Description").map(str::to_owned),
        ..service_linked(service, name, ctx.now())
    };
    ctx.change(|world| {
        if world.iam.service_linked.contains(service) || world.iam.role(name).is_some() {
            let text = format!(
                "Service role name {name} has been taken in this account, please try a different suffix."
            );
            return Err(ApiError::bad("InvalidInput", text));
        }
        // Roles that services made for themselves count for nothing.
        let own = world.iam.roles.iter().filter(|r| !r.path.starts_with("/aws-service-role/")).count();
        if own >= ctx.limit(&ROLES) {
            return Err(exceeded("RolesPerAccount", ctx.limit(&ROLES)));
        }
        let element = element(&role, &world.account, true);
        world.iam.service_linked.push(service.to_owned());
        world.iam.roles.push(role);
        Ok(Node::result().child(element))
    })
}

pub(super) fn get(ctx: &Arc<Ctx>, p: &Params) -> Result<Node, ApiError> {
    let name = role_name(p)?;
    ctx.read(|world| {
        let role = world.iam.role(name).ok_or_else(|| no_role(name))?;
        Ok(Node::result().child(element(role, &world.account, true)))
    })
}

pub(super) fn list(ctx: &Arc<Ctx>, p: &Params) -> Result<Node, ApiError> {
    let prefix = p.get("PathPrefix").unwrap_or("/");
    let world = ctx.world();
    let mut roles: Vec<&Role> = world.iam.roles.iter().filter(|r| r.path.starts_with(prefix)).collect();
    roles.sort_by(|a, b| a.name.cmp(&b.name));
    listed(p, "Roles", roles.into_iter().map(|r| element(r, &world.account, false)))
}

pub(super) fn delete(ctx: &Arc<Ctx>, p: &Params) -> Result<Node, ApiError> {
    let name = role_name(p)?;
    ctx.change(|world| {
        let role = world.iam.own_role(name)?.clone();
        let conflict =
            |what| ApiError::new("DeleteConflict", 409, format!("Cannot delete entity, must {what} first."));
        if world.iam.profiles.contains(&holding(name)) {
            return Err(conflict("remove roles from instance profile"));
        }
        if !role.attached.is_empty() {
            return Err(conflict("detach all policies"));
        }
        if !role.inline.is_empty() {
            return Err(conflict("delete policies"));
        }
        world.iam.roles.remove(name);
        world.iam.sessions.remove(&holding(name));
        Ok(Node::result())
    })
}

pub(super) fn tag(ctx: &Arc<Ctx>, p: &Params) -> Result<Node, ApiError> {
    let (name, tags) = (role_name(p)?, tags(p)?);
    ctx.change(|world| {
        merge(&mut world.iam.role_mut(name)?.tags, tags);
        Ok(Node::result())
    })
}

pub(super) fn list_tags(ctx: &Arc<Ctx>, p: &Params) -> Result<Node, ApiError> {
    let name = role_name(p)?;
    let world = ctx.world();
    let role = world.iam.role(name).ok_or_else(|| no_role(name))?;
    listed(p, "Tags", role.tags.iter().map(|t| t.element("member", "Key", "Value")))
}

fn policy_name(p: &Params) -> Result<&str, ApiError> {
    name(p, "PolicyName", "policyName")
}

pub(super) fn put_policy(ctx: &Arc<Ctx>, p: &Params) -> Result<Node, ApiError> {
    let (name, policy_name) = (role_name(p)?, policy_name(p)?);
    let document = p.required("PolicyDocument")?;
    policy::check_permissions(document)?;
    if document.chars().filter(|c| !c.is_whitespace()).count() > 10_240 {
        let text = format!("Maximum policy size of 10240 bytes exceeded for role {name}");
        return Err(ApiError::new("LimitExceeded", 409, text));
    }
    ctx.change(|world| {
        world.iam.own_role(name)?.inline.insert(policy_name.to_owned(), document.to_owned());
        Ok(Node::result())
    })
}

fn no_policy(name: &str) -> ApiError {
    ApiError::new("NoSuchEntity", 404, format!("The role policy with name {name} cannot be found."))
}

pub(super) fn get_policy(ctx: &Arc<Ctx>, p: &Params) -> Result<Node, ApiError> {
    let (name, policy_name) = (role_name(p)?, policy_name(p)?);
    ctx.read(|world| {
        let role = world.iam.role(name).ok_or_else(|| no_role(name))?;
        let document = role.inline.get(policy_name).ok_or_else(|| no_policy(policy_name))?;
        Ok(Node::result()
            .leaf("RoleName", name)
            .leaf("PolicyName", policy_name)
            .leaf("PolicyDocument", encoded(document)))
    })
}

pub(super) fn list_policies(ctx: &Arc<Ctx>, p: &Params) -> Result<Node, ApiError> {
    let name = role_name(p)?;
    let world = ctx.world();
    let role = world.iam.role(name).ok_or_else(|| no_role(name))?;
    listed(p, "PolicyNames", role.inline.keys().map(|k| Node::result().text(k)))
}

pub(super) fn delete_policy(ctx: &Arc<Ctx>, p: &Params) -> Result<Node, ApiError> {
    let (name, policy_name) = (role_name(p)?, policy_name(p)?);
    ctx.change(|world| match world.iam.own_role(name)?.inline.remove(policy_name) {
        Some(_) => Ok(Node::result()),
        None => Err(no_policy(policy_name)),
    })
}

pub(super) fn attach(ctx: &Arc<Ctx>, p: &Params) -> Result<Node, ApiError> {
    let (name, arn) = (role_name(p)?, p.required("PolicyArn")?);
    if arn.splitn(6, ':').count() < 6 || !arn.starts_with("arn:") {
        return Err(ApiError::bad("ValidationError", "Invalid ARN:  Could not be parsed!"));
    }
    ctx.change(|world| {
        let known = arn == policy::MANAGED_CORE || world.iam.policy(&world.account, arn).is_some();
        let role = world.iam.own_role(name)?;
        if !known {
            let text = format!("Policy {arn} does not exist or is not attachable.");
            return Err(ApiError::new("NoSuchEntity", 404, text));
        }
        role.attached.insert(arn.to_owned());
        Ok(Node::result())
    })
}

pub(super) fn detach(ctx: &Arc<Ctx>, p: &Params) -> Result<Node, ApiError> {
    let (name, arn) = (role_name(p)?, p.required("PolicyArn")?);
    ctx.change(|world| {
        if world.iam.own_role(name)?.attached.remove(arn) {
            return Ok(Node::result());
        }
        Err(ApiError::new("NoSuchEntity", 404, format!("Policy {arn} was not found.")))
    })
}

pub(super) fn list_attached(ctx: &Arc<Ctx>, p: &Params) -> Result<Node, ApiError> {
    let name = role_name(p)?;
    let world = ctx.world();
    let role = world.iam.role(name).ok_or_else(|| no_role(name))?;
    let items = role.attached.iter().map(|arn| {
        let policy = arn.rsplit('/').next().unwrap_or_default();
        Node::result().leaf("PolicyName", policy).leaf("PolicyArn", arn)
    });
    listed(p, "AttachedPolicies", items)
}

/// A role as IAM shows it; lists leave tags and boundary out.
pub(super) fn element(role: &Role, account: &str, with_tags: bool) -> Node {
    let element = Node::new("Role")
        .leaf("Path", &role.path)
        .leaf("RoleName", &role.name)
        .leaf("RoleId", &role.id)
        .leaf("Arn", role.arn(account))
        .leaf("CreateDate", iso(role.created))
        .leaf("AssumeRolePolicyDocument", encoded(&role.trust))
        .opt("Description", role.description.as_ref())
        .leaf("MaxSessionDuration", role.max_session);
    let bounded = role.boundary.as_ref().filter(|_| with_tags).map(|arn| {
        Node::new("PermissionsBoundary")
            .leaf("PermissionsBoundaryType", "PermissionsBoundaryPolicy")
            .leaf("PermissionsBoundaryArn", arn)
    });
    let element = element.children(bounded);
    if with_tags && !role.tags.is_empty() {
        return element.list("Tags", "member", role.tags.iter().map(|t| t.element("member", "Key", "Value")));
    }
    element
}
