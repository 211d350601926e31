//! The resource that a call is about, as its parameters name it.

use crate::services::service::Service;
use crate::{
    model::{arn::arn, params::Params},
    server::ctx::Ctx,
};

/// No name of AWS is longer; what is would only fill the memory of calls.
const LONGEST: usize = 512;

/// Parameters that name a resource, the telling one first, and what stands before the name in its ARN.
const ELASTICACHE: &[(&str, &str)] = &[
    ("ReplicationGroupId", "replicationgroup:"),
    ("CacheClusterId", "cluster:"),
    ("CacheSubnetGroupName", "subnetgroup:"),
    ("CacheParameterGroupName", "parametergroup:"),
];
const RDS: &[(&str, &str)] = &[("DBInstanceIdentifier", "db:"), ("DBSubnetGroupName", "subgrp:")];
const IAM: &[(&str, &str)] = &[("InstanceProfileName", "instance-profile/"), ("RoleName", "role/")];
const EC2: &[(&str, &str)] = &[
    ("GroupId", "security-group/"),
    ("GroupId.1", "security-group/"),
    ("InstanceId.1", "instance/"),
    ("ResourceId.1", ""),
];

/// The ARN of what a call of a query service is about; `*` where its parameters do not tell.
pub(super) fn of(ctx: &Ctx, service: Service, action: &str, p: &Params) -> String {
    if let Some(given) =
        p.get("ResourceName").filter(|name| name.starts_with("arn:") && name.len() <= LONGEST)
    {
        return given.to_owned();
    }
    let (names, region) = match service {
        Service::ElastiCache => (ELASTICACHE, ctx.region.as_str()),
        Service::Rds => (RDS, ctx.region.as_str()),
        Service::Iam => (IAM, ""),
        Service::Ec2 => (EC2, ctx.region.as_str()),
        _ => return "*".into(),
    };
    let part = match action {
        // What has no id yet.
        "RunInstances" => Some("instance/*".to_owned()),
        "CreateSecurityGroup" => Some("security-group/*".to_owned()),
        _ => names.iter().find_map(|(parameter, prefix)| {
            let name = p.get(parameter).filter(|name| (1..=LONGEST).contains(&name.len()))?;
            Some(format!("{prefix}{name}"))
        }),
    };
    part.map_or_else(|| "*".into(), |part| arn(service.signing_name(), region, &ctx.account, &part))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::params::Missing;

    #[test]
    fn names_what_a_call_is_about() {
        let (_dir, ctx) = Ctx::for_tests();
        let of = |service, action, pairs: &[(&str, &str)]| {
            of(&ctx, service, action, &Params::of(Missing::Blank, pairs.iter().copied()))
        };
        let group = [("ReplicationGroupId", "rg"), ("CacheSubnetGroupName", "s")];
        assert_eq!(
            of(Service::ElastiCache, "CreateReplicationGroup", &group),
            "arn:aws:elasticache:us-east-1:123456789012:replicationgroup:rg"
        );
        let pair = [("InstanceProfileName", "app"), ("RoleName", "app")];
        assert_eq!(
            of(Service::Iam, "AddRoleToInstanceProfile", &pair),
            "arn:aws:iam::123456789012:instance-profile/app"
        );
        let launch = of(Service::Ec2, "RunInstances", &[]);
        assert_eq!(launch, "arn:aws:ec2:us-east-1:123456789012:instance/*");
        assert_eq!(of(Service::Rds, "DescribeDBInstances", &[]), "*");
        assert_eq!(of(Service::Sts, "GetCallerIdentity", &[]), "*");
    }
}
