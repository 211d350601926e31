//! The permissions that a call needs, and whether its caller has them (AWS's service authorization reference).
//!
//! Roles have what their policies say. The sandbox's own key may do everything, unless the sandbox was started with a
//! policy: then it has exactly that, as a learner in somebody else's account would.

mod ec2;
mod json;
mod query;

use crate::{
    model::{error::ApiError, params::Params, tag::Tag, world::World},
    protocol::sigv4::Caller,
    server::{ctx::Ctx, fault},
    services::{
        iam::{self, Context},
        service::Service,
        sts,
    },
};
use serde_json::Value;
use std::{fs, path::Path};

/// What a service's first user needs besides.
const LINKING: &str = "iam:CreateServiceLinkedRole";

/// One permission that a call needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Permission {
    /// For example `ec2:RunInstances`.
    pub(crate) action: String,
    /// An ARN, or `*`.
    pub(crate) resource: String,
    /// What conditions may ask about.
    pub(crate) context: Context,
}

impl Permission {
    pub(crate) fn new(action: impl Into<String>, resource: impl Into<String>) -> Self {
        Self { action: action.into(), resource: resource.into(), context: Context::default() }
    }

    fn with(mut self, key: &str, value: &str) -> Self {
        self.context = self.context.with(key, value);
        self
    }

    /// With the tags that the request gives to what it makes.
    fn requesting(self, tags: &[Tag]) -> Self {
        tags.iter().fold(self, |p, tag| p.with(&format!("aws:RequestTag/{}", tag.key), &tag.value))
    }

    /// With the tags that the resource has already.
    fn tagged(self, world: &World) -> Self {
        let tags = tags_of(world, &self.resource);
        tags.iter().fold(self, |p, tag| p.with(&format!("aws:ResourceTag/{}", tag.key), &tag.value))
    }
}

