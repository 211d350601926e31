//! The lease of a walk or a clean-up: taken before anything is changed, looked at and renewed while it goes on, given
//! back at its end.

pub(crate) mod holder;

use crate::error::{CommandError, Kind};
use crate::session::place::Reached;
use crate::ui::Terminal;
use crate::ui::text::since;
use jiff::Timestamp;
use recipe_walk_engine::cloud::Cloud;
use recipe_walk_engine::failure::Failure;
use recipe_walk_engine::id::SessionId;
use recipe_walk_engine::interrupt::Interrupt;
use recipe_walk_engine::key::SessionKey;
use recipe_walk_engine::lease::{
    Claim, FRESH, Hold, LOOK, Lease, RENEW, Renewed, Seen, claim, forget, look, release, renew,
};
use recipe_walk_engine::session::{Holder, Session};
use recipe_walk_engine::shell::Typed;
use recipe_walk_engine::state::Misfit;
use recipe_walk_engine::tags::{self, Tags};
use recipe_walk_engine::typed;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;

/// How long a call that fails in a way that passes by itself is tried again.
const PATIENCE: Duration = Duration::from_secs(40);
/// How often a lease is put back that somebody writes over.
const ROUNDS: usize = 5;
/// Between two tries.
const PAUSE: Duration = Duration::from_millis(700);

/// From whom the lease is taken without asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Over {
    /// From nobody who has it.
    Nobody,
    /// From a walk that has not been heard of for too long.
    Stale,
    /// From whoever has it.
    Anybody,
}

impl Over {
    /// As `--take-over` says it.
    pub(crate) fn wished(take_over: bool) -> Self {
        if take_over { Self::Anybody } else { Self::Nobody }
    }

    fn takes(self, lease: &Lease, now: Timestamp) -> bool {
        match self {
            Self::Nobody => false,
            Self::Stale => lease.is_stale(now),
            Self::Anybody => true,
        }
    }
}

/// How much the person wants the lease.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wish<'a> {
    /// From whom it is taken.
    pub(crate) over: Over,
    /// Whether somebody can be asked.
    pub(crate) ask: bool,
    /// The command to type again, with the session.
    pub(crate) command: &'a Typed,
}

