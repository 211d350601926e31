//! `cleanup`: deletes what a session made.

use crate::config::Config;
use crate::error::{CommandError, Kind};
use crate::options::{OutputOptions, PlaceArgs};
use crate::session::batch::{self, Batch};
use crate::session::context::Context;
use crate::session::dry_run::{Outlook, outlook};
use crate::session::find;
use crate::session::find::Local;
use crate::session::lease::{Over, Wish};
use crate::session::open::{self, OpenOptions, Opened, Purpose, recipe_for_cleanup};
use crate::session::runner::Runner;
use crate::ui::{self, Terminal};
use clap::Args;
use recipe_walk_engine::id::SessionId;
use recipe_walk_engine::tags::TagValue;
use recipe_walk_engine::typed;
use std::path::Path;

pub(crate) const EXAMPLES: &str = "\
Examples:
  recipe-walk cleanup --dry-run
  recipe-walk cleanup rw-k3v9x2ab
  recipe-walk cleanup rw-k3v9x2ab --yes --json
  recipe-walk cleanup rw-k3v9x2ab --aws       # begun on another machine
  recipe-walk cleanup --cohort june --aws --dry-run
  recipe-walk cleanup --expired --aws --yes";

/// Options of `cleanup`.
#[derive(Debug, Clone, Args)]
pub(crate) struct CleanupArgs {
    /// The session; without it: the only unfinished one of this machine
    pub(crate) session: Option<String>,
    /// Every session of this class in the account
    #[arg(long, value_name = "C", conflicts_with_all = ["session", "rebuild"])]
    pub(crate) cohort: Option<TagValue>,
    /// Every session in the account that should be gone by now
    #[arg(long, conflicts_with_all = ["session", "rebuild"])]
    pub(crate) expired: bool,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
    /// Do not ask for the session's name, or for the account
    #[arg(long)]
    pub(crate) yes: bool,
    /// Only list what would go
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Rebuild a session with a damaged journal from what is in the account
    #[arg(long, requires = "session")]
    pub(crate) rebuild: bool,
    /// Clean up although a walk holds the session
    #[arg(long)]
    pub(crate) take_over: bool,
    /// JSON instead of a table
    #[arg(long)]
    pub(crate) json: bool,
}

impl CleanupArgs {
    /// Fills in what the command line leaves open: what deletes is never pointed anywhere by a file.
    pub(crate) fn fill(&mut self, config: &Config) {
        config.fill_target(&mut self.place);
    }

    /// Whether sessions are opened by what they are, not by name.
    pub(crate) fn chooses(&self) -> bool {
        self.cohort.is_some() || self.expired
    }
}

/// Cleans up a session, of whatever state, or several.
pub(crate) async fn run(args: CleanupArgs, terminal: &Terminal) -> Result<(), CommandError> {
    // With --json standard output is the receipt's alone.
    let terminal = &if args.json { terminal.aside() } else { terminal.clone() };
    if args.chooses() {
        let batch = Batch {
            cohort: args.cohort.as_ref(),
            expired: args.expired,
            place: &args.place,
            yes: args.yes,
            dry_run: args.dry_run,
            take_over: args.take_over,
            json: args.json,
        };
        return batch::cleanup(batch, terminal).await;
    }
    let context = Context::new(terminal)?;
    let (id, local) = find::meant(&context.paths, args.session.as_deref(), "cleanup")?;
    if args.dry_run {
        return dry_run(&args, &id, local, &context).await;
    }
    if !args.yes {
        terminal.must_answer(typed!("recipe-walk cleanup {} --yes", id))?;
    }
    let opened = open::open(&id, local, how(&args), &context).await?;
    if !args.yes
        && let Err(error) = confirm(&opened, &context).await
    {
        opened.let_go();
        return Err(error);
    }
    let command = typed!("recipe-walk cleanup {}", id);
    let wish = Wish { over: Over::wished(args.take_over), ask: !args.yes, command: &command };
    let output = OutputOptions { yes: true, ..OutputOptions::default() };
    let runner = Runner::begin(context, opened, wish, output).await?;
    let result = runner.clean_up().await;
    if let Some(receipt) = runner.receipt.get().filter(|_| args.json) {
        ui::json(receipt);
    }
    runner.end(result).await
}

fn how(args: &CleanupArgs) -> OpenOptions<'_> {
    let yes = args.yes || args.dry_run;
    OpenOptions { purpose: Purpose::CleanUp, place: &args.place, rebuild: args.rebuild, yes, recipe: None }
}

/// Shows what would go, as a dry run does, and asks for the session's name, so that nobody deletes the wrong one in passing.
async fn confirm(opened: &Opened, context: &Context) -> Result<(), CommandError> {
    let terminal = &context.terminal;
    let id = opened.session.id();
    let looked = if opened.rebuilt.is_some() {
        // Everything was looked for a moment ago, and its journal is not in its place yet.
        Ok(opened.session.with(|state| Outlook::recorded(id, state)))
    } else {
        let journal = context.paths.sessions().join(id.as_str());
        outlook(id, Some(&journal), &opened.reached, &opened.recipe, context).await
    };
    let outlook = match looked {
        Ok(outlook) => outlook,
        Err(error) if matches!(error.kind, Kind::Interrupted) => return Err(error),
        Err(error) => unseen(&error, terminal, || opened.session.with(|state| Outlook::recorded(id, state))),
    };
    outlook.show(terminal);
    terminal.confirm_word("Type the session's name to delete all this:", id.as_str())
}

/// What stands in for a look that failed.
fn unseen(error: &CommandError, terminal: &Terminal, recorded: impl FnOnce() -> Outlook) -> Outlook {
    terminal.warn(&format!("Nobody could look ({}); by its journal:", error.message));
    recorded()
}

/// Lists exactly what would go. Where nobody can look, the journal alone has to tell.
async fn dry_run(
    args: &CleanupArgs,
    id: &SessionId,
    local: Local,
    context: &Context,
) -> Result<(), CommandError> {
    let terminal = &context.terminal;
    let outlook = match local {
        Local::Sound(state) if !args.rebuild => {
            let journal = context.paths.sessions().join(id.as_str());
            let looked = async {
                let opening =
                    state.opened().map_err(|e| CommandError::new(Kind::Unexpected, e.to_string()))?;
                let reached = open::reach(opening, id.as_str(), how(args), context).await?;
                let recipe = recipe_for_cleanup(opening.recipe_dir.as_deref().map(Path::new))?;
                outlook(id, Some(&journal), &reached, &recipe, context).await
            };
            match looked.await {
                Ok(outlook) => outlook,
                Err(error) if matches!(error.kind, Kind::Place | Kind::Interrupted) => return Err(error),
                Err(error) => unseen(&error, terminal, || Outlook::recorded(id, &state)),
            }
        }
        local => {
            let opened = open::open(id, local, how(args), context).await?;
            let outlook = opened.session.with(|state| Outlook::recorded(id, state));
            opened.let_go();
            outlook
        }
    };
    if args.json {
        ui::json(&outlook.would_go());
    } else {
        outlook.show(terminal);
        terminal.say("Nothing was deleted: this was a dry run.");
    }
    Ok(())
}
