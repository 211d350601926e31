//! Performing one action: record, call, record; look before repeating anything whose outcome is unclear.

use crate::action::{Output, Planned};
use crate::cloud::Found;
use crate::failure::{Failure, Kind};
use crate::guide::Happening;
use crate::record::Record;
use crate::take_away::{Insist, undo};
use crate::transition::Status;
use crate::wait::{pause_after_failures, slow_pause};
use std::borrow::Cow;
use std::time::Duration;

pub use crate::stop::Stop;
pub use crate::tools::{SETTLING, Tools};

/// How many used tokens in a row are believed: nobody has made one instance so often.
const GENERATIONS: u32 = 30;

/// How long a service's own role is waited for that its first use makes. Who may not make one is told the same, where RDS
/// says by itself that one is to wait.
const ROLE_PATIENCE: Duration = Duration::from_secs(30);

/// How long what a used token may have made is looked for: a new instance shows only some seconds after its call.
const APPEARING: Duration = Duration::from_secs(15);

impl Tools {
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
                    undo(self, &resource, Insist::Always).await?;
                }
                // Planned while it was still on record, with the token of the one that went.
                planned = Cow::Owned(planned.anew());
            }
            (Status::Present, None) | (Status::Untouched | Status::Refused | Status::Gone, _) => {}
        }
        self.check()?;
        self.own(|| planned.action.describe(), &planned.action.refers_to())?;
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
                if tries < GENERATIONS {
                    planned = Cow::Owned(planned.anew());
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
            let patience = if failure.lacks_service_role() { ROLE_PATIENCE } else { SETTLING };
            let passes = failure.passes() || failure.kind() == Some(Kind::NotFound) && self.made_lately(name);
            if !taken && (!passes || waited > patience) {
                return Err(Stop::Failed(failure));
            }
            if taken || failure.kind().is_none() {
                if let Some(output) = self.look(&planned).await? {
                    return Ok(output);
                }
                if taken && waited > SETTLING {
                    return Err(Stop::Failed(failure));
                }
            }
            tries += 1;
            self.guide.show(&Happening::Retrying(&failure));
            self.sleep(pause_after_failures(waited, tries)).await?;
        }
    }

    /// Whether something else was made so lately that services may not have heard of it yet: what is not there then will
    /// be. What was made long ago, and is not there, is gone.
    fn made_lately(&self, except: &str) -> bool {
        let now = self.clock.now();
        let young = |since: jiff::Timestamp| now.duration_since(since).unsigned_abs() < SETTLING;
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
            self.sleep(slow_pause(waited)).await?;
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
