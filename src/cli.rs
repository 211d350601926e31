//! The command line.

use crate::commands::{Command, WalkArgs};
use crate::error::EXIT_STATUSES;
use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{Args, CommandFactory as _, FromArgMatches as _, Parser};
use std::ffi::OsString;
use std::path::PathBuf;

/// Walks you through a real cloud recipe: database query caching with ElastiCache.
///
/// From an empty account to measured results, and back to an empty account. The sandbox needs no account and costs
/// nothing; on AWS a walk costs about $0.07 an hour until it is cleaned up.
#[derive(Debug, Parser)]
#[command(
    name = "recipe-walk",
    version,
    long_version = crate::version::LONG.as_str(),
    after_help = EXAMPLES,
    after_long_help = format!("{EXAMPLES}\n\n{CONFIGURATION}\n\n{EXIT_STATUSES}")
)]
struct Line {
    /// What to do; without one: walk.
    #[command(subcommand)]
    command: Option<Command>,
    /// Options of the walk.
    #[command(flatten)]
    walk: WalkArgs,
    /// Options that every command has.
    #[command(flatten)]
    common: CommonArgs,
}

/// What a command line asks for.
#[derive(Debug)]
pub(crate) struct Cli {
    /// What to do.
    pub(crate) command: Command,
    /// Options that every command has.
    pub(crate) common: CommonArgs,
}

impl Cli {
    /// Reads a command line. Options of the walk before another command are refused, which would not heed them; those
    /// that every command has may stand anywhere.
    pub(crate) fn read(arguments: impl IntoIterator<Item = OsString>) -> Result<Self, clap::Error> {
        let mut command = definition();
        let matches = command.try_get_matches_from_mut(arguments)?;
        if let Some(name) = matches.subcommand_name() {
            let given = |argument: &&clap::Arg| {
                !argument.is_global_set()
                    && matches.value_source(argument.get_id().as_str()) == Some(ValueSource::CommandLine)
            };
            let option = command.get_arguments().find(given).and_then(clap::Arg::get_long).map(str::to_owned);
            if let Some(option) = option {
                let text = format!(
                    "before '{name}' the option '--{option}' is one of a walk; what is meant for '{name}' comes after it"
                );
                return Err(command.error(ErrorKind::ArgumentConflict, text));
            }
        }
        let Line { command, walk, common } = Line::from_arg_matches(&matches)?;
        Ok(Self { command: command.unwrap_or(Command::Walk(walk)), common })
    }
}

/// The whole command line, for what describes it.
pub(crate) fn definition() -> clap::Command {
    Line::command()
}

/// Options that every command has.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct CommonArgs {
    /// Plain lines: no colour, no box drawing, no moving bars
    #[arg(long, global = true, display_order = 899)]
    pub(crate) plain: bool,
    /// Tell on standard error which services are called and how they answer; -vv and -vvv tell more
    #[arg(short, long, global = true, action = clap::ArgAction::Count, display_order = 900)]
    pub(crate) verbose: u8,
    /// Write the log to a file instead; secrets are taken out
    #[arg(long, global = true, value_name = "FILE", display_order = 901)]
    pub(crate) log: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  recipe-walk --sandbox          walk step by step, without an account and without cost
  recipe-walk --sandbox --yes    the whole walk with clean-up, without questions
  recipe-walk --aws --profile me walk in your own account
  recipe-walk resume             go on where you stopped
  recipe-walk cleanup            delete what a session made";

const CONFIGURATION: &str = "\
Configuration:
  ~/.config/recipe-walk/config.toml (XDG_CONFIG_HOME is heeded) holds defaults, one a line:
    place, profile, region, owner, cohort, engine, pace, recipe, plain
  Below [parameters] it sets those of the recipe, such as  load_users = \"1,50\".
  The command line goes over the environment, and that over the file. With --yes only the
  command line can say --aws.

Environment:
  RECIPE_WALK_PLACE, RECIPE_WALK_REGION, … the same defaults, one variable for each
  RECIPE_WALK_SET_LOAD_USERS, … a parameter of the recipe, one variable for each
  XDG_STATE_HOME      where sessions are kept; else ~/.local/state
  NO_COLOR, CLICOLOR=0, TERM=dumb: no colour
  recipe-walk help environment lists all of them, and the files and signals that count.";

#[cfg(test)]
mod tests;
