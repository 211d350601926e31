//! The command line.

mod account;
pub(crate) mod class;
pub(crate) mod fault;
pub(crate) mod report;
mod sandbox;
pub(crate) mod session;
mod walk;

pub(crate) use account::{DoctorArgs, PolicyArgs};
pub(crate) use sandbox::{DirArgs, SandboxCommand, ServeArgs};
pub(crate) use walk::{AwsArgs, CacheEngine, Manner, WalkArgs, dollars};

use crate::error::EXIT_STATUSES;
use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use clap_complete::Shell;
use class::{BoardArgs, HandoverArgs, NewArgs};
use report::{ReportArgs, TranscriptArgs};
use session::{CleanupArgs, ResumeArgs, SessionsArgs, StatusArgs};
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
    disable_help_subcommand = true,
    after_help = EXAMPLES,
    after_long_help = format!("{EXAMPLES}\n\n{CONFIGURATION}\n\n{EXIT_STATUSES}")
)]
pub(crate) struct Cli {
    /// What to do; without one: walk.
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    /// Options of the walk.
    #[command(flatten)]
    pub(crate) walk: WalkArgs,
    /// Options that every command has.
    #[command(flatten)]
    pub(crate) log: LogArgs,
}

impl Cli {
    /// Reads a command line. Options of the walk before another command are refused, which would not heed them; `-v` and
    /// `--log` may stand anywhere.
    pub(crate) fn read(arguments: impl IntoIterator<Item = OsString>) -> Result<Self, clap::Error> {
        let mut command = Self::command();
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
        Self::from_arg_matches(&matches)
    }
}

/// What is logged, and where.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct LogArgs {
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
  The command line goes over the environment, and that over the file. With --yes only the
  command line can say --aws.

Environment:
  RECIPE_WALK_PLACE, RECIPE_WALK_REGION, … the same defaults, one variable for each
  RECIPE_WALK_CONFIG  another configuration file
  RECIPE_WALK_LOG     what -v tells, as a filter such as recipe_walk_cloud=debug
  XDG_STATE_HOME      where sessions are kept; else ~/.local/state
  AWS_PROFILE, AWS_REGION, AWS_ENDPOINT_URL and the like are those of every AWS tool
  NO_COLOR, CLICOLOR=0, TERM=dumb: no colour";

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Walk the recipe (the default)
    #[command(after_help = "\
Examples:
  recipe-walk walk --sandbox
  recipe-walk walk --aws --profile workshop --region us-east-1 --owner ana --cohort june
  recipe-walk walk --sandbox --yes --all --keep")]
    Walk(WalkArgs),
    /// Go on with a session that was stopped
    #[command(after_help = "\
Examples:
  recipe-walk resume
  recipe-walk resume rw-k3v9x2ab --yes
  recipe-walk resume rw-k3v9x2ab --aws --profile workshop   # begun on another machine
  recipe-walk resume rw-k3v9x2ab --take-over                # when nobody walks there any more
  recipe-walk resume rw-k3v9x2ab --rebuild                  # when its journal is damaged")]
    Resume(ResumeArgs),
    /// List the sessions of this machine, or those in the account
    #[command(after_help = "\
Examples:
  recipe-walk sessions --json
  recipe-walk sessions --remote --aws --profile workshop")]
    Sessions(SessionsArgs),
    /// Show what is known about a session
    #[command(after_help = "\
Examples:
  recipe-walk status
  recipe-walk status rw-k3v9x2ab --json
  recipe-walk status rw-k3v9x2ab --remote --aws   # somebody's session, read only")]
    Status(StatusArgs),
    /// Delete what a session made, and prove that nothing is left
    #[command(after_help = "\
Examples:
  recipe-walk cleanup --dry-run
  recipe-walk cleanup rw-k3v9x2ab
  recipe-walk cleanup rw-k3v9x2ab --yes --json
  recipe-walk cleanup rw-k3v9x2ab --aws       # begun on another machine
  recipe-walk cleanup --cohort june --aws --dry-run
  recipe-walk cleanup --expired --aws --yes")]
    Cleanup(CleanupArgs),
    /// Write a report to take home: what was built, measured, spent and deleted
    #[command(after_help = "\
Examples:
  recipe-walk report
  recipe-walk report rw-k3v9x2ab --output walk.html
  recipe-walk report --format md --output walk.md
  recipe-walk report --format json | jq .headlines")]
    Report(ReportArgs),
    /// Print the AWS CLI line of everything that a session did
    #[command(after_help = "\
Examples:
  recipe-walk transcript
  recipe-walk transcript rw-k3v9x2ab > walk.sh")]
    Transcript(TranscriptArgs),
    /// Watch a class: who is at which step, who is stuck, what it costs
    #[command(after_help = "\
