//! What a command hands back: fields for JSON, text for people.

use crate::error::{EXIT_INTERRUPTED, Failure};
use crate::measure::csv;
use serde::Serialize;
use std::io::Write;

/// How a result is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Tables for people.
    Text,
    /// JSON lines.
    Json,
    /// Comma-separated values.
    Csv,
}

/// A result that can be printed both ways.
pub trait Report: Serialize {
    /// The text for people; lines, each ended.
    fn text(&self) -> String;

    /// What ended the measurement early, where something did.
    fn failure(&self) -> Option<&Failure> {
        None
    }
}

#[derive(Serialize)]
struct Line<'a, R: Serialize> {
    r#type: &'static str,
    kind: &'static str,
    #[serde(flatten)]
    report: &'a R,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    interrupted: bool,
}

#[derive(Serialize)]
struct ErrorLine<'a> {
    r#type: &'static str,
    kind: &'static str,
    exit: u8,
    what: &'a str,
    means: &'a str,
    hint: &'a str,
}

/// Prints a result. `interrupted` marks it as incomplete.
pub fn print<R: Report>(kind: &'static str, report: &R, format: Format, interrupted: bool) {
    let text = match format {
        Format::Json => {
            let line = Line { r#type: "result", kind, report, interrupted };
            serde_json::to_string(&line).unwrap_or_default() + "\n"
        }
        Format::Csv => csv::render(kind, &serde_json::to_value(report).unwrap_or_default()),
        Format::Text => report.text(),
    };
    if interrupted && format != Format::Json {
        let _ = writeln!(std::io::stderr(), "Interrupted: this is what was measured until then.");
    }
    out(&text);
}

/// Says that there is nothing to print after a signal, and returns the exit status.
pub fn nothing() -> u8 {
    let _ = writeln!(std::io::stderr(), "Interrupted before there was anything to show.");
    EXIT_INTERRUPTED
}

/// Prints a failure: for people on standard error, and with `json` also as a line on standard output.
pub fn print_failure(failure: &Failure, json: bool) {
    if json {
        let line = ErrorLine {
            r#type: "error",
            kind: failure.kind.name(),
            exit: failure.kind.exit(),
            what: &failure.what,
            means: &failure.means,
            hint: &failure.hint,
        };
        out(&(serde_json::to_string(&line).unwrap_or_default() + "\n"));
    }
    let _ = writeln!(std::io::stderr(), "cache-demo: {failure}");
}

/// Prints text to standard output; a reader that has gone away is no failure.
pub fn out(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}
