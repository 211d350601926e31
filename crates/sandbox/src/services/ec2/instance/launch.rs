//! RunInstances.

use super::{
    Instance, Interface, Volume,
    lifecycle::{TO_ONLINE, TO_RUNNING, clear_later},
    placement::{self, Placement},
    settings::{Settings, user_data},
    view,
};
use crate::services::ec2::{
    call::{Call, invalid},
    image, tags, types,
};
use crate::{
    engines::instance as machine,
    model::{account::world::World, error::ApiError, node::Node, params::Params},
    server::fault,
    services::ec2::quota::VCPUS,
    system::ids,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest as _, Sha256};

const TAGGABLE: [&str; 3] = ["instance", "volume", "network-interface"];

pub(crate) fn run(call: &Call) -> Result<Node, ApiError> {
    let p = call.p;
    let image_id = p.required("ImageId")?.to_owned();
    let count = count(p)?;
    user_data(p)?;
    let image = image::by_ids(std::slice::from_ref(&image_id))?
        .first()
        .copied()
        .ok_or_else(|| invalid(format!("The image id '[{image_id}]' does not exist")))?;
    let kind = types::by_name(p.get("InstanceType").unwrap_or("m1.small"))?;
    if kind.architecture != image.architecture {
        return Err(invalid(format!(
            "The architecture '{}' of the specified instance type does not match the architecture '{}' of the \
             specified AMI. Specify an instance type and an AMI that have matching architectures, and try again.",
            kind.architecture, image.architecture
        )));
    }
    if let Some(key) = p.get("KeyName").filter(|k| !k.is_empty()) {
        return Err(ApiError::bad("InvalidKeyPair.NotFound", format!("The key pair '{key}' does not exist")));
    }
    let settings = Settings::read(p)?;
    let instance_tags = tags::specified(p, "instance", &TAGGABLE)?;
    let volume_tags = tags::specified(p, "volume", &TAGGABLE)?;
    let interface_tags = tags::specified(p, "network-interface", &TAGGABLE)?;
    let token = token(p)?;
    let now = call.ctx.now();
    let doomed = fault::is_doomed();
    let (running_at, online_at) = (call.ctx.after(TO_RUNNING), call.ctx.after(TO_ONLINE));
    let (answer, new) = call.change(|world| {
        let network = Placement::read(p, world, kind.name)?;
        let profile = profile(p, world)?;
        if let Some(repeated) = repeated(world, token.as_ref(), now)? {
            return Ok((repeated, Vec::new()));
        }
        check_quota(world, kind, count, call.ctx.limit(&VCPUS), now)?;
        // AWS does not look at this in dry runs.
        if call.ctx.free_plan() && !call.dry && !kind.free() {
            let text = "The specified instance type is not eligible for Free Tier. For a list of Free Tier instance types, \
                        run 'describe-instance-types' with the filter 'free-tier-eligible=true'.";
            return Err(ApiError::bad("InvalidParameterCombination", text));
        }
        world.ec2.instances.retain(|i| i.is_visible(now));
        let reservation = ids::resource("r");
        let mut new = Vec::new();
        for launch_index in 0..count {
            let (private_ip, public_ip) = placement::addresses(world, &network.subnet)?;
            let instance = Instance {
                id: ids::resource("i"),
                reservation: reservation.clone(),
                launch_index,
                image: image_id.clone(),
                architecture: image.architecture.into(),
                instance_type: kind.name.into(),
                subnet_id: network.subnet.id.clone(),
                vpc_id: network.subnet.vpc_id.clone(),
                zone: network.subnet.zone.clone(),
                private_ip,
                public_ip: network.public.then_some(public_ip),
                groups: network.groups.clone(),
                profile: profile.as_ref().map(|(name, _)| name.clone()),
                profile_arn: profile.as_ref().map(|(_, arn)| arn.clone()),
                token: token.clone(),
                tags: instance_tags.clone(),
                launched: now,
                running_at,
                online_at,
                terminated_at: doomed.then_some(running_at),
                doomed,
                shutdown_behavior: settings.shutdown_behavior.clone(),
                http_tokens: settings.http_tokens.clone(),
                http_hops: settings.http_hops,
                cpu_credits: settings.cpu_credits.clone(),
                monitoring: settings.monitoring,
                user_data: settings.user_data.clone(),
                ebs_optimized: settings.ebs_optimized,
                http_endpoint: settings.http_endpoint.clone(),
                metadata_tags: settings.metadata_tags.clone(),
                volume: Volume {
                    id: ids::resource("vol"),
                    size: settings.disk.size,
                    delete_on_termination: settings.disk.delete,
                    encrypted: settings.disk.encrypted,
                    kind: settings.disk.kind.clone(),
                    iops: settings.disk.iops,
                    throughput: settings.disk.throughput,
                    tags: volume_tags.clone(),
                },
                interface: Interface {
                    id: ids::resource("eni"),
                    attachment: ids::resource("eni-attach"),
                    mac: placement::mac(),
                    tags: interface_tags.clone(),
                },
            };
            new.push(instance.id.clone());
            world.ec2.instances.push(instance);
        }
        let all: Vec<&Instance> =
            world.ec2.instances.iter().filter(|i| i.reservation == reservation).collect();
        Ok((view::reservation(world, &all, now), new))
    })?;
    for id in new {
        // The record comes first: an instance without a directory is mended at the next start, a directory without one would leak.
        machine::create(&call.ctx.dir, &id).map_err(|error| {
            tracing::error!(%error, id, "an instance's directory cannot be made");
            ApiError::new("InternalError", 500, "An internal error has occurred")
        })?;
        if doomed {
            clear_later(call.ctx, id, running_at);
        }
    }
    Ok(answer)
}

