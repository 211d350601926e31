//! What can go wrong: refusals sent to a client, and failures of the sandbox itself.

use super::hindrance::Hindrance;
use std::{borrow::Cow, io, path::PathBuf};

/// A refusal in AWS's own terms; the front door wraps it in the protocol's envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ApiError {
    /// The wire code, for example `InvalidGroup.NotFound`.
    pub code: Cow<'static, str>,
    /// The HTTP status.
    pub status: u16,
    /// The text, absent where AWS sends none.
    pub message: Option<String>,
}

impl ApiError {
    /// A refusal with its HTTP status.
    pub(crate) fn new(code: impl Into<Cow<'static, str>>, status: u16, message: impl Into<String>) -> Self {
        Self { code: code.into(), status, message: Some(message.into()) }
    }

    /// A refusal with HTTP status 400.
    pub(crate) fn bad(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self::new(code, 400, message)
    }

    /// A refusal with HTTP status 400 and no text, as several SSM errors are.
    pub(crate) fn bare(code: impl Into<Cow<'static, str>>) -> Self {
        Self { code: code.into(), status: 400, message: None }
    }

    /// The sandbox's own failure, told as AWS tells its own.
    pub(crate) fn internal(message: impl Into<String>) -> Self {
        Self::new("InternalFailure", 500, message)
    }
}

impl std::fmt::Display for ApiError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.message {
            Some(message) => write!(f, "{}: {message}", self.code),
            None => f.write_str(&self.code),
        }
    }
}

impl std::error::Error for ApiError {}

/// Why the sandbox could not be started, reached, stopped or reset.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// A file or directory of the state could not be used.
    #[error("cannot {what} {}", path.display())]
    File {
        /// What was tried, for example `write`.
        what: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// The system's answer.
        #[source]
        source: io::Error,
    },
    /// A file of the state does not parse.
    #[error("{} is damaged: {reason}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What the parser said.
        reason: String,
    },
    /// A policy that the sandbox is to serve under cannot be used.
    #[error("the policy {} cannot be used: {reason}", path.display())]
    Policy {
        /// The file that was named.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// This machine does not let a sandbox do what it has to.
    #[error(transparent)]
    Machine(#[from] Hindrance),
    /// Another server holds the directory.
    #[error("a sandbox is already running on {}", dir.display())]
    AlreadyRunning {
        /// The state directory.
        dir: PathBuf,
    },
    /// The port that was asked for cannot be used.
    #[error("cannot listen on 127.0.0.1:{port}")]
    Listen {
        /// The port.
        port: u16,
        /// The system's answer.
        #[source]
        source: io::Error,
    },
    /// The engines cannot be used.
    #[error("cannot prepare the engines")]
    Engines(#[source] io::Error),
    /// The detached server did not come up.
    #[error("the sandbox did not start: {reason}")]
    NotStarted {
        /// Why, as it said itself, or how it ended.
        reason: String,
        /// What else it said.
        more: Vec<String>,
        /// Its log.
        log: PathBuf,
    },
    /// A running server gave no usable answer.
    #[error("the sandbox at {endpoint} did not answer: {reason}")]
    NoAnswer {
        /// Where it should be.
        endpoint: String,
        /// What happened instead.
        reason: String,
    },
    /// A running server refused what it was asked for.
    #[error("{reason}")]
    Refused {
        /// Why, as the server says it.
        reason: String,
    },
    /// A server was told to stop and is still there.
    #[error("the sandbox (process {pid}) did not stop within {seconds} s")]
    StillRunning {
        /// Its process id.
        pid: u32,
        /// How long we waited.
        seconds: u64,
    },
    /// The operating system gave no random bytes.
    #[error("no randomness from the operating system: {0}")]
    Random(String),
}

impl SandboxError {
    /// A failure with a file, for use in `map_err`.
    pub(crate) fn file(
        what: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(io::Error) -> SandboxError {
        let path = path.into();
        move |source| SandboxError::File { what, path, source }
    }
}
