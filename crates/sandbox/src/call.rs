//! The calls that a sandbox has served.

use crate::{fault::FaultKind, permission::Permission};
use serde::{Deserialize, Serialize};
use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// How many calls are remembered: some hundred walks.
const KEPT: usize = 20_000;

/// A permission that a call needed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Permitted {
    /// For example `ec2:RunInstances`, or `iam:PassRole` for the role that comes with it.
    pub action: String,
    /// An ARN, or `*`.
    pub resource: String,
}

impl From<&Permission> for Permitted {
    fn from(permission: &Permission) -> Self {
        Self { action: permission.action.clone(), resource: permission.resource.clone() }
    }
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
    kept: VecDeque<CallRecord>,
}

/// A call that runs; gone without an answer, it is noted as abandoned.
pub(crate) struct Running<'a> {
    log: &'a CallLog,
    number: u64,
}

impl CallLog {
    /// Notes a call that has come; its number is given here.
    pub(crate) fn begin(&self, mut record: CallRecord) -> Running<'_> {
        let mut log = self.lock();
        log.served += 1;
        let number = log.served;
        record.number = number;
        if log.kept.len() >= KEPT {
            log.kept.pop_front();
        }
        log.kept.push_back(record);
        drop(log);
        Running { log: self, number }
    }

    /// The latest calls, oldest first.
    pub(crate) fn list(&self) -> Vec<CallRecord> {
        self.lock().kept.iter().cloned().collect()
    }

    fn end(&self, number: u64, outcome: &str) {
        let mut log = self.lock();
        let first = log.kept.front().map_or(0, |record| record.number);
        let place = number.checked_sub(first).and_then(|place| usize::try_from(place).ok());
        if let Some(record) = place.and_then(|place| log.kept.get_mut(place))
            && record.outcome.is_none()
        {
            record.outcome = Some(outcome.to_owned());
        }
    }

    fn lock(&self) -> MutexGuard<'_, Log> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Running<'_> {
    /// Notes how the call ended.
    pub(crate) fn ended(self, outcome: &str) {
        self.log.end(self.number, outcome);
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.log.end(self.number, "abandoned");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> CallRecord {
        CallRecord {
            number: 0,
            service: "rds".into(),
            operation: "CreateDBInstance".into(),
            mutating: true,
            principal: "p".into(),
            resource: "*".into(),
            permissions: Vec::new(),
            fault: None,
            outcome: None,
        }
    }

    #[test]
    fn keeps_the_latest_and_how_they_ended() {
        let log = CallLog::default();
        let early = log.begin(record());
        drop(log.begin(record()));
        log.begin(record()).ended("ok");
        let outcomes: Vec<_> = log.list().into_iter().map(|call| call.outcome).collect();
        assert_eq!(outcomes, [None, Some("abandoned".to_owned()), Some("ok".to_owned())]);
        for _ in 0..KEPT {
            log.begin(record()).ended("ok");
        }
        early.ended("late");
        let all = log.list();
        assert_eq!((all.len(), all[0].number), (KEPT, 4));
        assert!(all.iter().all(|call| call.outcome.as_deref() == Some("ok")));
    }
}
