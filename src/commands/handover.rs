//! `handover`: the one line with which somebody goes on with a session at another machine, and `new`: a recipe to edit.

use crate::cli::class::{HandoverArgs, NewArgs};
use crate::embedded;
use crate::error::{CommandError, Kind};
use crate::paths::Paths;
use crate::session::find;
use crate::ui::style::Paint;
use crate::ui::{self, Terminal};
use recipe_walk_engine::id::SessionId;
use recipe_walk_engine::journal;
use recipe_walk_engine::record::Opening;

/// The line for a session.
pub(crate) fn line(id: &SessionId, opening: &Opening) -> String {
    if opening.sandbox {
        return format!("recipe-walk resume {id}");
    }
    // Whoever goes on needs a copy of a recipe that is not the embedded one.
    let recipe = opening.recipe_dir.as_ref().map(|dir| format!(" --recipe {dir}")).unwrap_or_default();
    format!("recipe-walk resume {id} --aws --region {}{recipe}", opening.place.region)
}

/// Prints it: the line alone on standard output, what it needs beside it.
pub(crate) fn handover(args: &HandoverArgs, terminal: &Terminal) -> Result<(), CommandError> {
    let paths = Paths::find()?;
    let id = find::session(&paths, args.session.as_deref(), "handover")?;
    let state = journal::read(&paths.sessions().join(id.as_str()))?;
    let opening = state.opened().map_err(|_| {
        CommandError::new(Kind::Usage, format!("session {id} was stopped before it began"))
            .next("recipe-walk sessions")
    })?;
    if state.closed.is_some() {
        return Err(CommandError::new(Kind::Usage, format!("session {id} is finished and cleaned up"))
            .next(format!("recipe-walk report {id}")));
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
    ui::raw(&format!("{}\n", line(&id, opening)));
    Ok(())
}

/// Copies the recipe for editing.
pub(crate) fn new(args: &NewArgs, terminal: &Terminal) -> Result<(), CommandError> {
    let dir = &args.dir;
    let shown = dir.display();
    let failed = |e: std::io::Error| CommandError::new(Kind::Disk, format!("{shown}: {e}"));
    if std::fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(CommandError::new(Kind::Usage, format!("{shown} is not empty"))
            .means("Nothing was written: what is there could be somebody's work.")
            .next(format!("recipe-walk new {shown}-2"))
            .next(format!("recipe-walk check {shown}")));
    }
    std::fs::create_dir_all(dir).map_err(failed)?;
    for (name, text) in embedded::RECIPE {
        std::fs::write(dir.join(name), text).map_err(failed)?;
    }
    terminal.say(&format!(
        "{} files are in {shown}: recipe.toml, and a Markdown file for each step.",
        embedded::RECIPE.len()
    ));
    terminal.say("Edit them, then look for mistakes, and rehearse without an account:");
    for command in
        [format!("recipe-walk check {shown}"), format!("recipe-walk --sandbox --recipe {shown} --pace 0.05")]
    {
        terminal.tell(Paint::Command, &format!("  {}", ui::typed(&command)));
    }
    Ok(())
}
