//! `cleanup`: deletes what a session made.

use super::journey::Journey;
use super::{find, host, need_terminal, resume};
use crate::cli::{CleanupArgs, Manner};
use crate::embedded;
use crate::error::{CommandError, Kind};
use crate::paths::Paths;
use crate::terminal::prompt::Unanswered;
use crate::terminal::{self, Terminal};
use recipe_walk_engine::cleanup::order;
use recipe_walk_engine::clock::{Clock, SystemClock};
use recipe_walk_engine::session::Session;
use recipe_walk_engine::state::State;
use serde::Serialize;
use std::path::Path;
use std::sync::{Arc, OnceLock};

#[derive(Serialize)]
struct WouldGo {
    stage: usize,
    name: String,
    what: String,
    id: Option<String>,
}

/// Cleans up a session, of whatever state.
pub(crate) async fn cleanup(args: CleanupArgs, terminal: &Terminal) -> Result<(), CommandError> {
    let paths = Paths::find()?;
    let id = find::session(&paths, args.session.as_deref(), "cleanup")?;
    if args.dry_run {
        let state = recipe_walk_engine::journal::read(&paths.sessions().join(id.as_str()))?;
        dry_run(&state, id.as_str(), args.show.json, terminal);
        return Ok(());
    }
    // With --json standard output is the receipt's alone.
    let terminal = &if args.show.json { terminal.aside() } else { terminal.clone() };
    if !args.yes {
        need_terminal(terminal, format!("recipe-walk cleanup {id} --yes"))?;
    }
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::default());
    let session = Session::open(&paths.sessions(), &id, &host(), Arc::clone(&clock))?;
    let state = session.state();
    let opening = resume::opening(&state, id.as_str())?;
    if !args.yes {
        confirm(&state, id.as_str(), terminal)?;
    }
    let reached = resume::reach(&opening, id.as_str(), &args.target, args.yes, &paths, terminal).await?;
    // Clean-up needs the recipe for nothing but its title: an edited or lost directory must not stop it.
    let recipe =
        embedded::recipe(opening.recipe_dir.as_deref().map(Path::new)).or_else(|_| embedded::recipe(None))?;
    let journey = Journey {
        terminal: terminal.clone(),
        paths,
        recipe: Arc::new(recipe),
        prices: Arc::new(embedded::prices()?),
        session: Arc::new(session),
        reached,
        clock,
        manner: Manner { yes: true, ..Manner::default() },
        receipt: OnceLock::new(),
    };
    let result = journey.clean_up().await;
    if let Some(receipt) = journey.receipt.get().filter(|_| args.show.json) {
        terminal::json(receipt);
    }
    result
}

/// Asks for the session's name, so that nobody deletes the wrong one in passing.
fn confirm(state: &State, id: &str, terminal: &Terminal) -> Result<(), CommandError> {
    show(state, id, terminal);
    let wanted = id.to_owned();
    let check = move |text: &str| {
        if text == wanted { Ok(()) } else { Err(format!("type {wanted} to delete, or press Esc to leave")) }
    };
    match terminal.line(
        "Type the session's name to delete all this:",
        "Esc or Ctrl-C: delete nothing",
        None,
        check,
    ) {
        Ok(_) => Ok(()),
        Err(Unanswered) => {
            Err(CommandError::new(Kind::Interrupted, "stopped by you").means("Nothing was deleted."))
        }
    }
}

fn dry_run(state: &State, id: &str, json: bool, terminal: &Terminal) {
    if !json {
        show(state, id, terminal);
        terminal.say("Nothing was deleted: this was a dry run.");
        return;
    }
    let list: Vec<WouldGo> = order(state.remaining().cloned())
        .into_iter()
        .enumerate()
        .flat_map(|(stage, resources)| {
            resources.into_iter().map(move |r| WouldGo {
                stage: stage + 1,
                what: r.planned.action.describe(),
                id: r.output.map(|o| o.id),
                name: r.planned.name,
            })
        })
        .collect();
    terminal::json(&list);
}

/// Lists what would go, stage by stage.
fn show(state: &State, id: &str, terminal: &Terminal) {
    let stages = order(state.remaining().filter(|r| !r.planned.action.is_setting()).cloned());
    if stages.is_empty() {
        terminal.say(&format!(
            "Nothing of session {id} is on record as left; the sweep would look all the same."
        ));
        return;
    }
    terminal.say(&format!("What would go of session {id}, those of one stage at the same time:"));
    for (index, stage) in stages.iter().enumerate() {
        for resource in stage {
            let found = resource.output.as_ref().map_or(" (perhaps)", |_| "");
            terminal.say(&format!("  {}. {}{found}", index + 1, resource.planned.action.describe()));
        }
    }
}
