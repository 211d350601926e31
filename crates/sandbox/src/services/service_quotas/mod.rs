//! Service Quotas: the quotas that a class may meet, as applied to the account and as AWS sets them for all.

use crate::model::account::{part::Part, share::Quota};
use crate::services::{
    operation::{Needs, Operation},
    service::{BROKEN, Json, Refusals, Service, Wire, denied_json, no_resume},
};
use crate::{model::error::ApiError, server::ctx::Ctx};
use serde_json::{Value, json};
use std::sync::Arc;

pub(crate) static SERVICE: Service = Service {
    part: Part::stateless("servicequotas", "servicequotas"),
    wire: Wire::Json(Json {
        target: "ServiceQuotasV20190624",
        cbor: false,
        check: |_, _| Ok(()),
        capital: &[],
    }),
    operations: &[
        Operation::json("GetServiceQuota", get, Needs::Own),
        Operation::json("GetAWSDefaultServiceQuota", default, Needs::Own),
    ],
    refusals: Refusals {
        throttled: ("TooManyRequestsException", 400, "Rate exceeded"),
        broken: ("InternalFailure", 500, BROKEN),
        denied: denied_json,
    },
    resume: no_resume,
};

/// Quotas of which an account has no value of its own until one is applied (docs/aws.md, "Rates and quotas").
const UNAPPLIED: [&str; 1] = ["L-E79EC296"];

/// The account's own value.
fn get(ctx: &Arc<Ctx>, input: &Value) -> Result<Value, ApiError> {
    let quota = find(ctx, input)?;
    let limit = ctx.limit(quota);
    if UNAPPLIED.contains(&quota.code) && limit == quota.value {
        return Err(unknown());
    }
    let mut answer = told(ctx, quota, limit);
    answer["Quota"]["QuotaAppliedAtLevel"] = "ACCOUNT".into();
    Ok(answer)
}

/// AWS's value for every account.
fn default(ctx: &Arc<Ctx>, input: &Value) -> Result<Value, ApiError> {
    let quota = find(ctx, input)?;
    Ok(told(ctx, quota, quota.value))
}

fn unknown() -> ApiError {
    let why = "The request failed because the specified quota or service does not exist.";
    ApiError::bad("NoSuchResourceException", why)
}

fn find(ctx: &Ctx, input: &Value) -> Result<&'static Quota, ApiError> {
    let text = |name: &str| input[name].as_str().unwrap_or_default();
    let (service, code) = (text("ServiceCode"), text("QuotaCode"));
    if service.is_empty() || code.is_empty() {
        let field = if service.is_empty() { "serviceCode" } else { "quotaCode" };
        let why = format!(
            "1 validation error detected: Value null at '{field}' failed to satisfy constraint: Member must not be null"
        );
        return Err(ApiError::bad("ValidationException", why));
    }
    let mut quotas = ctx.parts.all().flat_map(|service| service.quotas);
    quotas.find(|quota| quota.service == service && quota.code == code).ok_or_else(unknown)
}

