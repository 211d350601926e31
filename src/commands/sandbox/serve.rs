//! `sandbox serve`: the sandbox in the foreground, or as a walk starts it.

use crate::commands::sandbox::dir::DirArgs;
use crate::error::CommandError;
use crate::options::CacheEngine;
use crate::session::{engines, place};
use crate::ui::style::Paint;
use crate::ui::{self, Terminal};
use clap::Args;
use recipe_walk_engine::shell::Typed;
use recipe_walk_engine::typed;
use recipe_walk_sandbox::{Access, Departure, Pace, ServeOptions};
use std::path::PathBuf;

/// Options of `sandbox serve`.
#[derive(Debug, Clone, Args)]
pub(crate) struct ServeArgs {
    #[command(flatten)]
    pub(crate) dir: DirArgs,
    /// Port on 127.0.0.1; without it: the last one, or a free one
    #[arg(long, value_name = "P")]
    pub(crate) port: Option<u16>,
    /// How long things take: fast, real, or a factor such as 0.05
    #[arg(long, value_name = "PACE")]
    pub(crate) pace: Option<Pace>,
    /// Which cache engine to take where both are installed
    #[arg(long, value_enum)]
    pub(crate) engine: Option<CacheEngine>,
    /// The control plane alone: no Redis, no database
    #[arg(long)]
    pub(crate) no_engines: bool,
    /// Allow its key only what this IAM policy allows, instead of everything
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    /// Make this the account's policy recipe-walk-boundary, which bounds the roles of instances
    #[arg(long, value_name = "FILE")]
    pub(crate) boundary: Option<PathBuf>,
    /// Started by a walk: ends by itself when it is empty and idle.
    #[arg(long, hide = true)]
    pub(crate) detached: bool,
    /// Seconds by which its clock is ahead of this machine's.
    #[arg(long, hide = true, value_name = "S", default_value_t = 0, allow_negative_numbers = true)]
    pub(crate) clock_ahead: i64,
    /// An account on the free plan.
    #[arg(long, hide = true)]
    pub(crate) free_plan: bool,
}

/// Serves until it is stopped.
pub(crate) async fn run(args: ServeArgs, terminal: &Terminal) -> Result<(), CommandError> {
    let dir = args.dir.find()?;
    let detached = args.detached;
    if !detached && !args.no_engines {
        let missing = engines::look(engines::preference(args.engine)).missing();
        if !missing.is_empty() {
            let list: Vec<&str> = missing.iter().map(|m| m.what).collect();
            terminal.warn(&format!("This machine lacks {}: see recipe-walk doctor.", list.join(" and ")));
        }
    }
    let options = ServeOptions {
        dir: dir.clone(),
        port: args.port,
        pace: args.pace,
        engines: !args.no_engines,
        engine_preference: engines::preference(args.engine),
        exit_when_idle: detached,
        departure: Departure {
            policy: args.policy.map(|path| std::path::absolute(&path).unwrap_or(path)),
            boundary: args.boundary,
            clock_ahead: args.clock_ahead,
            free_plan: args.free_plan,
        },
    };
    let bare = args.no_engines;
    let served = recipe_walk_sandbox::serve(options, |access| {
        if let Err(error) = place::note_bare(&dir, bare) {
            terminal.warn(&format!("{}: {error}", dir.display()));
        }
        if !detached {
            ready(access, args.dir.dir.as_ref(), terminal);
        }
    })
    .await
    .map_err(CommandError::from);
    if let Err(error) = &served
        && detached
    {
        let lines = std::iter::once(&error.message).chain(&error.meaning).map(String::as_str);
        recipe_walk_sandbox::tell_starter(&lines.collect::<Vec<_>>());
    }
    served
}

fn ready(access: &Access, dir: Option<&PathBuf>, terminal: &Terminal) {
    terminal
        .say(&format!("The sandbox listens on {} (pace {}). Ctrl-C stops it.", access.endpoint, access.pace));
    terminal.say("In another terminal:");
    let dir = dir.map(|dir| typed!("--dir {}", dir.display()));
    let env = dir.iter().fold(Typed::from("recipe-walk sandbox env"), Typed::and);
    terminal.tell(Paint::Command, &format!("  eval \"$({})\"", ui::called(&env)));
}
