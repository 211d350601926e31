//! `report` and `transcript`: what a session did and measured, to take home. Both only read the journal.

use crate::cli::report::{Format, ReportArgs, TranscriptArgs};
use crate::commands::sessions::recipe_of;
use crate::error::{CommandError, Kind};
use crate::paths::Paths;
use crate::session::find;
use crate::ui::style::Paint;
use crate::ui::{self, Terminal};
use crate::{embedded, report as form};
use jiff::Timestamp;
use recipe_walk_engine::id::SessionId;
use recipe_walk_engine::journal;
use recipe_walk_engine::record::Line;
use recipe_walk_engine::report::Report;
use recipe_walk_engine::state::State;
use recipe_walk_engine::transcript::{script, transcript};
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Writes the report.
pub(crate) fn report(args: &ReportArgs, terminal: &Terminal) -> Result<(), CommandError> {
    let (id, lines) = records(args.session.as_deref(), "report")?;
    let recipe = recipe_of(&folded(&lines)?);
    let report = Report::new(&lines, recipe.as_ref(), &embedded::prices()?, Timestamp::now())
        .map_err(|_| never_begun(&id))?;
    let text = match args.format {
        Format::Html => form::page(&report),
        Format::Md => form::text(&report, recipe.as_ref().map(|r| &r.diagram)),
        Format::Json => serde_json::to_string_pretty(&report)
            .map(|json| json + "\n")
            .map_err(|e| CommandError::new(Kind::Unexpected, format!("the report cannot be written: {e}")))?,
    };
    let file = match (&args.output, args.format) {
        (Some(file), _) if file.as_os_str() == "-" => None,
        (Some(file), _) => Some(file.clone()),
        (None, Format::Html) => Some(PathBuf::from(format!("{id}.html"))),
        (None, _) => None,
    };
    let Some(file) = file else {
        ui::raw(&text);
        return Ok(());
    };
    write(&file, text.as_bytes()).map_err(|error| {
        CommandError::new(Kind::Disk, format!("{}: {error}", file.display()))
            .means("The report was not written; the session is as it was.")
            .next(format!("recipe-walk report {id} --output FILE"))
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
pub(crate) fn print_transcript(args: &TranscriptArgs) -> Result<(), CommandError> {
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
    ui::raw(&script(&entries, id.as_str(), region));
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

/// Writes a whole file or nothing: beside it first, then in its place.
pub(crate) fn write(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let name = file.file_name().ok_or(std::io::ErrorKind::InvalidFilename)?.to_string_lossy();
    let draft = file.with_file_name(format!(".{name}.{}", std::process::id()));
    let written = std::fs::File::create(&draft)
        .and_then(|mut f| f.write_all(bytes).and_then(|()| f.sync_all()))
        .and_then(|()| std::fs::rename(&draft, file));
    if written.is_err() {
        let _ = std::fs::remove_file(&draft);
    }
    written
}
