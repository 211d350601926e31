//! Service Quotas: GetServiceQuota of the quotas that a class may meet.

use crate::{
    model::error::ApiError,
    server::{ctx::Ctx, front::unimplemented_json},
};
use serde_json::{Value, json};

/// On-demand vCPUs. AWS gives a new account 5, and raises that with use ("Amazon EC2 On-Demand Instances", user guide):
/// this is an account that has been used for a while.
pub(crate) const VCPUS: u32 = 64;
/// "Amazon VPC quotas" of the VPC user guide.
pub(crate) const SECURITY_GROUPS: usize = 2500;
/// "Quotas and constraints for Amazon RDS" of the RDS user guide, for both.
pub(crate) const DB_INSTANCES: usize = 40;
pub(crate) const DB_SUBNET_GROUPS: usize = 50;
/// "Amazon ElastiCache endpoints and quotas" of the general reference, for all three.
pub(crate) const CACHE_NODES: usize = 300;
pub(crate) const CACHE_PARAMETER_GROUPS: usize = 300;
pub(crate) const CACHE_SUBNET_GROUPS: usize = 300;
/// "IAM and AWS STS quotas" of the IAM user guide, for both.
pub(crate) const ROLES: usize = 1000;
pub(crate) const INSTANCE_PROFILES: usize = 1000;

/// Service, code, name and value: AWS's defaults, but for the vCPUs. Whoever makes one more than these is refused.
const QUOTAS: [(&str, &str, &str, usize); 9] = [
    ("ec2", "L-1216C47A", "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances", VCPUS as usize),
    ("vpc", "L-E79EC296", "VPC security groups per Region", SECURITY_GROUPS),
    ("rds", "L-7B6409FD", "DB instances", DB_INSTANCES),
    ("rds", "L-48C6BF61", "DB subnet groups", DB_SUBNET_GROUPS),
    ("elasticache", "L-DFE45DF3", "Nodes per Region", CACHE_NODES),
    ("elasticache", "L-3F15A733", "Parameter groups per Region", CACHE_PARAMETER_GROUPS),
    ("elasticache", "L-3E7F7726", "Subnet groups per Region", CACHE_SUBNET_GROUPS),
    ("iam", "L-FE177D64", "Roles per account", ROLES),
    ("iam", "L-6E65F664", "Instance profiles per account", INSTANCE_PROFILES),
];

/// Answers one request.
pub(crate) fn handle(ctx: &Ctx, operation: &str, input: &Value) -> Result<Value, ApiError> {
    match operation {
        "GetServiceQuota" => get(ctx, input),
        other => Err(unimplemented_json(other)),
    }
}

