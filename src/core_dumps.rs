//! No core dumps: what crashes would leave the secrets in its memory on the disk, or with a program that collects dumps.

use rustix::process::{Resource, Rlimit, setrlimit};

/// Lets neither this process nor what it starts leave one. Where the system refuses, everything works as it did.
pub(crate) fn forbid() {
    // Zero keeps Linux from writing a file, and not from handing the dump to a program; one keeps it from both (core(5)
    // and the kernel's coredump.c).
    let bytes = Some(u64::from(cfg!(target_os = "linux")));
    let _ = setrlimit(Resource::Core, Rlimit { current: bytes, maximum: bytes });
}
