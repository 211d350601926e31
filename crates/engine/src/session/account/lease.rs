//! The lease: two machines must not walk one session. A parameter made without overwriting is the lock; it names its
//! holder, is renewed while the walk goes on, and is taken over only when somebody decides so.

use crate::cloud::{Cloud, Note};
use crate::failure::Failure;
use crate::id::SessionId;
use crate::note::lease_path;
use crate::session::{Holder, Session};
use crate::tags::Tags;
use jiff::Timestamp;
use recipe_walk_files::private;
use serde::{Deserialize, Serialize};
use std::io;
use std::path::Path;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

/// A lease that was not renewed for this long is stale.
pub const STALE: Duration = Duration::from_mins(10);
/// How often it is renewed.
pub const RENEW: Duration = Duration::from_mins(2);
/// How often its holder looks whether it is still theirs.
pub const LOOK: Duration = Duration::from_secs(10);
/// For how long such a look is believed when something is to be changed: whoever takes the lease over from a live walk
/// waits as long, so that the two never change things at once.
pub const FRESH: Duration = LOOK.saturating_add(Duration::from_secs(1));
/// The longest that a call may take until it has written: after that it is given up.
const WRITING: Duration = Duration::from_secs(40);
/// File in the session's directory with the token of a lease that this machine holds, also after a crash.
pub(crate) const FILE: &str = "lease";

/// Who walks the session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// Person, machine and process.
    pub holder: String,
    /// Random; tells two walks on the same machine apart.
    pub token: String,
    /// When it was taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// When it was taken or renewed.
    pub at: Timestamp,
    /// Until when at most whoever had it before may believe that it is still theirs: before that it is nobody's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settles: Option<Timestamp>,
}

impl Lease {
    /// A lease for this process.
    pub fn new(person: &str, holder: &Holder, token: String, at: Timestamp) -> Self {
        let person = if person.is_empty() { "somebody" } else { person };
        let holder = format!("{person}, process {} on {}", holder.pid, holder.host);
        Self { holder, token, since: Some(at), at, settles: None }
    }

    /// The same, as it is written at that time.
    #[must_use]
    pub fn heard_of(&self, at: Timestamp) -> Self {
        Self { at, ..self.clone() }
    }

    /// What a note says, or somebody unknown, who is believed to be alive: a later version may write it otherwise.
    fn read(note: &Note, now: Timestamp) -> Self {
        serde_json::from_str(&note.text).unwrap_or_else(|_| Self {
            holder: "somebody unknown".into(),
            token: String::new(),
            since: None,
            at: now,
            settles: None,
        })
    }

    /// Whether nobody has renewed it for too long.
    pub fn is_stale(&self, now: Timestamp) -> bool {
        now.duration_since(self.at).unsigned_abs() > STALE
    }
}

/// A lease that is held, as its keeper and the walk see it together: when it was last seen to be ours, by the time of
/// day. A machine that sleeps stops its other clock, and would believe what it saw before.
#[derive(Debug)]
pub struct Hold {
    token: String,
    seen: Mutex<Timestamp>,
    lost: OnceLock<String>,
}

impl Hold {
    /// A lease that was ours at that time.
    pub fn new(token: String, at: Timestamp) -> Self {
        Self { token, seen: Mutex::new(at), lost: OnceLock::new() }
    }

    /// The token that shows that it is ours.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// It was ours when it was asked for at that time.
    pub fn confirm(&self, at: Timestamp) {
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = at;
    }

    /// Whether it was seen to be ours a moment ago.
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        let seen = *self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        now.duration_since(seen).unsigned_abs() <= FRESH
    }

    /// It is somebody else's, or gone: then whoever took it over has finished already.
    pub fn lose(&self, to: Option<String>) {
        let _ = self.lost.set(to.unwrap_or_else(|| "somebody who has finished with it already".to_owned()));
    }

    /// Who has it now, if it is not ours any more.
    pub fn lost(&self) -> Option<&str> {
        self.lost.get().map(String::as_str)
    }
}

/// Bytes of the tokens that this machine has asked with.
const TOKENS: u64 = 1024 * 1024;

/// What came of the wish to hold the lease.
#[derive(Debug)]
pub enum Claim {
    /// It is ours now.
    Held,
    /// It names us, and whoever had it may not know that yet: it is ours once [`renew`] says so, [`FRESH`] after this
    /// answer. Not after the question: its writing may have taken its time.
    Settling,
    /// Somebody else has it.
    Taken(Lease),
}

fn text(lease: &Lease) -> String {
    serde_json::to_string(lease).unwrap_or_default()
}

