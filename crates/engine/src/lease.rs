//! The lease: two machines must not walk one session. A parameter made without overwriting is the lock; it names its
//! holder, is renewed while the walk goes on, and is taken over only when somebody decides so.

use crate::cloud::Cloud;
use crate::failure::Failure;
use crate::id::SessionId;
use crate::note::lease_path;
use crate::session::{Holder, Session};
use crate::tags::Tags;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fs::OpenOptions;
use std::io::{self, Write as _};
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
}

impl Lease {
    /// A lease for this process.
    pub fn new(person: &str, holder: &Holder, token: String, at: Timestamp) -> Self {
        let person = if person.is_empty() { "somebody" } else { person };
        let holder = format!("{person}, process {} on {}", holder.pid, holder.host);
        Self { holder, token, since: Some(at), at }
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
    pub fn lose(&self, to: Option<Lease>) {
        let by = to.map_or_else(|| "somebody who has finished with it already".to_owned(), |l| l.holder);
        let _ = self.lost.set(by);
    }

    /// Who has it now, if it is not ours any more.
    pub fn lost(&self) -> Option<&str> {
        self.lost.get().map(String::as_str)
    }
}

/// What came of the wish to hold the lease.
#[derive(Debug)]
pub enum Claim {
    /// It is ours now.
    Held,
    /// Somebody else has it.
    Taken(Lease),
}

fn text(lease: &Lease) -> String {
    serde_json::to_string(lease).unwrap_or_default()
}

/// The tokens that this machine has asked with, one a line: a crash or a lost answer leaves open which of them it was.
fn ours(session: &Session) -> Vec<String> {
    let text = std::fs::read_to_string(session.dir().join(FILE)).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

fn remember(session: &Session, tokens: &[String]) {
    let _ = write(session.dir(), &tokens.join("\n"));
}

/// Writes the tokens for their owner only: whoever has one passes for the lease's holder. The whole file comes at once,
/// so that a crash leaves the tokens of before or those of now.
fn write(dir: &Path, tokens: &str) -> io::Result<()> {
    let fresh = dir.join(format!("{FILE}.new"));
    // What a crash has left goes first; a link in its place would not be followed.
    let _ = std::fs::remove_file(&fresh);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(&fresh)?.write_all(tokens.as_bytes())?;
    std::fs::rename(fresh, dir.join(FILE))
}

/// Takes the lease if nobody has it, or if this machine's own crashed walk left it behind. With `take_over` it is taken
/// from whoever has it.
pub async fn claim(
    cloud: &dyn Cloud,
    session: &Session,
    lease: &Lease,
    tags: &Tags,
    take_over: bool,
) -> Result<Claim, Failure> {
    let path = lease_path(session.id());
    let previous = ours(session);
    // Before the call: if we die right after it, the token still tells that the lease is ours.
    let mut tokens = previous.clone();
    tokens.push(lease.token.clone());
    remember(session, &tokens);
    let found = loop {
        if cloud.write_note(&path, &text(lease), Some(tags)).await? {
            remember(session, std::slice::from_ref(&lease.token));
            return Ok(Claim::Held);
        }
        // It may have been given back between the two calls; then the lock is free again.
        if let Some(found) = cloud.read_note(&path).await? {
            break found;
        }
    };
    let holder: Option<Lease> = serde_json::from_str(&found).ok();
    let mine = holder.as_ref().is_some_and(|l| tokens.contains(&l.token));
    if !mine && !take_over {
        remember(session, &previous);
        let holder_unknown = "somebody unknown".into();
        let unknown = Lease { holder: holder_unknown, token: String::new(), since: None, at: lease.at };
        return Ok(Claim::Taken(holder.unwrap_or(unknown)));
    }
    // It was there a moment ago, so its tags stay. Taking it away and making it anew would be no better: a parameter's
    // name cannot be used again at once.
    cloud.write_note(&path, &text(lease), None).await?;
    // Two machines may take over at once; the last writer holds it, and both can see who that is.
    let now = cloud.read_note(&path).await?.and_then(|t| serde_json::from_str::<Lease>(&t).ok());
    match now {
        Some(now) if now.token != lease.token => Ok(Claim::Taken(now)),
        _ => {
            remember(session, std::slice::from_ref(&lease.token));
            Ok(Claim::Held)
        }
    }
}

/// Who has the lease, if anybody.
pub async fn holder(cloud: &dyn Cloud, id: &SessionId) -> Result<Option<Lease>, Failure> {
    Ok(cloud.read_note(&lease_path(id)).await?.and_then(|t| serde_json::from_str::<Lease>(&t).ok()))
}

/// Renews the lease. Answers whoever has taken it over, if somebody has. One that is gone is made anew as the first was:
/// with its tags, and never over somebody else's.
pub async fn renew(
    cloud: &dyn Cloud,
    id: &SessionId,
    lease: &Lease,
    tags: &Tags,
) -> Result<Option<Lease>, Failure> {
    let path = lease_path(id);
    match holder(cloud, id).await? {
        Some(other) if other.token != lease.token => Ok(Some(other)),
        Some(_) => cloud.write_note(&path, &text(lease), None).await.map(|_| None),
        None if cloud.write_note(&path, &text(lease), Some(tags)).await? => Ok(None),
        None => Ok(holder(cloud, id).await?.filter(|other| other.token != lease.token)),
    }
}

/// Gives the lease back, if it is still ours.
pub async fn release(cloud: &dyn Cloud, session: &Session, token: &str) -> Result<(), Failure> {
    let path = lease_path(session.id());
    let found = holder(cloud, session.id()).await?;
    if found.is_some_and(|l| l.token == token) {
        cloud.remove_note(&path).await?;
    }
    let _ = std::fs::remove_file(session.dir().join(FILE));
    Ok(())
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
