//! Where a sandbox can be reached and with which key: `access.json`, readable by its owner only.

use crate::{
    model::{error::SandboxError, pace::Pace},
    system::{ids, private},
};
use serde::{Deserialize, Serialize};
use std::{
    fmt, io,
    path::{Path, PathBuf},
};

/// Bytes of the access file.
const LARGEST: u64 = 64 * 1024;

/// How to reach a sandbox. The keys stay the same over restarts, the port where it is free.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Access {
    /// `http://127.0.0.1:PORT`
    pub endpoint: String,
    /// The key's public half.
    pub access_key_id: String,
    /// The key's secret half; not shown by `Debug`.
    pub secret_access_key: String,
    /// The only region that this sandbox has.
    pub region: String,
    /// The server's process id, also after it has ended.
    pub pid: u32,
    /// How long transitions take.
    pub pace: Pace,
}

impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Access")
            .field("endpoint", &self.endpoint)
            .field("access_key_id", &self.access_key_id)
            .field("secret_access_key", &"[hidden]")
            .field("region", &self.region)
            .field("pid", &self.pid)
            .field("pace", &self.pace)
            .finish()
    }
}

impl Access {
    /// Reads `dir/access.json`, whether or not the server runs; `None` if there never was one.
    pub fn read(dir: &Path) -> Result<Option<Access>, SandboxError> {
        let path = path(dir);
        match recipe_walk_files::bytes(&path, LARGEST) {
            Ok(bytes) => match serde_json::from_slice(&bytes) {
                Ok(access) => Ok(Some(access)),
                Err(error) => Err(SandboxError::Damaged { path, reason: error.to_string() }),
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(SandboxError::file("read", path)(error)),
        }
    }

    /// A new key pair, not yet reachable anywhere.
    pub(crate) fn fresh(region: &str) -> Self {
        Access {
            endpoint: String::new(),
            access_key_id: format!("AKIA{}", ids::base32(16)),
            secret_access_key: ids::secret(40),
            region: region.into(),
            pid: 0,
            pace: Pace::default(),
        }
    }

    /// The port in the endpoint.
    pub(crate) fn port(&self) -> Option<u16> {
        self.endpoint.rsplit_once(':')?.1.parse().ok()
    }

    /// Writes `dir/access.json` whole: beside its place, then renamed, so that nobody reads half of it.
    pub(crate) fn write(&self, dir: &Path) -> Result<(), SandboxError> {
        let path = path(dir);
        let write = || private::replace(&path, &serde_json::to_vec_pretty(self)?);
        write().map_err(SandboxError::file("write", path.clone()))
    }
}

fn path(dir: &Path) -> PathBuf {
    dir.join("access.json")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn access_file_is_private_and_read_back_whole() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(Access::read(dir.path()).unwrap(), None);
        let access = Access { endpoint: "http://127.0.0.1:4711".into(), ..Access::fresh("us-east-1") };
        access.write(dir.path()).unwrap();
        assert_eq!(Access::read(dir.path()).unwrap(), Some(access.clone()));
        let mode = fs::metadata(path(dir.path())).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(access.port(), Some(4711));
        assert!(!format!("{access:?}").contains(&access.secret_access_key));
    }

    #[test]
    fn damaged_access_file_is_an_error() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(path(dir.path()), "{").unwrap();
        assert!(matches!(Access::read(dir.path()), Err(SandboxError::Damaged { .. })));
    }
}
