//! Starting the endpoint in a process of its own.

use crate::{
    model::{error::SandboxError, pace::Pace},
    server::{access::Access, control},
    system::private,
};
use std::{
    fs,
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};
use tokio::net::TcpStream;

/// Far more than a server needs to listen, on any machine.
const START_LIMIT: Duration = Duration::from_secs(10);
/// Between two looks at a starting server.
const LOOK: Duration = Duration::from_millis(5);

/// Makes sure that a server runs on `dir`: finds one, or starts `exe sandbox serve --dir DIR --detached` with
/// `extra_args` in a session of its own and waits until it answers. The Boolean says whether this call started it.
///
/// A server that already runs keeps its pace; compare with [`Access::pace`].
pub async fn ensure_running(
    dir: &Path,
    exe: &Path,
    pace: Option<Pace>,
    extra_args: &[&str],
) -> Result<(Access, bool), SandboxError> {
    if let Some(access) = control::running(dir).await? {
        return Ok((access, false));
    }
    let (mut child, log_start) = spawn(dir, exe, pace, extra_args)?;
    let deadline = Instant::now() + START_LIMIT;
    loop {
        if let Some(access) = answers(dir, child.id()).await {
            // Somebody has to take note of its end, or it stays in the process table for as long as we live.
            std::thread::spawn(move || child.wait());
            return Ok((access, true));
        }
        if let Ok(Some(status)) = child.try_wait() {
            // Perhaps another process was quicker to start one.
            return match control::running(dir).await? {
                Some(access) => Ok((access, false)),
                None => Err(SandboxError::NotStarted {
                    reason: last_line(dir, log_start).unwrap_or_else(|| format!("it ended with {status}")),
                }),
            };
        }
        if Instant::now() > deadline {
            let _ = child.kill();
            let _ = child.wait();
            let reason = last_line(dir, log_start)
                .unwrap_or_else(|| format!("no answer in {} s", START_LIMIT.as_secs()));
            return Err(SandboxError::NotStarted { reason });
        }
        tokio::time::sleep(LOOK).await;
    }
}

fn spawn(
    dir: &Path,
    exe: &Path,
    pace: Option<Pace>,
    extra_args: &[&str],
) -> Result<(Child, u64), SandboxError> {
    private::directory(dir).map_err(SandboxError::file("use", dir))?;
    let path = dir.join("sandbox.log");
    let log = fs::OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .open(&path)
        .map_err(SandboxError::file("open", path.clone()))?;
    let log_start = log.metadata().map_or(0, |m| m.len());
    let errors = log.try_clone().map_err(SandboxError::file("open", path))?;
    // The server starts in another directory, where relative paths would lead elsewhere.
    let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut command = Command::new(absolute(exe));
    command.args(["sandbox", "serve", "--dir"]).arg(absolute(dir)).arg("--detached").args(extra_args);
    if let Some(pace) = pace {
        command.args(["--pace", &pace.to_string()]);
    }
    command.stdin(Stdio::null()).stdout(log).stderr(errors);
    // The server itself leaves our session (see `serve`); its working directory must not pin ours.
    command.current_dir("/");
    let child = command.spawn().map_err(SandboxError::file("start", exe))?;
    Ok((child, log_start))
}

/// The access file of the server that we started, once it accepts connections.
async fn answers(dir: &Path, pid: u32) -> Option<Access> {
    let access = Access::read(dir).ok()??;
    if access.pid != pid {
        return None;
    }
    TcpStream::connect(access.endpoint.trim_start_matches("http://")).await.ok()?;
    Some(access)
}

/// The last line that this start wrote to the log.
fn last_line(dir: &Path, log_start: u64) -> Option<String> {
    let log = fs::read(dir.join("sandbox.log")).ok()?;
    let new = log.get(usize::try_from(log_start).ok()?..)?;
    let text = String::from_utf8_lossy(new);
    text.lines().rev().map(str::trim).find(|l| !l.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[tokio::test]
    async fn says_why_a_server_did_not_start() {
        let dir = tempfile::tempdir().unwrap();
        let error = ensure_running(dir.path(), Path::new("/bin/false"), None, &[]).await.unwrap_err();
        assert!(
            matches!(&error, SandboxError::NotStarted { reason } if reason.contains("exit status")),
            "{error}"
        );
        let error = ensure_running(dir.path(), Path::new("/bin/ls"), None, &[]).await.unwrap_err();
        assert!(matches!(&error, SandboxError::NotStarted { reason } if reason.contains("ls")), "{error}");
        let missing = ensure_running(dir.path(), Path::new("/nowhere/x"), None, &[]).await;
        assert!(matches!(missing, Err(SandboxError::File { what: "start", .. })));
    }
    /// Where others may write, they could have put the log, the keys or the state; nothing is started or believed there.
    #[tokio::test]
    async fn a_directory_that_others_may_change_is_not_used() {
        let dir = tempfile::tempdir().unwrap();
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o777)).unwrap();
        Access::fresh("us-east-1").write(dir.path()).unwrap();
        let refused = [
            ensure_running(dir.path(), Path::new("/bin/false"), None, &[]).await.map(|_| ()),
            control::running(dir.path()).await.map(|_| ()),
            spawn(dir.path(), Path::new("/bin/false"), None, &[]).map(|_| ()),
        ];
        for outcome in refused {
            assert!(matches!(outcome, Err(SandboxError::File { what: "use", .. })), "{outcome:?}");
        }
        assert!(!dir.path().join("sandbox.log").exists());
    }
}
