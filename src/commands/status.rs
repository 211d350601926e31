//! `status`: everything that is known about one session, but never a secret.

use crate::commands::handover;
use crate::commands::sessions::{Summary, recipe_of};
use crate::config::Config;
use crate::embedded;
use crate::error::{CommandError, Kind};
use crate::options::PlaceArgs;
use crate::paths::Paths;
use crate::session::context::Context;
use crate::session::dry_run::Scratch;
use crate::session::lease::holder::{self, HeldBy};
use crate::session::{find, place, rebuild};
use crate::ui::style::Paint;
use crate::ui::table::Table;
use crate::ui::text::{about, since};
use crate::ui::{self, Terminal};
use clap::Args;
use jiff::Timestamp;
use recipe_walk_engine::id::SessionId;
use recipe_walk_engine::receipt::Receipt;
use recipe_walk_engine::state::State;
use recipe_walk_engine::transition::Status;
use recipe_walk_engine::typed;
use serde::Serialize;
use std::collections::BTreeMap;

pub(crate) const EXAMPLES: &str = "\
Examples:
  recipe-walk status
  recipe-walk status rw-k3v9x2ab --json
  recipe-walk status rw-k3v9x2ab --remote --aws   # somebody's session, read only";

/// Options of `status`.
#[derive(Debug, Clone, Args)]
pub(crate) struct StatusArgs {
    /// The session; without it: the only unfinished one, else the newest
    pub(crate) session: Option<String>,
    /// Read it from the account, whoever walks it and wherever; nothing is changed
    #[arg(long, requires = "session")]
    pub(crate) remote: bool,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
    /// JSON instead of a table
    #[arg(long)]
    pub(crate) json: bool,
}

impl StatusArgs {
    /// Fills in what the command line leaves open.
    pub(crate) fn fill(&mut self, config: &Config) {
        if self.remote {
            config.fill_place(&mut self.place);
        }
    }
}

#[derive(Serialize)]
struct Full<'a> {
    #[serde(flatten)]
    summary: Summary,
    /// Who walks it now, if anybody.
    held_by: Option<HeldBy>,
    answers: BTreeMap<String, String>,
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
pub(crate) async fn run(args: &StatusArgs, terminal: &Terminal) -> Result<(), CommandError> {
    if args.remote { Box::pin(remote(args, terminal)).await } else { here(args, terminal).await }
}

/// Shows one session of this machine.
async fn here(args: &StatusArgs, terminal: &Terminal) -> Result<(), CommandError> {
    if args.place.given() {
        return Err(CommandError::new(Kind::Usage, "without --remote this shows a session of this machine")
            .next(typed!(
                "recipe-walk status {} --remote --aws",
                args.session.as_deref().unwrap_or("SESSION")
            )));
    }
    let paths = Paths::find()?;
    let (id, state) = find::shown(&paths, args.session.as_deref(), "status")?;
    let state = state?;
    let held_by = match state.opening.as_ref().filter(|_| state.closed.is_none()) {
        Some((_, opening)) => holder::of(&id, opening, &paths).await,
        None => None,
    };
    show(&id, &state, (None, held_by), args, terminal)
}

