//! A session's state: the fold over its journal. Pure; the live program and replay use the same function.

use crate::action::{Output, Planned};
use crate::cloud::Undone;
use crate::facts::Facts;
use crate::failure::Failure;
use crate::record::{Line, Opening, Record, VERSION};
use crate::transition::{Event, Illegal, Status, may_exist, next};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// One action as the journal knows it.
#[derive(Debug, Clone)]
pub struct Resource {
    /// The request, as last intended.
    pub planned: Planned,
    /// Where it stands.
    pub status: Status,
    /// What the service told, once it is there.
    pub output: Option<Output>,
    /// When it was made (or meant to be).
    pub since: Timestamp,
    /// When it was gone.
    pub gone_at: Option<Timestamp>,
    /// How it went.
    pub how: Option<Undone>,
    /// The newest failure.
    pub failure: Option<Failure>,
}

/// Why a record does not fit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Misfit {
    /// The record cannot follow what came before.
    #[error("'{name}': {cause}")]
    Illegal {
        /// Action name.
        name: String,
        /// Why.
        #[source]
        cause: Illegal,
    },
    /// The first record is not `Opened`, or a later one is.
    #[error("a journal begins with one 'opened' record, and has no other")]
    Opening,
    /// A later program wrote the journal.
    #[error("the journal has version {0}, this program reads up to {VERSION}: use a newer recipe-walk")]
    Version(u32),
}

/// Everything that is known of a session.
#[derive(Debug, Clone, Default)]
pub struct State {
    /// The first record, with its time.
    pub opening: Option<(Timestamp, Opening)>,
    /// Answers by parameter.
    pub answers: BTreeMap<String, String>,
    /// What is known.
    pub facts: Facts,
    /// Actions in the order of their first intention.
    pub resources: Vec<Resource>,
    /// Steps that are done, with the time.
    pub verified: BTreeMap<String, Timestamp>,
    /// Steps left out, with the reason.
    pub skipped: BTreeMap<String, String>,
    /// Results of the demo by kind.
    pub measured: BTreeMap<String, serde_json::Value>,
    /// Answers to the recipe's questions: option by question, with the time.
    pub predictions: BTreeMap<String, (String, Timestamp)>,
    /// How long things took that were waited for, in seconds, by action name or kind of result.
    pub took: BTreeMap<String, f64>,
    /// When clean-up began.
    pub unwinding: Option<Timestamp>,
    /// When the session was closed.
    pub closed: Option<Timestamp>,
    /// Time of the newest record.
    pub latest: Option<Timestamp>,
    /// The newest refusal or unclear outcome, for a trainer.
    pub last_failure: Option<Failure>,
}

impl State {
    /// The session as it was opened. Every state that came out of a journal has it.
    pub fn opened(&self) -> Result<&Opening, Misfit> {
        self.opening.as_ref().map(|(_, o)| o).ok_or(Misfit::Opening)
    }

    /// The action's record.
    pub fn resource(&self, name: &str) -> Option<&Resource> {
        self.resources.iter().find(|r| r.planned.name == name)
    }

    /// Where the action stands.
    pub fn status(&self, name: &str) -> Status {
        self.resource(name).map_or(Status::Untouched, |r| r.status)
    }

    /// Whether the step needs no more work.
    pub fn is_done(&self, step: &str) -> bool {
        self.verified.contains_key(step) || self.skipped.contains_key(step)
    }

    /// What may still exist in the account.
    pub fn remaining(&self) -> impl Iterator<Item = &Resource> {
        self.resources.iter().filter(|r| may_exist(r.status))
    }

    /// Folds one record in. On an error nothing was changed.
    pub fn fold(&mut self, line: &Line) -> Result<(), Misfit> {
        let at = line.at;
        match &line.record {
            Record::Opened(opening) => {
                if self.opening.is_some() {
                    return Err(Misfit::Opening);
                }
                if opening.version > VERSION {
                    return Err(Misfit::Version(opening.version));
                }
                self.opening = Some((at, (**opening).clone()));
            }
            _ if self.opening.is_none() => return Err(Misfit::Opening),
            Record::Answered { key, value } => {
                self.answers.insert(key.clone(), value.clone());
            }
            Record::Skipped { step, reason } => {
                self.skipped.insert(step.clone(), reason.clone());
            }
            Record::Intended(planned) => self.intend(planned, at)?,
            Record::Created { name, output } | Record::Adopted { name, output } => {
                let resource = self.step(name, Event::Arrive)?;
                resource.output = Some(output.clone());
                resource.failure = None;
                self.facts.set(format!("{name}.id"), output.id.clone());
                let known = output.attributes.iter().map(|(k, v)| (format!("{name}.{k}"), v.clone()));
                self.facts.extend(known.collect::<Vec<_>>());
            }
            Record::Refused { name, failure } => {
                self.step(name, Event::Refuse)?.failure = Some(failure.clone());
                self.last_failure = Some(failure.clone());
            }
            Record::Unclear { name, failure } => {
                self.step(name, Event::Blur)?.failure = Some(failure.clone());
                self.last_failure = Some(failure.clone());
            }
            Record::Verified { step, facts } => {
                self.facts.extend(facts.iter().map(|(k, v)| (k.clone(), v.clone())));
                self.verified.insert(step.clone(), at);
                self.skipped.remove(step);
                self.last_failure = None;
            }
            Record::Reopened { step } => {
                self.verified.remove(step);
            }
            Record::Measured { kind, result } => {
                self.measured.insert(kind.clone(), result.clone());
            }
            Record::Predicted { question, answer } => {
                self.predictions.insert(question.clone(), (answer.clone(), at));
            }
            Record::Took { what, seconds } => {
                self.took.insert(what.clone(), *seconds);
            }
            Record::Unwinding => self.unwinding = self.unwinding.or(Some(at)),
            Record::UndoStarted { name } => {
                self.step(name, Event::StartUndo)?;
            }
            Record::UndoFailed { name, failure } => {
                self.step(name, Event::FailUndo)?.failure = Some(failure.clone());
                self.last_failure = Some(failure.clone());
            }
            Record::UndoFinished { name, how } => {
                let resource = self.step(name, Event::FinishUndo)?;
                resource.gone_at = Some(at);
                resource.how = Some(*how);
                resource.failure = None;
                self.facts.forget(name);
            }
            Record::Closed => self.closed = Some(at),
            Record::Unknown => {}
        }
        self.latest = Some(at);
        Ok(())
    }

    fn intend(&mut self, planned: &Planned, at: Timestamp) -> Result<(), Misfit> {
        if self.resource(&planned.name).is_some() {
            let resource = self.step(&planned.name, Event::Intend)?;
            if resource.gone_at.take().is_some() {
                resource.since = at;
            }
            resource.planned = planned.clone();
            resource.output = None;
            return Ok(());
        }
        self.resources.push(Resource {
            planned: planned.clone(),
            status: Status::Intended,
            output: None,
            since: at,
            gone_at: None,
            how: None,
            failure: None,
        });
        Ok(())
    }

    fn step(&mut self, name: &str, event: Event) -> Result<&mut Resource, Misfit> {
        let illegal = |cause| Misfit::Illegal { name: name.to_owned(), cause };
        let Some(resource) = self.resources.iter_mut().find(|r| r.planned.name == name) else {
            return Err(illegal(Illegal { status: Status::Untouched, event }));
        };
        resource.status = next(resource.status, event).map_err(illegal)?;
        Ok(resource)
    }
}
