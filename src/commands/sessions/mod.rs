//! `sessions`: the sessions of this machine.

pub(crate) mod remote;

use crate::config::Config;
use crate::embedded;
use crate::error::{CommandError, Kind};
use crate::options::PlaceArgs;
use crate::paths::Paths;
use crate::ui::table::Table;
use crate::ui::text::{cell, since};
use crate::ui::{self, Terminal};
use clap::Args;
use jiff::Timestamp;
use recipe_walk_engine::amount::Amount;
use recipe_walk_engine::cost::Prices;
use recipe_walk_engine::id::SessionId;
use recipe_walk_engine::recipe::Recipe;
use recipe_walk_engine::session;
use recipe_walk_engine::standing::Standing;
use recipe_walk_engine::state::State;
use serde::Serialize;
use std::path::Path;

pub(crate) const EXAMPLES: &str = "\
Examples:
  recipe-walk sessions --json
  recipe-walk sessions --remote --aws --profile workshop";

/// Options of `sessions`.
#[derive(Debug, Clone, Args)]
pub(crate) struct SessionsArgs {
    /// List what is in the account, whoever made it
    #[arg(long)]
    pub(crate) remote: bool,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
    /// JSON instead of a table
    #[arg(long)]
    pub(crate) json: bool,
}

impl SessionsArgs {
    /// Fills in what the command line leaves open.
    pub(crate) fn fill(&mut self, config: &Config) {
        if self.remote {
            config.fill_place(&mut self.place);
        }
    }
}

/// How far a session of this machine is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Journaled {
    /// Its journal has nothing in it.
    Empty,
    /// Its journal cannot be read.
    Damaged,
    /// As its journal tells.
    #[serde(untagged)]
    As(Standing),
}

impl Journaled {
    /// The same in a word.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::As(standing) => standing.word(),
            Self::Empty => "empty",
            Self::Damaged => "damaged",
        }
    }
}

/// One session in short.
#[derive(Debug, Serialize)]
pub(crate) struct Summary {
    /// Its name.
    pub(crate) session: String,
    /// How far it is.
    pub(crate) state: Journaled,
    /// Account, or nothing known.
    pub(crate) account: Option<String>,
    /// Region.
    pub(crate) region: Option<String>,
    /// Endpoint where it is not AWS's own.
    pub(crate) endpoint: Option<String>,
    /// Whether it runs on the sandbox.
    pub(crate) sandbox: bool,
    /// The person.
    pub(crate) owner: String,
    /// The class.
    pub(crate) cohort: String,
    /// The next step's id, where there is one.
    pub(crate) next_step: Option<String>,
    /// The next step's phase.
    pub(crate) phase: Option<String>,
    /// Steps that are done.
    pub(crate) steps_done: usize,
    /// Steps that were skipped, or had nothing to do here.
    pub(crate) steps_left_out: usize,
    /// Steps in all.
    pub(crate) steps_total: usize,
    /// Things that may exist.
    pub(crate) remaining: usize,
    /// When it was opened.
    pub(crate) opened_at: Option<Timestamp>,
    /// When everything should be gone.
    pub(crate) expires_at: Option<Timestamp>,
    /// Newest record.
    pub(crate) latest_at: Option<Timestamp>,
    /// Estimated cost so far.
    pub(crate) cost: Amount,
    /// What went wrong last, or what is wrong with the journal.
    pub(crate) problem: Option<String>,
}

/// The recipe of a session, where it can still be read.
pub(crate) fn recipe_of(state: &State) -> Option<Recipe> {
    let dir = state.opening.as_ref().and_then(|(_, o)| o.recipe_dir.clone());
    embedded::recipe(dir.as_deref().map(Path::new)).ok()
}

