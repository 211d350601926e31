//! Service-linked roles that a service needs before it creates anything.

use crate::model::error::ApiError;

/// The refusal for a caller that wants what needs a service-linked role, where there is none and it may not make one. A
/// caller that may make one has it made by the service, unseen, so that nothing is asked of it.
pub(crate) fn refusal(action: &str) -> ApiError {
    match action {
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
    }
}
