//! `kinds`: what recipes can be made of.

use crate::error::{CommandError, Kind};
use crate::ui::style::Paint;
use crate::ui::text::wrap;
use crate::ui::{self, Terminal};
use clap::Args;
use recipe_walk_engine::did_you_mean::closest;
use recipe_walk_engine::kind::catalog::{Entry, catalog};
use recipe_walk_engine::typed;

pub(crate) const EXAMPLES: &str = "\
Examples:
  recipe-walk kinds
  recipe-walk kinds security-group
  recipe-walk kinds --json";

/// Options of `kinds`.
#[derive(Debug, Clone, Args)]
pub(crate) struct KindsArgs {
    /// The kind
    pub(crate) kind: Option<String>,
    /// As JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Lists the kinds, or shows one with its fields.
pub(crate) fn run(args: &KindsArgs, terminal: &Terminal) -> Result<(), CommandError> {
    let (kind, json) = (args.kind.as_deref(), args.json);
    let all = catalog();
    let Some(kind) = kind else {
        if json {
            ui::json(&all);
        } else {
            list(&all, terminal);
        }
        return Ok(());
    };
    let Some(entry) = all.iter().find(|entry| entry.kind == kind) else {
        let error = CommandError::new(Kind::Usage, format!("there is no kind '{kind}'"));
        let meant = closest(kind, all.iter().map(|entry| entry.kind));
        return Err(error.next(match meant {
            Some(meant) => typed!("recipe-walk kinds {}", meant),
            None => "recipe-walk kinds".into(),
        }));
    };
    if json {
        ui::json(entry);
    } else {
        show(entry, terminal);
    }
    Ok(())
}

fn list(all: &[Entry], terminal: &Terminal) {
    for (stands, what) in [
        ("look", "Looked up ([[step.look]]):"),
        ("make", "Made ([[step.make]]):"),
        ("act", "Called for while the demo runs (act in [[step.run.when]]):"),
    ] {
        terminal.say(what);
        for entry in all.iter().filter(|entry| entry.stands == stands) {
            told(&format!("  {:22} ", entry.kind), &entry.about, terminal);
        }
        terminal.gap();
    }
    terminal.say("The fields of one:");
    terminal.tell(Paint::Command, "  recipe-walk kinds security-group");
}

/// What something is, beside its name.
fn told(name: &str, about: &str, terminal: &Terminal) {
    let lines = wrap(about, terminal.style().width.saturating_sub(name.len()), "");
    terminal.lines(&format!("{name}{}", lines.join(&format!("\n{}", " ".repeat(name.len())))));
}

fn show(entry: &Entry, terminal: &Terminal) {
    terminal.lines(&wrap(&entry.about, terminal.style().width, "").join("\n"));
    terminal.gap();
    for field in &entry.fields {
        told(&format!("  {:18} {:7} ", field.name, field.takes), &field.about, terminal);
    }
    if !entry.facts.is_empty() {
        terminal.gap();
        terminal.lines(
            &wrap(&format!("Facts: {}.", entry.facts.join(", ")), terminal.style().width, "  ").join("\n"),
        );
    }
    terminal.gap();
    terminal.say("In a recipe:");
    let name = if entry.stands == "make" { "as = \"NAME\"\n" } else { "" };
    let value = |takes: &str| match takes {
        "number" => "1",
        "list" => "[]",
        "table" => "{}",
        _ => "\"\"",
    };
    let fields: Vec<_> = entry.fields.iter().map(|f| format!("{} = {}", f.name, value(f.takes))).collect();
    terminal.lines(&match entry.stands {
        "act" => format!("act = {{ kind = \"{}\", {} }}", entry.kind, fields.join(", ")),
        stands => format!("[[step.{stands}]]\n{name}kind = \"{}\"\n{}", entry.kind, fields.join("\n")),
    });
}
