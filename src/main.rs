//! `recipe-walk`: walks a person through a real cloud recipe, from an empty account to measured results and back.

mod cli;
mod commands;
mod config;
mod core_dumps;
mod embedded;
mod error;
mod guide;
mod options;
mod paths;
mod payload;
mod report;
mod session;
mod settings;
mod signals;
mod ui;
mod version;

use cli::{Cli, CommonArgs};
use commands::Command;
use config::Config;
use error::{CommandError, Kind};
use recipe_walk_engine::interrupt::Interrupt;
use std::process::ExitCode;
use ui::Terminal;

/// What the main thread of a program has.
const STACK: usize = 8 * 1024 * 1024;

fn main() -> ExitCode {
    core_dumps::forbid();
    recipe_walk_sandbox::raise_open_files();
    let Cli { mut command, mut common } = match Cli::read(std::env::args_os()) {
        Ok(cli) => cli,
        Err(error) => {
            // What somebody else had pasted here is shown visibly, without clap's own colours then.
            let text = error.render().to_string();
            if text == recipe_walk_engine::shown::visible(&text) {
                let _ = error.print();
            } else {
                ui::raw_error(&text);
            }
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(Kind::Usage as u8));
        }
    };
    ui::tty::watch_panics();
    let interrupt = Interrupt::default();
    let config = if command.needs_no_config() { Ok(Config::default()) } else { Config::load() };
    if let Ok(config) = &config {
        command.fill(config);
        common.plain |= config.plain;
    }
    let terminal = Terminal::new(common.plain, interrupt.clone());
    if !command.needs_no_config() {
        let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
        for text in config::strangers(names) {
            terminal.warn(&text);
        }
    }
    if let Err(error) = config {
        terminal.failure(&error);
        return error.exit_code();
    }
    let events = command.prints_events();
    let result = run(command, &common, &terminal, &interrupt);
    ui::tty::restore();
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

fn run(
    command: Command,
    common: &CommonArgs,
    terminal: &Terminal,
    interrupt: &Interrupt,
) -> Result<(), CommandError> {
    if let Some(ended) = command.becomes_another() {
        return ended;
    }
    let usual = if command.serves() { "info" } else { "off" };
    let verbose = if common.log.is_some() { common.verbose.max(2) } else { common.verbose };
    ui::log::begin(&ui::log::filter(verbose, usual), common.log.as_deref()).map_err(|e| {
        let file = common.log.clone().unwrap_or_default();
        CommandError::new(Kind::Disk, format!("{}: {e}", file.display()))
            .means("The log cannot be written there.")
    })?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|e| CommandError::new(Kind::Unexpected, format!("the program cannot start: {e}")))?;
    let on_signal = command.on_signal();
    let (sender, results) = std::sync::mpsc::channel();
    let (terminal, interrupt) = (terminal.clone(), interrupt.clone());
    // Beside this thread, which a signal ends also while something long is computed or read.
    let work = std::thread::Builder::new().name("work".into()).stack_size(STACK).spawn(move || {
        let result = runtime.block_on(async {
            let ended = signals::watch(on_signal, &terminal, &interrupt, &sender);
            tokio::select! {
                result = command.run(cli::definition(), &terminal) => result,
                error = ended => Err(error),
            }
        });
        // A thread that waits for something must not hold up the end.
        runtime.shutdown_background();
        let _ = sender.send(result);
    });
    let work =
        work.map_err(|e| CommandError::new(Kind::Unexpected, format!("the program cannot start: {e}")))?;
    results.recv().unwrap_or_else(|_| match work.join() {
        Err(panic) => std::panic::resume_unwind(panic),
        Ok(()) => Err(CommandError::nothing_begun()),
    })
}
