//! The calls that a sandbox has served.

use crate::{model::permission::Permission, server::fault::FaultKind};
use serde::{Deserialize, Serialize};
use std::{
    borrow::Cow,
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// How many calls are remembered: some hundred walks.
const KEPT: usize = 20_000;
/// How many bytes of names they may have between them: room for that many ordinary calls, and no more for calls that
/// name a thousand things.
const KEPT_BYTES: usize = 12 * 1024 * 1024;
/// Bytes of a name that are kept; no ARN of AWS is longer.
const NAME: usize = 512;
/// Permissions of one call that are kept; a launch needs about a dozen.
const PERMISSIONS: usize = 32;

/// A permission that a call needed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Permitted {
    /// For example `ec2:RunInstances`, or `iam:PassRole` for the role that comes with it.
    pub action: String,
    /// An ARN, or `*`.
    pub resource: String,
}

/// One call of an AWS service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallRecord {
    /// Counts from 1 since the sandbox was started.
    pub number: u64,
    /// As in policies, for example `elasticache`.
    pub service: String,
    /// For example `CreateReplicationGroup`.
    pub operation: String,
    /// Whether the operation changes something; a dry run does not.
    pub mutating: bool,
    /// The caller's ARN.
    pub principal: String,
    /// The ARN that the call is about, as far as its parameters tell; else `*`.
    pub resource: String,
    /// The permissions that it needs, its own first.
    pub permissions: Vec<Permitted>,
    /// The fault that it met.
    pub fault: Option<FaultKind>,
    /// `ok`, the code of the refusal, `dropped` when it got no answer, `abandoned` when the client did not wait for
    /// one; nothing while the call runs.
    pub outcome: Option<String>,
}

/// The latest calls.
#[derive(Debug, Default)]
pub(crate) struct CallLog(Mutex<Log>);

#[derive(Debug, Default)]
struct Log {
    served: u64,
    /// Of the names in `kept`.
    bytes: usize,
    kept: VecDeque<Kept>,
}

/// What is known of a call when it comes.
pub(crate) struct Begun<'a> {
    pub(crate) service: &'static str,
    pub(crate) operation: &'static str,
    pub(crate) mutating: bool,
    pub(crate) principal: &'a str,
    pub(crate) resource: &'a str,
    pub(crate) permissions: &'a [Permission],
    pub(crate) fault: Option<FaultKind>,
}

/// A call as it is remembered: names that repeat are not kept twice.
#[derive(Debug)]
struct Kept {
    number: u64,
    service: &'static str,
    operation: &'static str,
    mutating: bool,
    principal: Arc<str>,
    resource: Box<str>,
    permissions: Box<[(Box<str>, Box<str>)]>,
    fault: Option<FaultKind>,
    outcome: Option<Cow<'static, str>>,
}

impl Kept {
    fn bytes(&self) -> usize {
        let permissions = self.permissions.iter().map(|(action, resource)| action.len() + resource.len());
        self.resource.len() + permissions.sum::<usize>()
    }

    fn record(&self) -> CallRecord {
        let permitted = |(action, resource): &(Box<str>, Box<str>)| Permitted {
            action: action.to_string(),
            resource: resource.to_string(),
        };
        CallRecord {
            number: self.number,
            service: self.service.to_owned(),
            operation: self.operation.to_owned(),
            mutating: self.mutating,
            principal: self.principal.to_string(),
            resource: self.resource.to_string(),
            permissions: self.permissions.iter().map(permitted).collect(),
            fault: self.fault,
            outcome: self.outcome.as_deref().map(str::to_owned),
        }
    }
}

/// The beginning of a name, cut between two characters.
fn short(name: &str) -> &str {
    &name[..name.floor_char_boundary(NAME)]
}

/// A call that runs; gone without an answer, it is noted as abandoned.
pub(crate) struct Running<'a> {
    log: &'a CallLog,
    number: u64,
}

