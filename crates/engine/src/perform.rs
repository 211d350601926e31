//! Performing one action: record, call, record; look before repeating anything whose outcome is unclear.

use crate::action::{Output, Planned};
use crate::cloud::{Cloud, Found};
use crate::failure::{Failure, Kind};
use crate::finding::Finding;
use crate::guide::{Guide, Happening};
use crate::interrupt::Interrupt;
use crate::journal::JournalError;
use crate::record::Record;
use crate::session::Session;
use crate::transition::Status;
use crate::{clock::Clock, wait::pause};
use std::sync::Arc;
use std::time::Duration;

/// How long a failure that passes by itself is waited out. IAM's eventual consistency takes up to two minutes (AWS-FACTS section 10).
pub const PATIENCE: Duration = Duration::from_secs(150);

/// What every part of a walk works with.
#[derive(Clone)]
pub struct Tools {
    /// The session.
    pub session: Arc<Session>,
    /// The cloud.
    pub cloud: Arc<dyn Cloud>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// The person.
    pub guide: Arc<dyn Guide>,
    /// Ctrl-C.
    pub interrupt: Interrupt,
}

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum Stop {
    /// A call failed for good.
    #[error("{0}")]
    Failed(Failure),
    /// The preflight found something that would stop the walk later.
    #[error("{}: {}", .0.what, .0.found)]
    NotReady(Box<Finding>),
    /// A resource became unusable.
    #[error("{what}: {why}")]
    Broken {
        /// What a person calls it.
        what: String,
        /// Why.
        why: String,
    },
    /// The name is taken by something that is not ours.
    #[error("{what} is there already, and it is not this session's: {whose}")]
    Foreign {
        /// What a person calls it.
        what: String,
        /// Whose it is.
        whose: String,
    },
    /// What is there, with our tag, is not what was planned.
    #[error("{what} is there, and {how}{}: {mend}", if *.more > 0 { format!(" (and {more} more)") } else { String::new() })]
    Differs {
        /// What a person calls it.
        what: String,
        /// The first difference.
        how: String,
        /// How to mend it.
        mend: String,
        /// Further differences.
        more: usize,
    },
    /// The demo failed on the instance.
    #[error("the demo's {subcommand} failed with exit code {code}: {why}")]
    Demo {
        /// Subcommand.
        subcommand: String,
        /// Exit code.
        code: i32,
        /// Its last line of error.
        why: String,
    },
    /// There is no plan.
    #[error(transparent)]
    Plan(#[from] crate::plan::PlanError),
    /// It took too long.
    #[error("{what} took longer than {} minutes", .limit.as_secs() / 60)]
    TooLong {
        /// What a person calls it.
        what: String,
        /// The limit.
        limit: Duration,
    },
    /// The journal cannot be written: nothing more may be done.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// Ctrl-C.
    #[error("interrupted")]
    Interrupted,
}

impl Tools {
    /// Sleeps, or ends early with [`Stop::Interrupted`].
    pub async fn sleep(&self, time: Duration) -> Result<(), Stop> {
        tokio::select! {
            () = self.clock.sleep(time) => Ok(()),
            () = self.interrupt.wait() => Err(Stop::Interrupted),
        }
    }

    /// Ends with [`Stop::Interrupted`] once Ctrl-C was pressed.
    pub fn check(&self) -> Result<(), Stop> {
        if self.interrupt.is_set() { Err(Stop::Interrupted) } else { Ok(()) }
    }

    /// Repeats a read while its failures pass by themselves.
    pub async fn read<T, F, Fut>(&self, mut call: F) -> Result<T, Stop>
    where
        F: FnMut() -> Fut,
        Fut: Future<Output = Result<T, Failure>>,
    {
        let start = self.clock.elapsed();
        let mut tries = 0;
        loop {
            let failure = match call().await {
                Ok(answer) => return Ok(answer),
                Err(failure) => failure,
            };
            let waited = self.clock.elapsed().saturating_sub(start);
            if !failure.passes() || waited > PATIENCE {
                return Err(Stop::Failed(failure));
            }
            tries += 1;
            self.guide.show(&Happening::Retrying(&failure));
            self.sleep(pause(waited, tries)).await?;
        }
    }

    /// Makes the thing, or finds out that it is there already. Safe to call again after any interruption.
    pub async fn perform(&self, planned: &Planned) -> Result<Output, Stop> {
        let name = &planned.name;
        let (status, output) =
            self.session.with(|s| (s.status(name), s.resource(name).and_then(|r| r.output.clone())));
        match (status, output) {
            (Status::Present, Some(output)) => return Ok(output),
            (Status::Intended | Status::Unclear, _) => {
                if let Some(output) = self.look(planned).await? {
                    return Ok(output);
                }
            }
            _ => {}
        }
        self.check()?;
        self.guide.show(&Happening::Doing(planned));
        let start = self.clock.elapsed();
        let mut tries = 0;
        loop {
            self.session.record(Record::Intended(Box::new(planned.clone())))?;
            let failure = match self.cloud.apply(planned).await {
                Ok(output) => {
                    self.session.record(Record::Created { name: name.clone(), output: output.clone() })?;
                    self.guide.show(&Happening::Made(planned, &output.id));
                    return Ok(output);
                }
                Err(failure) => failure,
            };
            let record = match &failure {
                Failure::Refused(_) => Record::Refused { name: name.clone(), failure: failure.clone() },
                Failure::Unclear { .. } => Record::Unclear { name: name.clone(), failure: failure.clone() },
            };
            let taken = failure.kind() == Some(Kind::AlreadyExists);
            if !taken {
                // "Already exists" is not the end of it: the name may be ours, from a call whose answer was lost.
                self.session.record(record)?;
            }
            let waited = self.clock.elapsed().saturating_sub(start);
            if !taken && (!failure.passes() || waited > PATIENCE) {
                return Err(Stop::Failed(failure));
            }
            if taken || failure.kind().is_none() {
                if let Some(output) = self.look(planned).await? {
                    return Ok(output);
                }
                if taken && waited > PATIENCE {
                    return Err(Stop::Failed(failure));
                }
            }
            tries += 1;
            self.guide.show(&Happening::Retrying(&failure));
            self.sleep(pause(waited, tries)).await?;
        }
    }

    /// Looks for the thing and adopts it if it is ours. Something foreign of that name is an error.
    pub async fn look(&self, planned: &Planned) -> Result<Option<Output>, Stop> {
        match self.read(|| self.cloud.find(planned)).await? {
            Found::Absent => Ok(None),
            Found::Ours(output) => {
                let differences = self.read(|| self.cloud.differences(planned)).await?;
                let mut mend = differences.iter().filter(|d| d.blocks());
                if let Some(first) = mend.next() {
                    return Err(Stop::Differs {
                        what: planned.action.describe(),
                        how: format!("{} is {}, not {}", first.what, first.there, first.planned),
                        mend: first.mend.clone(),
                        more: mend.count(),
                    });
                }
                self.session
                    .record(Record::Adopted { name: planned.name.clone(), output: output.clone() })?;
                self.guide.show(&Happening::Adopted(planned, &output.id));
                Ok(Some(output))
            }
            Found::Foreign(whose) => {
                let what = planned.action.describe();
                let failure = Failure::local("find", "NameTaken", format!("{what} belongs to {whose}"));
                self.session.record(Record::Refused { name: planned.name.clone(), failure })?;
                Err(Stop::Foreign { what, whose })
            }
        }
    }
}
