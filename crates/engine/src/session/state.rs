//! A session's state: the fold over its journal. Pure; the live program and replay use the same function.

use crate::action::Planned;
use crate::answers::{Answers, BadAnswer, Origin};
use crate::facts::Facts;
use crate::failure::Failure;
use crate::key::KeptKey;
use crate::record::{Line, Opening, Record, VERSION};
pub use crate::resource::{Resource, Resources};
use crate::transition::{Event, Illegal, Status, may_exist, next};
use jiff::Timestamp;
use std::collections::BTreeMap;

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
    /// An answer that the recipe's rules refuse, or those of all recipes.
    #[error(transparent)]
    Answer(#[from] BadAnswer),
    /// A later program wrote the journal.
    #[error("the journal has version {0}, this program reads up to {VERSION}: use a newer recipe-walk")]
    Version(u32),
}

/// Everything that is known of a session.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct State {
    /// The first record, with its time.
    pub opening: Option<(Timestamp, Opening)>,
    /// Answers to the recipe's parameters.
    pub answers: Answers,
    /// What is known.
    pub facts: Facts,
    /// Actions in the order of their first intention.
    pub resources: Resources,
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
    /// The session's key, where this machine keeps it. No journal holds it.
    pub key: Option<KeptKey>,
}

impl State {
    /// The session as it was opened. Every state that came out of a journal has it.
    pub fn opened(&self) -> Result<&Opening, Misfit> {
        self.opening.as_ref().map(|(_, o)| o).ok_or(Misfit::Opening)
    }

    /// The action's record.
    pub fn resource(&self, name: &str) -> Option<&Resource> {
        self.resources.named(name)
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

    /// What scripts can be run on, with its id.
    pub fn instance(&self) -> Option<(&Resource, &str)> {
        let runs = |r: &&Resource| r.planned.action.properties().wait.is_some_and(|wait| wait.runs_commands);
        self.remaining().filter(runs).find_map(|r| Some((r, r.output.as_ref()?.id.as_str())))
    }

    /// Whether the record can follow what came before.
    pub fn fits(&self, record: &Record) -> Result<(), Misfit> {
        match record {
            Record::Opened(_) if self.opening.is_some() => return Err(Misfit::Opening),
            Record::Opened(opening) if opening.version > VERSION => {
                return Err(Misfit::Version(opening.version));
            }
            Record::Opened(_) => return Ok(()),
            _ if self.opening.is_none() => return Err(Misfit::Opening),
            Record::Answered { key, value } => {
                return Ok(self.answers.fits(key, value, &Origin::Journal)?);
            }
            _ => {}
        }
        let Some((name, event)) = event(record) else { return Ok(()) };
        next(self.status(name), event)
            .map(|_| ())
            .map_err(|cause| Misfit::Illegal { name: name.to_owned(), cause })
    }

    /// Folds one record in. On an error nothing was changed.
    pub fn fold(&mut self, line: Line) -> Result<(), Misfit> {
        self.fits(&line.record)?;
        let at = line.at;
        match line.record {
            Record::Opened(opening) => self.opening = Some((at, *opening)),
            Record::Answered { key, value } => self.answers.record(key, value),
            Record::Skipped { step, reason } => {
                self.skipped.insert(step, reason);
            }
            Record::Intended(planned) => self.intend(*planned, at)?,
            Record::Created { name, output } | Record::Adopted { name, output } => {
                self.facts.set(format!("{name}.id"), output.id.clone());
                self.facts.extend(output.attributes.iter().map(|(k, v)| (format!("{name}.{k}"), v.clone())));
                let resource = self.step(&name, Event::Arrive)?;
                resource.output = Some(output);
                resource.failure = None;
            }
            Record::Refused { name, failure } => self.fail(&name, Event::Refuse, failure)?,
            Record::Unclear { name, failure } => self.fail(&name, Event::Blur, failure)?,
            Record::Verified { step, facts } => {
                self.facts.extend(facts);
                self.skipped.remove(&step);
                self.verified.insert(step, at);
                self.last_failure = None;
            }
            Record::Reopened { step } => {
                self.verified.remove(&step);
            }
            Record::Measured { kind, result } => {
                self.measured.insert(kind, result);
            }
            Record::Predicted { question, answer } => {
                self.predictions.insert(question, (answer, at));
            }
            Record::Took { what, seconds } => {
                self.took.insert(what, seconds);
            }
            Record::Unwinding => self.unwinding = self.unwinding.or(Some(at)),
            Record::UndoStarted { name } => {
                self.step(&name, Event::StartUndo)?;
            }
            Record::UndoFailed { name, failure } => self.fail(&name, Event::FailUndo, failure)?,
            Record::UndoFinished { name, how } => {
                let resource = self.step(&name, Event::FinishUndo)?;
                resource.gone_at = Some(at);
                resource.how = Some(how);
                resource.failure = None;
                self.facts.forget(&name);
            }
            Record::Closed => self.closed = Some(at),
            Record::Unknown => {}
        }
        self.latest = Some(at);
        Ok(())
    }

    fn intend(&mut self, planned: Planned, at: Timestamp) -> Result<(), Misfit> {
        if self.resource(&planned.name).is_some() {
            let was = self.status(&planned.name);
            let resource = self.step(&planned.name, Event::Intend)?;
            if !may_exist(was) {
                resource.begin_anew(at);
            }
            resource.planned = planned;
            resource.output = None;
            return Ok(());
        }
        self.resources.add(Resource {
            planned,
            status: Status::Intended,
            output: None,
            since: at,
            gone_at: None,
            how: None,
            past: Vec::new(),
            failure: None,
        });
        Ok(())
    }

    fn fail(&mut self, name: &str, event: Event, failure: Failure) -> Result<(), Misfit> {
        self.step(name, event)?.failure = Some(failure.clone());
        self.last_failure = Some(failure);
        Ok(())
    }

    fn step(&mut self, name: &str, event: Event) -> Result<&mut Resource, Misfit> {
        let illegal = |cause| Misfit::Illegal { name: name.to_owned(), cause };
        let Some(resource) = self.resources.named_mut(name) else {
            return Err(illegal(Illegal { status: Status::Untouched, event }));
        };
        resource.status = next(resource.status, event).map_err(illegal)?;
        Ok(resource)
    }
}

/// What a record says of one action's life, where it says something.
fn event(record: &Record) -> Option<(&str, Event)> {
    Some(match record {
        Record::Intended(planned) => (&planned.name, Event::Intend),
        Record::Created { name, .. } | Record::Adopted { name, .. } => (name, Event::Arrive),
        Record::Refused { name, .. } => (name, Event::Refuse),
        Record::Unclear { name, .. } => (name, Event::Blur),
        Record::UndoStarted { name } => (name, Event::StartUndo),
        Record::UndoFailed { name, .. } => (name, Event::FailUndo),
        Record::UndoFinished { name, .. } => (name, Event::FinishUndo),
        Record::Opened(_)
        | Record::Answered { .. }
        | Record::Skipped { .. }
        | Record::Verified { .. }
        | Record::Reopened { .. }
        | Record::Measured { .. }
        | Record::Predicted { .. }
        | Record::Took { .. }
        | Record::Unwinding
        | Record::Closed
        | Record::Unknown => return None,
    })
}
