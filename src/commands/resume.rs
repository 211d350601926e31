//! `resume`: goes on with a session, wherever it stopped, on this machine or another one.

use crate::commands::sessions::Summary;
use crate::config::Config;
use crate::error::{CommandError, Kind};
use crate::options::{OutputOptions, PlaceArgs, dollars};
use crate::session::consent::recipe_trust::Trusting;
use crate::session::consent::unknown_cost::{self, Accepting};
use crate::session::context::Context;
use crate::session::lease::{Over, Wish};
use crate::session::open::{self, OpenOptions, Opened, Purpose};
use crate::session::parameters::Rates;
use crate::session::runner::Runner;
use crate::session::{drift_prompt, find, parameters, rebuild};
use crate::settings::{self, Setting};
use crate::ui::Terminal;
use crate::ui::text::since;
use clap::Args;
use recipe_walk_engine::answers::Answers;
use recipe_walk_engine::parameter::convention::BUDGET;
use recipe_walk_engine::record::Record;
use recipe_walk_engine::remote_state::{RemoteState, put_back_passport, remote_state};
use recipe_walk_engine::state::State;
use recipe_walk_engine::typed;
use std::path::PathBuf;

pub(crate) const EXAMPLES: &str = "\
Examples:
  recipe-walk resume
  recipe-walk resume rw-k3v9x2ab --yes
  recipe-walk resume rw-k3v9x2ab --aws --profile workshop   # begun on another machine
  recipe-walk resume rw-k3v9x2ab --take-over                # when nobody walks there any more
  recipe-walk resume rw-k3v9x2ab --rebuild                  # when its journal is damaged";

/// Options of `resume`.
#[derive(Debug, Clone, Args)]
pub(crate) struct ResumeArgs {
    /// The session; without it: the only unfinished one of this machine
    pub(crate) session: Option<String>,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
    /// Directory of the recipe, for a session that was begun with another recipe than the embedded one
    #[arg(long, value_name = "DIR")]
    pub(crate) recipe: Option<PathBuf>,
    /// Let another recipe run its own program and grant its own rights, if they have this digest
    #[arg(long, value_name = "SHA256")]
    pub(crate) trust_recipe: Option<String>,
    /// Rebuild a session with a damaged journal from what is in the account
    #[arg(long, requires = "session")]
    pub(crate) rebuild: bool,
    /// Go on although another walk holds the session
    #[arg(long)]
    pub(crate) take_over: bool,
    /// Warn from now on when the estimated cost passes this (US dollars)
    #[arg(long, value_name = "USD", value_parser = dollars)]
    pub(crate) budget: Option<String>,
    /// Make what has no price in the table, although nobody can tell what it costs
    #[arg(long)]
    pub(crate) accept_unknown_cost: bool,
    #[command(flatten)]
    pub(crate) output: OutputOptions,
}

impl ResumeArgs {
    /// Fills in what the command line leaves open.
    pub(crate) fn fill(&mut self, config: &Config) {
        config.fill_target(&mut self.place);
    }
}

/// Goes on with a session.
pub(crate) async fn run(args: ResumeArgs, terminal: &Terminal) -> Result<(), CommandError> {
    let context = Context::new(terminal)?;
    let (id, local) = find::meant(&context.paths, args.session.as_deref(), "resume")?;
    let yes = args.output.yes;
    if !yes {
        terminal.must_answer(typed!("recipe-walk resume {} --yes", id))?;
    }
    let how = OpenOptions {
        purpose: Purpose::Walk,
        place: &args.place,
        rebuild: args.rebuild,
        yes,
        recipe: args.recipe.as_deref(),
    };
    let opened = open::open(&id, local, how, &context).await?;
    let mut stated = Answers::to(&opened.recipe.parameters);
    if let Some(Setting { key, value, origin }) = args.budget.as_deref().map(settings::budget)
        && let Err(bad) = stated.put(&key, &value, origin)
    {
        opened.let_go();
        return Err(CommandError::from_setting(bad));
    }
    let command = typed!("recipe-walk resume {}", id);
    let trusting = Trusting { digest: args.trust_recipe.as_deref(), yes, command: &command };
    if let Err(error) = opened.agree(trusting, &context) {
        opened.let_go();
        return Err(error);
    }
    let accepting = Accepting { accepted: args.accept_unknown_cost, yes, command: &command };
    if let Err(error) = agree_to_cost(&opened, accepting, &context) {
        opened.let_go();
        return Err(error);
    }
    let wish = Wish { over: Over::wished(args.take_over), ask: !yes, command: &command };
    let runner = Runner::begin(context, opened, wish, args.output).await?;
    if let Err(error) = runner.session.answer(&stated) {
        return runner.end(Err(error.into())).await;
    }
    terminal.heading(&format!("Session {id}, resumed"));
    if let Err(error) = elsewhere(&runner, how).await {
        return runner.end(Err(error)).await;
    }
    let state = runner.session.state();
    match &runner.rebuilt {
        Some(rebuilt) => rebuild::tell(rebuilt, terminal),
        None => done(&state, &runner, terminal),
    }
    // What cannot be known is asked again.
    if runner.rebuilt.as_ref().is_some_and(|r| !r.passport || !r.refused.is_empty())
        && !yes
        && state.unwinding.is_none()
        && let Err(error) = settings(&runner)
    {
        return runner.end(Err(error)).await;
    }
    if state.unwinding.is_some() {
        terminal.say("Clean-up had begun: it goes on now.");
        runner.header();
        let result = runner.clean_up().await;
        return runner.end(result).await;
    }
    if let Err(error) = drift_prompt::settle(&runner, id.as_str()).await {
        return runner.end(Err(error)).await;
    }
    next(&runner.session.state(), &runner, terminal);
    runner.header();
    runner.go().await
}

