//! SDK errors as the engine's two kinds: refused, or unclear.

use super::guard::Taken;
use super::limit::words;
use super::one_line;
use crate::kind::errors;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use recipe_walk_engine::failure::{Failure, Kind, Refusal, tells_of_a_service_role};
use recipe_walk_engine::shown;
use std::error::Error;

/// Letters of an error's code that are kept.
const LONGEST_CODE: usize = 100;

/// What a service's error code means for us: those that all services have, and those of the kinds. docs/aws.md,
/// "Permissions"; docs/aws-errors.md.
fn kind(code: &str, message: &str) -> Option<Kind> {
    let known = match code {
        "InvocationDoesNotExist" | "NoSuchResourceException" => Kind::NotFound,
        "UnauthorizedOperation" | "AccessDenied" | "AccessDeniedException" => Kind::Denied,
        "AuthFailure"
        | "InvalidClientTokenId"
        | "UnrecognizedClientException"
        | "SignatureDoesNotMatch"
        | "InvalidSignatureException"
        | "RequestExpired"
        | "ExpiredToken"
        | "ExpiredTokenException"
        | "MissingAuthenticationToken"
        | "MissingAuthenticationTokenException"
        | "IncompleteSignature" => Kind::Credentials,
        "Throttling"
        | "ThrottlingException"
        | "ThrottledException"
        | "RequestLimitExceeded"
        | "TooManyRequestsException"
        | "EC2ThrottledException" => Kind::Throttled,
        // After "RequestLimitExceeded", which is about the rate of calls.
        _ if is_quota(code) => Kind::Quota,
        // A service's own role, made by its very first call, that it does not see yet.
        "ServiceLinkedRoleNotFoundFault" => Kind::NotYet,
        "InvalidParameterValue"
            if message.contains("Invalid IAM Instance Profile name")
                || message.contains("has no associated IAM Roles")
                || tells_of_a_service_role(message) =>
        {
            Kind::NotYet
        }
        _ => return errors().find(|(known, _)| *known == code).map(|(_, kind)| *kind),
    };
    Some(known)
}

/// Whether a code tells of a used up quota: `VcpuLimitExceeded`, `NodeQuotaForCustomerExceeded`,
/// `DBSubnetQuotaExceededFault` (docs/aws-errors.md, "ElastiCache" and "RDS").
fn is_quota(code: &str) -> bool {
    let stem = code.strip_suffix("Fault").or_else(|| code.strip_suffix("Exception")).unwrap_or(code);
    stem.strip_suffix("Exceeded").is_some_and(|what| what.ends_with("Limit") || what.contains("Quota"))
}

/// Turns an SDK error into a failure. A server fault without a meaning of its own is unclear.
pub(crate) fn failure<E>(operation: &str, error: &SdkError<E, HttpResponse>) -> Failure
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let unclear = |cause: String| {
        let cause = words(operation, &cause);
        Failure::Unclear { operation: operation.to_owned(), cause }
    };
    let refused = |code: &str, message: String, request_id: Option<String>, kind: Kind| {
        Failure::Refused(Refusal {
            operation: operation.to_owned(),
            code: code.to_owned(),
            message,
            request_id,
            kind,
        })
    };
    match error {
        SdkError::ServiceError(service) => {
            let metadata = service.err().meta();
            let code =
                &shown::one_line(metadata.code().unwrap_or("Unknown").trim_end_matches('\0'), LONGEST_CODE);
            let message = words(operation, metadata.message().unwrap_or("the service gave no message"));
            let status = service.raw().status().as_u16();
            match kind(code, &message) {
                None if status >= 500 => unclear(format!("{code} (HTTP {status}): {message}")),
                found => {
                    let request_id =
                        metadata.extra("aws_request_id").map(|id| shown::one_line(id, LONGEST_CODE));
                    refused(code, message, request_id, found.unwrap_or(Kind::Other))
                }
            }
        }
        SdkError::ConstructionFailure(_) => {
            refused("InvalidRequest", words(operation, &source_line(error)), None, Kind::Other)
        }
        other => {
            let cause = source_line(other);
            // The SDK reports missing or unrefreshable credentials as a dispatch failure: nothing was sent.
            let (mut credentials, mut taken) = (false, false);
            let mut source = other.source();
            while let Some(e) = source {
                credentials |= e.is::<aws_credential_types::provider::error::CredentialsError>();
                taken |= e.is::<Taken>();
                source = e.source();
            }
            if taken {
                refused("EndpointTaken", cause, None, Kind::Other)
            } else if credentials {
                refused("NoCredentials", cause, None, Kind::Credentials)
            } else {
                unclear(cause)
            }
        }
    }
}

