//! A small shell that outlives the sandbox by a moment, to end what the kernel would not.
//!
//! The parent-death signal reaches direct children on Linux only. What a script left running in the background, and
//! every engine on other systems, is ended by this watchdog: it reads a pipe whose other end only the sandbox holds,
//! and when that end closes, however the sandbox died, it kills the process groups it was told of and every process
//! that still carries the sandbox's mark in its environment.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{ChildStdin, Command, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// The environment variable that marks every process of an instance; its value names the instance's directory.
pub(super) const MARK: &str = "RECIPE_WALK_INSTANCE";
/// The environment variable that marks every process of this sandbox.
pub(super) const SANDBOX_MARK: &str = "RECIPE_WALK_SANDBOX_RUN";

const SCRIPT: &str = r#"
mark="$1"; groups=""
while read -r word pid; do
  case "$word" in
    guard) groups="$groups $pid" ;;
    forget) kept=""; for g in $groups; do [ "$g" = "$pid" ] || kept="$kept $g"; done; groups="$kept" ;;
  esac
done
for g in $groups; do kill -9 "-$g" 2>/dev/null; done
[ -d /proc/self ] || exit 0
for round in 1 2 3; do
  for e in /proc/[0-9]*/environ; do
    p=${e#/proc/}; p=${p%/environ}
    [ "$p" = "$$" ] || { tr '\0' '\n' <"$e" | grep -qxF "$mark" && kill -9 "$p"; } 2>/dev/null
  done
done
"#;

struct Watchdog {
    pipe: Mutex<ChildStdin>,
}

static WATCHDOG: OnceLock<Option<Watchdog>> = OnceLock::new();
static RUN: OnceLock<String> = OnceLock::new();

/// The value of [`SANDBOX_MARK`] for this run of the sandbox: process number and start time, so never reused.
pub(super) fn run_mark() -> &'static str {
    RUN.get_or_init(|| {
        let now = jiff::Timestamp::now().as_nanosecond();
        format!("{}-{now}", rustix::process::getpid().as_raw_nonzero())
    })
}

fn watchdog() -> Option<&'static Watchdog> {
    WATCHDOG
        .get_or_init(|| match start() {
            Ok(watchdog) => Some(watchdog),
            Err(error) => {
                tracing::error!(%error, "no watchdog: background processes may outlive a crash of the sandbox");
                None
            }
        })
        .as_ref()
}

fn start() -> io::Result<Watchdog> {
    let mut command = Command::new("/bin/sh");
    command
        .args(["-c", SCRIPT, "recipe-walk-watchdog"])
        .arg(format!("{SANDBOX_MARK}={}", run_mark()))
        .current_dir("/")
        .env_clear()
        .env("PATH", "/usr/bin:/bin:/usr/sbin:/sbin")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        // A group of its own: a Ctrl-C meant for the sandbox must not end its watchdog.
        .process_group(0);
    let mut child = command.spawn()?;
    let pipe = child.stdin.take().ok_or_else(|| io::Error::other("the watchdog has no pipe"))?;
    std::thread::Builder::new().name("watchdog".into()).stack_size(128 * 1024).spawn(move || {
        let _ = child.wait();
    })?;
    Ok(Watchdog { pipe: Mutex::new(pipe) })
}

fn tell(word: &str, pid: Pid) {
    if let Some(watchdog) = watchdog() {
        let mut pipe = watchdog.pipe.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = writeln!(pipe, "{word} {}", pid.as_raw_nonzero()) {
            tracing::error!(%error, "the watchdog has ended");
        }
    }
}

/// Puts a process group under guard: always for other systems than Linux, where the kernel does it for direct
/// children.
pub(super) fn guard(pid: Pid) {
    if !cfg!(target_os = "linux") {
        guard_group(pid);
    }
}

/// Puts a process group under guard on every system, because its members may make children of their own.
pub(super) fn guard_group(pid: Pid) {
    tell("guard", pid);
}

/// Takes a process group from guard once nothing of it is left.
pub(super) fn forget_group(pid: Pid) {
    tell("forget", pid);
}

/// Kills every process that carries `name=value` in its environment. Linux only; elsewhere process groups must do.
pub(super) fn kill_marked(name: &str, value: &str) {
    let wanted = format!("{name}={value}");
    let begun = Instant::now();
    loop {
        let look = look_for(wanted.as_bytes());
        for pid in &look.marked {
            let _ = kill_process(*pid, Signal::KILL);
        }
        // A process may be forking while we look, or becoming another program: hence until nothing is found.
        let patience = match (look.marked.is_empty(), look.unsure) {
            (true, false) => return,
            (true, true) => EXEC,
            (false, _) => KILL,
        };
        if begun.elapsed() > patience {
            return;
        }
        pause();
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "off the asynchronous workers, or when the sandbox itself ends"
)]
fn pause() {
    std::thread::sleep(Duration::from_millis(1));
}

/// How long a process may show no environment because it is just becoming another program; some have none for good.
const EXEC: Duration = Duration::from_millis(200);
/// How long killed processes may take to end.
const KILL: Duration = Duration::from_secs(2);

/// What one look at all processes shows.
struct Look {
    marked: Vec<Pid>,
    /// Whether a process shows no environment, though it isn't the kernel's and hasn't ended.
    unsure: bool,
}

/// A process's environment, in one read: between two the process may become another program, and the rest is missing.
fn environment(process: &Path) -> io::Result<Vec<u8>> {
    let mut environment = vec![0; 256 * 1024];
    let length = File::open(process.join("environ"))?.read(&mut environment)?;
    environment.truncate(length);
    Ok(environment)
}

fn look_for(wanted: &[u8]) -> Look {
    let mut look = Look { marked: Vec::new(), unsure: false };
    let Ok(entries) = std::fs::read_dir("/proc") else { return look };
    for entry in entries.flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        let Ok(environment) = environment(&entry.path()) else { continue };
        if environment.is_empty() {
            look.unsure |= entry.path().join("exe").read_link().is_ok();
        } else if environment.split(|byte| *byte == 0).any(|item| item == wanted) {
            look.marked.extend(Pid::from_raw(pid));
        }
    }
    look
}
