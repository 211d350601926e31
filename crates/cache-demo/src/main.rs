//! The small binary that is sent to an instance.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(cache_demo::run(std::env::args_os().skip(1)))
}
