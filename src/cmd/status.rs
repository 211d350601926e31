//! `status`: everything that is known about one session, but never a secret.

use super::find;
use super::sessions::{Summary, recipe_of};
use crate::cli::session::StatusArgs;
use crate::embedded;
use crate::error::CommandError;
use crate::paths::Paths;
use crate::terminal::style::Paint;
use crate::terminal::table::Table;
use crate::terminal::text::{dollars, since};
use crate::terminal::{self, Terminal};
use jiff::Timestamp;
use recipe_walk_engine::session;
use recipe_walk_engine::state::State;
use recipe_walk_engine::transition::Status;
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Serialize)]
struct Full<'a> {
    #[serde(flatten)]
    summary: Summary,
    answers: &'a BTreeMap<String, String>,
    facts: &'a recipe_walk_engine::facts::Facts,
    steps: Vec<StepLine>,
    skipped: &'a BTreeMap<String, String>,
    resources: Vec<ResourceLine>,
    measured: &'a BTreeMap<String, serde_json::Value>,
}

#[derive(Serialize)]
struct StepLine {
    id: String,
    title: String,
    /// `done`, `left-out`, `next` or `open`.
    state: &'static str,
    reason: Option<String>,
}

#[derive(Serialize)]
struct ResourceLine {
    name: String,
    what: String,
    id: Option<String>,
    status: Status,
    since: Timestamp,
    gone_at: Option<Timestamp>,
    problem: Option<String>,
}

/// Shows one session.
pub(crate) fn status(args: &StatusArgs, terminal: &Terminal) -> Result<(), CommandError> {
    let paths = Paths::find()?;
    let id = match (&args.session, find::session(&paths, args.session.as_deref(), "status")) {
        (_, Ok(id)) => id,
        // Without a name and with nothing unfinished, the newest is meant.
        (None, Err(error)) => match session::list(&paths.sessions())?.pop() {
            Some((id, Ok(state))) if state.closed.is_some() => id,
            _ => return Err(error),
        },
        (Some(_), Err(error)) => return Err(error),
    };
    let state = recipe_walk_engine::journal::read(&paths.sessions().join(id.as_str()))?;
    let recipe = recipe_of(&state);
    let prices = embedded::prices()?;
    let now = Timestamp::now();
    let summary = Summary::new(&id, &state, recipe.as_ref(), &prices, now);
    let next = summary.next_step.clone();
    let steps: Vec<StepLine> = recipe
        .iter()
        .flat_map(|r| &r.steps)
        .map(|step| StepLine {
            id: step.id.clone(),
            title: step.title.clone(),
            state: if state.verified.contains_key(&step.id) {
                "done"
            } else if state.skipped.contains_key(&step.id) {
                "left-out"
            } else if next.as_ref() == Some(&step.id) {
                "next"
            } else {
                "open"
            },
            reason: state.skipped.get(&step.id).cloned(),
        })
        .collect();
    let resources = resources(&state);
    if args.show.json {
        terminal::json(&Full {
            summary,
            answers: &state.answers,
            facts: &state.facts,
            steps,
            skipped: &state.skipped,
            resources,
            measured: &state.measured,
        });
        return Ok(());
    }
    let sandbox = summary.sandbox;
    terminal.heading(&format!("Session {id}"));
    terminal.say(&format!(
        "  State    {}, {} of {} steps done",
        summary.state, summary.steps_done, summary.steps_total
    ));
    terminal.say(&format!("  Where    {}", summary.place()));
    if let Some(opened) = summary.opened_at {
        terminal.say(&format!("  Age      {}", since(opened, now)));
    }
    terminal.say(&format!(
        "  Cost     {}",
        if sandbox {
            "nothing (sandbox)".to_owned()
        } else {
            format!("about {} so far", dollars(summary.cost))
        }
    ));
    if let Some(problem) = summary.problem.as_ref().filter(|_| state.closed.is_none()) {
        terminal.tell(Paint::Warning, &format!("  Problem  {problem}"));
    }
    terminal.gap();
    let mut table = Table::new(&["Step", "State"]);
    for step in &steps {
        let note = step.reason.as_ref().map(|r| format!(": {r}")).unwrap_or_default();
        table.row([step.title.clone(), format!("{}{note}", step.state.replace('-', " "))]);
    }
    if !table.is_empty() {
        terminal.say(&table.render(terminal.style()));
    }
    let mut table = Table::new(&["Resource", "Id", "State"]);
    for line in &resources {
        let status = format!("{:?}", line.status).to_lowercase();
        table.row([line.what.clone(), line.id.clone().unwrap_or_else(|| "-".into()), status]);
    }
    if !table.is_empty() {
        terminal.say(&table.render(terminal.style()));
    }
    for (kind, result) in &state.measured {
        terminal.gap();
        terminal.result(kind, result, sandbox);
    }
    terminal.gap();
    if state.closed.is_none() {
        terminal.say(&format!("Go on:    {}", terminal::typed(&format!("recipe-walk resume {id}"))));
        terminal.say(&format!("Clean up: {}", terminal::typed(&format!("recipe-walk cleanup {id}"))));
    }
    Ok(())
}

fn resources(state: &State) -> Vec<ResourceLine> {
    state
        .resources
        .iter()
        .map(|r| ResourceLine {
            name: r.planned.name.clone(),
            what: r.planned.action.describe(),
            id: r.output.as_ref().map(|o| o.id.clone()),
            status: r.status,
            since: r.since,
            gone_at: r.gone_at,
            problem: r.failure.as_ref().map(ToString::to_string),
        })
        .collect()
}
