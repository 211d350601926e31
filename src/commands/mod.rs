//! The commands, one file each.

mod author;
mod board;
pub(crate) mod cleanup;
pub(crate) mod demo;
pub(crate) mod doctor;
mod handover;
mod help;
pub(crate) mod lab;
mod policy;
mod report;
mod resume;
mod sandbox;
pub(crate) mod sessions;
mod status;
mod walk;

use crate::cli::fault::FaultCommand;
use crate::cli::{Cli, Command, SandboxCommand};
use crate::error::CommandError;
use crate::ui::Terminal;

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
        Some(Command::Check { plain, .. } | Command::Lab { plain, .. } | Command::Kinds { plain, .. }) => {
            *plain
        }
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
        Some(Command::Sessions(args)) if args.remote => sessions::remote::sessions(&args, terminal).await,
        Some(Command::Sessions(args)) => sessions::sessions(&args, terminal),
        Some(Command::Status(args)) if args.remote => Box::pin(status::remote(&args, terminal)).await,
        Some(Command::Status(args)) => status::status(&args, terminal).await,
        Some(Command::Cleanup(args)) => Box::pin(cleanup::cleanup(args, terminal)).await,
        Some(Command::Report(args)) => report::report(&args, terminal),
        Some(Command::Transcript(args)) => report::print_transcript(&args),
        Some(Command::Board(args)) => board::board(args, terminal).await,
        Some(Command::Handover(args)) => handover::handover(&args, terminal),
        Some(Command::New(args)) => handover::new(&args, terminal),
        Some(Command::Kinds { kind, json, .. }) => author::kinds::kinds(kind.as_deref(), json, terminal),
        Some(Command::Completions { shell }) => {
            help::completions::completions(shell);
            Ok(())
        }
        Some(Command::Man { output }) => help::man::man(output.as_deref(), terminal),
        Some(Command::Lab { name, session, plain }) => {
            Box::pin(lab::lab(name.as_deref(), session.as_deref(), plain, terminal)).await
        }
        Some(Command::Check { dir, .. }) => author::check::check(dir.as_deref(), terminal),
        Some(Command::Doctor(args)) if args.fresh => doctor::local::fresh(args.profile, terminal).await,
        Some(Command::Doctor(args)) => doctor::doctor(args, terminal).await,
        Some(Command::Policy(args)) => policy::policy(&args),
        Some(Command::Sandbox(command)) => sandbox::sandbox(command, terminal).await,
        Some(Command::Demo { args }) => demo::demo(&args),
    }
}