Examples:
  recipe-walk board --cohort june --aws
  recipe-walk board --cohort june --profile ana,ben,cleo --region us-east-1,eu-central-1
  recipe-walk board --cohort june --sandbox --once
  recipe-walk board --cohort june --aws --json")]
    Board(BoardArgs),
    /// Print the one line with which a session goes on at another machine
    #[command(after_help = "\
Examples:
  recipe-walk handover
  recipe-walk handover rw-k3v9x2ab | xclip")]
    Handover(HandoverArgs),
    /// Copy the recipe, to make your own of it
    #[command(after_help = "\
Examples:
  recipe-walk new my-recipe
  recipe-walk check my-recipe
  recipe-walk --sandbox --recipe my-recipe")]
    New(NewArgs),
    /// Break something on purpose, on the sandbox, and mend it
    #[command(after_help = "\
Examples:
  recipe-walk lab                # lists them
  recipe-walk lab closed-port
  recipe-walk lab wrong-family --session rw-k3v9x2ab")]
    Lab {
        /// Which lab; without it: lists them
        name: Option<String>,
        /// The session; without it: the only unfinished one of this machine
        #[arg(long, value_name = "SESSION")]
        session: Option<String>,
        /// Plain lines: no colour, no box drawing.
        #[arg(long)]
        plain: bool,
    },
    /// List what recipes can be made of, or show one kind with its fields
    #[command(after_help = "\
Examples:
  recipe-walk kinds
  recipe-walk kinds security-group
  recipe-walk kinds --json")]
    Kinds {
        /// The kind
        kind: Option<String>,
        /// As JSON
        #[arg(long)]
        json: bool,
        /// Plain lines: no colour, no box drawing
        #[arg(long)]
        plain: bool,
    },
    /// Check a recipe: the embedded one, or that of a directory
    #[command(after_help = "Example:\n  recipe-walk check my-recipe")]
    Check {
        /// Directory with recipe.toml and its Markdown files.
        dir: Option<PathBuf>,
        /// Plain lines: no colour, no box drawing.
        #[arg(long)]
        plain: bool,
    },
    /// Look at what this machine and this account can do, before anything is made
    #[command(after_help = "\
Examples:
  recipe-walk doctor
  recipe-walk doctor --fresh   # sandbox, AWS, or both?
  recipe-walk doctor --aws --profile workshop --region eu-central-1
  recipe-walk doctor --aws --attendees 30")]
    Doctor(DoctorArgs),
    /// Print the IAM policy that a walk on AWS needs
    #[command(after_help = "\
Examples:
  recipe-walk policy > recipe-walk-policy.json
  recipe-walk policy --account 123456789012 --region us-east-1
  recipe-walk policy --instance")]
    Policy(PolicyArgs),
    /// Run and look at the sandbox: an AWS-compatible endpoint on this machine
    #[command(
        subcommand,
        after_help = "\
Examples:
  recipe-walk sandbox serve
  recipe-walk sandbox status
  eval \"$(recipe-walk sandbox env)\""
    )]
    Sandbox(SandboxCommand),
    /// Print what a shell needs to complete commands and options
    #[command(after_help = "\
Examples:
  recipe-walk completions bash > ~/.local/share/bash-completion/completions/recipe-walk
  recipe-walk completions zsh > ~/.zfunc/_recipe-walk
  recipe-walk completions fish > ~/.config/fish/completions/recipe-walk.fish")]
    Completions {
        /// Which shell
        shell: Shell,
    },
    /// Print the manual page, or write all of them
    #[command(after_help = "\
Examples:
  recipe-walk man | man -l -
  recipe-walk man --output man1")]
    Man {
        /// Directory for all pages
        #[arg(long, short, value_name = "DIR")]
        output: Option<PathBuf>,
    },
    /// Run the bundled demo against Redis and MySQL of your own
    #[command(
        disable_help_flag = true,
        after_help = "\
Examples:
  recipe-walk demo --help
  recipe-walk demo check --redis-url redis://localhost:6379 --mysql-url mysql://root@localhost:3306/shop"
    )]
    Demo {
        /// Passed on as they are.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGS")]
        args: Vec<std::ffi::OsString>,
    },
}

/// Options of a listing.
#[derive(Debug, Clone, Args)]
pub(crate) struct JsonArgs {
    /// JSON instead of a table
    #[arg(long)]
    pub(crate) json: bool,
    /// Plain lines: no colour, no box drawing
    #[arg(long)]
    pub(crate) plain: bool,
}

#[cfg(test)]
mod tests;
