//! The journal: append-only JSON lines, each synced to disk before the call it announces is made.

pub mod line;
pub mod record;
pub mod seal;

use crate::answers::BadAnswer;
use crate::key::KeptKey;
use crate::line::read_line;
use crate::parameter::Parameter;
use crate::record::{Line, Opening, Record};
use crate::seal::Seal;
use crate::state::{Misfit, State};
use recipe_walk_files::private;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _, Seek as _, SeekFrom, Write as _};
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
    /// A later program wrote it: nothing is wrong with it.
    #[error("{path}: {cause}")]
    Newer {
        /// The file.
        path: PathBuf,
        /// Which version it has.
        cause: Misfit,
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
    seal: Seal,
    poisoned: bool,
}

/// A line is no longer than this: the longest record holds a command's output, of which there are 24,000 characters.
const LONGEST: usize = 1 << 20;

/// What the sound part of a journal tells.
#[derive(Debug, Default, PartialEq)]
pub struct Replayed {
    /// The fold over its records.
    pub state: State,
    /// Its length in bytes.
    pub sound: u64,
    /// The seal of its last line.
    pub seal: Seal,
}

/// Reads all records. A torn last line (no line feed at its end) is left out, any other damage is an error with its line
/// number. Takes memory for one line and the state.
pub fn replay(path: &Path, from: impl BufRead) -> Result<Replayed, JournalError> {
    each(path, from, |_| {})
}

/// The same, with a look at each record.
fn each(path: &Path, mut from: impl BufRead, mut look: impl FnMut(&Line)) -> Result<Replayed, JournalError> {
    let (mut all, mut number) = (Replayed::default(), 0);
    let mut text = Vec::new();
    loop {
        number += 1;
        text.clear();
        let read = from.by_ref().take(LONGEST as u64).read_until(b'\n', &mut text);
        let length = read.map_err(|cause| JournalError::Io { path: path.to_owned(), cause })?;
        let damaged = |cause: String| JournalError::Damaged { path: path.to_owned(), line: number, cause };
        if text.pop_if(|last| *last == b'\n').is_none() {
            // A torn line is the beginning of a record; what is longer than any record is none.
            return if length < LONGEST { Ok(all) } else { Err(damaged("it has no end".into())) };
        }
        let line = read_line(&text).map_err(damaged)?;
        // Before the seal: a later version may seal otherwise.
        all.state.fits(&line.record).map_err(|cause| match cause {
            Misfit::Version(_) => JournalError::Newer { path: path.to_owned(), cause },
            other => damaged(other.to_string()),
        })?;
        all.seal = all.seal.check(&text).map_err(|cause| damaged(cause.to_owned()))?;
        look(&line);
        all.state.fold(line).map_err(|e| damaged(e.to_string()))?;
        all.sound += length as u64;
    }
}

/// A record as it stands in a journal after the lines of that seal; answers the seal to go on from too.
pub fn write_line(line: &Line, seal: Seal) -> io::Result<(Vec<u8>, Seal)> {
    let mut bytes = serde_json::to_vec(line)?;
    let seal = seal.put(&mut bytes);
    bytes.push(b'\n');
    Ok((bytes, seal))
}

/// The first record of a journal, however damaged the rest is.
pub fn opening(dir: &Path) -> Option<Opening> {
    let mut text = Vec::new();
    let file = source(dir).ok()?;
    BufReader::new(file).take(LONGEST as u64).read_until(b'\n', &mut text).ok()?;
    match read_line(text.strip_suffix(b"\n")?).ok()?.record {
        Record::Opened(opening) => Some(*opening),
        _ => None,
    }
}

/// Reads a journal without opening it for writing.
pub fn read(dir: &Path) -> Result<State, JournalError> {
    let path = dir.join(FILE);
    let file = source(dir)?;
    Ok(replay(&path, reader(&file))?.state)
}

/// A session's journal, from a directory in which nobody else may write: its seal is a check sum and no proof.
fn source(dir: &Path) -> Result<File, JournalError> {
    let io = |path: PathBuf| |cause| JournalError::Io { path, cause };
    private::ours(dir).map_err(io(dir.to_owned()))?;
    let path = dir.join(FILE);
    private::ours(&path).and_then(|()| recipe_walk_files::open(&path)).map_err(io(path))
}

/// A journal is read in few, large pieces.
fn reader(file: &File) -> BufReader<&File> {
    BufReader::with_capacity(256 * 1024, file)
}

/// Reads all records with their times, without opening the journal for writing. What [`read`] refuses is refused here too.
pub fn lines(dir: &Path) -> Result<Vec<Line>, JournalError> {
    let path = dir.join(FILE);
    let file = source(dir)?;
    let mut all = Vec::new();
    each(&path, reader(&file), |line| all.push(line.clone()))?;
    Ok(all)
}

impl Journal {
    /// Opens the journal in the directory, or makes an empty one. A torn last line is cut off.
    pub fn open(dir: &Path) -> Result<Self, JournalError> {
        Self::open_file(dir, dir.join(FILE))
    }

    fn open_file(dir: &Path, path: PathBuf) -> Result<Self, JournalError> {
        let io = |cause| JournalError::Io { path: path.clone(), cause };
        let mut file = private::take(&path).map_err(io)?;
        let Replayed { state, sound, seal } = replay(&path, reader(&file))?;
        if sound < file.metadata().map_err(io)?.len() {
            file.set_len(sound).map_err(io)?;
            file.sync_data().map_err(io)?;
        }
        file.seek(SeekFrom::End(0)).map_err(io)?;
        // The directory entry must survive a crash too, or the first records would be lost with it.
        File::open(dir).and_then(|d| d.sync_all()).map_err(io)?;
        Ok(Self { path, file, state, seal, poisoned: false })
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

    /// The same, with the key that lies beside it.
    pub(crate) fn with_key(mut self, key: Option<KeptKey>) -> Self {
        self.state.key = key;
        self
    }

    pub(crate) fn keep_key(&mut self, key: KeptKey) {
        self.state.key = Some(key);
    }

    /// What is known.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Checks the answers on record against the parameters of the recipe that is walked; what they refuse is told, and
    /// not used.
    pub fn admit(&mut self, parameters: &[Parameter]) -> Vec<BadAnswer> {
        self.state.answers.admit(parameters)
    }

    /// Appends a record and waits until it is on disk. After a failure every further append is refused,
    /// so that no call is made that is not on record.
    pub fn append(&mut self, line: Line) -> Result<(), JournalError> {
        if self.poisoned {
            return Err(JournalError::Poisoned(self.path.clone()));
        }
        self.state.fits(&line.record)?;
        let (bytes, seal) = write_line(&line, self.seal)
            .map_err(|cause| JournalError::Io { path: self.path.clone(), cause })?;
        if let Err(cause) = self.file.write_all(&bytes).and_then(|()| self.file.sync_data()) {
            self.poisoned = true;
            return Err(JournalError::Io { path: self.path.clone(), cause });
        }
        self.seal = seal;
        Ok(self.state.fold(line)?)
    }
}