/// The parameters of a call in either form.
#[derive(Clone, Copy)]
pub(crate) enum Input<'a> {
    /// EC2 and AWS query.
    Query(&'a Params),
    /// JSON and CBOR.
    Json(&'a Value),
}

/// What a call needs, its own action first.
pub(crate) fn needed(ctx: &Ctx, service: Service, operation: &str, input: Input<'_>) -> Vec<Permission> {
    let world = ctx.world();
    match (service, input) {
        (Service::Ec2, Input::Query(p)) => ec2::needed(ctx, &world, operation, p),
        (Service::ElastiCache, Input::Query(p)) => query::elasticache(ctx, &world, operation, p),
        (Service::Rds, Input::Query(p)) => query::rds(ctx, &world, operation, p),
        (Service::Iam, Input::Query(p)) => query::iam(ctx, &world, operation, p),
        (Service::Ssm, Input::Json(input)) => json::ssm(ctx, &world, operation, input),
        // Who one is may always be asked.
        (Service::Sts, _) => Vec::new(),
        _ => vec![Permission::new(format!("{}:{operation}", service.action_prefix()), "*")],
    }
}

/// Refuses a caller who lacks one of the permissions.
pub(crate) fn check(
    ctx: &Ctx,
    caller: &Caller,
    service: Service,
    needed: &[Permission],
) -> Result<(), ApiError> {
    let lacking = match caller {
        Caller::Role { role, .. } => {
            let world = ctx.world();
            needed.iter().find(|p| !iam::allows(&world, role, &p.action, &p.resource, &p.context))
        }
        Caller::Root => match ctx.policy() {
            None => None,
            Some(path) => {
                // Read at every call: an edited policy counts at once.
                let document = read(path).map_err(|why| {
                    ApiError::internal(format!("the sandbox's policy {}: {why}", path.display()))
                })?;
                needed
                    .iter()
                    .find(|p| iam::decide(&document, &p.action, &p.resource, &p.context) != Some(true))
            }
        },
    };
    match lacking {
        None => Ok(()),
        // The service finds out by itself, and says it in its own way.
        Some(p) if p.action == LINKING => {
            Err(iam::no_service_linked(needed.first().map_or("", |own| own.action.as_str())))
        }
        Some(p) => Err(fault::denied_action(service, &p.action, &sts::caller_arn(ctx, caller), &p.resource)),
    }
}

/// Reads a policy document and checks that it is one.
pub(crate) fn read(path: &Path) -> Result<String, String> {
    let document = fs::read_to_string(path).map_err(|error| error.to_string())?;
    iam::check_permissions(&document)
        .map_err(|error| error.message.unwrap_or_else(|| error.code.clone().into()))?;
    Ok(document)
}

/// The tags of the resource with this ARN.
fn tags_of(world: &World, arn: &str) -> Vec<Tag> {
    let (region, account) = (&world.region, &world.account);
    let service = arn.split(':').nth(2).unwrap_or_default();
    let tagged = match service {
        // There may be many of them, and a request may name a thousand.
        "ec2" => {
            let id = arn.rsplit('/').next().unwrap_or_default();
            return world.ec2.tags_of(id, jiff::Timestamp::now()).map(<[Tag]>::to_vec).unwrap_or_default();
        }
        "elasticache" => world.elasticache.tagged(),
        "rds" => world.rds.tagged(),
        "ssm" => world.ssm.tagged(region, account),
        "iam" => {
            let roles = world.iam.roles.iter().map(|r| (r.arn(account), r.tags.clone()));
            roles.chain(world.iam.profiles.iter().map(|p| (p.arn(account), p.tags.clone()))).collect()
        }
        _ => Vec::new(),
    };
    tagged.into_iter().find(|(name, _)| name == arn).map(|(_, tags)| tags).unwrap_or_default()
}

/// The tags of a query request, as far as they can be read; the operation itself refuses bad ones.
fn tags(p: &Params, list: &str) -> Vec<Tag> {
    Tag::list(p, list).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::params::Missing;
    use serde_json::json;

    fn names(permissions: &[Permission]) -> Vec<(String, String)> {
        permissions.iter().map(|p| (p.action.clone(), p.resource.clone())).collect()
    }

    fn pair(action: &str, resource: &str) -> (String, String) {
        (action.into(), resource.into())
    }

    #[test]
    fn a_launch_needs_all_that_it_touches() {
        let (_dir, ctx) = Ctx::for_tests();
        let p = Params::of(
            Missing::Ec2,
            [
                ("ImageId", "ami-1"),
                ("SubnetId", "subnet-1"),
                ("SecurityGroupId.1", "sg-1"),
                ("IamInstanceProfile.Name", "rw-x-app"),
                ("TagSpecification.1.ResourceType", "instance"),
                ("TagSpecification.1.Tag.1.Key", "recipe-walk:session"),
                ("TagSpecification.1.Tag.1.Value", "rw-x"),
            ],
        );
        let all = needed(&ctx, Service::Ec2, "RunInstances", Input::Query(&p));
        let here = "arn:aws:ec2:us-east-1:123456789012";
        assert_eq!(
            names(&all),
            [
                pair("ec2:RunInstances", &format!("{here}:instance/*")),
                pair("ec2:RunInstances", "arn:aws:ec2:us-east-1::image/ami-1"),
                pair("ec2:RunInstances", &format!("{here}:network-interface/*")),
                pair("ec2:RunInstances", &format!("{here}:volume/*")),
                pair("ec2:RunInstances", &format!("{here}:subnet/subnet-1")),
                pair("ec2:RunInstances", &format!("{here}:security-group/sg-1")),
                pair("ec2:CreateTags", &format!("{here}:instance/*")),
                pair("iam:PassRole", "arn:aws:iam::123456789012:role/*"),
            ]
        );
        let tagging = &all[6].context;
        assert_eq!(
            *tagging,
            Context::default()
                .with("ec2:CreateAction", "RunInstances")
                .with("aws:RequestTag/recipe-walk:session", "rw-x")
        );
    }

    /// A list that the operation refuses for its length costs nothing beyond that.
    #[test]
    fn what_is_one_too_many_is_not_worked_out() {
        let (_dir, ctx) = Ctx::for_tests();
        let names: Vec<String> = (0..20_000).map(|n| format!("n{n}")).collect();
        for (operation, list, most) in [
            ("GetParameters", "Names", 11),
            ("DeleteParameters", "Names", 11),
            ("SendCommand", "InstanceIds", 52),
        ] {
            let input = json!({"DocumentName": "AWS-RunShellScript", list: names});
            assert_eq!(needed(&ctx, Service::Ssm, operation, Input::Json(&input)).len(), most, "{operation}");
        }
        for (operation, list) in [("TerminateInstances", "InstanceId"), ("CreateTags", "ResourceId")] {
            let pairs: Vec<_> =
                names.iter().enumerate().map(|(n, id)| (format!("{list}.{}", n + 1), id)).collect();
            let p = Params::of(Missing::Ec2, pairs.iter().map(|(k, v)| (k.as_str(), v.as_str())));
            assert_eq!(needed(&ctx, Service::Ec2, operation, Input::Query(&p)).len(), 1001, "{operation}");
            let error = crate::services::ec2::handle(&ctx, operation, &p).unwrap_err();
            assert_eq!(error.code, "InvalidParameterValue", "{error}");
        }
    }

    #[test]
    fn other_services_name_their_resources() {
        let (_dir, ctx) = Ctx::for_tests();
        let p = Params::of(
            Missing::Blank,
            [("DBInstanceIdentifier", "RW-x"), ("DBSubnetGroupName", "rw-x"), ("EngineVersion", "8.4.3")],
        );
        let all = needed(&ctx, Service::Rds, "CreateDBInstance", Input::Query(&p));
        let rds = "arn:aws:rds:us-east-1:123456789012";
        assert_eq!(
            names(&all)[..4],
            [
                pair("rds:CreateDBInstance", &format!("{rds}:db:rw-x")),
                pair("rds:CreateDBInstance", &format!("{rds}:subgrp:rw-x")),
                pair("rds:CreateDBInstance", &format!("{rds}:pg:default.mysql8.4")),
                pair("rds:CreateDBInstance", &format!("{rds}:og:default:mysql-8-4")),
            ]
        );
        let all = needed(
            &ctx,
            Service::Ssm,
            "GetParameter",
            Input::Json(&json!({"Name": "/aws/service/ami-amazon-linux-latest/x"})),
        );
        let public = "arn:aws:ssm:us-east-1::parameter/aws/service/ami-amazon-linux-latest/x";
        assert_eq!(names(&all), [pair("ssm:GetParameter", public)]);
        let all = needed(
            &ctx,
            Service::Ssm,
            "SendCommand",
            Input::Json(&json!({"DocumentName": "AWS-RunShellScript", "InstanceIds": ["i-1"]})),
        );
        assert_eq!(all.len(), 2);
        assert_eq!(all[1].resource, "arn:aws:ec2:us-east-1:123456789012:instance/i-1");
    }
}
