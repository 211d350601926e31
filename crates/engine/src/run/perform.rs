//! Performing one action: record, call, record; look before repeating anything whose outcome is unclear.

use crate::action::{Output, Planned};
use crate::cleanup::{Patience, undo};
use crate::cloud::{Cloud, Found};
use crate::failure::{Failure, Kind};
use crate::finding::Finding;
use crate::guide::{Guide, Happening};
use crate::interrupt::Interrupt;
use crate::journal::JournalError;
use crate::lease::{Hold, holder};
use crate::record::Record;
use crate::session::Session;
use crate::transition::Status;
use crate::{clock::Clock, wait::pause};
use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

/// How long a failure that passes by itself is waited out. IAM's eventual consistency takes up to two minutes (AWS-FACTS section 10).
pub const PATIENCE: Duration = Duration::from_secs(150);

/// How many used tokens in a row are believed: nobody has made one instance so often.
const GENERATIONS: u32 = 30;

/// How long what a used token may have made is looked for: a new instance shows only some seconds after its call.
const APPEARING: Duration = Duration::from_secs(15);

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
    /// The lease under which things are changed; none for whoever only looks.
    pub hold: Option<Arc<Hold>>,
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

    /// Before a call that changes something: whether the session is still ours. What the keeper of the lease saw a moment
    /// ago is believed; a machine that slept, or was cut off, looks again first, because somebody else may have taken
    /// the session over and cleaned it up meanwhile.
    pub async fn still_ours(&self) -> Result<(), Stop> {
        let Some(hold) = &self.hold else { return Ok(()) };
        let now = self.clock.now();
        if hold.lost().is_none() && hold.is_fresh(now) {
            return Ok(());
        }
        let look = || holder(&*self.cloud, self.session.id());
        let mut found = self.read(look).await?;
        if found.is_none() {
            // Twice, because a parameter may not be visible everywhere.
            self.sleep(pause(Duration::ZERO, 2)).await?;
            found = self.read(look).await?;
        }
        match found {
            Some(lease) if lease.token == hold.token() => hold.confirm(now),
            other => {
                hold.lose(other.map(|o| o.holder));
                self.interrupt.set();
                return Err(Stop::Interrupted);
            }
        }
        Ok(())
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
        let mut planned = Cow::Borrowed(planned);
        let name = &planned.name.clone();
        let (status, output) =
            self.session.with(|s| (s.status(name), s.resource(name).and_then(|r| r.output.clone())));
        match (status, output) {
            (Status::Present, Some(output)) => return Ok(output),
            (Status::Intended | Status::Unclear, _) => {
                if let Some(output) = self.look(&planned).await? {
                    return Ok(output);
                }
            }
            (Status::Undoing | Status::UndoFailed, _) => {
                // Whoever deleted it died over that: it is taken to its end, or the journal would refuse to begin anew.
                let half_gone = self.session.with(|s| s.resource(name).cloned());
                if let Some(resource) = half_gone {
                    undo(self, &resource, Patience::Full).await?;
                }
                // Planned while it was still on record, with the token of the one that went.
                planned = planned.with_next_token().map_or(planned, Cow::Owned);
            }
            _ => {}
        }
        self.check()?;
        self.guide.show(&Happening::Doing(&planned));
        let start = self.clock.elapsed();
        let (mut tries, mut appearing) = (0, APPEARING);
        loop {
            self.still_ours().await?;
            self.session.record(Record::Intended(Box::new(planned.as_ref().clone())))?;
            let failure = match self.cloud.apply(&planned).await {
                Ok(output) => {
                    self.session.record(Record::Created { name: name.clone(), output: output.clone() })?;
                    self.guide.show(&Happening::Made(&planned, &output.id));
                    return Ok(output);
                }
                Err(failure) => failure,
            };
            let record = match &failure {
                Failure::Refused(_) => Record::Refused { name: name.clone(), failure: failure.clone() },
                Failure::Unclear { .. } => Record::Unclear { name: name.clone(), failure: failure.clone() },
            };
            if failure.kind() == Some(Kind::TokenUsed) {
                // A lost journal does not tell how often it was made: what is there is ours, else the next token serves.
                // Only that it is gone is certain at once; else it may have been made a moment ago and not show yet.
                let patience = if failure.made_and_gone() { Duration::ZERO } else { appearing };
                if let Some(output) = self.look_for(&planned, patience).await? {
                    return Ok(output);
                }
                // That look was for all tokens.
                appearing -= patience;
                if let Some(next) = planned.with_next_token().filter(|_| tries < GENERATIONS) {
                    planned = Cow::Owned(next);
                    tries += 1;
                    continue;
                }
            }
            let taken = failure.kind() == Some(Kind::AlreadyExists);
            if !taken {
                // "Already exists" is not the end of it: the name may be ours, from a call whose answer was lost.
                self.session.record(record)?;
            }
            let waited = self.clock.elapsed().saturating_sub(start);
            let passes = failure.passes() || failure.kind() == Some(Kind::NotFound) && self.made_lately(name);
            if !taken && (!passes || waited > PATIENCE) {
                return Err(Stop::Failed(failure));
            }
            if taken || failure.kind().is_none() {
                if let Some(output) = self.look(&planned).await? {
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

    /// Whether something else was made so lately that services may not have heard of it yet: what is not there then will
    /// be. What was made long ago, and is not there, is gone.
    fn made_lately(&self, except: &str) -> bool {
        let now = self.clock.now();
        let young = |since: jiff::Timestamp| now.duration_since(since).unsigned_abs() < PATIENCE;
        self.session.with(|s| {
            let mut others = s.remaining().filter(|r| r.planned.name != except && r.output.is_some());
            others.any(|r| young(r.since))
        })
    }

    /// Looks for the thing again and again, until the time is over.
    async fn look_for(&self, planned: &Planned, patience: Duration) -> Result<Option<Output>, Stop> {
        let start = self.clock.elapsed();
        loop {
            if let Some(output) = self.look(planned).await? {
                return Ok(Some(output));
            }
            let waited = self.clock.elapsed().saturating_sub(start);
            if waited >= patience {
                return Ok(None);
            }
            self.sleep(pause(waited, 2)).await?;
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
