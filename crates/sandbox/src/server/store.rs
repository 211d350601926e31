//! The world's file: one line of JSON for each change, with the rows that it has changed, appended before its answer.
//!
//! A line is written whole or not at all: what a crash has left of one has no end, and its call had no answer. When the
//! file has grown to several times what the world needs, the world is written anew, beside its place, and renamed.
//!
//! A line is not synced to disk: the state must survive a killed process, not a power cut, and a call's two milliseconds
//! would not.

use crate::{
    model::{
        account::world::{Changes, World},
        error::SandboxError,
    },
    system::private,
};
use serde_json::{Value, json};
use std::{
    fs::{File, OpenOptions},
    io::{self, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
};

/// The name in a state directory.
pub(crate) const FILE: &str = "world.jsonl";
/// The whole world in one file, as versions of old wrote it.
const OLD_FILE: &str = "world.json";
/// The version that every file begins with.
const FORMAT: u64 = 1;
/// Bytes that a small world's file may grow by before it is written anew.
const SLACK: u64 = 1024 * 1024;
/// A file of no more bytes is written anew when something was deleted, so that no secret outlives what it belonged to; a
/// longer one when it has grown.
const SMALL: u64 = 256 * 1024;

/// Bytes that are read of a world; one of 5,000 resources of each kind has some megabytes.
const LARGEST: u64 = 1 << 30;

/// The world's file.
#[derive(Debug)]
pub(crate) struct Store {
    path: PathBuf,
    file: File,
    /// Bytes of whole lines.
    length: u64,
    /// Bytes when it was last written anew.
    base: u64,
}

impl Store {
    /// Reads the world of a directory, or makes an empty account where there is none.
    pub(crate) fn open(dir: &Path) -> Result<(Self, World), SandboxError> {
        let path = dir.join(FILE);
        let world = match recipe_walk_files::bytes(&path, LARGEST) {
            Ok(bytes) => {
                read(&bytes).map_err(|reason| SandboxError::Damaged { path: path.clone(), reason })?
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let old = dir.join(OLD_FILE);
                if old.exists() {
                    let reason = "an earlier version wrote it; run `recipe-walk sandbox reset`".into();
                    return Err(SandboxError::Damaged { path: old, reason });
                }
                World::fresh()
            }
            Err(error) => return Err(SandboxError::file("read", path)(error)),
        };
        let store = Self::write(&path, &world).map_err(SandboxError::file("write", path))?;
        Ok((store, world))
    }

    /// Appends a change, or writes the whole world where the file has grown too long.
    pub(crate) fn append(&mut self, changes: &Changes, world: &World) -> io::Result<()> {
        if changes.is_empty() {
            return Ok(());
        }
        let deletes = changes.values().any(|rows| rows.values().any(Value::is_null));
        if self.length > 2 * self.base + SLACK || (deletes && self.length <= SMALL) {
            *self = Self::write(&self.path, world)?;
            return Ok(());
        }
        let line = line(changes);
        if let Err(error) = self.file.write_all(&line) {
            // Half a line must not have another one behind it.
            self.file.set_len(self.length)?;
            self.file.seek(SeekFrom::Start(self.length))?;
            return Err(error);
        }
        self.length += line.len() as u64;
        Ok(())
    }

    fn write(path: &Path, world: &World) -> io::Result<Self> {
        let mut bytes = format!("{}\n", json!({"recipe-walk-sandbox": FORMAT})).into_bytes();
        bytes.extend(line(&world.all()));
        private::replace(path, &bytes)?;
        let mut file = OpenOptions::new().write(true).open(path)?;
        let length = file.seek(SeekFrom::End(0))?;
        Ok(Self { path: path.to_owned(), file, length, base: length })
    }
}

fn line(changes: &Changes) -> Vec<u8> {
    let mut line = json!(changes).to_string().into_bytes();
    line.push(b'\n');
    line
}

/// The world that a file's whole lines make; the error says what is wrong with them.
fn read(bytes: &[u8]) -> Result<World, String> {
    let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    let mut lines = bytes[..whole].split_inclusive(|byte| *byte == b'\n').enumerate();
    let parse = |at: usize, line: &[u8]| -> Result<Value, String> {
        serde_json::from_slice(line).map_err(|error| format!("line {}: {error}", at + 1))
    };
    let header = lines.next().map(|(at, line)| parse(at, line)).transpose()?.unwrap_or_default();
    if header["recipe-walk-sandbox"] != FORMAT {
        return Err(format!("it does not begin with version {FORMAT} of the sandbox's state"));
    }
    let mut world = World::empty();
    for (at, line) in lines {
        let changes: Changes = serde_json::from_value(parse(at, line)?).map_err(|e| e.to_string())?;
        world.apply(changes).map_err(|error| format!("line {}: {error}", at + 1))?;
    }
    Ok(world)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn names(world: &World) -> Vec<String> {
        world.iam.service_linked.iter().cloned().collect()
    }

    /// Cut anywhere, the file makes the world of its last whole line; nothing of a torn one is taken.
    #[test]
    fn a_file_cut_anywhere_holds_its_whole_lines() {
        let dir = tempfile::tempdir().unwrap();
        let (mut store, mut world) = Store::open(dir.path()).unwrap();
        let path = dir.path().join(FILE);
        let mut ends = vec![(store.length, names(&world))];
        for n in 0..5 {
            world.iam.service_linked.push(format!("service-{n}"));
            let changes = world.changes();
            store.append(&changes, &world).unwrap();
            ends.push((store.length, names(&world)));
        }
        let whole = fs::read(&path).unwrap();
        assert_eq!(whole.len() as u64, store.length);
        let first = usize::try_from(ends[0].0).unwrap();
        for cut in first..=whole.len() {
            let expected = ends.iter().rev().find(|(end, _)| *end <= cut as u64).unwrap();
            assert_eq!(names(&read(&whole[..cut]).unwrap()), expected.1, "{cut}");
        }
        // What follows a torn line after a new start is read again.
        fs::write(&path, &whole[..whole.len() - 3]).unwrap();
        let (mut store, mut world) = Store::open(dir.path()).unwrap();
        world.iam.service_linked.push("later".into());
        let changes = world.changes();
        store.append(&changes, &world).unwrap();
        let again = Store::open(dir.path()).unwrap().1;
        assert_eq!(names(&again), ["service-0", "service-1", "service-2", "service-3", "later"]);
    }

    #[test]
    fn a_long_file_is_written_anew() {
        let dir = tempfile::tempdir().unwrap();
        let (mut store, mut world) = Store::open(dir.path()).unwrap();
        for n in 0..3_000 {
            world.iam.service_linked.push(format!("{n}-{}", "x".repeat(1_000)));
            if n >= 400 {
                world.iam.service_linked.remove_first();
            }
            let changes = world.changes();
            store.append(&changes, &world).unwrap();
        }
        assert!(fs::metadata(dir.path().join(FILE)).unwrap().len() < 2 * SLACK);
        assert_eq!(names(&Store::open(dir.path()).unwrap().1), names(&world));
    }

    #[test]
    fn what_was_deleted_leaves_a_small_file() {
        let dir = tempfile::tempdir().unwrap();
        let (mut store, mut world) = Store::open(dir.path()).unwrap();
        for kept in [true, false] {
            if kept {
                world.iam.service_linked.push("a secret".into());
            } else {
                world.iam.service_linked.remove("a secret");
            }
            let changes = world.changes();
            store.append(&changes, &world).unwrap();
            let text = fs::read_to_string(dir.path().join(FILE)).unwrap();
            assert_eq!(text.contains("a secret"), kept);
        }
    }

    #[test]
    fn damage_and_old_files_are_told() {
        let dir = tempfile::tempdir().unwrap();
        let reason = |dir: &Path| Store::open(dir).unwrap_err().to_string();
        fs::write(dir.path().join(OLD_FILE), "{}").unwrap();
        assert!(reason(dir.path()).contains("an earlier version wrote it"));
        for (text, why) in [
            ("{}\n", "version 1"),
            ("{\"recipe-walk-sandbox\":1}\nnonsense\n", "line 2"),
            ("{\"recipe-walk-sandbox\":1}\n{\"ec2.nonsense\":{\"1\":{}}}\n", "ec2.nonsense"),
            ("{\"recipe-walk-sandbox\":1}\n{\"ssm.parameters\":{\"1\":{}}}\n", "line 2"),
        ] {
            fs::write(dir.path().join(FILE), text).unwrap();
            assert!(reason(dir.path()).contains(why), "{text}: {}", reason(dir.path()));
        }
    }
}
