//! `check`: the lint of a recipe.

use crate::embedded;
use crate::error::{CommandError, Kind};
use crate::terminal::Terminal;
use crate::terminal::style::Paint;
use std::path::Path;

/// Prints each finding as `file:line: message`.
pub(crate) fn check(dir: Option<&Path>, terminal: &Terminal) -> Result<(), CommandError> {
    let findings = embedded::findings(dir)?;
    for finding in &findings {
        let text = finding.to_string();
        terminal.say(&match dir {
            Some(dir) => format!("{}/{text}", dir.display()),
            None => text,
        });
    }
    let what =
        dir.map_or_else(|| "The embedded recipe".to_owned(), |d| format!("The recipe in {}", d.display()));
    if findings.is_empty() {
        terminal.tell(Paint::Good, &format!("{what} is sound."));
        return Ok(());
    }
    let count = findings.len();
    let error = CommandError::new(Kind::Recipe, format!("{what} has {count} thing(s) to mend"))
        .means("Each line above names the file and the line.");
    Err(match dir {
        Some(dir) => error.next(format!("recipe-walk check {}", dir.display())),
        None => error,
    })
}