/// A lease that is held. Dropping it ends the renewing, and leaves it in the account.
pub(crate) struct Held {
    cloud: Arc<dyn Cloud>,
    session: Arc<Session>,
    hold: Arc<Hold>,
    task: JoinHandle<()>,
    released: AtomicBool,
    terminal: Terminal,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Held {
    /// Takes the lease of an open session.
    pub(crate) async fn take(
        session: &Arc<Session>,
        reached: &Reached,
        wish: Wish<'_>,
        terminal: &Terminal,
    ) -> Result<Self, CommandError> {
        let mut random = [0_u8; 16];
        getrandom::fill(&mut random).map_err(|e| {
            CommandError::new(Kind::Unexpected, format!("the operating system gives no random bytes: {e}"))
        })?;
        let token = format!("{:032x}", u128::from_le_bytes(random));
        let me = Holder { pid: std::process::id(), host: crate::session::host() };
        let person = reached.identity.arn.rsplit(':').next().unwrap_or_default();
        let lease = Lease::new(person, &me, token, Timestamp::now());
        let cloud: Arc<dyn Cloud> = reached.cloud.clone();
        let about = tags(session)?;
        // From before it is taken: whatever time the person takes to decide, nothing is believed for longer than that.
        let hold = Arc::new(Hold::new(lease.token.clone(), Timestamp::now()));
        let over = ask_for(&*cloud, session, &lease, wish, terminal).await?;
        let keeper = Keeper {
            cloud: Arc::clone(&cloud),
            id: session.id().clone(),
            lease,
            over,
            tags: about,
            hold: Arc::clone(&hold),
            interrupt: terminal.interrupt().clone(),
            key: session.key(),
        };
        Ok(Self {
            cloud,
            session: Arc::clone(session),
            hold,
            task: tokio::spawn(keeper.keep()),
            released: AtomicBool::new(false),
            terminal: terminal.clone(),
        })
    }

    /// Who has taken it over meanwhile.
    pub(crate) fn lost(&self) -> Option<&str> {
        self.hold.lost()
    }

    /// What the walk asks before it changes anything.
    pub(crate) fn hold(&self) -> Arc<Hold> {
        Arc::clone(&self.hold)
    }

    /// Gives it back, once.
    pub(crate) async fn release(&self) {
        if self.released.swap(true, Ordering::SeqCst) {
            return;
        }
        self.task.abort();
        if self.lost().is_some() {
            // Whoever has it may not have seen yet that a last renewal of ours crossed with their take-over.
            return forget(&self.session);
        }
        let give_back = || release(&*self.cloud, &self.session, self.hold.token());
        if let Err(failure) = repeated(give_back, || false).await {
            self.terminal.warn(&format!(
                "The session's lease could not be given back ({failure}); it is stale in ten minutes."
            ));
        }
    }

    /// What a walk that lost its lease ends with.
    pub(crate) fn taken_over(&self, by: &str) -> CommandError {
        let id = self.session.id();
        lost(id, by, typed!("recipe-walk resume {}", id))
    }
}

fn lost(id: &SessionId, by: &str, next: impl Into<Typed>) -> CommandError {
    CommandError::new(Kind::Locked, format!("session {id} was taken over by {by}"))
        .means("This walk stopped, so that the two do not disturb each other. Everything is saved.")
        .next(next)
}

/// Asks for the lease until it is ours; answers whose it was, where it was taken over.
async fn ask_for(
    cloud: &dyn Cloud,
    session: &Arc<Session>,
    lease: &Lease,
    wish: Wish<'_>,
    terminal: &Terminal,
) -> Result<Option<Lease>, CommandError> {
    let id = session.id();
    let tags = tags(session)?;
    let mut over: Option<Lease> = None;
    loop {
        // A person may take their time to decide, and a call its time until it is answered.
        let (tags, before) = (&tags, over.as_ref());
        let ask = || {
            let lease = lease.heard_of(Timestamp::now());
            async move { claim(cloud, session, &lease, tags, before).await }
        };
        match patiently(id, wish, terminal, ask).await? {
            Claim::Held => return Ok(over),
            Claim::Settling(forged) => {
                if let Some(forged) = forged {
                    terminal.warn(&format!(
                        "The lease of session {id} names {} and is not signed with the session's key: it holds nothing.",
                        forged.holder
                    ));
                }
                break;
            }
            Claim::Taken(by) => {
                let now = Timestamp::now();
                if !(wish.over.takes(&by, now) || wish.ask && agreed(id, &by, now, terminal)) {
                    return Err(taken(id, &by, wish));
                }
                let heard = age(&by, now);
                terminal.warn(&format!("Session {id} is taken over from {} ({heard}).", by.holder));
                over = Some(by);
            }
        }
    }
    terminal.say(&format!("Waiting {} seconds, so that the other walk notices and stops.", FRESH.as_secs()));
    let (tags, before, key) = (&tags, over.as_ref(), &session.key());
    for _ in 0..ROUNDS {
        tokio::select! {
            () = tokio::time::sleep(FRESH) => {}
            () = terminal.interrupt().wait() => {
                let _ = release(cloud, session, &lease.token).await;
                return Err(CommandError::interrupted(id.as_str()));
            }
        }
        let ask = || {
            let lease = lease.heard_of(Timestamp::now());
            async move { renew(cloud, id, &lease, tags, before, key.as_ref()).await }
        };
        match patiently(id, wish, terminal, ask).await? {
            Renewed::Ours => return Ok(over),
            // Whoever wrote in between may be walking: only what has stood there all the while was seen by everybody.
            Renewed::PutBack => {}
            Renewed::Lost(by) => {
                forget(session);
                return Err(lost(id, &by, wish.command.clone()));
            }
        }
    }
    forget(session);
    Err(CommandError::new(
        Kind::Locked,
        format!("somebody writes over the lease of session {id} again and again"),
    )
    .means("Nothing was changed. Who may write parameters below its path could be doing this.")
    .next(wish.command.clone()))
}

/// Repeats a call while its failures pass by themselves, unless somebody gives up.
async fn repeated<T, F>(call: impl Fn() -> F, gives_up: impl Fn() -> bool) -> Result<T, Failure>
where
    F: Future<Output = Result<T, Failure>>,
{
    let begun = Instant::now();
    loop {
        match call().await {
            Err(failure) if failure.passes() && begun.elapsed() < PATIENCE && !gives_up() => {
                tokio::time::sleep(PAUSE).await;
            }
            answer => return answer,
        }
    }
}

/// The same for a wish, with what to say of its failure.
async fn patiently<T, F>(
    id: &SessionId,
    wish: Wish<'_>,
    terminal: &Terminal,
    call: impl Fn() -> F,
) -> Result<T, CommandError>
where
    F: Future<Output = Result<T, Failure>>,
{
    let gives_up = || terminal.interrupt().is_set();
    repeated(call, gives_up).await.map_err(|failure| {
        if gives_up() && failure.passes() {
            CommandError::interrupted(id.as_str())
        } else {
            refused(wish, &failure)
        }
    })
}

/// Asks whether to take it over; nothing but a yes means yes.
fn agreed(id: &SessionId, by: &Lease, now: Timestamp, terminal: &Terminal) -> bool {
    terminal.say(&format!("Session {id} is held by {},", by.holder));
    terminal.say(&format!("{}.", age(by, now)));
    let question = if by.is_stale(now) {
        "Go on here in its place?"
    } else {
        "Take it over all the same? The other walk will stop."
    };
    terminal.confirm(question).unwrap_or(false)
}

fn refused(wish: Wish<'_>, failure: &Failure) -> CommandError {
    CommandError::from_failure(failure)
        .means("Without its lease nothing is done in a session. What was done before is saved.")
        .next(wish.command.clone())
}

fn age(lease: &Lease, now: Timestamp) -> String {
    let ago = since(lease.at, now);
    if lease.is_stale(now) {
        format!("last heard of {ago} ago: that walk has probably ended")
    } else {
        format!("last heard of {ago} ago: that walk is probably alive")
    }
}

fn taken(id: &SessionId, by: &Lease, wish: Wish<'_>) -> CommandError {
    let error = CommandError::new(Kind::Locked, format!("session {id} is held by {}", by.holder))
        .means(format!("It was {}.", age(by, Timestamp::now())))
        .means("Two walks on one session would disturb each other. Nothing was changed.")
        .next(wish.command.clone().then("--take-over   # only if nobody walks there"));
    CommandError { can_be_taken_over: true, ..error }
}

/// The tags of the lease's parameter: the session's, so that a sweep and a trainer see whose it is.
fn tags(session: &Session) -> Result<Tags, CommandError> {
    session.with(|s| Ok(s.opened()?.tags(tags::LEASE))).map_err(|e: Misfit| {
        CommandError::new(Kind::Unexpected, format!("session {} has no beginning: {e}", session.id()))
    })
}

/// What looks at the lease while the walk goes on.
struct Keeper {
    cloud: Arc<dyn Cloud>,
    id: SessionId,
    lease: Lease,
    /// The one that was taken over for it.
    over: Option<Lease>,
    tags: Tags,
    hold: Arc<Hold>,
    interrupt: Interrupt,
    key: Option<SessionKey>,
}

impl Keeper {
    async fn keep(self) {
        let mut renewed = Instant::now();
        let mut missing = false;
        loop {
            tokio::time::sleep(LOOK).await;
            // By the time of day and from before the look: a machine may sleep at any moment, and this clock does not.
            let asked = Timestamp::now();
            let ours = (self.lease.token.as_str(), self.hold.taken());
            let crossed = match look(&*self.cloud, &self.id, self.key.as_ref(), ours).await {
                Ok(Seen::Ours) => {
                    self.hold.confirm(asked);
                    false
                }
                Ok(Seen::Forged) => true,
                Ok(Seen::Theirs(lease)) if self.over.as_ref().is_some_and(|o| o.token == lease.token) => true,
                Ok(Seen::Theirs(other)) => return self.give_up(Some(other.holder)),
                // Whoever took it over has finished already. Twice, because a parameter may not be visible everywhere.
                Ok(Seen::Nothing) if missing => return self.give_up(None),
                Ok(Seen::Nothing) => {
                    missing = true;
                    continue;
                }
                // A look that fails tells nothing; the next one may. Whoever changes something meanwhile looks first.
                Err(_) => continue,
            };
            missing = false;
            if crossed || renewed.elapsed() >= RENEW {
                let lease = self.lease.heard_of(Timestamp::now());
                let (over, key) = (self.over.as_ref(), self.key.as_ref());
                match renew(&*self.cloud, &self.id, &lease, &self.tags, over, key).await {
                    Ok(Renewed::Ours | Renewed::PutBack) => renewed = Instant::now(),
                    Ok(Renewed::Lost(other)) => return self.give_up(Some(other)),
                    Err(_) => {}
                }
            }
        }
    }

    fn give_up(&self, other: Option<String>) {
        self.hold.lose(other);
        // A question may be open, which a line would tear apart: what the walk ends with says who took it over.
        self.interrupt.set();
    }
}
