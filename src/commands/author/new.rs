//! `new`: a copy of the recipe, to edit.

use crate::embedded;
use crate::error::{CommandError, Kind};
use crate::ui::Terminal;
use clap::Args;
use recipe_walk_engine::typed;
use std::path::PathBuf;

pub(crate) const EXAMPLES: &str = "\
Examples:
  recipe-walk new my-recipe
  recipe-walk check my-recipe
  recipe-walk --sandbox --recipe my-recipe";

/// Options of `new`.
#[derive(Debug, Clone, Args)]
pub(crate) struct NewArgs {
    /// Directory for the copy; it must be new or empty
    pub(crate) dir: PathBuf,
}

/// Copies the recipe for editing.
pub(crate) fn run(args: &NewArgs, terminal: &Terminal) -> Result<(), CommandError> {
    let dir = &args.dir;
    let shown = dir.display();
    let failed = |e: std::io::Error| CommandError::new(Kind::Disk, format!("{shown}: {e}"));
    if std::fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(CommandError::new(Kind::Usage, format!("{shown} is not empty"))
            .means("Nothing was written: what is there could be somebody's work.")
            .next(typed!("recipe-walk new {}-2", shown))
            .next(typed!("recipe-walk check {}", shown)));
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
    for command in [
        typed!("recipe-walk check {}", shown),
        typed!("recipe-walk --sandbox --recipe {} --pace 0.05", shown),
    ] {
        terminal.command(&command);
    }
    Ok(())
}
