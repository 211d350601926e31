//! A session: its directory, its lock, its journal.

pub mod account;
pub mod facts;
pub mod foreseen;
pub mod history;
pub mod id;
pub mod journal;
pub mod resource;
pub mod standing;
pub mod state;
pub mod transition;

use crate::answers::{Answers, BadAnswer};
use crate::clock::Clock;
use crate::id::SessionId;
use crate::journal::{FILE, Journal, JournalError};
use crate::key::{KeptKey, SessionKey};
use crate::parameter::Parameter;
use crate::record::{Line, Record};
use crate::state::State;
use jiff::Timestamp;
use recipe_walk_files::private;
use serde::{Deserialize, Serialize};
use std::fs::{File, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Who holds a session.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Holder {
    /// Process id.
    pub pid: u32,
    /// Machine.
    pub host: String,
}

/// Why a session cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// Somebody else walks it.
    #[error("session {session} is open in another walk (process {} on {})", .holder.pid, .holder.host)]
    Locked {
        /// The session.
        session: SessionId,
        /// Who.
        holder: Holder,
    },
    /// There is no such session on this machine.
    #[error("there is no session {0} on this machine")]
    Missing(SessionId),
    /// A file could not be used.
    #[error("{path}: {cause}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        cause: io::Error,
    },
    /// The journal could not be used.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

/// An open, locked session. Dropping it gives up the lock.
pub struct Session {
    id: SessionId,
    dir: PathBuf,
    _lock: File,
    journal: Mutex<Journal>,
    clock: Arc<dyn Clock>,
}

