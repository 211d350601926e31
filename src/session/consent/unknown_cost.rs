//! A walk that makes something without a price in the table: nobody can tell what it costs, so it counts as over every
//! budget. A person is asked; `--yes` does not say yes to it.

use crate::error::{CommandError, Kind};
use crate::ui::Terminal;
use crate::ui::style::Paint;
use crate::ui::text::unpriced;
use recipe_walk_engine::amount::Amount;
use recipe_walk_engine::shell::Typed;

/// How it is agreed.
#[derive(Clone, Copy)]
pub(crate) struct Accepting<'a> {
    /// What `--accept-unknown-cost` says.
    pub(crate) accepted: bool,
    /// Whether nobody is asked.
    pub(crate) yes: bool,
    /// The command to type again.
    pub(crate) command: &'a Typed,
}

/// Asks whether what has no price may be made. `rate` is what an hour of it costs, of which the rest was agreed to.
pub(crate) fn agree(
    rate: &Amount,
    budget: Option<&str>,
    accepting: Accepting<'_>,
    terminal: &Terminal,
) -> Result<(), CommandError> {
    let Some(told) = unpriced(rate) else { return Ok(()) };
    let budget =
        budget.map_or_else(String::new, |budget| format!(" The budget of ${budget} cannot warn of it."));
    let told = format!("{told}{budget}");
    if accepting.accepted {
        terminal.warn(&told);
        return Ok(());
    }
    if accepting.yes {
        return Err(CommandError::new(Kind::Usage, "nobody can tell what this walk costs")
            .means(told)
            .means("--yes does not say yes to it; nothing was made.")
            .next(accepting.command.clone().then("--accept-unknown-cost")));
    }
    terminal.remark(Paint::Warning, &told);
    match terminal.confirm("Make it all the same?") {
        Ok(true) => Ok(()),
        Ok(false) | Err(_) => Err(CommandError::nothing_begun()),
    }
}
