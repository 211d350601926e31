//! Where the state lives.

use crate::error::{CommandError, Kind};
use recipe_walk_engine::typed;
use recipe_walk_files::private;
use rustix::fs::OFlags;
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// What the sandbox needs, with room to spare: a walk was seen to take 141 MB for an empty database, its copy, logs and
/// journals. CloudShell has a home of 1 GB.
const NEEDED: u64 = 500_000_000;

/// The state directory.
#[derive(Debug, Clone)]
pub(crate) struct Paths {
    root: PathBuf,
}

impl Paths {
    /// Finds it: `$XDG_STATE_HOME/recipe-walk`, else `~/.local/state/recipe-walk`.
    pub(crate) fn find() -> Result<Self, CommandError> {
        let paths = Self::choose(|name| std::env::var_os(name).map(PathBuf::from))?;
        for dir in [paths.root.clone(), paths.sessions()] {
            ours_alone(&dir)?;
        }
        Ok(paths)
    }

    fn choose(variable: impl Fn(&str) -> Option<PathBuf>) -> Result<Self, CommandError> {
        // The XDG specification tells to ignore relative paths.
        let absolute = |name| variable(name).filter(|path| path.is_absolute());
        let state = absolute("XDG_STATE_HOME").or_else(|| absolute("HOME").map(|h| h.join(".local/state")));
        match state {
            // A journal, a printed command and an engine's configuration are text.
            Some(state) if state.to_str().is_none() => Err(CommandError::new(
                Kind::Disk,
                format!("the path of the state directory is not text in UTF-8: {}", state.display()),
            )
            .next("export XDG_STATE_HOME=/var/tmp/recipe-walk-state")),
            Some(state) => Ok(Self { root: state.join("recipe-walk") }),
            None => Err(CommandError::new(Kind::Disk, "there is no place for the state")
                .means("Neither HOME nor XDG_STATE_HOME is set to an absolute path.")
                .next("export XDG_STATE_HOME=\"$PWD/state\"")),
        }
    }

    /// The whole.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Where sessions live.
    pub(crate) fn sessions(&self) -> PathBuf {
        self.root.join("sessions")
    }

    /// The sandbox that walks use, or the one asked for.
    pub(crate) fn sandbox(&self, asked: Option<&Path>) -> PathBuf {
        asked.map_or_else(|| self.root.join("sandbox"), Path::to_owned)
    }

    /// Makes the state directory and proves that it can be written.
    pub(crate) fn prepare(&self) -> Result<(), CommandError> {
        let probe = self.root.join(format!(".writable-{}", std::process::id()));
        let write = || -> std::io::Result<()> {
            private::directory(&self.root)?;
            std::fs::write(&probe, b"")?;
            std::fs::remove_file(&probe)
        };
        write().map_err(|error| {
            CommandError::new(Kind::Disk, format!("cannot write to {}", self.root.display()))
                .means(error.to_string())
                .means("Sessions are saved there before anything is made, so nothing was begun.")
                .next("export XDG_STATE_HOME=DIRECTORY   # one where you can write")
        })?;
        // One that was not there before is looked at as one that was.
        ours_alone(&self.root)
    }

    /// The state directory, or the nearest one above it that is there.
    pub(crate) fn existing(&self) -> &Path {
        self.root.ancestors().find(|dir| dir.exists()).unwrap_or(Path::new("/"))
    }

    /// Bytes that are free for us.
    pub(crate) fn free(&self) -> Option<u64> {
        let stat = rustix::fs::statvfs(self.existing()).ok()?;
        Some(stat.f_bavail.saturating_mul(stat.f_frsize))
    }

    /// Refuses when the engines would soon fill the disk.
    pub(crate) fn check_space(&self) -> Result<(), CommandError> {
        enough(self.free(), &self.root)
    }
}

/// Refuses a directory in which somebody else may write: what is read there decides what is made and deleted.
fn ours_alone(dir: &Path) -> Result<(), CommandError> {
    let denied = |checked: std::io::Result<()>| {
        checked.err().filter(|error| error.kind() == std::io::ErrorKind::PermissionDenied)
    };
    let told = |error: std::io::Error| {
        CommandError::new(Kind::Disk, format!("{} is not yours alone: {error}", dir.display()))
            .means("What stands there decides what is made and deleted in your account, so nothing was read.")
    };
    let elsewhere = "export XDG_STATE_HOME=DIRECTORY   # else one of your own";
    if let Some(error) = denied(private::ours(dir)) {
        let us = rustix::process::geteuid().as_raw();
        let mend = if std::fs::metadata(dir).is_ok_and(|meta| meta.uid() != us) {
            typed!("sudo chown -R {} {}", us, dir.display())
        } else {
            typed!("chmod -R go-w {}", dir.display())
        };
        return Err(told(error).next(mend.then("  # if it is yours")).next(elsewhere));
    }
    match denied(private::unmovable(dir)) {
        Some(error) => Err(told(error).next(elsewhere)),
        None => Ok(()),
    }
}

