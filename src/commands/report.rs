//! `report` and `transcript`: what a session did and measured, to take home. Both only read the journal.

use crate::commands::sessions::recipe_of;
use crate::error::{CommandError, Kind};
use crate::paths::{Paths, write_whole};
use crate::session::find;
use crate::ui::style::Paint;
use crate::ui::{self, Terminal};
use crate::{embedded, report as form};
use clap::{Args, ValueEnum};
use jiff::Timestamp;
use recipe_walk_engine::id::SessionId;
use recipe_walk_engine::journal;
use recipe_walk_engine::record::Line;
use recipe_walk_engine::report::Report;
use recipe_walk_engine::state::State;
use recipe_walk_engine::transcript::{script, transcript};
use recipe_walk_engine::typed;
use std::path::PathBuf;

pub(crate) const EXAMPLES: &str = "\
Examples:
  recipe-walk report
  recipe-walk report rw-k3v9x2ab --output walk.html
  recipe-walk report --format md --output walk.md
  recipe-walk report --format json | jq .headlines";

pub(crate) const TRANSCRIPT_EXAMPLES: &str = "\
Examples:
  recipe-walk transcript
  recipe-walk transcript rw-k3v9x2ab > walk.sh";

/// The form of a report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// One self-contained page
    #[default]
    Html,
    /// Markdown
    Md,
    /// Data for other programs
    Json,
}

/// Options of `report`.
#[derive(Debug, Clone, Args)]
pub(crate) struct ReportArgs {
    /// The session; without it: the only unfinished one, else the newest
    pub(crate) session: Option<String>,
    /// Form of the report
    #[arg(long, value_enum, value_name = "F", default_value = "html")]
    pub(crate) format: Format,
    /// File to write, or - for standard output; without it a page goes to SESSION.html here, anything else to standard output
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

/// Options of `transcript`.
#[derive(Debug, Clone, Args)]
pub(crate) struct TranscriptArgs {
    /// The session; without it: the only unfinished one, else the newest
    pub(crate) session: Option<String>,
    /// JSON instead of a script
    #[arg(long)]
    pub(crate) json: bool,
}

/// Writes the report.
pub(crate) fn run(args: &ReportArgs, terminal: &Terminal) -> Result<(), CommandError> {
    let (id, lines) = records(args.session.as_deref(), "report")?;
    let recipe = recipe_of(&folded(&lines)?);
    let report = Report::new(&lines, recipe.as_ref(), &embedded::prices()?, Timestamp::now())
        .map_err(|_| never_begun(&id))?;
    let text = match args.format {
        Format::Html => form::page(&report, recipe.as_ref().map(|r| &r.diagram)),
        Format::Md => form::text(&report, recipe.as_ref().map(|r| &r.diagram)),
        Format::Json => ui::as_json(&report) + "\n",
    };
    let file = match (&args.output, args.format) {
        (Some(file), _) if file.as_os_str() == "-" => None,
        (Some(file), _) => Some(file.clone()),
        (None, Format::Html) => Some(PathBuf::from(format!("{id}.html"))),
        (None, _) => None,
    };
    let Some(file) = file else {
        ui::print(&text);
        return Ok(());
    };
    write_whole(&file, text.as_bytes()).map_err(|error| {
        CommandError::new(Kind::Disk, format!("{}: {error}", file.display()))
            .means("The report was not written; the session is as it was.")
            .next(typed!("recipe-walk report {} --output FILE", id))
    })?;
    let whole = std::path::absolute(&file).unwrap_or_else(|_| file.clone());
    terminal.say(&format!("The report of session {id} is in"));
    terminal.tell(Paint::Command, &format!("  {}", whole.display()));
    if args.format == Format::Html {
        terminal.say(
            "One file without references to anything outside: open it in a browser, print it, pass it on.",
        );
    }
    Ok(())
}

/// Prints the transcript.
pub(crate) fn run_transcript(args: &TranscriptArgs) -> Result<(), CommandError> {
    let (id, lines) = records(args.session.as_deref(), "transcript")?;
    let entries = transcript(&lines, recipe_of(&folded(&lines)?).as_ref());
    if args.json {
        ui::json(&entries);
        return Ok(());
    }
    let opening = lines.first().and_then(|line| match &line.record {
        recipe_walk_engine::record::Record::Opened(opening) => Some(opening),
        _ => None,
    });
    let opening = opening.ok_or_else(|| never_begun(&id))?;
    let region = (!opening.sandbox).then_some(opening.place.region.as_str());
    ui::print(&script(&entries, id.as_str(), region));
    Ok(())
}

fn folded(lines: &[Line]) -> Result<State, CommandError> {
    let mut state = State::default();
    for line in lines {
        state.fold(line.clone()).map_err(|e| CommandError::new(Kind::Journal, e.to_string()))?;
    }
    Ok(state)
}

fn never_begun(id: &SessionId) -> CommandError {
    CommandError::new(Kind::Usage, format!("session {id} was stopped before it began"))
        .means("Nothing is on record of it.")
        .next("recipe-walk sessions")
}

fn records(name: Option<&str>, command: &str) -> Result<(SessionId, Vec<Line>), CommandError> {
    let paths = Paths::find()?;
    let (id, _) = find::shown(&paths, name, command)?;
    let lines = journal::lines(&paths.sessions().join(id.as_str()))?;
    Ok((id, lines))
}
