//! Drift, when a session goes on: what is not as it was left, and what is to be done about it.

use crate::error::{CommandError, Kind};
use crate::session::runner::Runner;
use crate::ui::Terminal;
use crate::ui::prompt::Item;
use crate::ui::style::Paint;
use recipe_walk_engine::difference::Difference;
use recipe_walk_engine::drift::{Change, Drift, drift, repair};
use recipe_walk_engine::transition::Status;
use recipe_walk_engine::typed;

#[derive(Debug, Clone, Copy)]
enum Answer {
    Repair,
    Accept,
    Stop,
}

/// Looks whether everything on record is still there, and does about it what the person wants.
pub(crate) async fn settle(runner: &Runner, id: &str) -> Result<(), CommandError> {
    let terminal = &runner.terminal;
    let tools = runner.tools(runner.output.yes);
    let failed = |stop| CommandError::from_stop(&stop, id);
    let drifts = drift(&tools).await.map_err(failed)?;
    if drifts.is_empty() {
        let there =
            runner.session.with(|s| s.resources.iter().filter(|r| r.status == Status::Present).count());
        if there > 0 {
            terminal.say("Looked at each of them: all are as they were left.");
        }
        return Ok(());
    }
    tell(&drifts, terminal);
    match answer(&drifts, runner.output.yes, terminal) {
        Some(Answer::Repair) => {
            let result = repair(&tools, &runner.recipe, &drifts).await;
            terminal.finish_bars();
            result.map_err(failed)?;
            if drifts.iter().any(|d| d.change != Change::Stray) {
                terminal.say("What is missing is made again, and what depends on it is checked again.");
            } else {
                terminal.say("What was left behind is put right.");
            }
            Ok(())
        }
        Some(Answer::Accept) => Ok(()),
        Some(Answer::Stop) => {
            let error = CommandError::new(Kind::Step, "the session was changed from outside")
                .means("What differs is named above. Nothing was changed now; the session is saved.")
                .next(typed!("recipe-walk resume {}", id))
                .next(typed!("recipe-walk cleanup {}", id));
            Err(error)
        }
        None => Err(CommandError::interrupted(id)),
    }
}

fn is_foreign(drift: &Drift) -> bool {
    matches!(drift.change, Change::Foreign(_))
}

/// What somebody has changed, in a line.
fn altered(differences: &[Difference]) -> String {
    let each = differences.iter().map(|d| format!("{} is {}, not {}", d.what, d.there, d.planned));
    format!("was changed: {}", each.collect::<Vec<_>>().join("; "))
}

fn tell(drifts: &[Drift], terminal: &Terminal) {
    terminal.tell(Paint::Warning, "Not as it was left:");
    for Drift { resource, change } in drifts {
        let how = match change {
            Change::Gone if resource.planned.action.is_setting() => "is not set any more".to_owned(),
            Change::Gone => "is gone".to_owned(),
            Change::Foreign(whose) => format!("is now somebody else's: {whose}"),
            Change::Replaced(id) => format!("was replaced by {id}"),
            Change::Broken(why) => format!("will not work again: {why}"),
            Change::LockedOut(path) => {
                format!(
                    "cannot be opened: its password is lost, {path} is gone; to repair it is to make it anew, without its data"
                )
            }
            Change::Altered(differences) => altered(differences),
            Change::Stray if resource.planned.action.is_setting() => "is not put back yet".to_owned(),
            Change::Stray => "was left behind by a lab".to_owned(),
        };
        terminal.prose(&format!("  {} {how}", resource.planned.action.describe()));
        // Commands keep their lines, to be copied.
        let Change::Altered(differences) = change else { continue };
        differences.iter().filter(|d| d.blocks()).for_each(|d| terminal.lines(&d.mend));
    }
}

fn answer(drifts: &[Drift], yes: bool, terminal: &Terminal) -> Option<Answer> {
    let foreign = drifts.iter().any(is_foreign);
    if yes {
        // What belongs to somebody else is never touched, nor what somebody changed and data may hang on, nor what has lost
        // its password only; and nobody is there to say whether to go on with it.
        let all = drifts.iter().all(Drift::is_mended_unasked);
        return Some(if all { Answer::Repair } else { Answer::Stop });
    }
    // The first of the list is what deleted typing leads to.
    let mut items = vec![Item::new('s', "Stop: change nothing", Answer::Stop)];
    if !foreign && drifts.iter().any(Drift::is_mended) {
        let label = if drifts.iter().all(Drift::is_mended) {
            "Repair: make again what is gone, delete first what is broken"
        } else {
            "Repair: make again what is gone or broken, leave as it is what was changed"
        };
        items.push(Item::new('r', label, Answer::Repair));
    }
    items.push(Item::new('a', "Accept: go on as it is", Answer::Accept));
    terminal.choose("What now?", items, Some(0)).ok()
}