/// Asks whether what is to be made and has no price may be; what is there already was agreed to.
fn agree_to_cost(opened: &Opened, accepting: Accepting<'_>, context: &Context) -> Result<(), CommandError> {
    let state = opened.session.state();
    if opened.reached.sandbox.is_some() || state.unwinding.is_some() {
        return Ok(());
    }
    let prices = context.prices.as_ref();
    let mut rate = Rates::new(prices.clone(), &opened.recipe, state.answers.clone()).hourly();
    let there = prices.going_rate(&state).unpriced;
    rate.unpriced.retain(|item| !there.contains(item));
    unknown_cost::agree(&rate, state.answers.get(BUDGET), accepting, &context.terminal)
}

/// A clean-up that was begun on another machine is gone on with where somebody agrees; one that came to its end there is
/// nothing to resume: everything would be made, and billed, a second time.
async fn elsewhere(runner: &Runner, how: OpenOptions<'_>) -> Result<(), CommandError> {
    let id = runner.session.id();
    let tools = runner.tools(runner.output.yes);
    match remote_state(&tools).await.map_err(|stop| CommandError::from_stop(&stop, id.as_str()))? {
        RemoteState::Nothing => Ok(()),
        RemoteState::CleaningUp => {
            open::follow_clean_up(id, how, &runner.terminal)?;
            Ok(runner.session.record(Record::Unwinding)?)
        }
        RemoteState::Doubtful(doubt) => {
            runner.terminal.warn(&format!(
                "Session {id}: {doubt}. This machine's journal counts, and nothing is taken from that note."
            ));
            agree(runner, "Go on by the journal of this machine, and put its note back?")?;
            put_back_passport(&tools).await.map_err(|stop| CommandError::from_stop(&stop, id.as_str()))
        }
        RemoteState::CleanedUp => {
            Err(CommandError::new(Kind::Step, format!("session {id} was cleaned up on another machine"))
                .means("Nothing that is billed is there any more, and nothing was made now.")
                .next(typed!("recipe-walk cleanup {}   # looks for the rest, and closes the session", id))
                .next("recipe-walk   # begins a new one"))
        }
    }
}

/// Asks, where somebody can be asked.
fn agree(runner: &Runner, question: &str) -> Result<(), CommandError> {
    if runner.output.yes || runner.terminal.confirm(question).is_ok_and(|yes| yes) {
        return Ok(());
    }
    Err(CommandError::interrupted(runner.session.id().as_str()))
}

/// Asks for the settings that no passport tells any more.
fn settings(runner: &Runner) -> Result<(), CommandError> {
    let answers = parameters::ask(&runner.recipe, runner.recipe.defaults(), &runner.terminal)
        .map_err(|_| CommandError::interrupted(runner.session.id().as_str()))?;
    Ok(runner.session.answer(&answers)?)
}

/// A line or two: what is done.
fn done(state: &State, runner: &Runner, terminal: &Terminal) {
    let now = jiff::Timestamp::now();
    let summary = Summary::new(runner.session.id(), state, Some(&*runner.recipe), &runner.prices, now);
    let last = state.latest.map(|at| since(at, now)).unwrap_or_default();
    terminal.prose(&format!(
        "Steps done: {}. {} things are on record as made; last change {last} ago.",
        summary.steps(),
        state.remaining().count()
    ));
    if let Some(failure) = state.last_failure.as_ref().filter(|_| state.unwinding.is_none()) {
        terminal.prose(&format!("It stopped at: {failure}"));
    }
}

/// What comes next.
fn next(state: &State, runner: &Runner, terminal: &Terminal) {
    match runner.recipe.steps.iter().find(|s| !state.is_done(&s.id)) {
        Some(next) => terminal.say(&format!("Next: {}.", next.title)),
        None => terminal.say("No step is left to do; next is the clean-up."),
    }
}