fn told(ctx: &Ctx, quota: &Quota, value: usize) -> Value {
    json!({"Quota": {
        "ServiceCode": quota.service,
        "QuotaArn": ctx.arn("servicequotas", &format!("{}/{}", quota.service, quota.code)),
        "QuotaCode": quota.code,
        "QuotaName": quota.name,
        // The model has a floating-point number here.
        "Value": value as f64,
        "Unit": "None",
        "Adjustable": true,
        "GlobalQuota": quota.service == "iam",
    }})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::services::tests::ask;
    use crate::{
        model::{
            account::world::World,
            node::Node,
            params::{Missing, Params},
        },
        services::{
            ec2::{self, SecurityGroup},
            iam,
        },
    };

    #[test]
    fn unknown_quotas_are_refused() {
        let (_dir, ctx) = Ctx::for_tests();
        let ask = |service: &str, code: &str| get(&ctx, &json!({"ServiceCode": service, "QuotaCode": code}));
        assert_eq!(ask("rds", "L-7B6409FD").unwrap()["Quota"]["Value"], 40.0);
        assert_eq!(ask("ec2", "L-7B6409FD").unwrap_err().code, "NoSuchResourceException");
        assert_eq!(get(&ctx, &json!({})).unwrap_err().code, "ValidationException");
    }

    #[test]
    fn a_quota_without_applied_value_has_its_default() {
        let (_dir, ctx) = Ctx::for_tests();
        let groups = &ec2::SECURITY_GROUPS;
        let asked = json!({"ServiceCode": groups.service, "QuotaCode": groups.code});
        assert_eq!(get(&ctx, &asked).unwrap_err().code, "NoSuchResourceException");
        let value = groups.value as f64;
        assert_eq!(default(&ctx, &asked).unwrap()["Quota"]["Value"], value);
        ctx.raise(groups, 3);
        assert_eq!(get(&ctx, &asked).unwrap()["Quota"]["Value"], 3.0);
        assert_eq!(default(&ctx, &asked).unwrap()["Quota"]["Value"], value);
    }

    /// One after as many as the quota says: the code that refuses it.
    fn refused(fill: impl FnOnce(&mut World), ask: impl Fn(&Arc<Ctx>) -> Result<Node, ApiError>) -> String {
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
            let more = world.ec2.groups.len()..ec2::SECURITY_GROUPS.value;
            world.ec2.groups.extend(more.map(|n| SecurityGroup { name: named("g", n), ..group.clone() }));
        };
        let p = query(Missing::Ec2, &[("GroupName", "one-more"), ("GroupDescription", "d")]);
        let error = refused(fill, |ctx| ask(&ec2::SERVICE, ctx, "CreateSecurityGroup", &p));
        assert!(
            error.starts_with("SecurityGroupLimitExceeded: The maximum number of security groups"),
            "{error}"
        );

        let trust = r#"{"Statement":{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}}"#;
        let role = |name: &str| {
            query(Missing::Validation, &[("RoleName", name), ("AssumeRolePolicyDocument", trust)])
        };
        let (_other, scratch) = Ctx::for_tests();
        ask(&iam::SERVICE, &scratch, "CreateRole", &role("first")).unwrap();
        let first = scratch.read(|world| world.iam.roles[0].clone());
        let fill = |world: &mut World| {
            world.iam.roles =
                (0..iam::ROLES.value).map(|n| iam::Role { name: named("r", n), ..first.clone() }).collect();
        };
        let error = refused(fill, |ctx| ask(&iam::SERVICE, ctx, "CreateRole", &role("one-more")));
        assert_eq!(error, "LimitExceeded: Cannot exceed quota for RolesPerAccount: 1000");

        let profile = |name: &str| query(Missing::Validation, &[("InstanceProfileName", name)]);
        ask(&iam::SERVICE, &scratch, "CreateInstanceProfile", &profile("first")).unwrap();
        let first = scratch.read(|world| world.iam.profiles[0].clone());
        let fill = |world: &mut World| {
            let all = (0..iam::INSTANCE_PROFILES.value)
                .map(|n| iam::Profile { name: named("p", n), ..first.clone() });
            world.iam.profiles = all.collect();
        };
        let error =
            refused(fill, |ctx| ask(&iam::SERVICE, ctx, "CreateInstanceProfile", &profile("one-more")));
        assert_eq!(error, "LimitExceeded: Cannot exceed quota for InstanceProfilesPerAccount: 1000");
    }

    #[test]
    fn virtual_processors_are_counted_over_all_that_lives() {
        let (_dir, ctx) = Ctx::for_tests();
        let image = "ami-0c2a6f4e8d10b3951";
        let launch = |count: usize, kind: &str| {
            let count = count.to_string();
            let pairs =
                [("ImageId", image), ("InstanceType", kind), ("MinCount", &count), ("MaxCount", &count)];
            ask(&ec2::SERVICE, &ctx, "RunInstances", &Params::of(Missing::Ec2, pairs))
        };
        // Two in each.
        launch(ec2::VCPUS.value / 2 - 1, "t3.micro").unwrap();
        let error = launch(2, "t3.large").unwrap_err();
        assert_eq!(error.code, "VcpuLimitExceeded");
        assert!(error.message.unwrap().contains("current vCPU limit of 64 allows"));
        launch(1, "t3.large").unwrap();
        assert!(launch(1, "t3.micro").is_err());
        let ended = ctx.change(|world| {
            world.ec2.instances.first_mut().unwrap().terminated_at = Some(ctx.now());
            Ok(())
        });
        ended.unwrap();
        launch(1, "t3.micro").unwrap();
        assert!(launch(u32::MAX as usize, "t3.micro").is_err());
    }
}
