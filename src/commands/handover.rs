//! `handover`: the one line with which somebody goes on with a session at another machine.

use crate::error::{CommandError, Kind};
use crate::paths::Paths;
use crate::session::find;
use crate::ui::{self, Terminal};
use clap::Args;
use recipe_walk_engine::id::SessionId;
use recipe_walk_engine::journal;
use recipe_walk_engine::record::Opening;
use recipe_walk_engine::shell::Typed;
use recipe_walk_engine::typed;

pub(crate) const EXAMPLES: &str = "\
Examples:
  recipe-walk handover
  recipe-walk handover rw-k3v9x2ab | xclip";

/// Options of `handover`.
#[derive(Debug, Clone, Args)]
pub(crate) struct HandoverArgs {
    /// The session; without it: the only unfinished one of this machine
    pub(crate) session: Option<String>,
}

/// The line for a session.
pub(crate) fn line(id: &SessionId, opening: &Opening) -> Typed {
    if opening.sandbox {
        return typed!("recipe-walk resume {}", id);
    }
    // Whoever goes on needs a copy of a recipe that is not the embedded one.
    let recipe = opening.recipe_dir.iter().map(|dir| typed!("--recipe {}", dir));
    let line = typed!("recipe-walk resume {} --aws --region {}", id, opening.place.region);
    recipe.fold(line, |line, recipe| line.and(&recipe))
}

/// Prints it: the line alone on standard output, what it needs beside it.
pub(crate) fn run(args: &HandoverArgs, terminal: &Terminal) -> Result<(), CommandError> {
    let paths = Paths::find()?;
    let id = find::session(&paths, args.session.as_deref(), "handover")?;
    let state = journal::read(&paths.sessions().join(id.as_str()))?;
    let opening = state.opened().map_err(|_| {
        CommandError::new(Kind::Usage, format!("session {id} was stopped before it began"))
            .next("recipe-walk sessions")
    })?;
    if state.closed.is_some() {
        return Err(CommandError::new(Kind::Usage, format!("session {id} is finished and cleaned up"))
            .next(typed!("recipe-walk report {}", id)));
    }
    let beside = terminal.aside();
    if opening.sandbox {
        beside.say("This session lives on the sandbox of this machine; it goes on here:");
    } else {
        beside.say(&format!(
            "Paste this where you are signed in to account {}; quit the walk here first:",
            opening.place.account
        ));
    }
    ui::print(&format!("{}\n", line(&id, opening)));
    Ok(())
}
