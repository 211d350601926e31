//! Stub; real shells for SSM commands follow.

use std::{io, path::Path, path::PathBuf, time::Duration};

/// A script to run on an instance.
#[derive(Clone)]
pub struct RunRequest {
    /// The directory that [`create`] made.
    pub instance_dir: PathBuf,
    /// The shell script.
    pub script: String,
    /// Its environment.
    pub env: Vec<(String, String)>,
    /// When it is ended.
    pub timeout: Duration,
    /// Where it runs; the instance's home where none was given.
    pub working_directory: Option<String>,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct RunOutcome {
    /// None where it did not end by itself.
    pub exit_code: Option<i32>,
    /// Whether the time-out ended it.
    pub timed_out: bool,
    /// Standard output.
    pub stdout: Vec<u8>,
    /// Standard error.
    pub stderr: Vec<u8>,
}

/// The directory of an instance.
pub fn directory(dir: &Path, instance_id: &str) -> PathBuf {
    dir.join("instances").join(instance_id)
}

/// Makes the directory of a new instance; nothing happens if it is there.
pub fn create(_dir: &Path, _instance_id: &str) -> io::Result<()> {
    Ok(())
}

/// Removes an instance and everything on it; nothing happens if it is gone.
pub fn remove(_dir: &Path, _instance_id: &str) -> io::Result<()> {
    Ok(())
}

/// Runs a script; dropping the future ends the script.
#[expect(clippy::unused_async, reason = "a stub")]
pub async fn run(_request: RunRequest) -> io::Result<RunOutcome> {
    Err(io::Error::from(io::ErrorKind::Unsupported))
}
