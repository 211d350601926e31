//! Which calls a fault is for.

use super::FaultKind;
use crate::model::account::part::{Part, Parts};

/// Which calls a fault is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    /// Its name.
    service: Option<&'static str>,
    calls: Calls,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Calls {
    Mutating,
    Reading,
    Named(String),
}

/// Operations that change nothing, by the first word of their name.
const READING: [&str; 12] = [
    "Describe", "Get", "List", "Simulate", "Search", "BatchGet", "Check", "Decode", "Validate", "Preview",
    "Download", "Assume",
];

/// Whether an operation changes something, as AWS names operations.
pub(crate) fn is_mutating(operation: &str) -> bool {
    !READING.iter().any(|word| operation.starts_with(word))
}

impl Target {
    /// Reads `CreateReplicationGroup`, `elasticache:CreateReplicationGroup`, `elasticache:*`, `*` (every call that
    /// changes something) or `read:*`; the error says what is wrong.
    pub(crate) fn read(text: &str, parts: &Parts) -> Result<Self, String> {
        match text {
            "*" => return Ok(Self { service: None, calls: Calls::Mutating }),
            "read:*" => return Ok(Self { service: None, calls: Calls::Reading }),
            _ => {}
        }
        let (service, name) = match text.split_once(':') {
            Some((prefix, name)) => {
                let service = parts.of_aws().find(|part| prefix == part.prefix || prefix == part.name);
                let service = service.ok_or_else(|| {
                    let all: Vec<&str> = parts.of_aws().map(|part| part.prefix).collect();
                    format!("the sandbox has no service `{prefix}`; it has {}", all.join(", "))
                })?;
                (Some(service.name), name)
            }
            None => (None, text),
        };
        if name == "*" {
            return Ok(Self { service, calls: Calls::Mutating });
        }
        let services = || parts.of_aws().filter(|part| service.is_none_or(|wanted| wanted == part.name));
        if services().any(|part| part.operation(name).is_some()) {
            return Ok(Self { service, calls: Calls::Named(name.to_owned()) });
        }
        let meant = services().find_map(|part| part.operation_like(name));
        let hint = meant.map_or(
            "give a name such as CreateReplicationGroup, elasticache:*, * (every call that changes something) or read:*"
                .to_owned(),
            |name| format!("did you mean {name}?"),
        );
        Err(format!("no operation is called `{text}`; {hint}"))
    }

    /// Refuses a kind of fault that no call of this target can meet.
    pub(crate) fn check(&self, kind: FaultKind, parts: &Parts) -> Result<(), String> {
        let machines = || {
            let of = |part: &'static Part| part.machines.iter().map(move |(name, _)| (part, *name));
            parts.all().flat_map(of)
        };
        if !kind.is_of_creates() || machines().any(|(part, name)| self.covers(part, name, true)) {
            return Ok(());
        }
        let names: Vec<&str> = machines().map(|(_, name)| name).collect();
        Err(format!("`{kind}` is possible for {} only", names.join(", ")))
    }

    /// Whether a call is meant.
    pub(crate) fn matches(&self, kind: FaultKind, service: &Part, operation: &str, mutating: bool) -> bool {
        let dry_run = is_mutating(operation) && !mutating;
        self.covers(service, operation, mutating)
            && (!kind.is_of_creates() || service.exhausted(operation).is_some())
            && !(dry_run && kind.is_of_effects())
    }

    fn covers(&self, service: &Part, operation: &str, mutating: bool) -> bool {
        self.service.is_none_or(|wanted| wanted == service.name)
            && match &self.calls {
                Calls::Mutating => mutating,
                Calls::Reading => !mutating,
                Calls::Named(name) => name == operation,
            }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::services::{self, elasticache, rds, ssm};

    fn target(text: &str) -> Result<Target, String> {
        Target::read(text, &services::ALL.parts())
    }

    #[test]
    fn each_form_of_a_target_selects_its_calls() {
        let rg = (&elasticache::SERVICE.part, "CreateReplicationGroup", true);
        let read = (&rds::SERVICE.part, "DescribeDBInstances", false);
        for (text, on_create, on_read) in [
            ("*", true, false),
            ("read:*", false, true),
            ("CreateReplicationGroup", true, false),
            ("elasticache:CreateReplicationGroup", true, false),
            ("elasticache:*", true, false),
            ("rds:*", false, false),
            ("DescribeDBInstances", false, true),
        ] {
            let target = target(text).unwrap();
            let hits =
                |(service, name, mutating)| target.matches(FaultKind::Throttle, service, name, mutating);
            assert_eq!((hits(rg), hits(read)), (on_create, on_read), "{text}");
        }
        assert!(is_mutating("SendCommand") && !is_mutating("GetParametersByPath"));
    }

    #[test]
    fn wrong_targets_are_told_the_nearest_name() {
        let error = |text| target(text).unwrap_err();
        assert!(error("createreplicationgroup").ends_with("did you mean CreateReplicationGroup?"));
        assert!(error("Nonsense").contains("no operation is called `Nonsense`"));
        assert!(error("s3:PutObject").contains("no service `s3`; it has ec2, elasticache,"));
        assert!(error("rds:CreateReplicationGroup").contains("no operation"));
        assert!(error("recipe-walk-sandbox:Stop").contains("no service"));
        assert!(error("").contains("no operation"));
        let put = target("PutParameter").unwrap();
        assert!(
            put.check(FaultKind::CreateFailed, &services::ALL.parts())
                .unwrap_err()
                .contains("RunInstances, CreateReplicationGroup, CreateDBInstance only")
        );
        assert!(put.check(FaultKind::Drop, &services::ALL.parts()).is_ok());
        let all = target("*").unwrap();
        assert!(all.check(FaultKind::NoCapacity, &services::ALL.parts()).is_ok());
        assert!(!all.matches(FaultKind::NoCapacity, &ssm::SERVICE.part, "PutParameter", true));
    }
}
