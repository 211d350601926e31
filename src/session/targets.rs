//! Which sessions of an account a clean-up of several means. This machine's journal decides where there is one; else the
//! session has to prove what it is. What only a tag says so of is told and left alone.

use crate::error::CommandError;
use crate::options::PlaceArgs;
use crate::session::context::Context;
use crate::session::find::Local;
use crate::session::place::{Reached, has_expired};
use crate::ui::Terminal;
use crate::ui::style::Paint;
use jiff::Timestamp;
use recipe_walk_engine::cloud::{Answer, Remote};
use recipe_walk_engine::id::SessionId;
use recipe_walk_engine::note::Passport;
use recipe_walk_engine::record::Opening;
use recipe_walk_engine::session;
use recipe_walk_engine::shell::Typed;
use recipe_walk_engine::tags::TagValue;
use recipe_walk_engine::together::all;
use recipe_walk_engine::trust::{Doubt, prove};
use recipe_walk_engine::typed;
use std::collections::BTreeMap;

/// How many prove what they are at a time.
const AT_A_TIME: usize = 8;

/// One session that is meant.
pub(crate) struct Target {
    pub(crate) id: SessionId,
    pub(crate) owner: String,
    pub(crate) cohort: String,
    pub(crate) step: String,
    /// Whether it should be gone by now.
    pub(crate) expired: bool,
    pub(crate) local: Local,
}

/// One session that is left alone although somebody's tag names it.
pub(crate) struct LeftAlone {
    pub(crate) id: SessionId,
    pub(crate) reason: String,
    /// Whether nobody can tell what it is; else it is another one than the tag says.
    pub(crate) unproven: bool,
}

impl LeftAlone {
    /// Says so, with the command that deletes it on purpose; `place` is as the command line has it.
    pub(crate) fn tell(&self, place: &PlaceArgs, terminal: &Terminal) {
        let Self { id, reason, .. } = self;
        terminal.remark(Paint::Warning, &format!("Session {id} is left alone: {reason}."));
        terminal.say("If it is yours and is to go, delete it by its name:");
        terminal.command(&self.command(place));
    }

    /// The command that deletes it on purpose.
    pub(crate) fn command(&self, place: &PlaceArgs) -> Typed {
        place.added_to(typed!("recipe-walk cleanup {}", self.id))
    }
}

/// What is asked for: a class, what has expired, or both.
pub(crate) struct Wanted {
    pub(crate) cohort: Option<TagValue>,
    pub(crate) expired: bool,
    pub(crate) now: Timestamp,
}

impl Wanted {
    fn means(&self, cohort: &str, expires_at: Option<Timestamp>) -> bool {
        self.cohort.as_deref().is_none_or(|wanted| wanted == cohort)
            && (!self.expired || has_expired(expires_at, self.now))
    }

    /// Judges a session that this machine has no sound journal of.
    fn judge(&self, remote: Remote, local: Local, proof: Result<Passport, Doubt>) -> Judged {
        let claim = remote.claims.iter().find(|claim| self.means(&claim.cohort, claim.expires_at));
        let id = remote.session;
        match (proof, claim) {
            (Ok(Passport { owner, cohort, expires_at, .. }), _) if self.means(&cohort, Some(expires_at)) => {
                let expired = has_expired(Some(expires_at), self.now);
                Judged::Meant(Target { id, owner, cohort, step: remote.step, expired, local })
            }
            (_, None) => Judged::Other,
            (Ok(passport), Some(claim)) => {
                let class = if passport.cohort.is_empty() { "no class" } else { &*passport.cohort };
                let until = passport.expires_at;
                let by = &claim.by;
                let reason = format!(
                    "by its own note it is of {class} and expires at {until:.0}; only a tag of {by} says otherwise"
                );
                Judged::Left(LeftAlone { id, reason, unproven: false })
            }
            (Err(doubt), Some(_)) => {
                Judged::Left(LeftAlone { id, reason: doubt.to_string(), unproven: true })
            }
        }
    }
}

enum Judged {
    Meant(Target),
    Left(LeftAlone),
    Other,
}

/// The sessions that are meant, and those that are left alone.
pub(crate) async fn targets(
    wanted: &Wanted,
    context: &Context,
    reached: &Reached,
) -> Result<(Vec<Target>, Vec<LeftAlone>), CommandError> {
    let mut journals: BTreeMap<SessionId, Local> = session::list(&context.paths.sessions())?
        .into_iter()
        .map(|(id, state)| (id, Local::new(state)))
        .collect();
    let (mut found, mut left, mut unknown) = (Vec::new(), Vec::new(), Vec::new());
    let by_journal = |id: SessionId, opening: Opening, step: String, local: Local| {
        let expired = has_expired(Some(opening.expires_at), wanted.now);
        let means = wanted.means(&opening.cohort, Some(opening.expires_at));
        means.then(|| Target { id, owner: opening.owner, cohort: opening.cohort, step, expired, local })
    };
    for remote in reached.sessions().await? {
        match journals.remove(&remote.session).unwrap_or(Local::Absent) {
            Local::Sound(state) => {
                if let Some((_, opening)) = state.opening.clone() {
                    found.extend(by_journal(remote.session, opening, remote.step, Local::Sound(state)));
                }
            }
            local @ (Local::Empty | Local::Damaged(_) | Local::Absent) => unknown.push((remote, local)),
        }
    }
    while !unknown.is_empty() {
        let some: Vec<_> = unknown.drain(..unknown.len().min(AT_A_TIME)).collect();
        let proofs = some
            .iter()
            .map(|(remote, _)| -> Answer<'_, _> { Box::pin(prove(&*reached.cloud, &remote.session)) });
        let proofs = all(proofs.collect()).await.map_err(|failure| CommandError::from_failure(&failure))?;
        for ((remote, local), proof) in some.into_iter().zip(proofs) {
            match wanted.judge(remote, local, proof) {
                Judged::Meant(target) => found.push(target),
                Judged::Left(one) => left.push(one),
                Judged::Other => {}
            }
        }
    }
    // Nothing of these shows in the account.
    for (id, local) in journals {
        let Local::Sound(state) = local else { continue };
        let Some((_, opening)) = state.opening.clone().filter(|_| state.closed.is_none()) else { continue };
        if opening.place == reached.identity.place {
            found.extend(by_journal(id, opening, String::new(), Local::Sound(state)));
        }
    }
    Ok((found, left))
}
