//! What each service says when a fault makes it refuse (AWS-ERRORS sections 2 to 5).

use super::FaultKind;
use crate::{
    model::error::ApiError,
    services::{iam, service::Service},
};

/// The refusal for a kind of fault; `None` for the kinds that are not refusals. `caller` and `resource` are ARNs,
/// `parameter` gives a parameter of the call.
pub(crate) fn refusal<'a>(
    kind: FaultKind,
    service: Service,
    operation: &str,
    caller: &str,
    resource: &str,
    parameter: impl Fn(&str) -> Option<&'a str>,
) -> Option<ApiError> {
    match kind {
        FaultKind::Throttle => Some(throttled(service)),
        FaultKind::ServerError => Some(broken(service)),
        FaultKind::Refuse => Some(denied(service, operation, caller, resource)),
        FaultKind::NoCapacity => Some(exhausted(service, parameter)),
        // RDS's role is made at its first use, and is not ready at once.
        FaultKind::NotYet if service == Service::Rds && operation.starts_with("Create") => {
            Some(iam::no_service_linked(&format!("rds:{operation}")))
        }
        FaultKind::CreateFailed
        | FaultKind::NotYet
        | FaultKind::Drop
        | FaultKind::Slow
        | FaultKind::StallBefore
        | FaultKind::StallAfter => None,
    }
}

fn throttled(service: Service) -> ApiError {
    match service {
        Service::Ec2 => ApiError::new("RequestLimitExceeded", 503, "Request limit exceeded."),
        query if query.is_query() => ApiError::bad("Throttling", "Rate exceeded"),
        Service::Tagging => ApiError::bad("ThrottledException", "Rate exceeded"),
        Service::Quotas => ApiError::bad("TooManyRequestsException", "Rate exceeded"),
        _ => ApiError::bad("ThrottlingException", "Rate exceeded"),
    }
}

fn broken(service: Service) -> ApiError {
    let text = "An internal error has occurred. Please try your query again at a later time.";
    match service {
        Service::Ec2 => ApiError::new("InternalError", 500, "An internal error has occurred"),
        Service::Iam => ApiError::new("ServiceFailure", 500, text),
        Service::Tagging => ApiError::new("InternalServiceException", 500, text),
        Service::SecretsManager => ApiError::new("InternalServiceError", 500, text),
        _ => ApiError::internal(text),
    }
}

/// What a caller is told whose policies do not allow a call.
fn denied(service: Service, operation: &str, caller: &str, resource: &str) -> ApiError {
    denied_action(service, &format!("{}:{operation}", service.action_prefix()), caller, resource)
}

/// The same for any action that a call of the service needs, for example `iam:PassRole` to launch an instance.
pub(crate) fn denied_action(service: Service, action: &str, caller: &str, resource: &str) -> ApiError {
    let denial = format!(
        "User: {caller} is not authorized to perform: {action} on resource: {resource} because no identity-based \
         policy allows the {action} action"
    );
    match service {
        Service::Ec2 => {
            let mut text = format!("You are not authorized to perform this operation. {denial}");
            // Only sts:DecodeAuthorizationMessage makes sense of it, on AWS as well.
            if super::is_mutating(action.rsplit(':').next().unwrap_or_default()) {
                text = format!(
                    "{text}. Encoded authorization failure message: {}",
                    crate::system::ids::secret(160)
                );
            }
            ApiError::new("UnauthorizedOperation", 403, text)
        }
        query if query.is_query() => ApiError::new("AccessDenied", 403, denial),
        _ => ApiError::bad("AccessDeniedException", denial),
    }
}

fn exhausted<'a>(service: Service, parameter: impl Fn(&str) -> Option<&'a str>) -> ApiError {
    match service {
        Service::ElastiCache => {
            let kind = parameter("CacheNodeType").unwrap_or("cache.t3.micro");
            let text = format!(
                "{kind} (VPC) is not currently supported in the availability zone us-east-1a.  Retry the launch \
                 with no availability zone or target: us-east-1b, us-east-1c."
            );
            ApiError::bad("InsufficientCacheClusterCapacity", text)
        }
        // The service model's own words; no answer of AWS was seen.
        Service::Rds => ApiError::bad(
            "InsufficientDBInstanceCapacity",
            "The specified DB instance class isn't available in the specified Availability Zone.",
        ),
        _ => {
            let kind = parameter("InstanceType").unwrap_or("m1.small");
            let text = format!(
                "We currently do not have sufficient {kind} capacity in the Availability Zone you requested \
                 (us-east-1a). Our system will be working on provisioning additional capacity. You can currently \
                 get {kind} capacity by not specifying an Availability Zone in your request or choosing \
                 us-east-1b, us-east-1c."
            );
            ApiError::new("InsufficientInstanceCapacity", 500, text)
        }
    }
}
