//! What can go wrong with a call, in two kinds that must never be mixed up: the service said no (definite), or nobody
//! knows whether the call took effect (then look before acting).

use serde::{Deserialize, Serialize};
use std::fmt;

/// A call that did not succeed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "failure", rename_all = "snake_case")]
pub enum Failure {
    /// The service said no; nothing was changed.
    Refused(Refusal),
    /// A time-out, a lost connection or a server fault: the call may have taken effect.
    Unclear {
        /// The operation, as `service:Operation`.
        operation: String,
        /// One line of cause.
        cause: String,
    },
}

/// A definite refusal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// The operation, as `service:Operation`.
    pub operation: String,
    /// The service's error code, or the kind of local refusal.
    pub code: String,
    /// The service's message.
    pub message: String,
    /// The service's request id, where it gave one.
    pub request_id: Option<String>,
    /// What it means for us.
    pub kind: Kind,
}

/// What a refusal means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The name is taken: by us, or by somebody else.
    AlreadyExists,
    /// It is not there.
    NotFound,
    /// A permission is missing.
    Denied,
    /// No usable credentials.
    Credentials,
    /// Too many calls; come back later.
    Throttled,
    /// Something else was made too recently (eventual consistency): the same call succeeds soon.
    NotYet,
    /// Something still uses it: the same call succeeds once that is gone.
    InUse,
    /// No capacity here and now.
    Capacity,
    /// A quota of the account.
    Quota,
    /// The idempotency token belongs to something that was made with it before, and may be gone.
    TokenUsed,
    /// Anything else.
    Other,
}

/// Whether an operation of that name only looks, as AWS names them.
pub fn only_looks(operation: &str) -> bool {
    ["Describe", "Get", "List", "Simulate"].iter().any(|verb| operation.starts_with(verb))
}

/// Whether a message is RDS's for a service-linked role that is missing or not ready yet.
pub fn tells_of_a_service_role(message: &str) -> bool {
    ["create service linked role", "ServiceLinkedRoles.html"].iter().any(|words| message.contains(words))
}

impl Failure {
    /// A refusal that we make ourselves, before any call.
    pub fn local(operation: &str, code: &str, message: impl Into<String>) -> Self {
        Self::Refused(Refusal {
            operation: operation.to_owned(),
            code: code.to_owned(),
            message: message.into(),
            request_id: None,
            kind: Kind::Other,
        })
    }

    /// The refusal's kind, or none for an unclear outcome.
    pub fn kind(&self) -> Option<Kind> {
        match self {
            Self::Refused(r) => Some(r.kind),
            Self::Unclear { .. } => None,
        }
    }

    /// Whether the token was refused because what it made has ended: then there is nothing to look for. A token that was
    /// refused for its other arguments may belong to something that lives and does not show yet.
    pub fn made_and_gone(&self) -> bool {
        matches!(self, Self::Refused(r) if r.kind == Kind::TokenUsed && r.code == "IdempotentInstanceTerminated")
    }

    /// The call, as `service:Operation`.
    pub fn operation(&self) -> &str {
        match self {
            Self::Refused(r) => &r.operation,
            Self::Unclear { operation, .. } => operation,
        }
    }

    /// Whether the call only looks, as AWS names operations: then there is nothing that may have taken effect.
    pub fn only_looks(&self) -> bool {
        only_looks(self.operation().rsplit(':').next().unwrap_or_default())
    }

    /// Whether a service misses its own role, which it makes at its first use for who has
    /// `iam:CreateServiceLinkedRole`. Both services say so in words of their own (docs/aws-errors.md, "ElastiCache"
    /// and "RDS").
    pub fn wants_service_role(&self) -> bool {
        self.lacks_service_role() || matches!(self, Self::Refused(r) if tells_of_a_service_role(&r.message))
    }

    /// Whether that role is not there, in ElastiCache's words, which do not say whether it comes.
    pub fn lacks_service_role(&self) -> bool {
        matches!(self, Self::Refused(r) if r.code == "ServiceLinkedRoleNotFoundFault")
    }

    /// The permission whose absence a denial tells: the one in the service's own words, which may be of another
    /// service (`iam:PassRole` for a launch), or else that of the call.
    pub fn missing_permission(&self) -> Option<&str> {
        let Self::Refused(refusal) = self else { return None };
        if refusal.kind != Kind::Denied {
            return None;
        }
        let said = refusal.message.split("not authorized to perform: ").nth(1);
        let said = said.and_then(|rest| rest.split_whitespace().next()).filter(|action| action.contains(':'));
        Some(said.unwrap_or(&refusal.operation))
    }

    /// Whether the same call is worth repeating by itself.
    pub fn passes(&self) -> bool {
        matches!(self.kind(), None | Some(Kind::Throttled | Kind::NotYet | Kind::InUse))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(r) => write!(f, "{} was refused: {}: {}", r.operation, r.code, r.message),
            Self::Unclear { operation, cause } => {
                write!(f, "{operation} gave no clear answer: {cause}")
            }
        }
    }
}

impl std::error::Error for Failure {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_service_roles_are_known_by_their_words() {
        let refused =
            |code, message| Failure::local("rds:CreateDBInstance", code, message).wants_service_role();
        assert!(refused(
            "ServiceLinkedRoleNotFoundFault",
            "The specified service linked role was not found."
        ));
        assert!(refused(
            "InvalidParameterValue",
            "Verify that you have permission to create service linked role."
        ));
        assert!(!refused("InvalidParameterValue", "Invalid IAM Instance Profile name"));
    }

    #[test]
    fn a_denial_names_its_permission() {
        let denied = |message: &str| {
            Failure::Refused(Refusal {
                operation: "ec2:RunInstances".into(),
                code: "UnauthorizedOperation".into(),
                message: message.into(),
                request_id: None,
                kind: Kind::Denied,
            })
        };
        let long = "You are not authorized to perform this operation. User: arn:aws:iam::1:user/x is not authorized \
                    to perform: iam:PassRole on resource: arn:aws:iam::1:role/rw-x-app because no identity-based \
                    policy allows the iam:PassRole action";
        assert_eq!(denied(long).missing_permission(), Some("iam:PassRole"));
        let short = denied("You are not authorized to perform this operation.");
        assert_eq!(short.missing_permission(), Some("ec2:RunInstances"));
        assert_eq!(Failure::local("x", "y", "z").missing_permission(), None);
    }
}
