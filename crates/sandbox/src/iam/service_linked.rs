//! Service-linked roles that a service needs before it creates anything.

use crate::{error::ApiError, world::World};

/// The refusal for a role that wants what needs a service-linked role, where there is none and it may not make one. A
/// caller that may make one has it made by the service, unseen, so that nothing is asked of it.
pub(crate) fn missing(world: &World, role: &str, action: &str) -> Option<ApiError> {
    let service = match action {
        "rds:CreateDBInstance" | "rds:CreateDBSubnetGroup" => "rds.amazonaws.com",
        "elasticache:CreateReplicationGroup" => "elasticache.amazonaws.com",
        _ => return None,
    };
    let resource = format!("arn:aws:iam::{}:role/aws-service-role/{service}/*", world.account);
    if world.iam.service_linked.contains(service)
        || super::allows(world, role, "iam:CreateServiceLinkedRole", &resource)
    {
        return None;
    }
    Some(match action {
        "rds:CreateDBInstance" => ApiError::bad(
            "InvalidParameterValue",
            "Unable to create the resource. Verify that you have permission to create service linked role. Otherwise \
             wait and try again later",
        ),
        "rds:CreateDBSubnetGroup" => ApiError::bad(
            "InvalidParameterValue",
            "Missing necessary credentials. Please check \
             http://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAM.ServiceLinkedRoles.html",
        ),
        _ => ApiError::bad(
            "ServiceLinkedRoleNotFoundFault",
            "The specified service linked role was not found.",
        ),
    })
}
