//! Starting the endpoint in a process of its own.

use crate::{
    model::{error::SandboxError, pace::Pace},
    server::{access::Access, control},
    system::private,
};
use std::{
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc::{self, Receiver},
    time::{Duration, Instant},
};
use tokio::net::TcpStream;

/// Far more than a server needs to listen, on any machine.
const START_LIMIT: Duration = Duration::from_secs(10);
/// How long what an ended server said may still be on its way.
const LAST_WORDS: Duration = Duration::from_millis(500);
/// Bytes of what a server says of its end.
const LONGEST: u64 = 64 * 1024;
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
    let (mut child, said) = spawn(dir, exe, pace, extra_args)?;
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
                None => Err(not_started(dir, &said, format!("it ended with {status}"))),
            };
        }
        if Instant::now() > deadline {
            let _ = child.kill();
            let _ = child.wait();
            return Err(not_started(dir, &said, format!("no answer in {} s", START_LIMIT.as_secs())));
        }
        tokio::time::sleep(LOOK).await;
    }
}

fn spawn(
    dir: &Path,
    exe: &Path,
    pace: Option<Pace>,
    extra_args: &[&str],
) -> Result<(Child, Receiver<Vec<String>>), SandboxError> {
    private::directory(dir).map_err(SandboxError::file("use", dir))?;
    let path = dir.join("sandbox.log");
    let log = private::append(&path).map_err(SandboxError::file("open", path.clone()))?;
    // The server starts in another directory, where relative paths would lead elsewhere.
    let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut command = Command::new(absolute(exe));
    command.args(["sandbox", "serve", "--dir"]).arg(absolute(dir)).arg("--detached").args(extra_args);
    if let Some(pace) = pace {
        command.args(["--pace", &pace.to_string()]);
    }
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log);
    // The server itself leaves our session (see `serve`); its working directory must not pin ours.
    command.current_dir("/");
    let mut child = command.spawn().map_err(SandboxError::file("start", exe))?;
    let (sender, said) = mpsc::channel();
    if let Some(out) = child.stdout.take() {
        // Whatever holds the other end, nobody waits for it.
        std::thread::spawn(move || {
            let mut line = String::new();
            let read = BufReader::new(out).take(LONGEST).read_line(&mut line);
            if let (Ok(_), Ok(lines)) = (read, serde_json::from_str(&line)) {
                let _ = sender.send(lines);
            }
        });
    }
    Ok((child, said))
}

/// Tells whoever started this server why it ends, in lines: its standard output is theirs.
pub fn tell_starter(lines: &[&str]) {
    let mut out = io::stdout().lock();
    let _ =
        serde_json::to_writer(&mut out, lines).map_err(io::Error::from).and_then(|()| out.write_all(b"\n"));
    let _ = out.flush();
}

/// What the server said of its end, else how it ended and where its log is.
fn not_started(dir: &Path, said: &Receiver<Vec<String>>, otherwise: String) -> SandboxError {
    let mut lines = said.recv_timeout(LAST_WORDS).unwrap_or_default().into_iter();
    let reason = lines.next().unwrap_or(otherwise);
    SandboxError::NotStarted { reason, more: lines.collect(), log: dir.join("sandbox.log") }
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    #[tokio::test]
    async fn says_why_a_server_did_not_start() {
        let dir = tempfile::tempdir().unwrap();
        let error = ensure_running(dir.path(), Path::new("/bin/false"), None, &[]).await.unwrap_err();
        assert!(
            matches!(&error, SandboxError::NotStarted { reason, .. } if reason.contains("exit status")),
            "{error}"
        );
        // What a program that is no server writes is nobody's reason.
        let error = ensure_running(dir.path(), Path::new("/bin/ls"), None, &[]).await.unwrap_err();
        assert!(matches!(&error, SandboxError::NotStarted { log, .. } if log.exists()), "{error}");
        let server = dir.path().join("server");
        private::replace_with(
            &server,
            b"#!/bin/sh\necho '[\"no room\",\"none at all\"]'; echo later\n",
            0o700,
        )
        .unwrap();
        let error = ensure_running(dir.path(), &server, None, &[]).await.unwrap_err();
        let SandboxError::NotStarted { reason, more, .. } = error else { panic!("{error}") };
        assert_eq!((reason.as_str(), more), ("no room", vec!["none at all".to_owned()]));
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
