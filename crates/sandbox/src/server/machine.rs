//! What a sandbox does on this machine, tried before anything depends on it.

use crate::{
    engines,
    model::{
        error::SandboxError,
        hindrance::{Hindrance, OPEN_FILES},
    },
    system::{alias::Alias, lock, private},
};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::{
    fs, io,
    net::{Ipv4Addr, TcpListener},
    os::unix::net::UnixListener,
    path::Path,
};

/// Raises this process's limit of open files, which those that it starts inherit, as far as the system lets it and the
/// sandbox needs.
pub fn raise_open_files() {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    // Far more would slow down programs that close every file they could have.
    let wanted = maximum.unwrap_or(u64::MAX).min(64 * OPEN_FILES);
    if current.is_some_and(|current| current < wanted) {
        let _ = setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum });
    }
}

/// Refuses a state directory in which, or a machine on which, no sandbox can run.
pub fn check_machine(dir: &Path) -> Result<(), SandboxError> {
    hindrances(dir)?.into_iter().next().map_or(Ok(()), |hindrance| Err(hindrance.into()))
}

/// Tries everything in a state directory, which is made, or has to be ours. Where a server runs there, it has shown that it
/// can.
pub fn hindrances(dir: &Path) -> Result<Vec<Hindrance>, SandboxError> {
    tried(dir).map_err(SandboxError::file("use", dir))
}

fn tried(dir: &Path) -> io::Result<Vec<Hindrance>> {
    private::directory(dir)?;
    let mut found = Vec::new();
    let here = || dir.to_owned();
    let held = match lock::take(dir) {
        Ok(None) => return Ok(found),
        Ok(held) => held,
        Err(source) => {
            found.push(Hindrance::Locks { dir: here(), source });
            None
        }
    };
    if !private::runs_programs(dir)? {
        found.push(Hindrance::Programs { dir: here() });
    }
    found.extend(sockets(dir).err().map(|source| Hindrance::Sockets { dir: here(), source }));
    match TcpListener::bind((Ipv4Addr::LOCALHOST, 0)) {
        Err(error) => found.push(Hindrance::Listening(error)),
        Ok(_) if cfg!(target_os = "linux") => {
            let address = engines::random_loopback()?;
            let tried = TcpListener::bind((address, 0)).err();
            found.extend(tried.map(|source| Hindrance::Loopback { address, source }));
        }
        Ok(_) => {}
    }
    if let Some(limit) = getrlimit(Resource::Nofile).current.filter(|limit| *limit < OPEN_FILES) {
        found.push(Hindrance::OpenFiles { limit });
    }
    drop(held);
    Ok(found)
}

fn sockets(dir: &Path) -> io::Result<()> {
    let alias = Alias::of(&dir.canonicalize()?)?;
    let probe = alias.path().join("a-name-as-long-as-an-engine.s");
    let _ = fs::remove_file(&probe);
    let made = UnixListener::bind(&probe);
    let _ = fs::remove_file(&probe);
    made.map(drop).map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", probe.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_directory_hinders_nothing_and_keeps_nothing() {
        let outer = tempfile::tempdir().expect("a directory");
        let dir = outer.path().join("C# course: 'ü'").join("x".repeat(90));
        raise_open_files();
        let found = hindrances(&dir).expect("looked at");
        assert!(found.is_empty(), "{found:?}");
        let left: Vec<_> = fs::read_dir(&dir).expect("there").flatten().map(|e| e.file_name()).collect();
        assert_eq!(left, ["lock"]);
    }
}
