//! Ctrl-C and its relatives: the first asks for a stop at the next safe place, the second ends at once.

use crate::error::{CommandError, Kind};
use crate::ui::{Terminal, tty};
use recipe_walk_engine::interrupt::Interrupt;
use std::sync::mpsc::Sender;
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// After this time the program ends, whatever it is busy with.
const PATIENCE: Duration = Duration::from_secs(1);

/// What a signal means to a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OnSignal {
    /// The command sees to signals itself.
    Own,
    /// There is a session to bring to a safe place first.
    Gentle,
    /// Ctrl-C is the usual way to end it.
    Leave,
    /// There is nothing to save.
    AtOnce,
}

/// Watches from now on; what it returns ends only when the program should end at once. A task of its own watches: the
/// caller's may be busy with a question, or with something that has no end; then the result comes from here.
pub(crate) fn watch(
    on_signal: OnSignal,
    terminal: &Terminal,
    interrupt: &Interrupt,
    results: &Sender<Result<(), CommandError>>,
) -> impl Future<Output = CommandError> + use<> {
    let (terminal, interrupt, results) = (terminal.clone(), interrupt.clone(), results.clone());
    let (end, ended) = tokio::sync::oneshot::channel();
    tokio::spawn(async move {
        if on_signal == OnSignal::Own {
            return std::future::pending().await;
        }
        received(on_signal, &terminal, &interrupt).await;
        let _ = end.send(());
        tokio::time::sleep(PATIENCE).await;
        let _ = results.send(Err(stopped()));
    });
    async {
        if ended.await.is_err() {
            std::future::pending::<()>().await;
        }
        stopped()
    }
}

fn stopped() -> CommandError {
    CommandError::new(Kind::Interrupted, "stopped by you").next("recipe-walk sessions")
}

async fn received(on_signal: OnSignal, terminal: &Terminal, interrupt: &Interrupt) {
    let stop = SignalKind::from_raw(rustix::process::Signal::TSTP.as_raw());
    let kinds =
        [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup(), SignalKind::quit(), stop];
    let signals: Result<Vec<Signal>, _> = kinds.into_iter().map(signal).collect();
    let Ok(mut signals) = signals else { return std::future::pending().await };
    let [a, b, c, quit, stop] = &mut signals[..] else { return std::future::pending().await };
    // Whether the program is to end at once.
    let mut next = async || {
        loop {
            tokio::select! {
                _ = a.recv() => return false,
                _ = b.recv() => return false,
                _ = c.recv() => return false,
                _ = quit.recv() => return true,
                // While it is stopped, nothing of the program runs.
                _ = stop.recv() => tty::stop(),
            }
        }
    };
    let at_once = next().await;
    interrupt.set();
    if at_once {
        return;
    }
    if on_signal == OnSignal::Leave {
        next().await;
    }
    if on_signal == OnSignal::Gentle {
        terminal
            .warn("Stopping at the next safe place. Ctrl-C again ends at once; nothing is lost either way.");
        next().await;
    }
}
