//! Reading what may be anybody's: regular files only, and no more of them than is wanted.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

/// Opens a regular file. A pipe, a device or a directory is refused at once: nobody waits for who writes into a pipe.
pub fn open(path: &Path) -> io::Result<File> {
    opened(OpenOptions::new().read(true), path)
}

/// The same in another way of opening.
pub(crate) fn opened(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY;
    let file = options.custom_flags(flags.bits().cast_signed()).open(path)?;
    regular(&file)?;
    Ok(file)
}

/// Whether what is open is a regular file; an error where it is none.
pub fn regular(file: &File) -> io::Result<()> {
    if file.metadata()?.is_file() { Ok(()) } else { Err(io::Error::other("it is no regular file")) }
}

/// All of a regular file; an error where it has more than `most` bytes.
pub fn bytes(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut all = Vec::new();
    open(path)?.take(most.saturating_add(1)).read_to_end(&mut all)?;
    if all.len() as u64 > most {
        return Err(io::Error::other(format!("it has more than {most} bytes")));
    }
    Ok(all)
}

/// The same as text.
pub fn text(path: &Path, most: u64) -> io::Result<String> {
    String::from_utf8(bytes(path, most)?).map_err(|_| io::Error::other("it is not UTF-8 text"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pipes_devices_directories_and_long_files_are_refused_at_once() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name);
        std::fs::write(path("file"), "text").unwrap();
        std::fs::write(path("latin"), [0xe9]).unwrap();
        std::os::unix::fs::symlink("/dev/zero", path("endless")).unwrap();
        assert!(std::process::Command::new("mkfifo").arg(path("pipe")).status().unwrap().success());
        assert_eq!(text(&path("file"), 4).unwrap(), "text");
        for (name, most, why) in [
            ("file", 3, "more than 3 bytes"),
            ("latin", 9, "not UTF-8"),
            ("endless", 9, "no regular file"),
            ("pipe", 9, "no regular file"),
            (".", 9, "no regular file"),
        ] {
            let error = text(&path(name), most).unwrap_err().to_string();
            assert!(error.contains(why), "{name}: {error}");
        }
        assert_eq!(bytes(&path("gone"), 9).unwrap_err().kind(), io::ErrorKind::NotFound);
    }
}
