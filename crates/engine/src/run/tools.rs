//! What every part of a walk works with, and the calls that look: repeated while their failures pass by themselves.

use crate::clock::Clock;
use crate::cloud::Cloud;
use crate::failure::Failure;
use crate::guide::{Answered, Guide, Happening};
use crate::interrupt::Interrupt;
use crate::lease::{FRESH, Hold, Seen, look};
use crate::record::Record;
use crate::refers::Reference;
use crate::session::Session;
use crate::shown::shown;
use crate::stop::Stop;
use crate::wait::{pause_after_failures, slow_pause};
use std::sync::Arc;
use std::time::Duration;

/// How long a failure that passes by itself is waited out. IAM's eventual consistency takes up to two minutes
/// (docs/aws.md, "Idempotency and consistency").
pub const SETTLING: Duration = Duration::from_secs(150);

/// How often the lease is looked for where it does not show, or something else stands in its place.
const LOOKS: usize = 3;

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
        let key = self.session.key();
        let mut holder = None;
        for _ in 0..LOOKS {
            let asked = self.clock.now();
            let ours = (hold.token(), hold.taken());
            match self.read(|| look(&*self.cloud, self.session.id(), key.as_ref(), ours)).await? {
                Seen::Ours => {
                    hold.confirm(asked);
                    return Ok(());
                }
                // Again, because a parameter may not be visible everywhere.
                Seen::Nothing => self.sleep(slow_pause(Duration::ZERO)).await?,
                // Who keeps ours puts it back.
                Seen::Forged => self.sleep(FRESH).await?,
                Seen::Theirs(lease) => {
                    holder = Some(lease.holder);
                    break;
                }
            }
        }
        hold.lose(holder);
        self.interrupt.set();
        Err(Stop::Interrupted)
    }

    /// Ends where a request refers to something that the session has neither made nor looked up.
    pub(crate) fn own(&self, what: impl Fn() -> String, references: &[Reference<'_>]) -> Result<(), Stop> {
        match self.session.with(|state| references.iter().find(|r| !r.is_own(state)).copied()) {
            None => Ok(()),
            Some(Reference { field, to, .. }) => Err(Stop::Stranger { what: what(), field, to: shown(to) }),
        }
    }

    /// Puts on record what the person has answered.
    pub fn record_answers(&self) -> Result<(), Stop> {
        for Answered { question, option } in self.guide.answers() {
            self.session.record(Record::Predicted { question, answer: option })?;
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
            if !failure.passes() || waited > SETTLING {
                return Err(Stop::Failed(failure));
            }
            tries += 1;
            self.guide.show(&Happening::Retrying(&failure));
            self.sleep(pause_after_failures(waited, tries)).await?;
        }
    }
}
