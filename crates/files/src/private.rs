//! Files and directories that nobody but their owner reads or writes.

use crate::read::opened;
use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _},
    path::Path,
};

/// Makes a directory (with its parents) for its owner only, or takes one that is there and that only we can change.
///
/// Whoever may write into it could put another file or a link where ours belongs, and whoever owns it could allow
/// himself to.
pub fn directory(dir: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
    ours(dir)
}

/// Checks that a directory or a file is ours, and that nobody else may write to it.
pub fn ours(dir: &Path) -> io::Result<()> {
    let us = rustix::process::geteuid().as_raw();
    let refused = |why: String| Err(io::Error::new(io::ErrorKind::PermissionDenied, why));
    // A link counts as its owner's word for where to go.
    for meta in [fs::symlink_metadata(dir)?, fs::metadata(dir)?] {
        if meta.uid() != us {
            return refused(format!(
                "it belongs to user {}, who could read and change everything in it; we are user {us}",
                meta.uid()
            ));
        }
        if !meta.is_symlink() && meta.mode() & 0o022 != 0 {
            let mode = meta.mode() & 0o777;
            return refused(format!("others may write to it (mode {mode:o}); run `chmod go-w` on it"));
        }
    }
    Ok(())
}

/// Checks that nobody else can put another directory in this one's place: what is above it is the system's or ours, and
/// where all may write, nobody may rename what is not his. Who is root trusts the owner of the home that root works in.
pub fn unmovable(dir: &Path) -> io::Result<()> {
    let us = rustix::process::geteuid();
    for above in dir.canonicalize()?.ancestors().skip(1) {
        let meta = fs::metadata(above)?;
        let owner = meta.uid();
        let foreign = owner != us.as_raw() && owner != 0 && !us.is_root() && !is_unmapped(owner);
        let open = meta.mode() & 0o002 != 0 && meta.mode() & 0o1000 == 0;
        if foreign || open {
            let who = if open { "everybody".to_owned() } else { format!("user {owner}") };
            let why = format!("{who} could put another one in its place: see {}", above.display());
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, why));
        }
    }
    Ok(())
}

/// Whether an owner is nobody in particular: in a container of an ordinary user, root's files show as one id's.
fn is_unmapped(owner: u32) -> bool {
    let text = |file: &str| crate::text(Path::new(file), 4096).unwrap_or_default();
    let all_mapped = text("/proc/self/uid_map").split_whitespace().eq(["0", "0", "4294967295"]);
    !all_mapped && text("/proc/sys/kernel/overflowuid").trim().parse() == Ok(owner)
}

/// Opens a file to read it and to write on, or makes it for its owner only. One that is there must be a regular file.
pub fn take(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    opened(options.read(true).write(true).create(true).truncate(false).mode(0o600), path)
}

/// Opens a file to add to it, or makes it for its owner only. One that is there must be a regular file.
pub fn append(path: &Path) -> io::Result<File> {
    opened(OpenOptions::new().append(true).create(true).mode(0o600), path)
}

/// Whether the system would run a program from a directory that is there: it would not where that is mounted `noexec`.
pub fn runs_programs(dir: &Path) -> io::Result<bool> {
    let probe = dir.join(".runs-programs");
    replace_with(&probe, b"#!/bin/sh\n", 0o700)?;
    let runs = may_run(&probe);
    std::fs::remove_file(&probe)?;
    Ok(runs)
}

/// Whether the system would run this file.
pub fn may_run(file: &Path) -> bool {
    rustix::fs::access(file, rustix::fs::Access::EXEC_OK).is_ok()
}

/// Makes a new file. Whatever has the name goes first: what a crash has left, or a link, which is not followed.
pub fn create(path: &Path, mode: u32) -> io::Result<File> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    OpenOptions::new().write(true).create_new(true).mode(mode).open(path)
}

/// Writes a whole file, for its owner only, beside its place and renames it there: a crash leaves the old or the new one,
/// and nobody ever reads half of it.
pub fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    replace_with(path, content, 0o600)
}

/// The same with another mode.
pub fn replace_with(path: &Path, content: &[u8], mode: u32) -> io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(".new");
    let fresh = path.with_file_name(name);
    let mut file = create(&fresh, mode)?;
    file.write_all(content)?;
    file.sync_data()?;
    drop(file);
    fs::rename(fresh, path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    #[test]
    fn a_directory_that_others_may_write_into_is_refused() {
        let outer = tempfile::tempdir().unwrap();
        let dir = outer.path().join("a/b");
        directory(&dir).unwrap();
        assert_eq!(fs::metadata(&dir).unwrap().mode() & 0o777, 0o700);
        for (mode, fine) in [(0o755, true), (0o775, false), (0o702, false), (0o700, true)] {
            fs::set_permissions(&dir, fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(directory(&dir).is_ok(), fine, "{mode:o}");
        }
        fs::set_permissions(&dir, fs::Permissions::from_mode(0o770)).unwrap();
        let error = directory(&dir).unwrap_err().to_string();
        assert!(error.contains("mode 770") && error.contains("chmod go-w"), "{error}");
        // Our own link leads where the directory is judged, not the link.
        let link = outer.path().join("link");
        symlink(&dir, &link).unwrap();
        assert!(directory(&link).is_err());
        fs::set_permissions(&dir, fs::Permissions::from_mode(0o700)).unwrap();
        directory(&link).unwrap();
    }

    #[test]
    fn a_directory_of_another_user_is_refused() {
        // The root directory is root's: only root can make one that is somebody else's.
        let outer = tempfile::tempdir().unwrap();
        let path = if rustix::process::geteuid().is_root() {
            std::os::unix::fs::chown(outer.path(), Some(65534), None).unwrap();
            outer.path()
        } else {
            Path::new("/")
        };
        let error = ours(path).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::PermissionDenied);
        assert!(error.to_string().contains("belongs to user"), "{error}");
    }

    #[test]
    fn directory_below_one_that_everybody_renames_in_is_refused() {
        let outer = tempfile::tempdir().unwrap();
        let dir = outer.path().join("a/b");
        directory(&dir).unwrap();
        for (mode, fine) in [(0o755, true), (0o777, false), (0o1777, true), (0o775, true)] {
            fs::set_permissions(dir.parent().unwrap(), fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(unmovable(&dir).is_ok(), fine, "{mode:o}");
        }
        fs::set_permissions(dir.parent().unwrap(), fs::Permissions::from_mode(0o777)).unwrap();
        let error = unmovable(&dir).unwrap_err().to_string();
        assert!(error.contains("everybody could put another one in its place"), "{error}");
    }

    #[test]
    fn a_link_in_a_files_place_is_not_followed() {
        let dir = tempfile::tempdir().unwrap();
        let (target, path) = (dir.path().join("target"), dir.path().join("state.json"));
        fs::write(&target, "theirs").unwrap();
        symlink(&target, dir.path().join("state.json.new")).unwrap();
        symlink(&target, &path).unwrap();
        replace(&path, b"ours").unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"theirs");
        assert_eq!(fs::read(&path).unwrap(), b"ours");
        assert!(fs::symlink_metadata(&path).unwrap().is_file());
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        // A file that a crash left behind is in nobody's way.
        fs::write(dir.path().join("state.json.new"), "half").unwrap();
        replace(&path, b"again").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"again");
    }
}
