//! Instances as SSM sees them.

use super::{paged, texts};
use crate::services::ec2::is_online;
use crate::{
    model::{error::ApiError, tag, value::epoch},
    server::ctx::Ctx,
    services::ec2::Instance,
};
use serde_json::{Value, json};
use std::sync::Arc;

/// The agent in the AL2023 images that the sandbox shows.
const AGENT_VERSION: &str = "3.3.3050.0";

const KEYS: [&str; 10] = [
    "ActivationIds",
    "AgentVersion",
    "AssociationStatus",
    "IamRole",
    "InstanceIds",
    "PingStatus",
    "PlatformTypes",
    "ResourceType",
    "SourceIds",
    "SourceTypes",
];

pub(super) fn describe(ctx: &Arc<Ctx>, input: &Value) -> Result<Value, ApiError> {
    let new = input["Filters"].as_array().into_iter().flatten().map(|f| (&f["Key"], &f["Values"]));
    let old = input["InstanceInformationFilterList"].as_array().into_iter().flatten();
    let old = old.map(|f| (&f["key"], &f["valueSet"]));
    let mut filters = Vec::new();
    for (key, values) in new.chain(old) {
        let key = key.as_str().unwrap_or_default();
        if !KEYS.contains(&key) && !key.starts_with("tag:") && key != "tag-key" {
            return Err(ApiError::bare("InvalidFilterKey"));
        }
        filters.push((key.to_owned(), texts(values)));
    }
    let (world, now) = (ctx.world(), ctx.now());
    let passes = |i: &Instance| {
        filters.iter().all(|(key, values)| {
            let any = |have: &str| values.iter().any(|v| v == have);
            match key.as_str() {
                "InstanceIds" | "SourceIds" => any(&i.id),
                "SourceTypes" => any("AWS::EC2::Instance"),
                "AssociationStatus" => any("Success"),
                // The agent's keys are of this role.
                "IamRole" => {
                    let profile = i.profile.as_deref().and_then(|name| world.iam.profile(name));
                    profile.and_then(|p| p.role.as_deref()).is_some_and(any)
                }
                "PingStatus" => any("Online"),
                "PlatformTypes" => any("Linux"),
                "ResourceType" => any("EC2Instance"),
                "AgentVersion" => any(AGENT_VERSION),
                "tag-key" => i.tags.iter().any(|t| any(&t.key)),
                other => other.strip_prefix("tag:").and_then(|k| tag::value(&i.tags, k)).is_some_and(any),
            }
        })
    };
    let items = world.ec2.instances.iter().filter(|i| is_online(i, &world, now) && passes(i)).map(|i| {
        json!({
            "InstanceId": i.id, "PingStatus": "Online", "LastPingDateTime": epoch(now),
            "AgentVersion": AGENT_VERSION, "IsLatestVersion": true, "PlatformType": "Linux",
            "PlatformName": "Amazon Linux", "PlatformVersion": "2023", "ResourceType": "EC2Instance",
            "IPAddress": i.private_ip, "SourceId": i.id, "SourceType": "AWS::EC2::Instance",
            "ComputerName": format!("ip-{}.ec2.internal", i.private_ip.replace('.', "-")),
            "AssociationStatus": "Success",
        })
    });
    paged(input, "InstanceInformationList", items, 50, 50)
}
