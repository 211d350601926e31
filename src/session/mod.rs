//! A session: found or rebuilt, opened under its lock and lease, walked and cleaned up.

pub(crate) mod account;
pub(crate) mod batch;
mod batch_report;
pub(crate) mod drift_prompt;
pub(crate) mod dry_run;
pub(crate) mod engines;
pub(crate) mod find;
pub(crate) mod holder;
pub(crate) mod lease;
pub(crate) mod open;
pub(crate) mod parameters;
pub(crate) mod place;
pub(crate) mod rebuild;
pub(crate) mod runner;

use crate::error::{CommandError, Kind};
use crate::ui::Terminal;

/// The name of this machine, for the lock's holder.
pub(crate) fn host() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

/// Refuses to ask where nobody can answer.
pub(crate) fn need_terminal(terminal: &Terminal, next: impl Into<String>) -> Result<(), CommandError> {
    if terminal.is_interactive() {
        return Ok(());
    }
    Err(CommandError::new(
        Kind::NoTerminal,
        "this would ask questions, and there is no terminal to answer them",
    )
    .means("Nothing was begun. With --yes nothing is asked.")
    .next(next))
}

/// Ctrl-C before there was anything to save.
pub(crate) fn nothing_begun() -> CommandError {
    CommandError::new(Kind::Interrupted, "stopped by you").means("Nothing was begun.")
}

/// Ends early after Ctrl-C.
pub(crate) fn check_interrupt(terminal: &Terminal) -> Result<(), CommandError> {
    if terminal.interrupt().is_set() { Err(nothing_begun()) } else { Ok(()) }
}
