//! `resume`: goes on with a session, wherever it stopped.

use super::journey::Journey;
use super::place::{self, Reached, SandboxWish};
use super::{find, host, need_terminal};
use crate::cli::{AwsArgs, ResumeArgs};
use crate::embedded;
use crate::error::{CommandError, Kind};
use crate::paths::Paths;
use crate::terminal::Terminal;
use crate::terminal::text::since;
use recipe_walk_engine::clock::{Clock, SystemClock};
use recipe_walk_engine::record::Opening;
use recipe_walk_engine::session::Session;
use recipe_walk_engine::state::State;
use std::path::Path;
use std::sync::{Arc, OnceLock};

/// Goes on with a session.
pub(crate) async fn resume(args: ResumeArgs, terminal: &Terminal) -> Result<(), CommandError> {
    let paths = Paths::find()?;
    let id = find::session(&paths, args.session.as_deref(), "resume")?;
    if !args.manner.yes {
        need_terminal(terminal, format!("recipe-walk resume {id} --yes"))?;
    }
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::default());
    let session = Session::open(&paths.sessions(), &id, &host(), Arc::clone(&clock))?;
    let state = session.state();
    let opening = opening(&state, id.as_str())?;
    if state.closed.is_some() {
        return Err(CommandError::new(Kind::Usage, format!("session {id} is finished and cleaned up"))
            .next(format!("recipe-walk status {id}"))
            .next("recipe-walk --sandbox"));
    }
    let recipe = Arc::new(embedded::recipe(opening.recipe_dir.as_deref().map(Path::new))?);
    if recipe.id != opening.recipe {
        return Err(CommandError::new(
            Kind::Recipe,
            format!("session {id} walks the recipe '{}', and this is '{}'", opening.recipe, recipe.id),
        ));
    }
    let reached = reach(&opening, id.as_str(), &args.target, args.manner.yes, &paths, terminal).await?;
    let journey = Journey {
        terminal: terminal.clone(),
        paths,
        recipe,
        prices: Arc::new(embedded::prices()?),
        session: Arc::new(session),
        reached,
        clock,
        manner: args.manner,
        receipt: OnceLock::new(),
    };
    terminal.heading(&format!("Session {id}, resumed"));
    tell(&state, &journey, terminal);
    journey.header();
    if state.unwinding.is_some() {
        return journey.clean_up().await;
    }
    journey.go().await
}

/// What the session was opened with.
pub(crate) fn opening(state: &State, id: &str) -> Result<Opening, CommandError> {
    state.opened().cloned().map_err(|_| {
        CommandError::new(Kind::Usage, format!("session {id} was stopped before it began"))
            .means("It has made nothing.")
            .next("recipe-walk --sandbox")
    })
}

/// Goes back to where the session was begun; refuses any other place.
pub(crate) async fn reach(
    opening: &Opening,
    id: &str,
    target: &AwsArgs,
    yes: bool,
    paths: &Paths,
    terminal: &Terminal,
) -> Result<Reached, CommandError> {
    let reached = if opening.sandbox {
        let wish = SandboxWish { yes, place: Some(&opening.place), ..SandboxWish::default() };
        place::sandbox(paths, wish, terminal).await?
    } else {
        let region = target.region.clone().or_else(|| Some(opening.place.region.clone()));
        place::aws(&AwsArgs { profile: target.profile.clone(), region }).await?
    };
    place::check_place(id, &opening.place, &reached.identity.place)?;
    Ok(reached)
}

/// A few lines: what is done, and what comes next.
fn tell(state: &State, journey: &Journey, terminal: &Terminal) {
    let steps = &journey.recipe.steps;
    let done = steps.iter().filter(|s| state.is_done(&s.id)).count();
    let last = state.latest.map(|at| since(at, jiff::Timestamp::now())).unwrap_or_default();
    terminal.say(&format!(
        "{done} of {} steps are done, {} things are on record as made; last change {last} ago.",
        steps.len(),
        state.remaining().count()
    ));
    if state.unwinding.is_some() {
        terminal.say("Clean-up had begun: it goes on now.");
        return;
    }
    if let Some(failure) = &state.last_failure {
        terminal.prose(&format!("It stopped at: {failure}"));
    }
    match steps.iter().find(|s| !state.is_done(&s.id)) {
        Some(next) => terminal.say(&format!("Next: {}.", next.title)),
        None => terminal.say("All steps are done; next is the clean-up."),
    }
}
