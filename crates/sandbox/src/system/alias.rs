//! Another path for the state directory where its own would not do: engines read it in their configuration, a shell in
//! PATH, and a socket's name has some hundred bytes only.

use super::private;
use sha2::{Digest as _, Sha256};
use std::{
    fs, io,
    os::unix::{ffi::OsStrExt as _, fs::symlink},
    path::{Path, PathBuf},
};

/// Bytes of a path below which sockets fit: their names have at most 104 bytes on macOS, 108 on Linux, with the final
/// zero, and are 30 bytes longer.
const LONGEST: usize = 72;

/// A path that leads to the state directory and that every engine understands. A link that was made for it goes with it.
#[derive(Debug)]
pub(crate) struct Alias {
    path: PathBuf,
    made: bool,
}

impl Alias {
    /// The directory itself where its path is short and plain, else a link to it in a private directory below the first
    /// place for temporary files that can be used.
    pub(crate) fn of(dir: &Path) -> io::Result<Self> {
        if is_plain(dir) {
            return Ok(Self { path: dir.to_owned(), made: false });
        }
        let mut failures = Vec::new();
        for base in [std::env::temp_dir(), "/tmp".into(), "/var/tmp".into(), "/dev/shm".into()] {
            match link(&base, dir) {
                Ok(path) => return Ok(Self { path, made: true }),
                Err(error) => failures.push(format!("{}: {error}", base.display())),
            }
        }
        failures.dedup();
        Err(io::Error::other(format!(
            "its path is longer than {LONGEST} bytes, or has letters that engines do not take, and no link to it can be \
             made: {}",
            failures.join("; ")
        )))
    }

    /// The path.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Alias {
    fn drop(&mut self) {
        if self.made {
            let _ = fs::remove_file(&self.path);
            let _ = self.path.parent().map(fs::remove_dir);
        }
    }
}

/// Whether a path can stand unquoted in any configuration and in PATH, with room for a socket's name after it.
fn is_plain(path: &Path) -> bool {
    let bytes = path.as_os_str().as_bytes();
    bytes.len() <= LONGEST && bytes.iter().all(|b| b.is_ascii_alphanumeric() || b"/._-+@".contains(b))
}

/// Makes the link, or takes the one that a crash has left: the same directory has the same link.
fn link(base: &Path, dir: &Path) -> io::Result<PathBuf> {
    if !base.is_dir() {
        return Err(io::Error::new(io::ErrorKind::NotADirectory, "no such directory"));
    }
    let home = base.join(format!("rw-{}", short_hash(dir)));
    let path = home.join("d");
    if !is_plain(&path) {
        return Err(io::Error::new(io::ErrorKind::InvalidFilename, "its path is no better"));
    }
    private::directory(&home)?;
    match fs::read_link(&path) {
        Ok(target) if target == dir => return Ok(path),
        Ok(_) => fs::remove_file(&path)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    symlink(dir, &path)?;
    Ok(path)
}

/// Sixteen digits that stand for a path.
pub(crate) fn short_hash(path: &Path) -> String {
    let digest = Sha256::digest(path.as_os_str().as_bytes());
    let first = digest.iter().take(8).fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
    format!("{first:016x}")
}

/// A directory of a test whose path engines take, whatever TMPDIR is called.
#[cfg(test)]
pub(crate) fn plain_dir() -> tempfile::TempDir {
    let usual = std::env::temp_dir();
    let below = if is_plain(&usual) { usual.as_path() } else { Path::new("/tmp") };
    tempfile::tempdir_in(below).expect("a directory")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::{ffi::OsStringExt as _, fs::PermissionsExt as _};

    #[test]
    fn plain_directories_stand_for_themselves() {
        for plain in ["/home/ana/.local/state/recipe-walk/sandbox", "/tmp/a-b_c.d+e@f"] {
            assert_eq!(Alias::of(Path::new(plain)).expect("plain").path(), Path::new(plain));
        }
    }

    #[test]
    fn paths_that_engines_misread_get_a_link_that_goes_again() {
        let outer = tempfile::tempdir().expect("a directory");
        let long = "x".repeat(90);
        let odd = std::ffi::OsString::from_vec(b"not utf-8 \xff".to_vec());
        let names = ["C# course", "a:b", "back\\slash", "q'u\"o", "ü", &long, "dollar$HOME"];
        for name in names.iter().map(AsRef::as_ref).chain([odd.as_os_str()]) {
            let dir = outer.path().join(name);
            fs::create_dir(&dir).expect("made");
            let alias = Alias::of(&dir).expect("a link");
            let path = alias.path().to_owned();
            assert!(is_plain(&path) && path != dir, "{path:?}");
            assert_eq!(path.canonicalize().expect("it leads there"), dir.canonicalize().expect("there"));
            let private = path.parent().expect("a parent").to_owned();
            assert_eq!(fs::metadata(&private).expect("there").permissions().mode() & 0o777, 0o700);
            // What a crash has left serves again, and what leads elsewhere does not.
            assert_eq!(link(private.parent().expect("a base"), &dir).expect("again"), path);
            fs::remove_file(&path).expect("removed");
            symlink("/etc", &path).expect("made");
            assert_eq!(link(private.parent().expect("a base"), &dir).expect("again"), path);
            assert_eq!(fs::read_link(&path).expect("a link"), dir);
            drop(alias);
            assert!(!private.exists());
        }
    }

    #[test]
    fn directory_of_others_is_not_taken_for_the_link() {
        let (base, dir) = (plain_dir(), tempfile::tempdir().expect("another"));
        let home = base.path().join(format!("rw-{}", short_hash(dir.path())));
        fs::create_dir(&home).expect("made");
        fs::set_permissions(&home, fs::Permissions::from_mode(0o777)).expect("set");
        let refused = link(base.path(), dir.path()).expect_err("refused");
        assert_eq!(refused.kind(), io::ErrorKind::PermissionDenied);
        let missing = link(Path::new("/nonexistent"), dir.path()).expect_err("refused");
        assert_eq!(missing.kind(), io::ErrorKind::NotADirectory);
    }
}