impl Summary {
    /// Sums up a session.
    pub(crate) fn new(
        id: &SessionId,
        state: &State,
        recipe: Option<&Recipe>,
        prices: &Prices,
        now: Timestamp,
    ) -> Self {
        let opening = state.opening.as_ref().map(|(_, o)| o);
        let steps = recipe.map(|r| r.steps.as_slice()).unwrap_or_default();
        let next = steps.iter().find(|s| !state.is_done(&s.id));
        let sandbox = opening.is_some_and(|o| o.sandbox);
        Self {
            session: id.to_string(),
            state: opening.map_or(Journaled::Empty, |_| Journaled::As(Standing::of(state, recipe))),
            account: opening.map(|o| o.place.account.clone()),
            region: opening.map(|o| o.place.region.clone()),
            endpoint: opening.and_then(|o| o.place.endpoint.clone()),
            sandbox,
            owner: opening.map(|o| o.owner.clone()).unwrap_or_default(),
            cohort: opening.map(|o| o.cohort.clone()).unwrap_or_default(),
            next_step: next.map(|s| s.id.to_string()),
            phase: next.map(|s| s.phase.clone()),
            steps_done: steps.iter().filter(|s| state.verified.contains_key(s.id.as_str())).count(),
            steps_left_out: steps.iter().filter(|s| state.skipped.contains_key(s.id.as_str())).count(),
            steps_total: steps.len(),
            remaining: state.remaining().count(),
            opened_at: state.opening.as_ref().map(|(at, _)| *at),
            expires_at: opening.map(|o| o.expires_at),
            latest_at: state.latest,
            cost: if sandbox { Amount::default() } else { prices.so_far(state, now) },
            problem: state.last_failure.as_ref().map(ToString::to_string),
        }
    }

    fn damaged(id: &SessionId, problem: String) -> Self {
        Self {
            session: id.to_string(),
            state: Journaled::Damaged,
            account: None,
            region: None,
            endpoint: None,
            sandbox: false,
            owner: String::new(),
            cohort: String::new(),
            next_step: None,
            phase: None,
            steps_done: 0,
            steps_left_out: 0,
            steps_total: 0,
            remaining: 0,
            opened_at: None,
            expires_at: None,
            latest_at: None,
            cost: Amount::default(),
            problem: Some(problem),
        }
    }

    /// How many steps are done, in words.
    pub(crate) fn steps(&self) -> String {
        let done = format!("{} of {}", self.steps_done, self.steps_total);
        if self.steps_left_out == 0 { done } else { format!("{done}, {} left out", self.steps_left_out) }
    }

    /// Where it runs, in short.
    pub(crate) fn place(&self) -> String {
        if self.sandbox {
            return "sandbox".to_owned();
        }
        match (&self.account, &self.region) {
            (Some(account), Some(region)) => format!("{account} {region}"),
            _ => "-".to_owned(),
        }
    }
}

/// Lists the sessions of this machine, or those of the account.
pub(crate) async fn run(args: &SessionsArgs, terminal: &Terminal) -> Result<(), CommandError> {
    if args.remote { remote::list(&args.place, args.json, terminal).await } else { here(args, terminal) }
}

fn here(args: &SessionsArgs, terminal: &Terminal) -> Result<(), CommandError> {
    if args.place.given() {
        return Err(CommandError::new(
            Kind::Usage,
            "without --remote this lists the sessions of this machine",
        )
        .next("recipe-walk sessions")
        .next("recipe-walk sessions --remote --aws"));
    }
    let paths = Paths::find()?;
    let prices = embedded::prices()?;
    let now = Timestamp::now();
    let list: Vec<Summary> = session::list(&paths.sessions())?
        .iter()
        .map(|(id, state)| match state {
            Ok(state) => Summary::new(id, state, recipe_of(state).as_ref(), &prices, now),
            Err(error) => Summary::damaged(id, error.to_string()),
        })
        .collect();
    if args.json {
        ui::json(&list);
        return Ok(());
    }
    if list.is_empty() {
        terminal.say("There is no session on this machine yet. Begin one with:");
        terminal.command(&"recipe-walk --sandbox".into());
        return Ok(());
    }
    let mut table = Table::new(&["Session", "Where", "State", "Steps>", "Age>", "Cost>"]);
    for summary in &list {
        let state = match (&summary.next_step, summary.state) {
            (Some(step), Journaled::As(Standing::Walking)) => format!("next: {step}"),
            (_, state) => state.word().to_owned(),
        };
        table.row([
            summary.session.clone(),
            summary.place(),
            state,
            summary.steps(),
            summary.opened_at.map_or("-".to_owned(), |at| since(at, now)),
            cell(&summary.cost),
        ]);
    }
    terminal.lines(&table.render(terminal.style()));
    for summary in list.iter().filter(|s| s.state == Journaled::Damaged) {
        terminal.warn(&format!("{}: {}", summary.session, summary.problem.as_deref().unwrap_or("damaged")));
    }
    Ok(())
}
