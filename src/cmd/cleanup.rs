//! `cleanup`: deletes what a session made.

use super::choice::{self, Chosen, How, Purpose};
use super::find::Local;
use super::journey::Journey;
use super::lease::Wish;
use super::{cohort, find, need_terminal};
use crate::cli::Manner;
use crate::cli::session::CleanupArgs;
use crate::embedded;
use crate::error::{CommandError, Kind};
use crate::paths::Paths;
use crate::terminal::prompt::Unanswered;
use crate::terminal::{self, Terminal};
use recipe_walk_engine::cleanup::order;
use recipe_walk_engine::clock::{Clock, SystemClock};
use recipe_walk_engine::state::State;
use serde::Serialize;
use std::sync::{Arc, OnceLock};

/// One thing of a dry run.
#[derive(Serialize)]
pub(crate) struct WouldGo {
    stage: usize,
    name: String,
    what: String,
    id: Option<String>,
}

/// Cleans up a session, of whatever state, or several.
pub(crate) async fn cleanup(args: CleanupArgs, terminal: &Terminal) -> Result<(), CommandError> {
    // With --json standard output is the receipt's alone.
    let terminal = &if args.show.json { terminal.aside() } else { terminal.clone() };
    if args.chooses() {
        return cohort::cleanup(args, terminal).await;
    }
    let paths = Paths::find()?;
    let (id, local) = find::meant(&paths, args.session.as_deref(), "cleanup")?;
    if args.dry_run
        && let Local::Sound(state) = &local
    {
        dry_run(state, id.as_str(), args.show.json, terminal);
        return Ok(());
    }
    if !args.yes && !args.dry_run {
        need_terminal(terminal, format!("recipe-walk cleanup {id} --yes"))?;
    }
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::default());
    let yes = args.yes || args.dry_run;
    let how = How { purpose: Purpose::CleanUp, place: &args.place, rebuild: args.rebuild, yes };
    let chosen = choice::choose(&id, local, how, &paths, &clock, terminal).await?;
    let state = chosen.session.state();
    if args.dry_run {
        dry_run(&state, id.as_str(), args.show.json, terminal);
        chosen.let_go();
        return Ok(());
    }
    if !args.yes
        && let Err(error) = confirm(&state, id.as_str(), terminal)
    {
        chosen.let_go();
        return Err(error);
    }
    let command = format!("recipe-walk cleanup {id}");
    let wish = Wish { take_over: args.take_over, ask: !args.yes, command: &command };
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
        terminal::json(receipt);
    }
    journey.end(result).await
}

/// Asks for the session's name, so that nobody deletes the wrong one in passing.
fn confirm(state: &State, id: &str, terminal: &Terminal) -> Result<(), CommandError> {
    show(state, id, terminal);
    confirm_word("Type the session's name to delete all this:", id, terminal)
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

fn dry_run(state: &State, id: &str, json: bool, terminal: &Terminal) {
    if !json {
        show(state, id, terminal);
        terminal.say("Nothing was deleted: this was a dry run.");
        return;
    }
    terminal::json(&would_go(state));
}

/// What would go, for another program.
pub(crate) fn would_go(state: &State) -> Vec<WouldGo> {
    order(state.remaining().cloned())
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
        .collect()
}

/// Lists what would go, stage by stage.
pub(crate) fn show(state: &State, id: &str, terminal: &Terminal) {
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