/// The tokens that this machine has asked with, one a line: a crash or a lost answer leaves open which of them it was.
fn ours(session: &Session) -> Vec<String> {
    let text = recipe_walk_files::text(&session.dir().join(FILE), TOKENS).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

fn remember(session: &Session, tokens: &[String]) {
    let _ = write(session.dir(), &tokens.join("\n"));
}

/// Writes the tokens for their owner only: whoever has one passes for the lease's holder. The whole file comes at once,
/// so that a crash leaves the tokens of before or those of now.
fn write(dir: &Path, tokens: &str) -> io::Result<()> {
    private::replace(&dir.join(FILE), tokens.as_bytes())
}

/// Takes the lease if nobody has it, or if this machine's own crashed walk left it behind, or if it is still the one that
/// is to be taken over.
///
/// The service has no "write if it is still so", but it counts: a version that does not follow upon the one that was
/// read tells that somebody else wrote in between, and may hold for theirs what we have written over. The last writer
/// keeps it, and does nothing before the other must have looked.
pub async fn claim(
    cloud: &dyn Cloud,
    session: &Session,
    lease: &Lease,
    tags: &Tags,
    over: Option<&Lease>,
) -> Result<Claim, Failure> {
    let path = lease_path(session.id());
    let previous = ours(session);
    // Before the call: if we die right after it, the token still tells that the lease is ours.
    let mut tokens = previous.clone();
    tokens.push(lease.token.clone());
    remember(session, &tokens);
    let found = loop {
        if cloud.write_note(&path, &text(lease), Some(tags)).await?.is_some() {
            remember(session, std::slice::from_ref(&lease.token));
            return Ok(Claim::Held);
        }
        // It may have been given back between the two calls; then the lock is free again.
        if let Some(found) = cloud.read_note(&path).await? {
            break found;
        }
    };
    let now = lease.at;
    let before = Lease::read(&found, now);
    let mine = tokens.contains(&before.token);
    if !mine && over.is_none_or(|o| o.token != before.token) {
        remember(session, &previous);
        return Ok(Claim::Taken(before));
    }
    // Our own take-over may not have settled when we died.
    let unsettled = !mine || before.settles.is_some_and(|at| at > now);
    let settles = unsettled.then(|| now + WRITING + FRESH);
    let written = text(&Lease { settles, ..lease.clone() });
    // It was there a moment ago, so its tags stay. Taking it away and making it anew would be no better: a parameter's
    // name cannot be used again at once.
    let version = cloud.write_note(&path, &written, None).await?;
    remember(session, std::slice::from_ref(&lease.token));
    let disturbed = version != Some(found.version + 1);
    let dead = !mine && before.is_stale(now);
    Ok(if disturbed || (unsettled && !dead) { Claim::Settling } else { Claim::Held })
}

/// Who has the lease, if anybody.
pub async fn holder(cloud: &dyn Cloud, id: &SessionId) -> Result<Option<Lease>, Failure> {
    let note = cloud.read_note(&lease_path(id)).await?;
    Ok(note.and_then(|n| serde_json::from_str::<Lease>(&n.text).ok()))
}

/// Renews the lease. Answers whoever has taken it over, if somebody has. One that is gone is made anew as the first was:
/// with its tags, and never over somebody else's. A last renewal of the one that was taken over may have crossed with
/// the take-over; its writer has seen that and gone, and ours is put back.
pub async fn renew(
    cloud: &dyn Cloud,
    id: &SessionId,
    lease: &Lease,
    tags: &Tags,
    over: Option<&Lease>,
) -> Result<Option<String>, Failure> {
    let path = lease_path(id);
    let Some(found) = cloud.read_note(&path).await? else {
        if cloud.write_note(&path, &text(lease), Some(tags)).await?.is_some() {
            return Ok(None);
        }
        let other = holder(cloud, id).await?.filter(|other| other.token != lease.token);
        return Ok(other.map(|other| other.holder));
    };
    let there = Lease::read(&found, lease.at);
    if there.token != lease.token && over.is_none_or(|o| o.token != there.token) {
        return Ok(Some(there.holder));
    }
    let version = cloud.write_note(&path, &text(lease), None).await?;
    // Taken over between the look and the write, by somebody whose decision that was: we have to go, and they will put
    // theirs back in the place of ours.
    Ok((version != Some(found.version + 1)).then(|| "somebody else at this very moment".to_owned()))
}

/// Gives the lease back, if it is still ours.
pub async fn release(cloud: &dyn Cloud, session: &Session, token: &str) -> Result<(), Failure> {
    let path = lease_path(session.id());
    let found = holder(cloud, session.id()).await?;
    if found.is_some_and(|l| l.token == token) {
        cloud.remove_note(&path).await?;
    }
    forget(session);
    Ok(())
}

/// Forgets that this machine has asked for the lease.
pub fn forget(session: &Session) {
    let _ = std::fs::remove_file(session.dir().join(FILE));
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    #[test]
    fn tokens_are_for_their_owner_only() {
        let dir = tempfile::tempdir().unwrap();
        let (file, elsewhere) = (dir.path().join(FILE), dir.path().join("elsewhere"));
        // As an older version wrote it, and with a link where the new one is to be made.
        std::fs::write(&file, "old").unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
        symlink(&elsewhere, dir.path().join("lease.new")).unwrap();
        for tokens in ["a\nb", "a"] {
            write(dir.path(), tokens).unwrap();
            assert_eq!(std::fs::read_to_string(&file).unwrap(), tokens);
            assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        }
        assert!(!elsewhere.exists() && !dir.path().join("lease.new").exists());
    }
}
