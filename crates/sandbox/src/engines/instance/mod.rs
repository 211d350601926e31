//! The sandbox's "instance": a directory, and scripts that run in it for real.
//!
//! Nothing isolates a script from the machine but a clean environment; what it starts is ended with the instance, and
//! at the latest with the sandbox.

pub(crate) mod aws;

use crate::system::private;
use std::env;
use std::fs::File;
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, test_kill_process_group};

use super::process::Process;
use super::{files, watchdog};

/// More of a script's output than any API shows.
const KEPT: u64 = 256 * 1024;

/// A script to run on an instance.
#[derive(Clone)]
pub struct RunRequest {
    /// The directory that [`create`] made.
    pub instance_dir: PathBuf,
    /// The shell script.
    pub script: String,
    /// Its environment, beside PATH, HOME, TMPDIR and LANG.
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
    /// Standard output, the first 256 KiB.
    pub stdout: Vec<u8>,
    /// Standard error, the first 256 KiB.
    pub stderr: Vec<u8>,
}

/// The directory of an instance.
pub fn directory(dir: &Path, instance_id: &str) -> PathBuf {
    dir.join("instances").join(instance_id)
}

/// Makes the directory of a new instance with the tools its image would bring; nothing happens if it is there.
pub fn create(dir: &Path, instance_id: &str) -> io::Result<()> {
    let home = directory(dir, instance_id);
    for part in ["bin", "home", "tmp", "opt"] {
        files::private_dir(&home.join(part))?;
    }
    let exe = in_place(env::current_exe()?);
    // The image brings the AWS CLI. Always this one: it is there on every machine and answers in milliseconds.
    let mut script = b"#!/bin/sh\nexec '".to_vec();
    for byte in exe.as_os_str().as_bytes() {
        match byte {
            b'\'' => script.extend(br"'\''"),
            other => script.push(*other),
        }
    }
    script.extend(b"' sandbox instance-aws \"$@\"\n");
    private::replace_with(&home.join("bin").join("aws"), &script, 0o700)
}

/// Where a program lies whose file was replaced while it ran, as an update does: Linux adds a word to the path then.
fn in_place(exe: PathBuf) -> PathBuf {
    let newer = exe.to_str().and_then(|path| path.strip_suffix(" (deleted)")).map(PathBuf::from);
    newer.filter(|path| !exe.exists() && path.exists()).unwrap_or(exe)
}

/// Ends what runs on an instance and removes everything on it; nothing happens if it is gone.
pub fn remove(dir: &Path, instance_id: &str) -> io::Result<()> {
    let home = directory(dir, instance_id);
    watchdog::kill_marked(watchdog::MARK, &home.to_string_lossy());
    files::remove_tree(&home)
}

/// Ends what runs on every instance of the sandbox in this directory, and on no other's.
pub(crate) fn stop_all(dir: &Path) {
    // There is no such directory before the first instance.
    let Ok(instances) = std::fs::read_dir(dir.join("instances")) else { return };
    for home in instances.flatten() {
        watchdog::kill_marked(watchdog::MARK, &home.path().to_string_lossy());
    }
}

/// A running script; dropped before its end, it takes the whole process group along.
struct Script {
    process: Process,
    file: PathBuf,
    ended: bool,
}

impl Drop for Script {
    fn drop(&mut self) {
        if !self.ended {
            self.process.kill_group();
        }
        let _ = std::fs::remove_file(&self.file);
        if let Some(group) = Pid::from_raw(self.process.pid()) {
            // Background work of the script stays under guard until it is gone.
            if !self.ended || test_kill_process_group(group).is_err() {
                watchdog::forget_group(group);
            }
        }
    }
}

