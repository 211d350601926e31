//! `demo`: becomes the bundled demo.

use crate::error::{CommandError, Kind};
use clap::Args;
use std::ffi::OsString;

pub(crate) const EXAMPLES: &str = "\
Examples:
  recipe-walk demo --help
  recipe-walk demo check --redis-url redis://localhost:6379 --mysql-url mysql://root@localhost:3306/shop";

/// What follows `demo`.
#[derive(Debug, Clone, Args)]
pub(crate) struct DemoArgs {
    /// Passed on as they are.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGS")]
    pub(crate) args: Vec<OsString>,
}

/// Replaces this process by the demo, so that its signals and its exit status are its own. Returns only on failure.
#[cfg(target_os = "linux")]
pub(crate) fn run(args: &DemoArgs) -> Result<(), CommandError> {
    use crate::payload;
    use crate::payload::PAYLOADS;
    use recipe_walk_engine::machine::Machine;
    use std::io::Write as _;
    use std::os::fd::AsRawFd as _;
    use std::os::unix::process::CommandExt as _;

    let failed = |what: &str, error: std::io::Error| {
        CommandError::new(Kind::Unexpected, format!("the bundled demo cannot be {what}: {error}"))
            .next("cargo run --release --manifest-path crates/cache-demo/Cargo.toml -- --help")
    };
    let here = Machine::here().and_then(|machine| payload::of(PAYLOADS, machine)).ok_or_else(|| {
        failed(
            "started",
            std::io::Error::other("this recipe-walk was built without the demo for this machine"),
        )
    })?;
    let binary = payload::unpack(here).map_err(|e| failed("unpacked", e))?;
    // Lives in memory only, as long as the demo does: nothing to clean up whatever ends it.
    let file = rustix::fs::memfd_create("cache-demo", rustix::fs::MemfdFlags::CLOEXEC)
        .map_err(|e| failed("stored", e.into()))?;
    let mut file = std::fs::File::from(file);
    file.write_all(&binary).map_err(|e| failed("stored", e))?;
    let error = std::process::Command::new(format!("/proc/self/fd/{}", file.as_raw_fd()))
        .arg0("cache-demo")
        .args(&args.args)
        .exec();
    Err(failed("started", error))
}

/// Starting a program out of memory is a thing of Linux.
#[cfg(not(target_os = "linux"))]
pub(crate) fn run(_: &DemoArgs) -> Result<(), CommandError> {
    Err(CommandError::new(Kind::Usage, "the bundled demo can be run like this on Linux only")
        .means("Build it for this machine instead:")
        .next("cargo run --release --manifest-path crates/cache-demo/Cargo.toml -- --help"))
}