fn source_line<E>(error: &SdkError<E, HttpResponse>) -> String
where
    E: Error + 'static,
{
    error.source().map_or_else(|| error.to_string(), one_line)
}

/// Whether it means that the thing is not there; anything else stays an error.
pub(crate) fn absent<T>(result: Result<T, Failure>) -> Result<Option<T>, Failure> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(f) if f.kind() == Some(Kind::NotFound) => Ok(None),
        Err(f) => Err(f),
    }
}

/// Shortens `.map_err(|e| failure("service:Operation", &e))`.
pub(crate) trait Named<T> {
    fn named(self, operation: &str) -> Result<T, Failure>;
}

impl<T, E> Named<T> for Result<T, SdkError<E, HttpResponse>>
where
    E: ProvideErrorMetadata + Error + 'static,
{
    fn named(self, operation: &str) -> Result<T, Failure> {
        match self {
            Ok(answer) => {
                tracing::info!(operation, "answered");
                Ok(answer)
            }
            Err(error) => {
                let failure = failure(operation, &error);
                tracing::warn!(operation, %failure, "failed");
                Err(failure)
            }
        }
    }
}

/// A field that the service's own model promises and that was not there.
pub(crate) fn missing(operation: &str, field: &str) -> Failure {
    Failure::Unclear { operation: operation.to_owned(), cause: format!("the answer has no {field}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotas_are_known_by_their_codes_in_every_service() {
        for code in [
            "LimitExceeded",
            "SecurityGroupLimitExceeded",
            "RulesPerSecurityGroupLimitExceeded",
            "VcpuLimitExceeded",
            "InstanceLimitExceeded",
            "VolumeLimitExceeded",
            "ParameterLimitExceeded",
            "HierarchyLevelLimitExceededException",
            "NodeQuotaForCustomerExceeded",
            "NodeQuotaForClusterExceeded",
            "ClusterQuotaForCustomerExceeded",
            "CacheSubnetGroupQuotaExceeded",
            "DBSubnetQuotaExceededFault",
            "InstanceQuotaExceeded",
            "TagQuotaPerResourceExceeded",
            "ServiceQuotaExceededException",
        ] {
            assert_eq!(kind(code, ""), Some(Kind::Quota), "{code}");
        }
        assert_eq!(kind("RequestLimitExceeded", ""), Some(Kind::Throttled));
        assert_eq!(kind("NoSuchResourceException", ""), Some(Kind::NotFound), "a quota of AWS's default");
        for code in ["APICallRateForCustomerExceeded", "MaxDocumentSizeExceeded", "QuotaExceededSoon"] {
            assert_eq!(kind(code, ""), None, "{code}");
        }
    }

    #[test]
    fn what_iam_has_not_told_the_services_yet_passes() {
        for (code, message) in [
            (
                "InvalidParameterValue",
                "Value (p) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name",
            ),
            (
                "InvalidParameterValue",
                "IAM Instance Profile \"arn:aws:iam::1:instance-profile/p\" has no associated IAM Roles",
            ),
            ("ServiceLinkedRoleNotFoundFault", "The specified service linked role was not found."),
        ] {
            assert_eq!(kind(code, message), Some(Kind::NotYet), "{message}");
        }
        assert_eq!(kind("InvalidParameterValue", "Invalid value 'x' for InstanceType."), None);
    }
}