impl Session {
    /// Makes a new session below `sessions`, which is made too.
    pub fn create(
        sessions: &Path,
        id: &SessionId,
        host: &str,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, SessionError> {
        let dir = sessions.join(id.as_str());
        private::directory(&dir).map_err(|cause| SessionError::Io { path: dir.clone(), cause })?;
        Self::open(sessions, id, host, clock)
    }

    /// Opens and locks an existing session.
    pub fn open(
        sessions: &Path,
        id: &SessionId,
        host: &str,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, SessionError> {
        let dir = sessions.join(id.as_str());
        if !dir.is_dir() {
            return Err(SessionError::Missing(id.clone()));
        }
        private::ours(&dir).map_err(|cause| SessionError::Io { path: dir.clone(), cause })?;
        let lock = lock(&dir, id, host)?;
        let journal = Journal::open(&dir)?.with_key(KeptKey::read(&dir));
        Ok(Self { id: id.clone(), dir, _lock: lock, journal: Mutex::new(journal), clock })
    }

    /// Begins the session's journal anew, beside one that may be there and be damaged. Nothing of that is seen until
    /// [`Session::settle`]; a program that dies before leaves everything as it was.
    pub fn anew(
        sessions: &Path,
        id: &SessionId,
        host: &str,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, SessionError> {
        let dir = sessions.join(id.as_str());
        private::directory(&dir).map_err(|cause| SessionError::Io { path: dir.clone(), cause })?;
        let lock = lock(&dir, id, host)?;
        let journal = Journal::anew(&dir)?.with_key(KeptKey::read(&dir));
        Ok(Self { id: id.clone(), dir, _lock: lock, journal: Mutex::new(journal), clock })
    }

    /// Puts a journal that was begun anew in its place; answers where the old one is kept now.
    pub fn settle(&self) -> Result<Option<PathBuf>, JournalError> {
        self.journal().settle()
    }

    /// Throws away what was begun anew, and the directory if there was nothing before.
    pub fn discard(&self) {
        let dir = &self.dir;
        self.journal().discard();
        if !dir.join(FILE).exists() {
            // Only what this program puts there: a directory with anything else in it stays.
            let _ = std::fs::remove_file(dir.join("lock"));
            let _ = std::fs::remove_file(dir.join(crate::lease::FILE));
            KeptKey::remove(dir);
            let _ = std::fs::remove_dir(dir);
        }
    }

    /// The session's id.
    pub fn id(&self) -> &SessionId {
        &self.id
    }

    /// The session's directory.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// A copy of what is known now.
    pub fn state(&self) -> State {
        self.journal().state().clone()
    }

    /// Keeps the session's key on this machine, from before anything is signed with it.
    pub fn keep_key(&self, key: SessionKey) -> Result<(), SessionError> {
        let kept = KeptKey::write(&self.dir, key)
            .map_err(|cause| SessionError::Io { path: self.dir.clone(), cause })?;
        self.journal().keep_key(kept);
        Ok(())
    }

    /// The session's key, where this machine keeps it.
    pub fn key(&self) -> Option<SessionKey> {
        self.with(|state| state.key.as_ref().map(|kept| kept.key.clone()))
    }

    /// Looks at what is known now, without a copy.
    pub fn with<T>(&self, look: impl FnOnce(&State) -> T) -> T {
        look(self.journal().state())
    }

    /// Checks the answers on record against the recipe's parameters; before that none of them can be read. What the rules
    /// refuse is told, and not used.
    pub fn admit(&self, parameters: &[Parameter]) -> Vec<BadAnswer> {
        self.journal().admit(parameters)
    }

    /// Records answers, durably.
    pub fn answer(&self, answers: &Answers) -> Result<(), JournalError> {
        answers.iter().try_for_each(|(key, value)| {
            self.record(Record::Answered { key: key.to_owned(), value: value.to_owned() })
        })
    }

    /// Records what happened, durably.
    pub fn record(&self, record: Record) -> Result<(), JournalError> {
        self.record_at(self.clock.now(), record)
    }

    /// Records, durably, what happened at another time.
    pub fn record_at(&self, at: Timestamp, record: Record) -> Result<(), JournalError> {
        self.journal().append(Line { at, record })
    }

    fn journal(&self) -> MutexGuard<'_, Journal> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Who has a session open on this machine now, and since when.
pub fn holder(sessions: &Path, id: &SessionId) -> Option<(Holder, Option<Timestamp>)> {
    let file = recipe_walk_files::open(&sessions.join(id.as_str()).join("lock")).ok()?;
    // A shared lock that is had at once proves that nobody has the other one; it is given up with the file.
    let Err(TryLockError::WouldBlock) = file.try_lock_shared() else { return None };
    let mut text = String::new();
    (&file).take(LOCK).read_to_string(&mut text).ok()?;
    let since = file.metadata().and_then(|m| m.modified()).ok().and_then(|t| Timestamp::try_from(t).ok());
    Some((serde_json::from_str(&text).ok()?, since))
}

/// Bytes of a lock: a process and a machine's name.
const LOCK: u64 = 4096;

/// How often a lock that is not free is tried: somebody may just be looking who has it.
const TRIES: usize = 50;

fn lock(dir: &Path, id: &SessionId, host: &str) -> Result<File, SessionError> {
    let path = dir.join("lock");
    let io = |cause| SessionError::Io { path: path.clone(), cause };
    let mut file = private::take(&path).map_err(io)?;
    let mut outcome = file.try_lock();
    for _ in 0..TRIES {
        if !matches!(outcome, Err(TryLockError::WouldBlock)) {
            break;
        }
        std::thread::yield_now();
        outcome = file.try_lock();
    }
    match outcome {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let text = recipe_walk_files::text(&path, LOCK).unwrap_or_default();
            let holder =
                serde_json::from_str(&text).unwrap_or(Holder { pid: 0, host: "an unknown machine".into() });
            return Err(SessionError::Locked { session: id.clone(), holder });
        }
        Err(TryLockError::Error(cause)) => return Err(io(cause)),
    }
    let holder = Holder { pid: std::process::id(), host: host.to_owned() };
    let text = serde_json::to_string(&holder).unwrap_or_default();
    file.set_len(0).and_then(|()| file.write_all(text.as_bytes())).map_err(io)?;
    Ok(file)
}

/// A session on this machine, readable or not.
pub type Listed = (SessionId, Result<State, JournalError>);

/// What the journal of a session tells, if this machine has one.
pub fn known(sessions: &Path, id: &SessionId) -> Option<Result<State, JournalError>> {
    let dir = sessions.join(id.as_str());
    // Without a journal it is the remains of a rebuild that did not come to its end.
    dir.join(FILE).exists().then(|| crate::journal::read(&dir))
}

/// The sessions on this machine, newest last; damaged ones come with their error.
pub fn list(sessions: &Path) -> Result<Vec<Listed>, SessionError> {
    let entries = match std::fs::read_dir(sessions) {
        Ok(entries) => entries,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(cause) => return Err(SessionError::Io { path: sessions.to_owned(), cause }),
    };
    let mut found: Vec<_> = entries
        .filter_map(|e| e.ok()?.file_name().to_str()?.parse::<SessionId>().ok())
        .filter_map(|id| {
            // One with a key and without a journal may have made something all the same.
            let dir = sessions.join(id.as_str());
            let lost = || dir.join(crate::key::FILE).exists().then(|| crate::journal::read(&dir));
            let state = known(sessions, &id).or_else(lost)?;
            Some((id, state))
        })
        .collect();
    found.sort_by_key(|(id, state)| {
        (state.as_ref().ok().and_then(|s| s.opening.as_ref().map(|(at, _)| *at)), id.clone())
    });
    Ok(found)
}
