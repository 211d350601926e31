//! Why an engine could not be started or controlled.

use std::io;
use std::path::Path;

/// A failure of an engine process.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EngineError {
    /// The program is not on this machine.
    #[error("{0} is not installed on this machine")]
    NotInstalled(&'static str),
    /// The program ended, or did not answer in time.
    #[error("{program} did not start: {reason}")]
    Start {
        /// Name and version.
        program: String,
        /// The last lines of its log, or what was waited for.
        reason: String,
    },
    /// The program refused an instruction.
    #[error("the engine refused an instruction: {0}")]
    Control(String),
    /// A file of the engine could not be read or written.
    #[error("a file of the engine: {0}")]
    File(#[from] io::Error),
}

impl From<redis::RedisError> for EngineError {
    fn from(error: redis::RedisError) -> Self {
        Self::Control(error.to_string())
    }
}

/// Bytes that are read of an engine's log.
const LONGEST_LOG: u64 = 64 << 20;

/// An engine's log; nothing where it cannot be read.
pub(super) fn log_text(log: &Path) -> String {
    let bytes = recipe_walk_files::bytes(log, LONGEST_LOG).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The last lines of an engine's log, for an error or an event.
pub(super) fn last_lines(log: &Path) -> String {
    let text = log_text(log);
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let from = lines.len().saturating_sub(4);
    if lines.is_empty() { "it ended without a word".to_owned() } else { lines[from..].join(" | ") }
}