fn count(p: &Params) -> Result<usize, ApiError> {
    let number = |name: &str| p.int(name)?.ok_or_else(|| p.absent(name));
    let (min, max) = (number("MinCount")?, number("MaxCount")?);
    if min < 1 || max < min {
        return Err(invalid(format!("Invalid value '{min}' for minCount or '{max}' for maxCount.")));
    }
    Ok(usize::try_from(max).unwrap_or(usize::MAX))
}

/// Refuses more vCPUs than the account may have at a time.
fn check_quota(
    world: &World,
    kind: &types::Type,
    count: usize,
    most: usize,
    now: jiff::Timestamp,
) -> Result<(), ApiError> {
    let living = world.ec2.instances.iter().filter(|i| !i.state(now).is_terminated());
    let cpus = |name: &str| types::by_name(name).map_or(0, |kind| kind.cpus);
    let used: u32 = living.map(|i| cpus(&i.instance_type)).sum();
    let more = u32::try_from(count).unwrap_or(u32::MAX).saturating_mul(kind.cpus);
    if used.saturating_add(more) as usize > most {
        let text = format!(
            "You have requested more vCPU capacity than your current vCPU limit of {most} allows for the instance \
             bucket that the specified instance type belongs to. Please visit \
             http://aws.amazon.com/contact-us/ec2-request to request an adjustment to this limit."
        );
        return Err(ApiError::bad("VcpuLimitExceeded", text));
    }
    Ok(())
}

/// The client token with a digest of everything that must be the same when it comes again.
fn token(p: &Params) -> Result<Option<(String, String)>, ApiError> {
    let Some(token) = p.get("ClientToken").filter(|t| !t.is_empty()) else { return Ok(None) };
    if token.chars().count() > 64 {
        return Err(invalid(format!(
            "Value ({token}) for parameter clientToken is invalid. Length must be at most 64."
        )));
    }
    let mut digest = Sha256::new();
    for (name, value) in p.iter().filter(|(name, _)| !matches!(*name, "ClientToken" | "DryRun")) {
        // Lengths keep two fields from reading like one.
        digest.update(format!("{}:{name}{}:{value}", name.len(), value.len()));
    }
    Ok(Some((token.to_owned(), STANDARD.encode(digest.finalize()))))
}

/// The answer to a call whose token was used before.
fn repeated(
    world: &World,
    token: Option<&(String, String)>,
    now: jiff::Timestamp,
) -> Result<Option<Node>, ApiError> {
    let Some((token, digest)) = token else { return Ok(None) };
    let earlier: Vec<&Instance> = world
        .ec2
        .instances
        .iter()
        .filter(|i| i.is_visible(now) && i.token.as_ref().is_some_and(|(t, _)| t == token))
        .collect();
    let Some(first) = earlier.first() else { return Ok(None) };
    if first.token.as_ref().is_some_and(|(_, d)| d != digest) {
        return Err(ApiError::bad(
            "IdempotentParameterMismatch",
            "Arguments on this idempotent request are inconsistent with arguments used in previous request(s).",
        ));
    }
    if earlier.iter().any(|i| i.state(now).is_terminated()) {
        return Err(ApiError::bad(
            "IdempotentInstanceTerminated",
            "The client token you have provided is associated with a terminated instance. Please use a different \
             client token.",
        ));
    }
    Ok(Some(view::reservation(world, &earlier, now)))
}

/// Name and ARN of the profile that was asked for.
fn profile(p: &Params, world: &World) -> Result<Option<(String, String)>, ApiError> {
    let by = |field: &str| p.get(&format!("IamInstanceProfile.{field}")).filter(|v| !v.is_empty());
    let (found, value, what) = match (by("Name"), by("Arn")) {
        (None, None) => return Ok(None),
        (Some(name), None) => (world.iam.profile(name), name, "name"),
        (None, Some(arn)) => (world.iam.profile_by_arn(&world.account, arn), arn, "arn"),
        (Some(_), Some(_)) => {
            let text = "The parameter 'iamInstanceProfile.name' may not be used in combination with \
                        'iamInstanceProfile.arn'";
            return Err(ApiError::bad("InvalidParameterCombination", text));
        }
    };
    let profile = found.ok_or_else(|| {
        invalid(format!(
            "Value ({value}) for parameter iamInstanceProfile.{what} is invalid. Invalid IAM Instance Profile {what}"
        ))
    })?;
    let arn = profile.arn(&world.account);
    if profile.role.is_none() {
        return Err(invalid(format!("IAM Instance Profile \"{arn}\" has no associated IAM Roles")));
    }
    Ok(Some((profile.name.clone(), arn)))
}
