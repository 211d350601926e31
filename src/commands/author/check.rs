//! `check`: the lint of a recipe.

use crate::embedded;
use crate::error::{CommandError, Kind};
use crate::ui::Terminal;
use crate::ui::style::Paint;
use crate::ui::text::span;
use clap::Args;
use recipe_walk_engine::recipe::Estimate;
use recipe_walk_engine::typed;
use std::path::{Path, PathBuf};

pub(crate) const EXAMPLES: &str = "Example:\n  recipe-walk check my-recipe";

/// Options of `check`.
#[derive(Debug, Clone, Args)]
pub(crate) struct CheckArgs {
    /// Directory with recipe.toml and its Markdown files.
    dir: Option<PathBuf>,
}

/// Prints each finding as `file:line: message`.
pub(crate) fn run(args: &CheckArgs, terminal: &Terminal) -> Result<(), CommandError> {
    let dir = args.dir.as_deref();
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
        return guide(dir, terminal);
    }
    let count = findings.len();
    let error = CommandError::new(Kind::Recipe, format!("{what} has {count} thing(s) to mend"))
        .means("Each line above names the file and the line.");
    Err(match dir {
        Some(dir) => error.next(typed!("recipe-walk check {}", dir.display())),
        None => error,
    })
}

/// What an author wants to know of a sound recipe, and what to do next.
fn guide(dir: Option<&Path>, terminal: &Terminal) -> Result<(), CommandError> {
    let recipe = embedded::recipe(dir)?;
    let optional = recipe.steps.iter().filter(|s| s.optional).count();
    let required = || recipe.steps.iter().filter(|s| !s.optional);
    let words: usize = required()
        .filter_map(|s| recipe.prose.get(&s.prose))
        .map(|text| text.split_whitespace().count())
        .sum();
    let seconds = |pick: fn(&Estimate) -> f64| required().map(|s| pick(&s.estimate)).sum::<f64>();
    terminal.say(&format!(
        "{} steps in {} phases, {optional} of them optional. The required ones take about {} on AWS and {} on the",
        recipe.steps.len(),
        recipe.phases.len(),
        span(seconds(|e| e.aws_seconds)),
        span(seconds(|e| e.sandbox_seconds)),
    ));
    terminal
        .say(&format!("sandbox, and about {} to read ({words} words).", span(words as f64 / 180.0 * 60.0)));
    let (words, command) = if let Some(dir) = dir {
        let command = typed!("recipe-walk --sandbox --recipe {} --pace 0.05", dir.display());
        ("Rehearse it without an account, at a twentieth of AWS's durations:", command)
    } else {
        ("To write your own, begin with a copy:", "recipe-walk new my-recipe".into())
    };
    terminal.say(words);
    terminal.command(&command);
    Ok(())
}
