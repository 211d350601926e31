//! The lease: two machines must not walk one session. A parameter made without overwriting is the lock; it names its
//! holder, is renewed while the walk goes on, and is taken over only when somebody decides so. It is signed with the
//! session's key: what anybody else writes there holds nothing, and is written over.

use crate::cloud::{Cloud, Note};
use crate::failure::Failure;
use crate::id::SessionId;
use crate::key::SessionKey;
use crate::note::lease_path;
use crate::session::{Holder, Session};
use crate::shown::one_line;
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
/// How much earlier than ours a lease may have been written that has taken it over: so far do clocks differ whose calls
/// AWS accepts. An earlier one was put back by somebody who has kept it.
const SKEW: Duration = Duration::from_mins(15);
/// A lease is signed as this version of its parameter: which one it becomes is not known before it is written.
const VERSION: i64 = 0;
/// Characters of a holder's name that are shown.
const LONGEST_HOLDER: usize = 200;
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
    /// Whether it carries a signature, also one that nobody here can check.
    #[serde(skip)]
    pub has_signature: bool,
    /// Whether it is to be believed: it is signed with the session's key, or nobody here has that.
    #[serde(skip)]
    pub believed: bool,
}

/// What is in the account, to whoever holds a lease.
#[derive(Debug)]
pub enum Seen {
    /// No lease.
    Nothing,
    /// The one that is held.
    Ours,
    /// Somebody else's.
    Theirs(Lease),
    /// One that the session's key has not signed, or an earlier one that was put back.
    Forged,
}

/// What became of a renewal.
#[derive(Debug, PartialEq, Eq)]
pub enum Renewed {
    /// It was ours, and is.
    Ours,
    /// It is ours again: it was gone, or something else stood in its place, and whoever wrote that may not know.
    PutBack,
    /// It is somebody's who has taken it over.
    Lost(String),
}

impl Lease {
    /// A lease for this process.
    pub fn new(person: &str, holder: &Holder, token: String, at: Timestamp) -> Self {
        let person = if person.is_empty() { "somebody" } else { person };
        let holder = format!("{person}, process {} on {}", holder.pid, holder.host);
        Self { holder, token, since: Some(at), at, settles: None, has_signature: false, believed: true }
    }

    /// The same, as it is written at that time.
    #[must_use]
    pub fn heard_of(&self, at: Timestamp) -> Self {
        Self { at, ..self.clone() }
    }

    /// What a note says, or somebody unknown, who is believed to be alive: a later version may write it otherwise.
    fn read(path: &str, note: &Note, key: Option<&SessionKey>, now: Timestamp) -> Self {
        let note = Note { version: VERSION, ..note.clone() };
        let signed = key.and_then(|key| key.signed(path, &note));
        let end = note.text.rsplit_once(' ').and_then(|(rest, _)| rest.strip_suffix(&format!(" {VERSION}")));
        let lease = serde_json::from_str(signed.or(end).unwrap_or(&note.text)).unwrap_or_else(|_| Self {
            holder: "somebody unknown".into(),
            token: String::new(),
            since: None,
            at: now,
            settles: None,
            has_signature: false,
            believed: false,
        });
        Self {
            holder: one_line(&lease.holder, LONGEST_HOLDER),
            has_signature: end.is_some(),
            believed: key.is_none() || signed.is_some(),
            ..lease
        }
    }

    /// Whether it was written long before a lease that was taken at that time.
    fn is_older_than(&self, taken: Timestamp) -> bool {
        taken.duration_since(self.at) > jiff::SignedDuration::try_from(SKEW).unwrap_or_default()
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
    taken: Timestamp,
    seen: Mutex<Timestamp>,
    lost: OnceLock<String>,
}

impl Hold {
    /// A lease that was ours at that time.
    pub fn new(token: String, at: Timestamp) -> Self {
        Self { token, taken: at, seen: Mutex::new(at), lost: OnceLock::new() }
    }

