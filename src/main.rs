//! `recipe-walk`: walks a person through a real cloud recipe, from an empty account to measured results and back.

mod cli;
mod commands;
mod config;
mod did_you_mean;
mod embedded;
mod error;
mod guide;
mod paths;
mod payload;
mod report;
mod session;
mod signals;
mod ui;
mod version;

use crate::cli::{Cli, Command, SandboxCommand};
use crate::config::Config;
use crate::error::{CommandError, Kind};
use crate::ui::Terminal;
use recipe_walk_engine::interrupt::Interrupt;
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut cli = match Cli::read(std::env::args_os()) {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(Kind::Usage as u8));
        }
    };
    let interrupt = Interrupt::default();
    // What helps to mend a configuration works without one.
    let needs_none = matches!(cli.command, Some(Command::Completions { .. } | Command::Man { .. }));
    let config = if needs_none { Ok(Config::default()) } else { Config::load() };
    let usual_plain = config.as_ref().is_ok_and(Config::plain);
    if let Ok(config) = &config {
        config.apply(&mut cli);
    }
    let terminal = Terminal::new(commands::wants_plain(&cli) || usual_plain, interrupt.clone());
    if !needs_none {
        let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
        for text in config::strangers(names) {
            terminal.warn(&text);
        }
    }
    if let Err(error) = config {
        terminal.failure(&error);
        return error.exit_code();
    }
    let events = commands::wants_events(&cli);
    let result = run(cli, &terminal, &interrupt);
    if let Err(error) = &result {
        terminal.failure(error);
    }
    if events {
        if let Err(error) = &result {
            guide::events::error(error);
        }
        guide::events::end(result.as_ref().map_or_else(|e| e.kind as u8, |()| 0));
    }
    result.map_or_else(|error| error.exit_code(), |()| ExitCode::SUCCESS)
}

fn run(cli: Cli, terminal: &Terminal, interrupt: &Interrupt) -> Result<(), CommandError> {
    // It becomes another program: nothing of ours should be running by then.
    if let Some(Command::Demo { args }) = cli.command {
        return commands::demo::demo(&args);
    }
    let serves = matches!(cli.command, Some(Command::Sandbox(SandboxCommand::Serve(_))));
    let usual = if serves { "info" } else { "off" };
    let verbose = if cli.log.log.is_some() { cli.log.verbose.max(2) } else { cli.log.verbose };
    ui::log::begin(&ui::log::filter(verbose, usual), cli.log.log.as_deref()).map_err(|e| {
        let file = cli.log.log.clone().unwrap_or_default();
        CommandError::new(Kind::Disk, format!("{}: {e}", file.display()))
            .means("The log cannot be written there.")
    })?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|e| CommandError::new(Kind::Unexpected, format!("the program cannot start: {e}")))?;
    let manner = signals::Manner::of(&cli);
    let result = runtime.block_on(async {
        let ended = signals::watch(manner, terminal, interrupt);
        tokio::select! {
            result = commands::run(cli, terminal) => result,
            error = ended => Err(error),
        }
    });
    // A thread that waits for something must not hold up the end.
    runtime.shutdown_background();
    result
}
