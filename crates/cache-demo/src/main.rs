//! The small binary that is sent to an instance.

use rustix::process::{Resource, Rlimit, setrlimit};
use std::process::ExitCode;

fn main() -> ExitCode {
    // It holds passwords, so a crash leaves no core dump; of one byte, Linux does not hand it to a program either.
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(1), maximum: Some(1) });
    ExitCode::from(cache_demo::run(std::env::args_os().skip(1)))
}