    /// The token that shows that it is ours.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// When it was taken.
    pub fn taken(&self) -> Timestamp {
        self.taken
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
    /// answer. Not after the question: its writing may have taken its time. With it comes what stood there without the
    /// key's signature.
    Settling(Option<Lease>),
    /// Somebody else has it.
    Taken(Lease),
}

/// A lease as it is written: signed, where the session's key is here.
fn text(path: &str, lease: &Lease, key: Option<&SessionKey>) -> String {
    let text = serde_json::to_string(lease).unwrap_or_default();
    key.map_or_else(|| text.clone(), |key| key.sign(path, VERSION, &text))
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
    let key = &session.key();
    let previous = ours(session);
    // Before the call: if we die right after it, the token still tells that the lease is ours.
    let mut tokens = previous.clone();
    tokens.push(lease.token.clone());
    remember(session, &tokens);
    let found = loop {
        if cloud.write_note(&path, &text(&path, lease, key.as_ref()), Some(tags)).await?.is_some() {
            remember(session, std::slice::from_ref(&lease.token));
            return Ok(Claim::Held);
        }
        // It may have been given back between the two calls; then the lock is free again.
        if let Some(found) = cloud.read_note(&path).await? {
            break found;
        }
    };
    let now = lease.at;
    let before = Lease::read(&path, &found, key.as_ref(), now);
    let mine = before.believed && tokens.contains(&before.token);
    if before.believed && !mine && over.is_none_or(|o| o.token != before.token) {
        remember(session, &previous);
        return Ok(Claim::Taken(before));
    }
    // Our own take-over may not have settled when we died.
    let unsettled = !mine || before.settles.is_some_and(|at| at > now);
    let settles = unsettled.then(|| now + WRITING + FRESH);
    let written = text(&path, &Lease { settles, ..lease.clone() }, key.as_ref());
    // It was there a moment ago, so its tags stay. Taking it away and making it anew would be no better: a parameter's
    // name cannot be used again at once.
    let version = cloud.write_note(&path, &written, None).await?;
    remember(session, std::slice::from_ref(&lease.token));
    let disturbed = version != Some(found.version + 1);
    let dead = before.believed && !mine && before.is_stale(now);
    if disturbed || (unsettled && !dead) {
        return Ok(Claim::Settling(Some(before).filter(|before| !before.believed)));
    }
    Ok(Claim::Held)
}

/// Who has the lease, if anybody. With the session's key, one that it has not signed is nobody's.
pub async fn holder(
    cloud: &dyn Cloud,
    id: &SessionId,
    key: Option<&SessionKey>,
    now: Timestamp,
) -> Result<Option<Lease>, Failure> {
    let path = lease_path(id);
    let note = cloud.read_note(&path).await?;
    Ok(note.map(|note| Lease::read(&path, &note, key, now)).filter(|lease| lease.believed))
}

/// Looks whether a lease is still the one with this token, which was taken at that time.
pub async fn look(
    cloud: &dyn Cloud,
    id: &SessionId,
    key: Option<&SessionKey>,
    (token, taken): (&str, Timestamp),
) -> Result<Seen, Failure> {
    let path = lease_path(id);
    let Some(note) = cloud.read_note(&path).await? else { return Ok(Seen::Nothing) };
    let lease = Lease::read(&path, &note, key, taken);
    Ok(if !lease.believed || (lease.token != token && key.is_some() && lease.is_older_than(taken)) {
        Seen::Forged
    } else if lease.token == token {
        Seen::Ours
    } else {
        Seen::Theirs(lease)
    })
}

/// Renews the lease. One that is gone is made anew as the first was: with its tags, and never over somebody else's. A last
/// renewal of the one that was taken over may have crossed with the take-over; its writer has seen that and gone, and ours
/// is put back, as it is over what the session's key has not signed. Who has no key gives way to who has.
pub async fn renew(
    cloud: &dyn Cloud,
    id: &SessionId,
    lease: &Lease,
    tags: &Tags,
    over: Option<&Lease>,
    key: Option<&SessionKey>,
) -> Result<Renewed, Failure> {
    let path = lease_path(id);
    let Some(found) = cloud.read_note(&path).await? else {
        if cloud.write_note(&path, &text(&path, lease, key), Some(tags)).await?.is_some() {
            return Ok(Renewed::PutBack);
        }
        let other = holder(cloud, id, key, lease.at).await?.filter(|other| other.token != lease.token);
        return Ok(other.map_or(Renewed::Ours, |other| Renewed::Lost(other.holder)));
    };
    let there = Lease::read(&path, &found, key, lease.at);
    let ours = there.believed && there.token == lease.token;
    let crossed = over.is_some_and(|o| o.token == there.token) && (key.is_some() || !there.has_signature);
    let forged = key.is_some() && (!there.believed || lease.since.is_some_and(|at| there.is_older_than(at)));
    if !ours && !crossed && !forged {
        return Ok(Renewed::Lost(there.holder));
    }
    let version = cloud.write_note(&path, &text(&path, lease, key), None).await?;
    let disturbed = version != Some(found.version + 1);
    // Taken over between the look and the write, by somebody whose decision that was: we have to go, and they will put
    // theirs back in the place of ours. With the key, whoever that was waits and looks again, and is seen then: anybody
    // else who writes there could end our walk.
    Ok(match (disturbed, ours) {
        (true, _) if key.is_none() => Renewed::Lost("somebody else at this very moment".to_owned()),
        (false, true) => Renewed::Ours,
        (true, _) | (false, false) => Renewed::PutBack,
    })
}

/// Gives the lease back, if it is still ours; what nobody with the key has written in its place goes too.
pub async fn release(cloud: &dyn Cloud, session: &Session, token: &str) -> Result<(), Failure> {
    let path = lease_path(session.id());
    let found = cloud.read_note(&path).await?;
    let found = found.map(|note| Lease::read(&path, &note, session.key().as_ref(), Timestamp::UNIX_EPOCH));
    if found.is_some_and(|lease| lease.token == token || !lease.believed) {
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