impl CallLog {
    /// Notes a call that has come, with as much of its names as is worth keeping.
    pub(crate) fn begin(&self, call: &Begun<'_>) -> Running<'_> {
        let permissions = call.permissions.iter().take(PERMISSIONS);
        let permissions = permissions.map(|p| (short(&p.action).into(), short(&p.resource).into())).collect();
        let principal = short(call.principal);
        let resource = short(call.resource).into();
        let mut log = self.lock();
        log.served += 1;
        let number = log.served;
        let last = log.kept.back().map(|kept| &kept.principal).filter(|last| ***last == *principal);
        let kept = Kept {
            number,
            service: call.service,
            operation: call.operation,
            mutating: call.mutating,
            principal: last.map_or_else(|| principal.into(), Arc::clone),
            resource,
            permissions,
            fault: call.fault,
            outcome: None,
        };
        log.bytes += kept.bytes();
        log.kept.push_back(kept);
        while log.kept.len() > KEPT || log.bytes > KEPT_BYTES {
            let Some(oldest) = log.kept.pop_front() else { break };
            log.bytes -= oldest.bytes();
        }
        drop(log);
        Running { log: self, number }
    }

    /// The latest calls, oldest first.
    pub(crate) fn list(&self) -> Vec<CallRecord> {
        self.lock().kept.iter().map(Kept::record).collect()
    }

    fn end(&self, number: u64, outcome: Cow<'static, str>) {
        let mut log = self.lock();
        let first = log.kept.front().map_or(0, |record| record.number);
        let place = number.checked_sub(first).and_then(|place| usize::try_from(place).ok());
        if let Some(record) = place.and_then(|place| log.kept.get_mut(place))
            && record.outcome.is_none()
        {
            record.outcome = Some(outcome);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Log> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Running<'_> {
    /// Notes how the call ended.
    pub(crate) fn ended(self, outcome: impl Into<Cow<'static, str>>) {
        self.log.end(self.number, outcome.into());
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.log.end(self.number, "abandoned".into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> Begun<'static> {
        Begun {
            service: "rds",
            operation: "CreateDBInstance",
            mutating: true,
            principal: "p",
            resource: "*",
            permissions: &[],
            fault: None,
        }
    }

    #[test]
    fn full_log_keeps_the_latest_calls_with_their_outcomes() {
        let log = CallLog::default();
        let early = log.begin(&record());
        drop(log.begin(&record()));
        log.begin(&record()).ended("ok");
        let outcomes: Vec<_> = log.list().into_iter().map(|call| call.outcome).collect();
        assert_eq!(outcomes, [None, Some("abandoned".to_owned()), Some("ok".to_owned())]);
        for _ in 0..KEPT {
            log.begin(&record()).ended("ok");
        }
        early.ended("late");
        let all = log.list();
        assert_eq!((all.len(), all[0].number), (KEPT, 4));
        assert!(all.iter().all(|call| call.outcome.as_deref() == Some("ok")));
    }
    #[test]
    fn long_names_and_many_permissions_leave_little() {
        let log = CallLog::default();
        // Its letters have two bytes each and begin at odd places, so that a cut at an even one would tear one.
        let name = format!("x{}", "é".repeat(NAME));
        let permissions = vec![Permission::new(name.clone(), name.clone()); 3 * PERMISSIONS];
        let call = Begun { principal: &name, resource: &name, permissions: &permissions, ..record() };
        for _ in 0..KEPT_BYTES / (2 * NAME * PERMISSIONS) + 10 {
            log.begin(&call).ended("ok");
        }
        assert!(log.lock().bytes <= KEPT_BYTES);
        let all = log.list();
        let last = all.last().unwrap();
        assert_eq!(last.permissions.len(), PERMISSIONS);
        assert_eq!((last.resource.len(), last.principal.len()), (NAME - 1, NAME - 1));
        assert!(last.permissions.iter().all(|p| p.action.len() < NAME && p.resource.len() < NAME));
        let sum = |call: &CallRecord| -> usize {
            call.resource.len()
                + call.permissions.iter().map(|p| p.action.len() + p.resource.len()).sum::<usize>()
        };
        assert_eq!(all.iter().map(sum).sum::<usize>(), log.lock().bytes, "what went is no longer counted");
    }
}