fn enough(free: Option<u64>, root: &Path) -> Result<(), CommandError> {
    match free {
        Some(free) if free < NEEDED => Err(CommandError::new(
            Kind::Disk,
            format!("only {} MB are free in {}", free / 1_000_000, root.display()),
        )
        .means(format!("The sandbox's engines need about {} MB.", NEEDED / 1_000_000))
        .next("recipe-walk sandbox reset       # throws away what old walks left on the sandbox")
        .next("export XDG_STATE_HOME=DIRECTORY   # one with more space")),
        _ => Ok(()),
    }
}

/// Writes a whole file or nothing: beside it first, then in its place. A device or a pipe gets the bytes as it is; one that
/// nobody reads is refused at once.
pub(crate) fn write_whole(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    if std::fs::metadata(file).is_ok_and(|there| !there.is_file() && !there.is_dir()) {
        let nobody = OFlags::NONBLOCK.bits().cast_signed();
        let mut there = std::fs::OpenOptions::new().write(true).custom_flags(nobody).open(file)?;
        // Once somebody reads, who is slow is waited for.
        rustix::fs::fcntl_setfl(&there, OFlags::empty())?;
        return there.write_all(bytes);
    }
    let name = file.file_name().ok_or(std::io::ErrorKind::InvalidFilename)?.to_string_lossy();
    let draft = file.with_file_name(format!(".{name}.{}", std::process::id()));
    // In a directory of several people, a link could lie there: it is not followed, and nobody's file is taken.
    let mut fresh = std::fs::OpenOptions::new().write(true).create_new(true).open(&draft)?;
    let written =
        fresh.write_all(bytes).and_then(|()| fresh.sync_all()).and_then(|()| std::fs::rename(&draft, file));
    if written.is_err() {
        let _ = std::fs::remove_file(&draft);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    #[test]
    fn a_report_is_written_through_no_link_of_somebody_elses() {
        let dir = tempfile::tempdir().expect("a directory");
        let (file, theirs) = (dir.path().join("page.html"), dir.path().join("theirs"));
        std::fs::write(&theirs, "theirs").expect("written");
        symlink(&theirs, &file).expect("a link");
        write_whole(&file, b"ours").expect("in the link's place");
        symlink(&theirs, dir.path().join(format!(".page.html.{}", std::process::id()))).expect("a link");
        assert!(write_whole(&file, b"again").is_err());
        assert_eq!(std::fs::read(&theirs).expect("theirs"), b"theirs");
        assert_eq!(std::fs::read(&file).expect("ours"), b"ours");
    }

    #[test]
    fn device_or_pipe_is_written_to_and_stays() {
        let dir = tempfile::tempdir().expect("a directory");
        let (null, pipe) = (dir.path().join("null"), dir.path().join("pipe"));
        symlink("/dev/null", &null).expect("a link");
        write_whole(&null, b"a page").expect("written");
        assert!(std::fs::symlink_metadata(&null).expect("there").is_symlink());
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().expect("it runs").success());
        assert!(write_whole(&pipe, b"a page").is_err(), "nobody reads there");
        let page = vec![b'x'; 200_000];
        let reader = std::thread::spawn({
            let (pipe, mut all) =
                (std::fs::File::options().read(true).write(true).open(&pipe), vec![0; 200_000]);
            move || std::io::Read::read_exact(&mut pipe.expect("a pipe"), &mut all).map(|()| all)
        });
        write_whole(&pipe, &page).expect("written");
        assert!(reader.join().expect("no panic").expect("read") == page);
    }

    #[test]
    fn state_directories_others_write_are_refused_with_a_mend() {
        let dir = std::env::temp_dir().join(format!("recipe walk's {}", std::process::id()));
        private::directory(&dir).expect("made");
        let of = |mode| {
            std::fs::set_permissions(&dir, std::fs::Permissions::from_mode(mode)).expect("set");
            ours_alone(&dir)
        };
        assert!(of(0o755).is_ok());
        let error = of(0o777).expect_err("refused");
        assert_eq!(error.kind, Kind::Disk);
        let command = error.next[0].as_str();
        assert!(
            command.starts_with("chmod -R go-w '") && command.contains("recipe walk'\\''s "),
            "{command}"
        );
        std::fs::remove_dir(&dir).expect("removed");
        assert!(ours_alone(&dir).is_ok(), "nothing is there yet");
    }

    #[test]
    fn the_state_directory_follows_the_xdg_rules() {
        let of = |state: Option<&str>, home: Option<&str>| {
            Paths::choose(|name| match name {
                "XDG_STATE_HOME" => state.map(PathBuf::from),
                _ => home.map(PathBuf::from),
            })
            .map(|p| p.root)
            .ok()
        };
        assert_eq!(of(Some("/s"), Some("/h")), Some("/s/recipe-walk".into()));
        assert_eq!(of(Some("relative"), Some("/h")), Some("/h/.local/state/recipe-walk".into()));
        assert_eq!(of(None, None), None);
    }

    #[test]
    fn too_little_space_is_refused_and_unknown_space_is_not() {
        assert_eq!(enough(Some(5), Path::new("/x")).map_err(|e| e.kind), Err(Kind::Disk));
        assert!(enough(Some(NEEDED), Path::new("/x")).is_ok());
        assert!(enough(None, Path::new("/x")).is_ok());
    }
}