fn get(ctx: &Ctx, input: &Value) -> Result<Value, ApiError> {
    let text = |name: &str| input[name].as_str().unwrap_or_default();
    let (service, code) = (text("ServiceCode"), text("QuotaCode"));
    if service.is_empty() || code.is_empty() {
        let field = if service.is_empty() { "serviceCode" } else { "quotaCode" };
        let why = format!(
            "1 validation error detected: Value null at '{field}' failed to satisfy constraint: Member must not be null"
        );
        return Err(ApiError::bad("ValidationException", why));
    }
    let found = QUOTAS.iter().find(|(s, c, ..)| *s == service && *c == code);
    let Some((_, _, name, value)) = found else {
        let why = "The request failed because the specified quota or service does not exist.";
        return Err(ApiError::bad("NoSuchResourceException", why));
    };
    Ok(json!({"Quota": {
        "ServiceCode": service,
        "QuotaArn": ctx.arn("servicequotas", &format!("{service}/{code}")),
        "QuotaCode": code,
        "QuotaName": name,
        // The model has a floating-point number here.
        "Value": *value as f64,
        "Unit": "None",
        "Adjustable": true,
        "GlobalQuota": service == "iam",
        "QuotaAppliedAtLevel": "ACCOUNT",
    }}))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::{
            params::{Missing, Params},
            world::World,
        },
        protocol::xml::Element,
        services::{
            ec2::{self, SecurityGroup},
            iam,
        },
    };
    use std::sync::Arc;

    #[test]
    fn knows_its_quotas_and_no_others() {
        let (_dir, ctx) = Ctx::for_tests();
        let ask = |service: &str, code: &str| {
            handle(&ctx, "GetServiceQuota", &json!({"ServiceCode": service, "QuotaCode": code}))
        };
        assert_eq!(ask("rds", "L-7B6409FD").unwrap()["Quota"]["Value"], 40.0);
        assert_eq!(ask("ec2", "L-7B6409FD").unwrap_err().code, "NoSuchResourceException");
        assert_eq!(handle(&ctx, "GetServiceQuota", &json!({})).unwrap_err().code, "ValidationException");
    }
    /// One after as many as the quota says: the code that refuses it.
    fn refused(
        fill: impl FnOnce(&mut World),
        ask: impl Fn(&Arc<Ctx>) -> Result<Element, ApiError>,
    ) -> String {
        let (_dir, ctx) = Ctx::for_tests();
        let filled = ctx.change(|world| {
            fill(world);
            Ok(())
        });
        filled.unwrap();
        let error = ask(&ctx).unwrap_err();
        // With one less there is room for it.
        let emptied = ctx.change(|world| {
            world.ec2.groups.pop();
            world.ec2.instances.pop();
            world.iam.roles.pop();
            world.iam.profiles.pop();
            Ok(())
        });
        emptied.unwrap();
        ask(&ctx).unwrap();
        error.to_string()
    }

    fn named(kind: &str, n: usize) -> String {
        format!("{kind}-{n}")
    }

    #[test]
    fn one_more_than_a_quota_is_refused() {
        let query = |missing, p: &[(&str, &str)]| Params::of(missing, p.iter().copied());
        let fill = |world: &mut World| {
            let group = world.ec2.groups[0].clone();
            let more = world.ec2.groups.len()..SECURITY_GROUPS;
            world.ec2.groups.extend(more.map(|n| SecurityGroup { name: named("g", n), ..group.clone() }));
        };
        let p = query(Missing::Ec2, &[("GroupName", "one-more"), ("GroupDescription", "d")]);
        let error = refused(fill, |ctx| ec2::handle(ctx, "CreateSecurityGroup", &p));
        assert!(
            error.starts_with("SecurityGroupLimitExceeded: The maximum number of security groups"),
            "{error}"
        );

        let trust = r#"{"Statement":{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}}"#;
        let role = |name: &str| {
            query(Missing::Validation, &[("RoleName", name), ("AssumeRolePolicyDocument", trust)])
        };
        let (_other, scratch) = Ctx::for_tests();
        iam::handle(&scratch, "CreateRole", &role("first")).unwrap();
        let first = scratch.read(|world| world.iam.roles[0].clone());
        let fill = |world: &mut World| {
            world.iam.roles =
                (0..ROLES).map(|n| iam::Role { name: named("r", n), ..first.clone() }).collect();
        };
        let error = refused(fill, |ctx| iam::handle(ctx, "CreateRole", &role("one-more")));
        assert_eq!(error, "LimitExceeded: Cannot exceed quota for RolesPerAccount: 1000");

        let profile = |name: &str| query(Missing::Validation, &[("InstanceProfileName", name)]);
        iam::handle(&scratch, "CreateInstanceProfile", &profile("first")).unwrap();
        let first = scratch.read(|world| world.iam.profiles[0].clone());
        let fill = |world: &mut World| {
            let all = (0..INSTANCE_PROFILES).map(|n| iam::Profile { name: named("p", n), ..first.clone() });
            world.iam.profiles = all.collect();
        };
        let error = refused(fill, |ctx| iam::handle(ctx, "CreateInstanceProfile", &profile("one-more")));
        assert_eq!(error, "LimitExceeded: Cannot exceed quota for InstanceProfilesPerAccount: 1000");
    }

    #[test]
    fn virtual_processors_are_counted_over_all_that_lives() {
        let (_dir, ctx) = Ctx::for_tests();
        let image = "ami-0c2a6f4e8d10b3951";
        let launch = |count: u32, kind: &str| {
            let count = count.to_string();
            let pairs =
                [("ImageId", image), ("InstanceType", kind), ("MinCount", &count), ("MaxCount", &count)];
            ec2::handle(&ctx, "RunInstances", &Params::of(Missing::Ec2, pairs))
        };
        // Two in each.
        launch(VCPUS / 2 - 1, "t3.micro").unwrap();
        let error = launch(2, "t3.large").unwrap_err();
        assert_eq!(error.code, "VcpuLimitExceeded");
        assert!(error.message.unwrap().contains("current vCPU limit of 64 allows"));
        launch(1, "t3.large").unwrap();
        assert!(launch(1, "t3.micro").is_err());
        let ended = ctx.change(|world| {
            world.ec2.instances[0].terminated_at = Some(ctx.now());
            Ok(())
        });
        ended.unwrap();
        launch(1, "t3.micro").unwrap();
        assert!(launch(u32::MAX, "t3.micro").is_err());
    }
}
