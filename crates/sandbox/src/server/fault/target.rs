//! Which calls a fault is for.

use super::FaultKind;
use crate::services::service::Service;

/// Which calls a fault is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    service: Option<Service>,
    calls: Calls,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Calls {
    Mutating,
    Reading,
    Named(String),
}

/// The calls that need machines, which AWS can be out of.
const CREATES: [(Service, &str); 3] = [
    (Service::ElastiCache, "CreateReplicationGroup"),
    (Service::Rds, "CreateDBInstance"),
    (Service::Ec2, "RunInstances"),
];

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
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        match text {
            "*" => return Ok(Self { service: None, calls: Calls::Mutating }),
            "read:*" => return Ok(Self { service: None, calls: Calls::Reading }),
            _ => {}
        }
        let (service, name) = match text.split_once(':') {
            Some((prefix, name)) => {
                let service =
                    Service::aws().find(|s| prefix == s.action_prefix() || prefix == s.signing_name());
                let service = service.ok_or_else(|| {
                    let all: Vec<&str> = Service::aws().map(Service::action_prefix).collect();
                    format!("the sandbox has no service `{prefix}`; it has {}", all.join(", "))
                })?;
                (Some(service), name)
            }
            None => (None, text),
        };
        if name == "*" {
            return Ok(Self { service, calls: Calls::Mutating });
        }
        let services = || Service::aws().filter(|s| service.is_none_or(|wanted| wanted == *s));
        if services().any(|s| s.has_operation(name)) {
            return Ok(Self { service, calls: Calls::Named(name.to_owned()) });
        }
        let meant = services().find_map(|s| s.operation_like(name));
        let hint = meant.map_or(
            "give a name such as CreateReplicationGroup, elasticache:*, * (every call that changes something) or read:*"
                .to_owned(),
            |name| format!("did you mean {name}?"),
        );
        Err(format!("no operation is called `{text}`; {hint}"))
    }

    /// Refuses a kind of fault that no call of this target can meet.
    pub(crate) fn check(&self, kind: FaultKind) -> Result<(), String> {
        let possible = !kind.is_of_creates() || CREATES.iter().any(|(s, o)| self.covers(*s, o, true));
        if possible {
            return Ok(());
        }
        let names = CREATES.map(|(_, name)| name).join(", ");
        Err(format!("`{kind}` is possible for {names} only"))
    }

    /// Whether a call is meant.
    pub(crate) fn matches(&self, kind: FaultKind, service: Service, operation: &str, mutating: bool) -> bool {
        let dry_run = is_mutating(operation) && !mutating;
        self.covers(service, operation, mutating)
            && (!kind.is_of_creates() || CREATES.contains(&(service, operation)))
            && !(dry_run && kind.is_of_effects())
    }

    fn covers(&self, service: Service, operation: &str, mutating: bool) -> bool {
        self.service.is_none_or(|wanted| wanted == service)
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

    #[test]
    fn reads_every_form() {
        let rg = (Service::ElastiCache, "CreateReplicationGroup", true);
        let read = (Service::Rds, "DescribeDBInstances", false);
        for (text, on_create, on_read) in [
            ("*", true, false),
            ("read:*", false, true),
            ("CreateReplicationGroup", true, false),
            ("elasticache:CreateReplicationGroup", true, false),
            ("elasticache:*", true, false),
            ("rds:*", false, false),
            ("DescribeDBInstances", false, true),
        ] {
            let target = Target::read(text).unwrap();
            let hits =
                |(service, name, mutating)| target.matches(FaultKind::Throttle, service, name, mutating);
            assert_eq!((hits(rg), hits(read)), (on_create, on_read), "{text}");
        }
        assert!(is_mutating("SendCommand") && !is_mutating("GetParametersByPath"));
    }

    #[test]
    fn says_what_is_wrong() {
        let error = |text| Target::read(text).unwrap_err();
        assert!(error("createreplicationgroup").ends_with("did you mean CreateReplicationGroup?"));
        assert!(error("Nonsense").contains("no operation is called `Nonsense`"));
        assert!(error("s3:PutObject").contains("no service `s3`; it has ec2, elasticache,"));
        assert!(error("rds:CreateReplicationGroup").contains("no operation"));
        assert!(error("recipe-walk-sandbox:Stop").contains("no service"));
        assert!(error("").contains("no operation"));
        let put = Target::read("PutParameter").unwrap();
        assert!(put.check(FaultKind::CreateFailed).unwrap_err().contains("RunInstances only"));
        assert!(put.check(FaultKind::Drop).is_ok());
        let all = Target::read("*").unwrap();
        assert!(all.check(FaultKind::NoCapacity).is_ok());
        assert!(!all.matches(FaultKind::NoCapacity, Service::Ssm, "PutParameter", true));
    }
}
