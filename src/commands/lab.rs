//! `lab`: something is broken on purpose, on the sandbox, and the learner mends it.

use crate::cli::Manner;
use crate::cli::session::PlaceArgs;
use crate::did_you_mean::closest;
use crate::embedded;
use crate::error::{CommandError, Kind};
use crate::paths::Paths;
use crate::session::lease::{Over, Wish};
use crate::session::open::{self, How, Purpose};
use crate::session::runner::Journey;
use crate::session::{find, need_terminal};
use crate::ui::style::Paint;
use crate::ui::{Terminal, typed};
use recipe_walk_engine::clock::{Clock, SystemClock};
use recipe_walk_engine::recipe::Recipe;
use recipe_walk_engine::walk::Ended;
use std::sync::{Arc, OnceLock};

/// Lists the labs, or runs one.
pub(crate) async fn lab(
    name: Option<&str>,
    session: Option<&str>,
    plain: bool,
    terminal: &Terminal,
) -> Result<(), CommandError> {
    let Some(name) = name else {
        list(&embedded::recipe(None)?, terminal);
        return Ok(());
    };
    need_terminal(terminal, "recipe-walk lab")?;
    let paths = Paths::find()?;
    let (id, local) = find::meant(&paths, session, "lab")?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::default());
    let place = PlaceArgs { sandbox: true, ..PlaceArgs::default() };
    let how = How { purpose: Purpose::Walk, place: &place, rebuild: false, yes: false, recipe: None };
    // A session in an account is refused here: nothing of it is ever broken on purpose.
    let chosen = open::choose(&id, local, how, &paths, &clock, terminal).await?;
    let Some(lab) = chosen.recipe.labs.iter().find(|lab| lab.id == name).cloned() else {
        chosen.let_go();
        list(&chosen.recipe, terminal);
        let error = CommandError::new(Kind::Usage, format!("there is no lab '{name}'"))
            .means("The labs are listed above.");
        let known = chosen.recipe.labs.iter().map(|lab| lab.id.as_str());
        return Err(match closest(name, known) {
            Some(meant) => error.next(format!("recipe-walk lab {meant}")),
            None => error.next("recipe-walk lab"),
        });
    };
    let command = format!("recipe-walk lab {name}");
    let lease = chosen.hold(Wish { over: Over::Nobody, ask: true, command: &command }, terminal).await?;
    let manner = Manner { plain, ..Manner::default() };
    let journey = Journey {
        terminal: terminal.clone(),
        paths,
        recipe: Arc::clone(&chosen.recipe),
        prices: Arc::new(embedded::prices()?),
        session: chosen.session,
        reached: chosen.reached,
        lease,
        clock,
        manner,
        receipt: OnceLock::new(),
    };
    terminal.heading(&format!("Lab: {}", lab.title));
    let ended = journey.walk_over().lab(&lab).await;
    terminal.finish_bars();
    let result = match ended {
        Ok(Ended::Mended) => {
            terminal.tell(Paint::Good, "Mended.");
            Ok(())
        }
        Ok(Ended::Left) => {
            terminal.say("Left as it is. Resuming the session mends it:");
            terminal.tell(Paint::Command, &format!("  {}", typed(&format!("recipe-walk resume {id}"))));
            Ok(())
        }
        Ok(Ended::TooEarly) => Err(CommandError::new(
            Kind::Usage,
            format!("session {id} has not got so far that this could be broken"),
        )
        .means("A lab needs everything up to the data in the database, on a sandbox with engines.")
        .next(format!("recipe-walk resume {id}"))),
        Ok(Ended::Broken) => Err(CommandError::new(
            Kind::Usage,
            format!("what this lab breaks is broken in session {id} already"),
        )
        .means("A lab was left before it was mended. Resuming the session mends it; then the lab can begin anew.")
        .next(format!("recipe-walk resume {id}"))),
        Err(stop) => Err(CommandError::from_stop(&stop, id.as_str())),
    };
    journey.end(result).await
}

pub(crate) fn list(recipe: &Recipe, terminal: &Terminal) {
    terminal.say("Labs, for a session on the sandbox that has loaded its data:");
    for lab in &recipe.labs {
        terminal.say(&format!("  {:14} {}", lab.id, lab.title));
    }
}
