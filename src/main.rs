//! `recipe-walk`: walks a person through a real cloud recipe, from an empty account to measured results and back.

mod cli;
mod cmd;
mod embedded;
mod error;
mod paths;
mod payload;
mod signals;
mod terminal;
mod version;

use clap::Parser as _;
use cli::{Cli, Command, SandboxCommand};
use error::{CommandError, Kind};
use recipe_walk_engine::interrupt::Interrupt;
use std::process::ExitCode;
use terminal::Terminal;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(Kind::Usage as u8));
        }
    };
    let interrupt = Interrupt::default();
    let terminal = Terminal::new(cmd::wants_plain(&cli), interrupt.clone());
    match run(cli, &terminal, &interrupt) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            terminal.failure(&error);
            error.exit_code()
        }
    }
}

fn run(cli: Cli, terminal: &Terminal, interrupt: &Interrupt) -> Result<(), CommandError> {
    // It becomes another program: nothing of ours should be running by then.
    if let Some(Command::Demo { args }) = cli.command {
        return cmd::demo::demo(&args);
    }
    let serves = matches!(cli.command, Some(Command::Sandbox(SandboxCommand::Serve(_))));
    terminal::logs(if serves { "info" } else { "off" });
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|e| CommandError::new(Kind::Unexpected, format!("the program cannot start: {e}")))?;
    let manner = signals::Manner::of(&cli);
    let result = runtime.block_on(async {
        let ended = signals::watch(manner, terminal, interrupt);
        tokio::select! {
            result = cmd::run(cli, terminal) => result,
            error = ended => Err(error),
        }
    });
    // A thread that waits for something must not hold up the end.
    runtime.shutdown_background();
    result
}
