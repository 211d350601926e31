//! `lab`: something is broken on purpose, on the sandbox, and the learner mends it.

use crate::embedded;
use crate::error::{CommandError, Kind};
use crate::options::{OutputOptions, PlaceArgs};
use crate::session::consent::recipe_trust::Trusting;
use crate::session::context::Context;
use crate::session::find;
use crate::session::lease::{Over, Wish};
use crate::session::open::{self, OpenOptions, Purpose};
use crate::session::runner::Runner;
use crate::ui::Terminal;
use crate::ui::style::Paint;
use clap::Args;
use recipe_walk_engine::did_you_mean::closest;
use recipe_walk_engine::typed;
use recipe_walk_engine::walk::Ended;

pub(crate) const EXAMPLES: &str = "\
Examples:
  recipe-walk lab                # lists them
  recipe-walk lab closed-port
  recipe-walk lab wrong-family --session rw-k3v9x2ab";

/// Options of `lab`.
#[derive(Debug, Clone, Args)]
pub(crate) struct LabArgs {
    /// Which lab; without it: lists them
    name: Option<String>,
    /// The session; without it: the only unfinished one of this machine
    #[arg(long, value_name = "SESSION")]
    session: Option<String>,
}

/// Lists the labs, or runs one.
pub(crate) async fn run(args: &LabArgs, terminal: &Terminal) -> Result<(), CommandError> {
    let Some(name) = &args.name else {
        terminal.labs(&embedded::recipe(None)?.labs);
        return Ok(());
    };
    terminal.must_answer("recipe-walk lab")?;
    let context = Context::new(terminal)?;
    let (id, local) = find::meant(&context.paths, args.session.as_deref(), "lab")?;
    let place = PlaceArgs { sandbox: true, ..PlaceArgs::default() };
    let how = OpenOptions { purpose: Purpose::Walk, place: &place, rebuild: false, yes: false, recipe: None };
    // A session in an account is refused here: nothing of it is ever broken on purpose.
    let opened = open::open(&id, local, how, &context).await?;
    let Some(lab) = opened.recipe.labs.iter().find(|lab| lab.id == *name).cloned() else {
        opened.let_go();
        terminal.labs(&opened.recipe.labs);
        let error = CommandError::new(Kind::Usage, format!("there is no lab '{name}'"))
            .means("The labs are listed above.");
        let known = opened.recipe.labs.iter().map(|lab| lab.id.as_str());
        return Err(match closest(name, known) {
            Some(meant) => error.next(typed!("recipe-walk lab {}", meant)),
            None => error.next("recipe-walk lab"),
        });
    };
    let command = typed!("recipe-walk lab {}", name);
    opened.agree(Trusting { digest: None, yes: false, command: &command }, &context)?;
    let wish = Wish { over: Over::Nobody, ask: true, command: &command };
    let runner = Runner::begin(context, opened, wish, OutputOptions::default()).await?;
    terminal.heading(&format!("Lab: {}", lab.title));
    let ended = runner.walk_over().lab(&lab).await;
    terminal.finish_bars();
    let result = match ended {
        Ok(Ended::Mended) => {
            terminal.tell(Paint::Good, "Mended.");
            Ok(())
        }
        Ok(Ended::Left) => {
            terminal.say("Left as it is. Resuming the session mends it:");
            terminal.command(&typed!("recipe-walk resume {}", id));
            Ok(())
        }
        Ok(Ended::TooEarly) => Err(CommandError::new(
            Kind::Usage,
            format!("session {id} has not got so far that this could be broken"),
        )
        .means("A lab needs everything up to the data in the database, on a sandbox with engines.")
        .next(typed!("recipe-walk resume {}", id))),
        Ok(Ended::Broken) => Err(CommandError::new(
            Kind::Usage,
            format!("what this lab breaks is broken in session {id} already"),
        )
        .means("A lab was left before it was mended. Resuming the session mends it; then the lab can begin anew.")
        .next(typed!("recipe-walk resume {}", id))),
        Err(stop) => Err(CommandError::from_stop(&stop, id.as_str())),
    };
    runner.end(result).await
}
