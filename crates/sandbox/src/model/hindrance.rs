//! What a machine does not let a sandbox do.

use std::{io, net::Ipv4Addr, path::PathBuf};

/// Files that a sandbox has open at once: connections, logs, journals, and what its engines inherit the limit for.
pub(crate) const OPEN_FILES: u64 = 1000;

/// Something that this machine does not let a sandbox do.
#[derive(Debug, thiserror::Error)]
pub enum Hindrance {
    /// No program can be run from the directory: what an instance has as `aws` would be passed over for the machine's own.
    #[error("no program can be run from {}", dir.display())]
    Programs {
        /// The state directory.
        dir: PathBuf,
    },
    /// Two servers could use the same directory.
    #[error("no file can be locked in {}", dir.display())]
    Locks {
        /// The state directory.
        dir: PathBuf,
        /// The system's answer.
        #[source]
        source: io::Error,
    },
    /// The sandbox speaks with its engines over sockets.
    #[error("no socket can be made for {}", dir.display())]
    Sockets {
        /// The state directory.
        dir: PathBuf,
        /// What was tried, and the system's answer.
        #[source]
        source: io::Error,
    },
    /// Each engine listens on a loopback address of its own.
    #[error("nothing can listen on {address}, only on 127.0.0.1")]
    Loopback {
        /// The address that was tried.
        address: Ipv4Addr,
        /// The system's answer.
        #[source]
        source: io::Error,
    },
    /// The endpoint listens on 127.0.0.1.
    #[error("nothing can listen on 127.0.0.1")]
    Listening(#[source] io::Error),
    /// Too few files can be open at once.
    #[error("a program may have {limit} files open at once here; the sandbox needs {OPEN_FILES}")]
    OpenFiles {
        /// The limit, which cannot be raised further.
        limit: u64,
    },
}
