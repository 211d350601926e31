//! Starts child processes from one thread that lives as long as the sandbox.
//!
//! Linux's parent-death signal follows the *thread* that made the child (prctl(2)), and an async runtime's worker
//! may end long before the process does. So every child is made by one thread that never ends.

use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command};
use std::sync::OnceLock;
use std::sync::mpsc::{Sender, channel};

use tokio::sync::oneshot;

struct Request {
    command: Command,
    reply: oneshot::Sender<io::Result<Child>>,
}

static SPAWNER: OnceLock<Sender<Request>> = OnceLock::new();

fn spawner() -> io::Result<&'static Sender<Request>> {
    if let Some(sender) = SPAWNER.get() {
        return Ok(sender);
    }
    let (sender, requests) = channel::<Request>();
    std::thread::Builder::new().name("spawner".into()).stack_size(256 * 1024).spawn(move || {
        for mut request in requests {
            let child = request.command.spawn();
            // Nobody waits any more: the child must not stay behind unowned.
            if let Err(Ok(mut child)) = request.reply.send(child) {
                let _ = child.kill();
                let _ = child.wait();
            }
        }
    })?;
    Ok(SPAWNER.get_or_init(|| sender))
}

/// Starts `command` in a process group of its own, so that the kernel kills it when the sandbox dies (Linux; the
/// watchdog does it elsewhere).
pub(super) async fn spawn(mut command: Command) -> io::Result<Child> {
    command.process_group(0);
    die_with_parent(&mut command);
    let (reply, answer) = oneshot::channel();
    spawner()?
        .send(Request { command, reply })
        .map_err(|_| io::Error::other("the thread that starts processes has ended"))?;
    answer.await.map_err(|_| io::Error::other("the thread that starts processes has ended"))?
}

#[cfg(target_os = "linux")]
#[allow(unsafe_code)]
fn die_with_parent(command: &mut Command) {
    use rustix::process::{Signal, getppid, set_parent_process_death_signal};
    let parent = rustix::process::getpid();
    // SAFETY: between fork and exec only two async-signal-safe system calls are made and nothing is allocated.
    unsafe {
        command.pre_exec(move || {
            set_parent_process_death_signal(Some(Signal::KILL))?;
            // The sandbox may have died before the call above: then no signal would ever come.
            if getppid() == Some(parent) { Ok(()) } else { Err(io::ErrorKind::BrokenPipe.into()) }
        });
    }
}

#[cfg(not(target_os = "linux"))]
fn die_with_parent(_command: &mut Command) {}
