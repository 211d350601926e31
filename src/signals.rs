//! Ctrl-C and its relatives: the first asks for a stop at the next safe place, the second ends at once.

use crate::cli::{Cli, Command, SandboxCommand};
use crate::error::{CommandError, Kind};
use crate::terminal::Terminal;
use recipe_walk_engine::interrupt::Interrupt;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// What a signal means to a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    /// The command sees to signals itself.
    Own,
    /// There is a session to bring to a safe place first.
    Gentle,
    /// There is nothing to save.
    AtOnce,
}

impl Manner {
    /// The manner of a command.
    pub(crate) fn of(cli: &Cli) -> Self {
        match &cli.command {
            None | Some(Command::Walk(_) | Command::Resume(_) | Command::Cleanup(_)) => Self::Gentle,
            Some(Command::Sandbox(SandboxCommand::Serve(_))) => Self::Own,
            Some(_) => Self::AtOnce,
        }
    }
}

/// Ends only when the program should end at once.
pub(crate) async fn watch(manner: Manner, terminal: &Terminal, interrupt: &Interrupt) -> CommandError {
    if manner == Manner::Own {
        return std::future::pending().await;
    }
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
    if manner == Manner::Gentle {
        terminal
            .warn("Stopping at the next safe place. Ctrl-C again ends at once; nothing is lost either way.");
        next().await;
    }
    CommandError::new(Kind::Interrupted, "stopped by you").next("recipe-walk sessions")
}
