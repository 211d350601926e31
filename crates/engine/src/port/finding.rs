//! What a look at an account or a machine found, before anything billable exists.

use crate::action::Action;
use crate::partition;
use crate::quota::{IAM, Quota};
use crate::shell::Typed;
use crate::typed;
use serde::{Deserialize, Serialize};

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Weight {
    /// As it should be.
    Good,
    /// Worth knowing; the walk can go on.
    Note,
    /// The walk would fail, so it does not begin.
    Blocking,
}

/// What a finding is about, where the program acts on it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Subject {
    /// A quota of the account.
    Quota,
    /// Who and where the person is.
    Identity,
    /// The demo that the program carries.
    Demo,
    /// Anything else: it is told, and counts by its weight alone.
    #[default]
    Other,
}

/// One finding: what, why it matters, how to mend it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was looked at, short and stable: `Default VPC`.
    pub what: String,
    /// The same for the program.
    #[serde(skip)]
    pub subject: Subject,
    /// What was found.
    pub found: String,
    /// How much it matters.
    pub weight: Weight,
    /// Why it matters; empty where all is well.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub why: String,
    /// Commands that mend it, the best one first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mend: Vec<Typed>,
}

impl Finding {
    /// All is well.
    pub fn good(what: &str, found: impl Into<String>) -> Self {
        Self {
            what: what.to_owned(),
            subject: Subject::Other,
            found: found.into(),
            weight: Weight::Good,
            why: String::new(),
            mend: Vec::new(),
        }
    }

    /// Worth knowing.
    pub fn note(what: &str, found: impl Into<String>, why: impl Into<String>) -> Self {
        Self { weight: Weight::Note, why: why.into(), ..Self::good(what, found) }
    }

    /// The walk would fail.
    pub fn blocking(what: &str, found: impl Into<String>, why: impl Into<String>) -> Self {
        Self { weight: Weight::Blocking, ..Self::note(what, found, why) }
    }

    /// The same about something that the program acts on.
    #[must_use]
    pub fn about(self, subject: Subject) -> Self {
        Self { subject, ..self }
    }

    /// The same with a command that mends it.
    #[must_use]
    pub fn mend(mut self, command: impl Into<Typed>) -> Self {
        self.mend.push(command.into());
        self
    }
}

/// What one walk takes of a quota.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Demand {
    /// The kind that counts against it.
    pub kind: &'static str,
    /// The quota.
    pub quota: Quota,
    /// How many one walk takes.
    pub each: u32,
}

/// What a walk that makes all these takes of the account's quotas, in the order in which they are met.
pub fn demands<'a>(actions: impl IntoIterator<Item = &'a Action>) -> Vec<Demand> {
    let mut demands: Vec<Demand> = Vec::new();
    for action in actions {
        let Some((quota, more)) = action.properties().quota else { continue };
        match demands.iter_mut().find(|d| d.quota == quota) {
            Some(demand) => demand.each = demand.each.saturating_add(more),
            None => demands.push(Demand { kind: action.kind(), quota, each: more }),
        }
    }
    demands
}

impl Demand {
    /// Whether the quota is enough for so many people. `used` is what the account uses already.
    pub fn judge(&self, limit: f64, used: u32, attendees: u32, region: &str) -> Finding {
        let needed = self.each.saturating_mul(attendees);
        let free = (limit - f64::from(used)).max(0.0);
        let what = format!("Quota: {}", self.quota.what);
        let found = format!("{used} of {limit:.0} used, {needed} needed");
        if f64::from(needed) <= free {
            return Finding::good(&what, found).about(Subject::Quota);
        }
        let enough = (free / f64::from(self.each)).floor();
        let why = if attendees == 1 {
            "The quota leaves no room for this walk: creating would fail half way.".to_owned()
        } else {
            format!("The quota leaves room for {enough:.0} of {attendees} people.")
        };
        let wanted = used.saturating_add(needed);
        // The quotas of a global service are kept in the partition's first region.
        let region = if self.quota.service == IAM { partition::first_region(region) } else { region };
        Finding::blocking(&what, found, why).about(Subject::Quota).mend(typed!("aws service-quotas request-service-quota-increase --service-code {} --quota-code {} --desired-value {} --region {}", self.quota.service, self.quota.code, wanted, region))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::{IngressRule, SecurityGroup};

    #[test]
    fn quotas_are_judged_for_one_and_for_many() {
        let quota = |service, what| Quota { service, code: "L-1", what };
        let vcpus = Demand { kind: "instance", quota: quota("ec2", "EC2 vCPUs"), each: 2 };
        assert_eq!(vcpus.judge(5.0, 0, 1, "r").weight, Weight::Good);
        assert_eq!(vcpus.judge(5.0, 4, 1, "r").weight, Weight::Blocking);
        let class = vcpus.judge(5.0, 0, 3, "eu-west-1");
        assert_eq!(class.weight, Weight::Blocking);
        assert!(class.why.contains("room for 2 of 3"), "{class:?}");
        assert!(class.mend[0].as_str().contains("--desired-value 6 --region eu-west-1"), "{class:?}");
        assert_eq!(vcpus.judge(64.0, 4, 30, "r").weight, Weight::Good);
        let roles = Demand { kind: "role", quota: quota(IAM, "IAM roles"), each: 1 };
        let full = roles.judge(1000.0, 990, 20, "eu-west-1");
        assert!(full.mend[0].as_str().contains("--desired-value 1010 --region us-east-1"), "{full:?}");
    }

    #[test]
    fn demands_of_one_quota_add_up() {
        let group = |name: &str| {
            Action::from(SecurityGroup { name: name.into(), description: String::new(), vpc: String::new() })
        };
        let rule = IngressRule { group: String::new(), source: String::new(), port: 1 };
        let found = demands(&[group("a"), rule.into(), group("b")]);
        let found: Vec<_> = found.iter().map(|d| (d.kind, d.quota.what, d.each)).collect();
        assert_eq!(found, [("security-group", "VPC security groups", 2)]);
    }
}
