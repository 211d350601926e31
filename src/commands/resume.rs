//! `resume`: goes on with a session, wherever it stopped, on this machine or another one.

use crate::cli::session::ResumeArgs;
use crate::commands::sessions::Summary;
use crate::embedded;
use crate::error::{CommandError, Kind};
use crate::paths::Paths;
use crate::session::lease::{Over, Wish};
use crate::session::open::{self, How, Purpose};
use crate::session::runner::Journey;
use crate::session::{drift_prompt, find, need_terminal, parameters, rebuild};
use crate::ui::Terminal;
use crate::ui::text::since;
use recipe_walk_engine::clock::{Clock, SystemClock};
use recipe_walk_engine::cost::BUDGET;
use recipe_walk_engine::meanwhile::{Meanwhile, meanwhile};
use recipe_walk_engine::record::Record;
use recipe_walk_engine::state::State;
use std::sync::{Arc, OnceLock};

/// Goes on with a session.
pub(crate) async fn resume(args: ResumeArgs, terminal: &Terminal) -> Result<(), CommandError> {
    let paths = Paths::find()?;
    let (id, local) = find::meant(&paths, args.session.as_deref(), "resume")?;
    if !args.manner.yes {
        need_terminal(terminal, format!("recipe-walk resume {id} --yes"))?;
    }
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::default());
    let yes = args.manner.yes;
    let how = How {
        purpose: Purpose::Walk,
        place: &args.place,
        rebuild: args.rebuild,
        yes,
        recipe: args.recipe.as_deref(),
    };
    let chosen = open::choose(&id, local, how, &paths, &clock, terminal).await?;
    let command = format!("recipe-walk resume {id}");
    let wish = Wish { over: Over::wished(args.take_over), ask: !yes, command: &command };
    let lease = chosen.hold(wish, terminal).await?;
    let journey = Journey {
        terminal: terminal.clone(),
        paths,
        recipe: chosen.recipe,
        prices: Arc::new(embedded::prices()?),
        session: chosen.session,
        reached: chosen.reached,
        lease,
        clock,
        manner: args.manner,
        receipt: OnceLock::new(),
    };
    if let Some(value) = args.budget.clone() {
        let record = Record::Answered { key: BUDGET.into(), value };
        if let Err(error) = journey.session.record(record) {
            return journey.end(Err(error.into())).await;
        }
    }
    terminal.heading(&format!("Session {id}, resumed"));
    if let Err(error) = elsewhere(&journey).await {
        return journey.end(Err(error)).await;
    }
    let state = journey.session.state();
    match &chosen.rebuilt {
        Some(rebuilt) => rebuild::tell(rebuilt, terminal),
        None => done(&state, &journey, terminal),
    }
    // What cannot be known is asked again.
    if chosen.rebuilt.as_ref().is_some_and(|r| !r.passport)
        && !yes
        && state.unwinding.is_none()
        && let Err(error) = settings(&journey)
    {
        return journey.end(Err(error)).await;
    }
    if state.unwinding.is_some() {
        terminal.say("Clean-up had begun: it goes on now.");
        journey.header();
        let result = journey.clean_up().await;
        return journey.end(result).await;
    }
    if let Err(error) = drift_prompt::settle(&journey, id.as_str()).await {
        return journey.end(Err(error)).await;
    }
    next(&journey.session.state(), &journey, terminal);
    journey.header();
    journey.go().await
}

/// A clean-up that was begun on another machine is gone on with; one that came to its end there is nothing to resume:
/// everything would be made, and billed, a second time.
async fn elsewhere(journey: &Journey) -> Result<(), CommandError> {
    let id = journey.session.id();
    let tools = journey.tools(journey.manner.yes);
    match meanwhile(&tools).await.map_err(|stop| CommandError::from_stop(&stop, id.as_str()))? {
        Meanwhile::Nothing => Ok(()),
        Meanwhile::CleaningUp => {
            journey.terminal.prose("Another machine has begun to clean this session up.");
            Ok(journey.session.record(Record::Unwinding)?)
        }
        Meanwhile::CleanedUp => {
            Err(CommandError::new(Kind::Step, format!("session {id} was cleaned up on another machine"))
                .means("Nothing that is billed is there any more, and nothing was made now.")
                .next(format!("recipe-walk cleanup {id}   # looks for the rest, and closes the session"))
                .next("recipe-walk   # begins a new one"))
        }
    }
}

/// Asks for the settings that no passport tells any more.
fn settings(journey: &Journey) -> Result<(), CommandError> {
    let answers = parameters::ask(&journey.recipe, None, false, &journey.terminal)
        .map_err(|_| CommandError::interrupted(journey.session.id().as_str()))?;
    for (key, value) in answers {
        journey.session.record(Record::Answered { key, value })?;
    }
    Ok(())
}

/// A line or two: what is done.
fn done(state: &State, journey: &Journey, terminal: &Terminal) {
    let now = jiff::Timestamp::now();
    let summary = Summary::new(journey.session.id(), state, Some(&*journey.recipe), &journey.prices, now);
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
fn next(state: &State, journey: &Journey, terminal: &Terminal) {
    match journey.recipe.steps.iter().find(|s| !state.is_done(&s.id)) {
        Some(next) => terminal.say(&format!("Next: {}.", next.title)),
        None => terminal.say("No step is left to do; next is the clean-up."),
    }
}
