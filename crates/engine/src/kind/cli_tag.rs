//! The AWS CLI line that adds the session's tags to something a person made without them. Valid for `aws` version 1 and 2.

use crate::action::{Action, Planned};
use crate::cli_line::{quote, sent_to};
use crate::cloud::Place;

/// The command; nothing for what has no tags of its own.
pub fn tag_line(planned: &Planned, place: &Place) -> Option<String> {
    let endpoint = place.endpoint.as_deref();
    let tags: Vec<_> =
        planned.tags.pairs().iter().map(|(k, v)| quote(&format!("Key={k},Value={v}"))).collect();
    let arn =
        |service: &str, rest: String| format!("arn:aws:{service}:{}:{}:{rest}", place.region, place.account);
    let elasticache = |rest: String| {
        format!("aws elasticache add-tags-to-resource --resource-name {}", arn("elasticache", rest))
    };
    let rds = |rest: String| format!("aws rds add-tags-to-resource --resource-name {}", arn("rds", rest));
    let ec2 = |look: String| {
        let look = sent_to(&format!("{look} --output text"), endpoint);
        format!("aws ec2 create-tags --resources \"$({look})\"")
    };
    let command = match &planned.action {
        Action::SecurityGroup { name, vpc, .. } => ec2(format!(
            "aws ec2 describe-security-groups \\\n      --filters Name=group-name,Values={name} Name=vpc-id,Values={vpc} \\\n      \
             --query 'SecurityGroups[0].GroupId'"
        )),
        Action::Instance { token, .. } => ec2(format!(
            "aws ec2 describe-instances \\\n      --filters Name=client-token,Values={token} \\\n      \
             --query 'Reservations[0].Instances[0].InstanceId'"
        )),
        Action::CacheSubnetGroup { name, .. } => elasticache(format!("subnetgroup:{name}")),
        Action::CacheParameterGroup { name, .. } => elasticache(format!("parametergroup:{name}")),
        Action::ReplicationGroup { id, .. } => elasticache(format!("replicationgroup:{id}")),
        Action::DbSubnetGroup { name, .. } => rds(format!("subgrp:{name}")),
        Action::DbInstance { id, .. } => rds(format!("db:{id}")),
        Action::Secret { path, .. } | Action::Note { path, .. } => {
            format!("aws ssm add-tags-to-resource --resource-type Parameter --resource-id {path}")
        }
        Action::Role { name, .. } => format!("aws iam tag-role --role-name {name}"),
        Action::InstanceProfile { name } => {
            format!("aws iam tag-instance-profile --instance-profile-name {name}")
        }
        Action::IngressRule { .. }
        | Action::CacheParameters { .. }
        | Action::TrialParameters { .. }
        | Action::RolePolicy { .. }
        | Action::ProfileRole { .. } => return None,
    };
    let command = format!("{command} \\\n    --tags {}", tags.join(" \\\n      "));
    Some(sent_to(&command, endpoint))
}
