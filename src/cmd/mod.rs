//! The commands, one file each, and what they share.

mod account;
mod board;
mod check;
mod choice;
mod cleanup;
mod cohort;
mod completions;
pub(crate) mod demo;
mod doctor;
mod drifted;
mod dry_run;
mod engines;
mod fault;
mod find;
mod fresh;
mod handover;
mod holder;
mod journey;
mod lab;
mod lease;
mod man;
mod outcome;
mod parameters;
mod place;
mod policy;
mod rebuild;
mod remote;
mod report;
mod resume;
mod sandbox;
mod sessions;
mod status;
mod walk;

use crate::cli::fault::FaultCommand;
use crate::cli::{Cli, Command, SandboxCommand};
use crate::error::{CommandError, Kind};
use crate::terminal::Terminal;

/// Whether the command line asks for plain lines.
pub(crate) fn wants_plain(cli: &Cli) -> bool {
    match &cli.command {
        None => cli.walk.manner.plain,
        Some(Command::Walk(args)) => args.manner.plain,
        Some(Command::Resume(args)) => args.manner.plain,
        Some(Command::Status(args)) => args.show.plain,
        Some(Command::Cleanup(args)) => args.show.plain,
        Some(Command::Sessions(args)) => args.show.plain,
        Some(Command::Report(args)) => args.plain,
        Some(Command::Board(args)) => args.plain,
        Some(Command::Check { plain, .. } | Command::Lab { plain, .. }) => *plain,
        Some(Command::Doctor(args)) => args.plain,
        Some(Command::Sandbox(
            SandboxCommand::Status { show, .. }
            | SandboxCommand::Calls { show, .. }
            | SandboxCommand::Fault(FaultCommand::List { show, .. }),
        )) => show.plain,
        Some(
            Command::Transcript(_)
            | Command::Handover(_)
            | Command::New(_)
            | Command::Completions { .. }
            | Command::Man { .. }
            | Command::Policy(_)
            | Command::Sandbox(_)
            | Command::Demo { .. },
        ) => false,
    }
}

/// Whether the command line asks for events.
pub(crate) fn wants_events(cli: &Cli) -> bool {
    match &cli.command {
        None => cli.walk.manner.json,
        Some(Command::Walk(args)) => args.manner.json,
        Some(Command::Resume(args)) => args.manner.json,
        _ => false,
    }
}

/// Runs a command.
pub(crate) async fn run(cli: Cli, terminal: &Terminal) -> Result<(), CommandError> {
    // Where events are wanted, standard output is theirs alone.
    let terminal = &if wants_events(&cli) { terminal.aside() } else { terminal.clone() };
    match cli.command {
        None => Box::pin(walk::walk(cli.walk, terminal)).await,
        Some(Command::Walk(args)) => Box::pin(walk::walk(args, terminal)).await,
        Some(Command::Resume(args)) => Box::pin(resume::resume(args, terminal)).await,
        Some(Command::Sessions(args)) if args.remote => remote::sessions(&args, terminal).await,
        Some(Command::Sessions(args)) => sessions::sessions(&args, terminal),
        Some(Command::Status(args)) if args.remote => Box::pin(status::remote(&args, terminal)).await,
        Some(Command::Status(args)) => status::status(&args, terminal).await,
        Some(Command::Cleanup(args)) => Box::pin(cleanup::cleanup(args, terminal)).await,
        Some(Command::Report(args)) => report::report(&args, terminal),
        Some(Command::Transcript(args)) => report::print_transcript(&args),
        Some(Command::Board(args)) => board::board(args, terminal).await,
        Some(Command::Handover(args)) => handover::handover(&args, terminal),
        Some(Command::New(args)) => handover::new(&args, terminal),
        Some(Command::Completions { shell }) => {
            completions::completions(shell);
            Ok(())
        }
        Some(Command::Man { output }) => man::man(output.as_deref(), terminal),
        Some(Command::Lab { name, session, plain }) => {
            Box::pin(lab::lab(name.as_deref(), session.as_deref(), plain, terminal)).await
        }
        Some(Command::Check { dir, .. }) => check::check(dir.as_deref(), terminal),
        Some(Command::Doctor(args)) if args.fresh => fresh::fresh(args.profile, terminal).await,
        Some(Command::Doctor(args)) => doctor::doctor(args, terminal).await,
        Some(Command::Policy(args)) => policy::policy(&args),
        Some(Command::Sandbox(command)) => sandbox::sandbox(command, terminal).await,
        Some(Command::Demo { args }) => demo::demo(&args),
    }
}

/// The name of this machine, for the lock's holder.
fn host() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

/// Refuses to ask where nobody can answer.
fn need_terminal(terminal: &Terminal, next: impl Into<String>) -> Result<(), CommandError> {
    if terminal.is_interactive() {
        return Ok(());
    }
    Err(CommandError::new(
        Kind::NoTerminal,
        "this would ask questions, and there is no terminal to answer them",
    )
    .means("Nothing was begun. With --yes nothing is asked.")
    .next(next))
}

/// Ctrl-C before there was anything to save.
fn nothing_begun() -> CommandError {
    CommandError::new(Kind::Interrupted, "stopped by you").means("Nothing was begun.")
}

/// Ends early after Ctrl-C.
fn check_interrupt(terminal: &Terminal) -> Result<(), CommandError> {
    if terminal.interrupt().is_set() { Err(nothing_begun()) } else { Ok(()) }
}