/// Shows a session as the account tells it: reads only, and leaves nothing on this machine.
async fn remote(args: &StatusArgs, terminal: &Terminal) -> Result<(), CommandError> {
    let beside = if args.json { terminal.aside() } else { terminal.clone() };
    let context = Context::new(&beside)?;
    let paths = &context.paths;
    let name = args.session.as_deref().unwrap_or_default();
    let id: SessionId = name.parse().map_err(|error| {
        CommandError::new(Kind::Usage, format!("{error}")).next("recipe-walk sessions --remote")
    })?;
    let command = typed!("recipe-walk status {} --remote", id);
    let reached = place::asked(&args.place, false, paths, &command, &beside).await?;
    let recipe = embedded::recipe(None)?;
    // Beside a journal of this machine, which somebody may be writing.
    let scratch = Scratch::new(paths, &id)?;
    let draft = rebuild::draft(&id, scratch.path(), &reached, &recipe, None, &context).await?;
    let mut state = draft.session.state();
    let mut problem = None;
    let all = reached.sessions().await?;
    if let Some(remote) = all.iter().find(|r| r.session == id) {
        // The tag names the newest finished step, or the one that failed.
        let mark = recipe.steps.iter().position(|s| s.id == remote.step);
        let failed = usize::from(!remote.error.is_empty());
        for step in
            mark.map(|m| &recipe.steps[..(m + 1 - failed)]).into_iter().flatten().filter(|s| !s.optional)
        {
            state.verified.entry(step.id.to_string()).or_insert_with(|| remote.since.unwrap_or_default());
        }
        problem = Some(remote.error.clone()).filter(|e| !e.is_empty());
    }
    let held_by = holder::by_lease(&*reached.cloud, &id, draft.session.key().as_ref()).await;
    show(&id, &state, (problem, held_by), args, terminal)?;
    if !args.json {
        terminal.prose("Read from the account alone; nothing was changed there, and nothing is kept here.");
    }
    Ok(())
}

fn show(
    id: &SessionId,
    state: &State,
    (problem, held_by): (Option<String>, Option<HeldBy>),
    args: &StatusArgs,
    terminal: &Terminal,
) -> Result<(), CommandError> {
    let recipe = recipe_of(state);
    let prices = embedded::prices()?;
    let now = Timestamp::now();
    let mut summary = Summary::new(id, state, recipe.as_ref(), &prices, now);
    summary.problem = problem.or(summary.problem);
    let next = summary.next_step.clone();
    let steps: Vec<StepLine> = recipe
        .iter()
        .flat_map(|r| &r.steps)
        .map(|step| StepLine {
            id: step.id.to_string(),
            title: step.title.clone(),
            state: if state.verified.contains_key(step.id.as_str()) {
                "done"
            } else if state.skipped.contains_key(step.id.as_str()) {
                "left-out"
            } else if next.as_deref() == Some(step.id.as_str()) {
                "next"
            } else {
                "open"
            },
            reason: state.skipped.get(step.id.as_str()).cloned(),
        })
        .collect();
    let resources = resources(state);
    if args.json {
        ui::json(&Full {
            summary,
            held_by,
            answers: state.answers.told(),
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
    terminal.say(&format!("  State    {}; steps done: {}", summary.state.word(), summary.steps()));
    terminal.say(&format!("  Where    {}", summary.place()));
    if let Some(opened) = summary.opened_at {
        terminal.say(&format!("  Age      {}", since(opened, now)));
    }
    terminal.say(&format!(
        "  Cost     {}",
        if sandbox { "nothing (sandbox)".to_owned() } else { format!("{} so far", about(&summary.cost)) }
    ));
    if let Some(held_by) = &held_by {
        terminal.say(&format!("  Held by  {}", held_by.line(now)));
    }
    if !sandbox && state.closed.is_none() {
        terminal.alarms(&prices.alarms(state, now), id.as_str());
    }
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
        terminal.lines(&table.render(terminal.style()));
    }
    let mut table = Table::new(&["Resource", "Id", "State"]);
    for line in &resources {
        let status = format!("{:?}", line.status).to_lowercase();
        table.row([line.what.clone(), line.id.clone().unwrap_or_else(|| "-".into()), status]);
    }
    if !table.is_empty() {
        terminal.lines(&table.render(terminal.style()));
    }
    for (kind, result) in &state.measured {
        terminal.gap();
        terminal.result(kind, result, sandbox);
    }
    if state.closed.is_some() {
        terminal.receipt(&Receipt::new(state, Ok(Vec::new()), &prices, now));
        return Ok(());
    }
    terminal.gap();
    terminal.say(&format!("Go on:    {}", ui::called(&typed!("recipe-walk resume {}", id))));
    terminal.say(&format!("Clean up: {}", ui::called(&typed!("recipe-walk cleanup {}", id))));
    if let Some((_, opening)) = state.opening.as_ref().filter(|(_, o)| !o.sandbox) {
        terminal.say(&format!("Elsewhere: {}", handover::line(id, opening)));
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
