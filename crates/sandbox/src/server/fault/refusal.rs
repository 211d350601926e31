//! What each service says when a fault makes it refuse (docs/aws-errors.md, "Common errors", "ElastiCache", "RDS" and
//! "EC2").

use super::FaultKind;
use crate::{
    model::error::ApiError,
    protocol::{envelope::signature_refusal, sigv4::Fault},
    services::service::{Service, Words},
};

/// The refusal for a kind of fault; `None` for the kinds that are not refusals. `caller` and `resource` are ARNs,
/// `parameter` gives a parameter of the call.
pub(crate) fn refusal(
    kind: FaultKind,
    service: &Service,
    operation: &str,
    caller: &str,
    resource: &str,
    parameter: &dyn Fn(&str) -> Option<String>,
) -> Option<ApiError> {
    let words = |(code, status, text): Words| ApiError::new(code, status, text);
    match kind {
        FaultKind::Throttle => Some(words(service.refusals.throttled)),
        FaultKind::ServerError => Some(words(service.refusals.broken)),
        FaultKind::Refuse => {
            let action = format!("{}:{operation}", service.part.prefix);
            Some(service.denied(&action, caller, resource, super::is_mutating(operation)))
        }
        FaultKind::UnknownKey => Some(signature_refusal(service.protocol(), Fault::UnknownKey)),
        FaultKind::NoCapacity => service.part.exhausted(operation).map(|exhausted| exhausted(parameter)),
        // A role that was made at its service's first use may not be ready at once.
        FaultKind::NotYet => Some((service.implemented(operation)?.linked?.refusal)()),
        FaultKind::CreateFailed
        | FaultKind::Drop
        | FaultKind::Slow
        | FaultKind::StallBefore
        | FaultKind::StallAfter => None,
    }
}
