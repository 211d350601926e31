//! The services behind the front door and how each is spoken to.

use crate::model::params::Missing;
use std::{
    collections::{BTreeSet, HashMap},
    sync::LazyLock,
};

/// A service, chosen by the name in a signature's credential scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Service {
    Ec2,
    ElastiCache,
    Rds,
    Iam,
    Sts,
    Ssm,
    Tagging,
    SecretsManager,
    Quotas,
    FreeTier,
    /// The sandbox's own: status, faults and stop.
    Control,
}

/// How a request is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    Ec2,
    Query,
    Json,
    Cbor,
}

/// Every operation that AWS has, one service a line, from botocore's service models: what is listed here and not
/// implemented gets an honest answer, what is not listed gets AWS's.
const OPERATIONS: &str = include_str!("operations.txt");

/// The same by service, for every call looks there.
static TABLE: LazyLock<HashMap<&str, BTreeSet<&str>>> = LazyLock::new(|| {
    let lines = OPERATIONS.lines().filter_map(|line| line.split_once(' '));
    lines.map(|(service, names)| (service, names.split(' ').collect())).collect()
});

impl Service {
    const ALL: [Service; 11] = [
        Service::Ec2,
        Service::ElastiCache,
        Service::Rds,
        Service::Iam,
        Service::Sts,
        Service::Ssm,
        Service::Tagging,
        Service::SecretsManager,
        Service::Quotas,
        Service::FreeTier,
        Service::Control,
    ];

    /// The name in the credential scope.
    pub(crate) fn signing_name(self) -> &'static str {
        match self {
            Service::Ec2 => "ec2",
            Service::ElastiCache => "elasticache",
            Service::Rds => "rds",
            Service::Iam => "iam",
            Service::Sts => "sts",
            Service::Ssm => "ssm",
            Service::Tagging => "tagging",
            Service::SecretsManager => "secretsmanager",
            Service::Quotas => "servicequotas",
            Service::FreeTier => "freetier",
            Service::Control => "recipe-walk-sandbox",
        }
    }

    /// The prefix of its actions in policies.
    pub(crate) fn action_prefix(self) -> &'static str {
        match self {
            Service::Tagging => "tag",
            other => other.signing_name(),
        }
    }

    /// The services that AWS has too.
    pub(crate) fn aws() -> impl Iterator<Item = Service> {
        Self::ALL.into_iter().filter(|s| *s != Service::Control)
    }

    /// The service with this signing name.
    pub(crate) fn by_signing_name(name: &str) -> Option<Service> {
        Self::ALL.into_iter().find(|s| s.signing_name() == name)
    }

    /// The service that an `X-Amz-Target` prefix names.
    pub(crate) fn by_target(prefix: &str) -> Option<Service> {
        match prefix {
            "AmazonSSM" => Some(Service::Ssm),
            "ResourceGroupsTaggingAPI_20170126" => Some(Service::Tagging),
            "secretsmanager" => Some(Service::SecretsManager),
            "ServiceQuotasV20190624" => Some(Service::Quotas),
            "AWSFreeTierService" => Some(Service::FreeTier),
            "RecipeWalkSandbox" => Some(Service::Control),
            _ => None,
        }
    }

    /// The namespace of its XML answers and the only `Version` it takes; empty for JSON services.
    pub(crate) fn namespace_and_version(self) -> (&'static str, &'static str) {
        match self {
            Service::Ec2 => ("http://ec2.amazonaws.com/doc/2016-11-15/", "2016-11-15"),
            Service::ElastiCache => ("http://elasticache.amazonaws.com/doc/2015-02-02/", "2015-02-02"),
            Service::Rds => ("http://rds.amazonaws.com/doc/2014-10-31/", "2014-10-31"),
            Service::Iam => ("https://iam.amazonaws.com/doc/2010-05-08/", "2010-05-08"),
            Service::Sts => ("https://sts.amazonaws.com/doc/2011-06-15/", "2011-06-15"),
            _ => ("", ""),
        }
    }

    /// How it words an absent parameter.
    pub(crate) fn missing(self) -> Missing {
        match self {
            Service::Ec2 => Missing::Ec2,
            Service::Iam | Service::Sts => Missing::Validation,
            _ => Missing::Blank,
        }
    }

    /// Whether a form body is its protocol.
    pub(crate) fn is_query(self) -> bool {
        !self.namespace_and_version().0.is_empty()
    }

    /// Whether AWS has this operation.
    pub(crate) fn has_operation(self, operation: &str) -> bool {
        self.operation(operation).is_some()
    }

    /// AWS's operation of this name, in words that last.
    pub(crate) fn operation(self, name: &str) -> Option<&'static str> {
        TABLE.get(self.signing_name())?.get(name).copied()
    }

    /// The operation that somebody meant who wrote it in another case.
    pub(crate) fn operation_like(self, text: &str) -> Option<&'static str> {
        self.operations().find(|name| name.eq_ignore_ascii_case(text))
    }

    /// All that AWS has.
    pub(crate) fn operations(self) -> impl Iterator<Item = &'static str> {
        TABLE.get(self.signing_name()).into_iter().flatten().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back() {
        for service in Service::ALL {
            assert_eq!(Service::by_signing_name(service.signing_name()), Some(service));
        }
        assert!(Service::Ec2.has_operation("RunInstances"));
        assert!(Service::Tagging.has_operation("GetResources"));
        assert!(!Service::Ec2.has_operation("RunInstance"));
        assert!(!Service::Iam.has_operation(""));
    }
}
