//! `cleanup`: deletes what a session made.

use crate::cli::Manner;
use crate::cli::session::CleanupArgs;
use crate::embedded;
use crate::error::{CommandError, Kind};
use crate::paths::Paths;
use crate::session::dry_run::{Outlook, outlook};
use crate::session::find::Local;
use crate::session::lease::{Over, Wish};
use crate::session::open::{self, Chosen, How, Purpose, recipe_for_cleanup};
use crate::session::runner::Journey;
use crate::session::{batch, find, need_terminal};
use crate::ui::prompt::Unanswered;
use crate::ui::{self, Terminal};
use recipe_walk_engine::clock::{Clock, SystemClock};
use recipe_walk_engine::id::SessionId;
use std::path::Path;
use std::sync::{Arc, OnceLock};

/// Cleans up a session, of whatever state, or several.
pub(crate) async fn cleanup(args: CleanupArgs, terminal: &Terminal) -> Result<(), CommandError> {
    // With --json standard output is the receipt's alone.
    let terminal = &if args.show.json { terminal.aside() } else { terminal.clone() };
    if args.chooses() {
        return batch::cleanup(args, terminal).await;
    }
    let paths = Paths::find()?;
    let (id, local) = find::meant(&paths, args.session.as_deref(), "cleanup")?;
    if args.dry_run {
        return dry_run(&args, &id, local, &paths, terminal).await;
    }
    if !args.yes {
        need_terminal(terminal, format!("recipe-walk cleanup {id} --yes"))?;
    }
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::default());
    let how = how(&args);
    let chosen = open::choose(&id, local, how, &paths, &clock, terminal).await?;
    if !args.yes
        && let Err(error) = confirm(&chosen, &paths, &clock, terminal).await
    {
        chosen.let_go();
        return Err(error);
    }
    let command = format!("recipe-walk cleanup {id}");
    let wish = Wish { over: Over::wished(args.take_over), ask: !args.yes, command: &command };
    let lease = chosen.hold(wish, terminal).await?;
    let Chosen { session, reached, recipe, .. } = chosen;
    let journey = Journey {
        terminal: terminal.clone(),
        paths,
        recipe,
        prices: Arc::new(embedded::prices()?),
        session,
        reached,
        lease,
        clock,
        manner: Manner { yes: true, ..Manner::default() },
        receipt: OnceLock::new(),
    };
    let result = journey.clean_up().await;
    if let Some(receipt) = journey.receipt.get().filter(|_| args.show.json) {
        ui::json(receipt);
    }
    journey.end(result).await
}

fn how(args: &CleanupArgs) -> How<'_> {
    let yes = args.yes || args.dry_run;
    How { purpose: Purpose::CleanUp, place: &args.place, rebuild: args.rebuild, yes, recipe: None }
}

/// Shows what would go, as a dry run does, and asks for the session's name, so that nobody deletes the wrong one in passing.
async fn confirm(
    chosen: &Chosen,
    paths: &Paths,
    clock: &Arc<dyn Clock>,
    terminal: &Terminal,
) -> Result<(), CommandError> {
    let id = chosen.session.id();
    let looked = if chosen.rebuilt.is_some() {
        // Everything was looked for a moment ago, and its journal is not in its place yet.
        Ok(chosen.session.with(|state| Outlook::recorded(id, state)))
    } else {
        let journal = paths.sessions().join(id.as_str());
        outlook(id, Some(&journal), &chosen.reached, &chosen.recipe, paths, clock, terminal).await
    };
    let outlook = match looked {
        Ok(outlook) => outlook,
        Err(error) if matches!(error.kind, Kind::Interrupted) => return Err(error),
        Err(error) => unseen(&error, terminal, || chosen.session.with(|state| Outlook::recorded(id, state))),
    };
    outlook.show(terminal);
    confirm_word("Type the session's name to delete all this:", id.as_str(), terminal)
}

/// What stands in for a look that failed.
fn unseen(error: &CommandError, terminal: &Terminal, recorded: impl FnOnce() -> Outlook) -> Outlook {
    terminal.warn(&format!("Nobody could look ({}); by its journal:", error.message));
    recorded()
}

/// Asks for exactly one word.
pub(crate) fn confirm_word(question: &str, wanted: &str, terminal: &Terminal) -> Result<(), CommandError> {
    let word = wanted.to_owned();
    let check = move |text: &str| {
        if text == word { Ok(()) } else { Err(format!("type {word} to delete, or press Esc to leave")) }
    };
    match terminal.line(question, "Esc or Ctrl-C: delete nothing", None, check) {
        Ok(_) => Ok(()),
        Err(Unanswered) => {
            Err(CommandError::new(Kind::Interrupted, "stopped by you").means("Nothing was deleted."))
        }
    }
}

/// Lists exactly what would go. Where nobody can look, the journal alone has to tell.
async fn dry_run(
    args: &CleanupArgs,
    id: &SessionId,
    local: Local,
    paths: &Paths,
    terminal: &Terminal,
) -> Result<(), CommandError> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::default());
    let outlook = match local {
        Local::Sound(state) if !args.rebuild => {
            let journal = paths.sessions().join(id.as_str());
            let looked = async {
                let opening =
                    state.opened().map_err(|e| CommandError::new(Kind::Unexpected, e.to_string()))?;
                let reached = open::reach(opening, id.as_str(), how(args), paths, terminal).await?;
                let recipe = recipe_for_cleanup(opening.recipe_dir.as_deref().map(Path::new))?;
                outlook(id, Some(&journal), &reached, &recipe, paths, &clock, terminal).await
            };
            match looked.await {
                Ok(outlook) => outlook,
                Err(error) if matches!(error.kind, Kind::Place | Kind::Interrupted) => return Err(error),
                Err(error) => unseen(&error, terminal, || Outlook::recorded(id, &state)),
            }
        }
        local => {
            let chosen = open::choose(id, local, how(args), paths, &clock, terminal).await?;
            let outlook = chosen.session.with(|state| Outlook::recorded(id, state));
            chosen.let_go();
            outlook
        }
    };
    if args.show.json {
        ui::json(&outlook.would_go());
    } else {
        outlook.show(terminal);
        terminal.say("Nothing was deleted: this was a dry run.");
    }
    Ok(())
}
