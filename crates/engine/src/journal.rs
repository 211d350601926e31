//! The journal: append-only JSON lines, each synced to disk before the call it announces is made.

use crate::record::{Line, Opening, Record};
use crate::state::{Misfit, State};
use serde::Deserialize as _;
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

/// File name of the journal in a session's directory.
pub const FILE: &str = "journal.jsonl";
/// File name of a journal that is being rebuilt: it takes the other's place once it is whole.
const REBUILDING: &str = "journal.jsonl.rebuilding";

/// Why a journal cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The file system said no.
    #[error("{path}: {cause}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        cause: io::Error,
    },
    /// A line is damaged.
    #[error("{path}, line {line}: {cause}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// One-based line number.
        line: usize,
        /// What is wrong with it.
        cause: String,
    },
    /// A record that we were about to write does not fit: a bug, caught before any harm.
    #[error("this record does not fit the journal: {0}")]
    Misfit(#[from] Misfit),
    /// An earlier append failed, so nothing more may be done.
    #[error("{0}: an earlier write failed; nothing more is done in this session until it is resumed")]
    Poisoned(PathBuf),
}

/// An open journal and the state folded from it.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
    state: State,
    poisoned: bool,
}

/// Reads all records. Returns the state and the length of the sound part; a torn last line (no line feed at its end)
/// is left out, any other damage is an error with its line number.
pub fn replay(path: &Path, bytes: &[u8]) -> Result<(State, usize), JournalError> {
    let mut state = State::default();
    let mut sound = 0;
    for (index, piece) in bytes.split_inclusive(|b| *b == b'\n').enumerate() {
        let Some(text) = piece.strip_suffix(b"\n") else { break };
        let damaged = |cause: String| JournalError::Damaged { path: path.to_owned(), line: index + 1, cause };
        let line = parse(text).map_err(|e| damaged(e.to_string()))?;
        state.fold(&line).map_err(|e| damaged(e.to_string()))?;
        sound += piece.len();
    }
    Ok((state, sound))
}

/// Reads one line; a record kind of a later version is kept as unknown instead of failing.
fn parse(text: &[u8]) -> Result<Line, serde_json::Error> {
    match serde_json::from_slice::<Line>(text) {
        Ok(line) => Ok(line),
        Err(first) => {
            #[derive(serde::Deserialize)]
            struct Kind {
                at: jiff::Timestamp,
                record: String,
            }
            let known = [
                "opened",
                "answered",
                "skipped",
                "intended",
                "created",
                "adopted",
                "refused",
                "unclear",
                "verified",
                "reopened",
                "measured",
                "predicted",
                "took",
                "unwinding",
                "undo_started",
                "undo_failed",
                "undo_finished",
                "closed",
            ];
            let mut reader = serde_json::Deserializer::from_slice(text);
            let kind = Kind::deserialize(&mut reader)?;
            reader.end()?;
            if known.contains(&kind.record.as_str()) {
                return Err(first);
            }
            Ok(Line { at: kind.at, record: Record::Unknown })
        }
    }
}

/// The first record of a journal, however damaged the rest is.
pub fn opening(dir: &Path) -> Option<Opening> {
    let bytes = std::fs::read(dir.join(FILE)).ok()?;
    match parse(bytes.split(|b| *b == b'\n').next()?).ok()?.record {
        Record::Opened(opening) => Some(*opening),
        _ => None,
    }
}

/// Reads a journal without opening it for writing.
pub fn read(dir: &Path) -> Result<State, JournalError> {
    let path = dir.join(FILE);
    let bytes = std::fs::read(&path).map_err(|cause| JournalError::Io { path: path.clone(), cause })?;
    Ok(replay(&path, &bytes)?.0)
}

/// Reads all records with their times, without opening the journal for writing. What [`read`] refuses is refused here too.
pub fn lines(dir: &Path) -> Result<Vec<Line>, JournalError> {
    let path = dir.join(FILE);
    let bytes = std::fs::read(&path).map_err(|cause| JournalError::Io { path: path.clone(), cause })?;
    let (_, sound) = replay(&path, &bytes)?;
    let pieces = bytes[..sound].split(|b| *b == b'\n').filter(|piece| !piece.is_empty());
    Ok(pieces.filter_map(|piece| parse(piece).ok()).collect())
}

impl Journal {
    /// Opens the journal in the directory, or makes an empty one. A torn last line is cut off.
    pub fn open(dir: &Path) -> Result<Self, JournalError> {
        Self::open_file(dir, dir.join(FILE))
    }

    fn open_file(dir: &Path, path: PathBuf) -> Result<Self, JournalError> {
        let io = |cause| JournalError::Io { path: path.clone(), cause };
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&path).map_err(io)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(io)?;
        let (state, sound) = replay(&path, &bytes)?;
        if sound < bytes.len() {
            file.set_len(sound as u64).map_err(io)?;
            file.sync_data().map_err(io)?;
        }
        file.seek(SeekFrom::End(0)).map_err(io)?;
        // The directory entry must survive a crash too, or the first records would be lost with it.
        File::open(dir).and_then(|d| d.sync_all()).map_err(io)?;
        Ok(Self { path, file, state, poisoned: false })
    }

    /// Begins an empty journal beside the one that may be there, which stays until [`Journal::settle`].
    pub fn anew(dir: &Path) -> Result<Self, JournalError> {
        let path = dir.join(REBUILDING);
        match std::fs::remove_file(&path) {
            Err(cause) if cause.kind() != io::ErrorKind::NotFound => {
                return Err(JournalError::Io { path, cause });
            }
            _ => {}
        }
        Self::open_file(dir, path)
    }

    /// Puts a journal that was begun anew in its place. One that was there is kept under another name, which is answered.
    pub fn settle(&mut self) -> Result<Option<PathBuf>, JournalError> {
        let place = self.path.with_file_name(FILE);
        let io = |cause| JournalError::Io { path: place.clone(), cause };
        let there = std::fs::metadata(&place).is_ok_and(|m| m.len() > 0);
        let kept = there.then(|| {
            let mut names = (1..).map(|n: u32| place.with_file_name(format!("{FILE}.damaged-{n}")));
            names.find(|name| !name.exists()).unwrap_or_else(|| place.with_extension("damaged"))
        });
        if let Some(kept) = &kept {
            std::fs::rename(&place, kept).map_err(io)?;
        }
        std::fs::rename(&self.path, &place).map_err(io)?;
        if let Some(dir) = place.parent() {
            File::open(dir).and_then(|d| d.sync_all()).map_err(io)?;
        }
        self.path = place;
        Ok(kept)
    }

    /// Throws a journal that was begun anew away.
    pub fn discard(&self) {
        if self.path.ends_with(REBUILDING) {
            let _ = std::fs::remove_file(&self.path);
        }
    }

    /// What is known.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Appends a record and waits until it is on disk. After a failure every further append is refused,
    /// so that no call is made that is not on record.
    pub fn append(&mut self, line: &Line) -> Result<(), JournalError> {
        if self.poisoned {
            return Err(JournalError::Poisoned(self.path.clone()));
        }
        let mut state = self.state.clone();
        state.fold(line)?;
        let mut bytes = serde_json::to_vec(line).map_err(|e| JournalError::Io {
            path: self.path.clone(),
            cause: io::Error::new(io::ErrorKind::InvalidData, e),
        })?;
        bytes.push(b'\n');
        if let Err(cause) = self.file.write_all(&bytes).and_then(|()| self.file.sync_data()) {
            self.poisoned = true;
            return Err(JournalError::Io { path: self.path.clone(), cause });
        }
        self.state = state;
        Ok(())
    }
}
