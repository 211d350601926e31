//! Managed policies of the account, and the boundaries that they set to roles.

use super::{
    encoded, exceeded, iso, name, path, policy,
    quota::POLICIES,
    role_name,
    state::{IamState, ManagedPolicy, spelt},
    tags,
};
use crate::{
    model::{error::ApiError, node::Node, params::Params},
    server::ctx::Ctx,
    system::ids,
};
use std::sync::Arc;

/// The only version of a policy: changing one is not played here.
const VERSION: &str = "v1";

/// Characters of a document, white space not counted.
const MOST: usize = 6144;

pub(super) fn create(ctx: &Arc<Ctx>, p: &Params) -> Result<Node, ApiError> {
    let (name, path) = (name(p, "PolicyName", "policyName")?, path(p)?);
    let usual = new(ctx, name, p.required("PolicyDocument")?)?;
    let description = p.get("Description").map(str::to_owned);
    let policy = ManagedPolicy { path, description, tags: tags(p)?, ..usual };
    ctx.change(|world| {
        if world.iam.policies.contains(&spelt(&policy.name)) {
            let text =
                format!("A policy called {} already exists. Duplicate names are not allowed.", policy.name);
            return Err(ApiError::new("EntityAlreadyExists", 409, text));
        }
        if world.iam.policies.len() >= ctx.limit(&POLICIES) {
            return Err(exceeded("PoliciesPerAccount", ctx.limit(&POLICIES)));
        }
        let element = element(&world.iam, &policy, &world.account);
        world.iam.policies.push(policy);
        Ok(Node::result().child(element))
    })
}

/// Makes the account's boundary policy, or gives it another document.
pub(crate) fn put(ctx: &Ctx, name: &str, text: &str) -> Result<(), ApiError> {
    let policy = new(ctx, name, text)?;
    ctx.change(|world| {
        world.iam.policies.remove(name);
        world.iam.policies.push(policy);
        Ok(())
    })
}

/// A policy that is not there yet, at the usual path.
fn new(ctx: &Ctx, name: &str, text: &str) -> Result<ManagedPolicy, ApiError> {
    Ok(ManagedPolicy {
        name: name.to_owned(),
        id: format!("ANPA{}", ids::base32(17)),
        path: "/".into(),
        description: None,
        document: document(text)?,
        created: ctx.now(),
        tags: Vec::new(),
    })
}

fn document(text: &str) -> Result<String, ApiError> {
    policy::check_permissions(text)?;
    if text.chars().filter(|c| !c.is_whitespace()).count() > MOST {
        let text = format!("Cannot exceed quota for PolicySize: {MOST}");
        return Err(ApiError::new("LimitExceeded", 409, text));
    }
    Ok(text.to_owned())
}

fn absent(arn: &str) -> ApiError {
    ApiError::new("NoSuchEntity", 404, format!("Policy {arn} was not found."))
}

pub(super) fn get(ctx: &Arc<Ctx>, p: &Params) -> Result<Node, ApiError> {
    let arn = p.required("PolicyArn")?;
    ctx.read(|world| {
        let policy = world.iam.policy(&world.account, arn).ok_or_else(|| absent(arn))?;
        Ok(Node::result().child(element(&world.iam, policy, &world.account)))
    })
}

pub(super) fn get_version(ctx: &Arc<Ctx>, p: &Params) -> Result<Node, ApiError> {
    let (arn, version) = (p.required("PolicyArn")?, p.required("VersionId")?);
    ctx.read(|world| {
        let policy = world.iam.policy(&world.account, arn).ok_or_else(|| absent(arn))?;
        if version != VERSION {
            let text = format!("Policy {arn} version {version} does not exist or is not attachable.");
            return Err(ApiError::new("NoSuchEntity", 404, text));
        }
        Ok(Node::result().child(
            Node::new("PolicyVersion")
                .leaf("Document", encoded(&policy.document))
                .leaf("VersionId", VERSION)
                .leaf("IsDefaultVersion", true)
                .leaf("CreateDate", iso(policy.created)),
        ))
    })
}

pub(super) fn delete(ctx: &Arc<Ctx>, p: &Params) -> Result<Node, ApiError> {
    let arn = p.required("PolicyArn")?;
    ctx.change(|world| {
        let policy = world.iam.policy(&world.account, arn).ok_or_else(|| absent(arn))?.name.clone();
        if used(&world.iam, arn) != (0, 0) {
            let text = "Cannot delete a policy attached to entities.";
            return Err(ApiError::new("DeleteConflict", 409, text));
        }
        world.iam.policies.remove(&policy);
        Ok(Node::result())
    })
}

/// Sets a role's boundary, where the policy is there.
pub(super) fn bound(ctx: &Arc<Ctx>, p: &Params) -> Result<Node, ApiError> {
    let (role, arn) = (role_name(p)?, p.required("PermissionsBoundary")?);
    ctx.change(|world| {
        let boundary = boundary(&world.iam, &world.account, arn)?;
        world.iam.own_role(role)?.boundary = Some(boundary);
        Ok(Node::result())
    })
}

pub(super) fn unbound(ctx: &Arc<Ctx>, p: &Params) -> Result<Node, ApiError> {
    let role = role_name(p)?;
    ctx.change(|world| {
        if world.iam.own_role(role)?.boundary.take().is_some() {
            return Ok(Node::result());
        }
        let text = format!("Role {role} does not have a permissions boundary");
        Err(ApiError::new("NoSuchEntity", 404, text))
    })
}

/// The ARN of a policy that may be a boundary.
pub(super) fn boundary(iam: &IamState, account: &str, arn: &str) -> Result<String, ApiError> {
    if arn == policy::MANAGED_CORE || iam.policy(account, arn).is_some() {
        return Ok(arn.to_owned());
    }
    let text = format!("Scope ARN: {arn} does not exist or is not attachable.");
    Err(ApiError::new("NoSuchEntity", 404, text))
}

/// To how many roles a policy is attached, and of how many it is the boundary.
fn used(iam: &IamState, arn: &str) -> (usize, usize) {
    let attached = iam.roles.iter().filter(|r| r.attached.contains(arn)).count();
    (attached, iam.roles.iter().filter(|r| r.boundary.as_deref() == Some(arn)).count())
}

fn element(iam: &IamState, policy: &ManagedPolicy, account: &str) -> Node {
    let arn = policy.arn(account);
    let (attached, bounding) = used(iam, &arn);
    let element = Node::new("Policy")
        .leaf("PolicyName", &policy.name)
        .leaf("PolicyId", &policy.id)
        .leaf("Arn", arn)
        .leaf("Path", &policy.path)
        .leaf("DefaultVersionId", VERSION)
        .leaf("AttachmentCount", attached)
        .leaf("PermissionsBoundaryUsageCount", bounding)
        .leaf("IsAttachable", true)
        .opt("Description", policy.description.as_ref())
        .leaf("CreateDate", iso(policy.created))
        .leaf("UpdateDate", iso(policy.created));
    if policy.tags.is_empty() {
        return element;
    }
    element.list("Tags", "member", policy.tags.iter().map(|t| t.element("member", "Key", "Value")))
}
