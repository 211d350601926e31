//! What a command hands back: fields for JSON, text for people.

use crate::error::{EXIT_INTERRUPTED, Failure};
use crate::measure::{csv, text};
use recipe_walk_measurements::{Line, Measurement, Outcome};
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

/// Prints a result. `interrupted` marks it as incomplete.
pub fn print(measurement: Measurement, format: Format, interrupted: bool) {
    let text = match format {
        Format::Json => json_line(&Line::Result(Box::new(Outcome { measurement, interrupted }))),
        Format::Csv => csv::render(&serde_json::to_value(&measurement).unwrap_or_default()),
        Format::Text => text::of(&measurement),
    };
    if interrupted && format != Format::Json {
        let _ = writeln!(std::io::stderr(), "Interrupted: this is what was measured until then.");
    }
    out(&text);
}

/// A line of output, ended.
pub(crate) fn json_line(line: &Line) -> String {
    serde_json::to_string(line).unwrap_or_default() + "\n"
}

/// Says that there is nothing to print after a signal, and returns the exit status.
pub fn nothing() -> u8 {
    let _ = writeln!(std::io::stderr(), "Interrupted before there was anything to show.");
    EXIT_INTERRUPTED
}

/// Prints a failure: for people on standard error, and with `json` also as a line on standard output.
pub fn print_failure(failure: &Failure, json: bool) {
    if json {
        out(&json_line(&Line::Error(failure.into())));
    }
    let _ = writeln!(std::io::stderr(), "cache-demo: {failure}");
}

/// Prints text to standard output; a reader that has gone away is no failure.
pub fn out(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}
