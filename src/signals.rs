//! Ctrl-C and its relatives: the first asks for a stop at the next safe place, the second ends at once.

use crate::error::{CommandError, Kind};
use crate::ui::Terminal;
use recipe_walk_engine::interrupt::Interrupt;
use tokio::signal::unix::{Signal, SignalKind, signal};

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
/// caller's may be busy with a question.
pub(crate) fn watch(
    on_signal: OnSignal,
    terminal: &Terminal,
    interrupt: &Interrupt,
) -> impl Future<Output = CommandError> {
    let (terminal, interrupt) = (terminal.clone(), interrupt.clone());
    let watcher = tokio::spawn(async move {
        if on_signal == OnSignal::Own {
            return std::future::pending().await;
        }
        received(on_signal, &terminal, &interrupt).await;
    });
    async {
        let _ = watcher.await;
        CommandError::new(Kind::Interrupted, "stopped by you").next("recipe-walk sessions")
    }
}

async fn received(on_signal: OnSignal, terminal: &Terminal, interrupt: &Interrupt) {
    let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
    let signals: Result<Vec<Signal>, _> = kinds.into_iter().map(signal).collect();
    let Ok(mut signals) = signals else { return std::future::pending().await };
    let [a, b, c] = &mut signals[..] else { return std::future::pending().await };
    let mut next = async || {
        tokio::select! {
            _ = a.recv() => {}
            _ = b.recv() => {}
            _ = c.recv() => {}
        }
    };
    next().await;
    interrupt.set();
    if on_signal == OnSignal::Leave {
        next().await;
    }
    if on_signal == OnSignal::Gentle {
        terminal
            .warn("Stopping at the next safe place. Ctrl-C again ends at once; nothing is lost either way.");
        next().await;
    }
}
