//! One child process: its end can be awaited by many, and it is never signalled after it was reaped.

use std::io;
use std::process::{Command, ExitStatus};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, kill_process_group, waitid};
use tokio::sync::watch;

use super::{spawner, watchdog};

/// A child process that the sandbox started, leader of its own process group.
#[derive(Debug, Clone)]
pub(super) struct Process {
    pid: Pid,
    /// False once the process has been reaped: its number may then belong to somebody else.
    alive: Arc<Mutex<bool>>,
    ended: watch::Receiver<Option<ExitStatus>>,
}

impl Process {
    /// Starts `command`; the kernel or the watchdog ends it when the sandbox ends.
    pub(super) async fn start(command: Command) -> io::Result<Self> {
        let mut child = spawner::spawn(command).await?;
        let pid = Pid::from_child(&child);
        watchdog::guard(pid);
        let alive = Arc::new(Mutex::new(true));
        let (sender, ended) = watch::channel(None);
        let reaper = Arc::clone(&alive);
        std::thread::Builder::new()
            .name(format!("wait-{}", pid.as_raw_nonzero()))
            .stack_size(128 * 1024)
            .spawn(move || {
                // Look first and reap under the lock, so that no signal can reach a recycled number.
                while let Err(rustix::io::Errno::INTR) =
                    waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT)
                {}
                let mut alive = reaper.lock().unwrap_or_else(PoisonError::into_inner);
                *alive = false;
                sender.send_replace(Some(child.wait().unwrap_or_default()));
            })?;
        Ok(Self { pid, alive, ended })
    }

    /// The process number.
    pub(super) fn pid(&self) -> i32 {
        self.pid.as_raw_nonzero().get()
    }

    /// The process number as the system's calls take it.
    pub(super) fn id(&self) -> Pid {
        self.pid
    }

    /// Whether it has not ended yet.
    pub(super) fn is_running(&self) -> bool {
        self.ended.borrow().is_none()
    }

    /// Waits until it ends.
    pub(super) async fn wait(&self) -> ExitStatus {
        let mut ended = self.ended.clone();
        match ended.wait_for(Option::is_some).await {
            Ok(status) => status.unwrap_or_default(),
            Err(_) => ExitStatus::default(),
        }
    }

    /// Sends a signal to the process, if it still lives.
    pub(super) fn signal(&self, signal: Signal) {
        let alive = self.alive.lock().unwrap_or_else(PoisonError::into_inner);
        if *alive && let Err(error) = kill_process(self.pid, signal) {
            tracing::debug!(pid = self.pid(), %error, "signal not delivered");
        }
    }

    /// Kills the process and everything in its group, at once.
    pub(super) fn kill_group(&self) {
        let alive = self.alive.lock().unwrap_or_else(PoisonError::into_inner);
        if *alive {
            let _ = kill_process_group(self.pid, Signal::KILL);
        }
    }

    /// Asks the process to end, and kills it when it has not within `grace`.
    pub(super) async fn stop(&self, grace: Duration) {
        self.signal(Signal::TERM);
        if tokio::time::timeout(grace, self.wait()).await.is_err() {
            self.kill_group();
            self.wait().await;
        }
    }
}