/// Runs a script with `/bin/sh`; dropping the future ends the script.
pub async fn run(request: RunRequest) -> io::Result<RunOutcome> {
    let home = &request.instance_dir;
    if !private::may_run(&home.join("bin").join("aws")) {
        // The shell would take the machine's own AWS CLI instead, which may reach the real AWS.
        return Ok(refused(format!("no program can be run from {}\n", home.display())));
    }
    let tmp = home.join("tmp");
    let name = files::random_secret()?;
    let (file, out, err) =
        (tmp.join(format!(".{name}.sh")), tmp.join(format!(".{name}.out")), tmp.join(format!(".{name}.err")));
    let cwd = match working_directory(home, request.working_directory.as_deref()) {
        Ok(cwd) => cwd,
        Err(message) => return Ok(refused(message)),
    };
    private::replace_with(&file, request.script.as_bytes(), 0o700)?;
    let stdout = File::options().read(true).write(true).create_new(true).open(&out)?;
    let stderr = File::options().read(true).write(true).create_new(true).open(&err)?;
    // Files without a name: nothing is left whatever happens, and a background process may write on.
    std::fs::remove_file(&out)?;
    std::fs::remove_file(&err)?;
    let mut command = Command::new("/bin/sh");
    command
        .arg(&file)
        .current_dir(cwd)
        .env_clear()
        .env("LANG", "C.UTF-8")
        .envs(request.env.iter().map(|(name, value)| (name, value)))
        .env(
            "PATH",
            format!(
                "{}:/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin",
                home.join("bin").display()
            ),
        )
        .env("HOME", home.join("home"))
        .env("TMPDIR", &tmp)
        .env(watchdog::MARK, home)
        .env(watchdog::SANDBOX_MARK, watchdog::run_mark())
        .stdin(Stdio::null())
        .stdout(stdout.try_clone()?)
        .stderr(stderr.try_clone()?);
    let process = Process::start(command).await.inspect_err(|_| {
        let _ = std::fs::remove_file(&file);
    })?;
    let mut script = Script { process: process.clone(), file, ended: false };
    if let Some(group) = Pid::from_raw(process.pid()) {
        watchdog::guard_group(group);
    }
    let status = tokio::time::timeout(request.timeout, process.wait()).await.ok();
    script.ended = status.is_some();
    if status.is_none() {
        process.kill_group();
        process.wait().await;
    }
    Ok(RunOutcome {
        exit_code: status.and_then(|status| status.code()),
        timed_out: status.is_none(),
        stdout: head(&stdout)?,
        stderr: head(&stderr)?,
    })
}

fn refused(message: String) -> RunOutcome {
    RunOutcome { exit_code: Some(1), timed_out: false, stdout: Vec::new(), stderr: message.into_bytes() }
}

/// A path on the instance is looked for in its directory first, then taken as it is.
fn working_directory(home: &Path, asked: Option<&str>) -> Result<PathBuf, String> {
    let Some(asked) = asked.filter(|asked| !asked.is_empty()) else { return Ok(home.join("home")) };
    let inside = home.join(asked.trim_start_matches('/'));
    let contained =
        inside.canonicalize().is_ok_and(|path| home.canonicalize().is_ok_and(|home| path.starts_with(home)));
    if contained && inside.is_dir() {
        Ok(inside)
    } else if Path::new(asked).is_absolute() && Path::new(asked).is_dir() {
        Ok(PathBuf::from(asked))
    } else {
        Err(format!("failed to run commands: chdir {asked}: no such file or directory\n"))
    }
}

/// Reads without moving the position, which a background process may still write at.
fn head(file: &File) -> io::Result<Vec<u8>> {
    let mut text = vec![0; usize::try_from(file.metadata()?.len().min(KEPT)).unwrap_or_default()];
    let mut filled = 0;
    while filled < text.len() {
        match file.read_at(&mut text[filled..], filled as u64)? {
            0 => break,
            more => filled += more,
        }
    }
    text.truncate(filled);
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_update_leaves_the_program_where_it_was() {
        let dir = tempfile::tempdir().expect("a directory");
        let program = dir.path().join("recipe-walk");
        let replaced = dir.path().join("recipe-walk (deleted)");
        assert_eq!(in_place(replaced.clone()), replaced, "nothing newer is there");
        std::fs::write(&program, "").expect("written");
        assert_eq!(in_place(replaced), program);
        assert_eq!(in_place(program.clone()), program);
    }
}
