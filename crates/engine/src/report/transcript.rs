//! The transcript of a session: the AWS CLI line of everything it did, in order, with what came of it. Pure, from the
//! journal's records.

use crate::action::Planned;
use crate::cli_line::{Copied, Line as Command};
use crate::cloud::Undone;
use crate::failure::Failure;
use crate::recipe::Recipe;
use crate::record::{Line, Record};
use crate::redact;
use crate::shell::shortest_word;
use crate::shown::one_line;
use crate::state::State;
use crate::step_line::result_lines;
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Stands for the sandbox's address in commands: it changes, and `recipe-walk sandbox env` sets it.
const ENDPOINT: &str = "$AWS_ENDPOINT_URL";

/// What a line of the transcript did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Did {
    /// Made something.
    Make,
    /// Ran the demo on the instance.
    Run,
    /// Deleted something.
    Undo,
}

/// How it went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It worked.
    Done,
    /// It was there already, or gone already.
    Already,
    /// The service said no, or somebody else's was left alone.
    Refused,
    /// Nobody knows.
    Unclear,
}

/// One command and what came of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Entry {
    /// When it was begun.
    pub at: Timestamp,
    /// The step that it belongs to; empty for the clean-up.
    pub step: String,
    /// What it did.
    pub did: Did,
    /// What a person calls it.
    pub what: String,
    /// The command, ready to be copied: secrets and the account's number are variables or commands.
    pub command: String,
    /// How it went.
    pub outcome: Outcome,
    /// The service's id, or its message.
    pub result: String,
    /// How long the call took.
    pub seconds: Option<f64>,
}

/// Where the session is to be looked for, as far as commands depend on it.
#[derive(Debug, Clone, Copy)]
struct Where<'a> {
    endpoint: Option<&'a str>,
    account: &'a str,
}

#[derive(Default)]
struct Book {
    entries: Vec<Entry>,
    /// Entries that have no outcome yet, by action.
    open: BTreeMap<String, usize>,
    planned: BTreeMap<String, Planned>,
    ids: BTreeMap<String, String>,
    /// How long something took, where that is told before its result.
    took: BTreeMap<String, f64>,
}

/// Everything that the records tell, in order. The recipe tells with which arguments the demo ran.
pub fn transcript(lines: &[Line], recipe: Option<&Recipe>) -> Vec<Entry> {
    let opening = lines.iter().find_map(|line| match &line.record {
        Record::Opened(opening) => Some(opening),
        _ => None,
    });
    let place = Where {
        endpoint: opening.and_then(|o| o.place.endpoint.as_ref()).map(|_| ENDPOINT),
        account: opening.map_or("", |o| o.place.account.as_str()),
    };
    let mut state = State::default();
    let mut book = Book::default();
    for line in lines {
        match &line.record {
            Record::Intended(planned) => book.make(line.at, planned, place),
            Record::Created { name, output } => {
                book.ids.insert(name.clone(), output.id.clone());
                book.close(name, line.at, Outcome::Done, &output.id, place);
            }
            Record::Adopted { name, output } => {
                book.ids.insert(name.clone(), output.id.clone());
                book.close(name, line.at, Outcome::Already, &output.id, place);
            }
            Record::Refused { name, failure } | Record::UndoFailed { name, failure } => {
                book.close(name, line.at, Outcome::Refused, &said(failure), place);
            }
            Record::Unclear { name, failure } => {
                book.close(name, line.at, Outcome::Unclear, &said(failure), place);
            }
            Record::Measured { kind, .. } => {
                let lines = result_lines(kind, recipe, &state);
                let commands: Vec<_> = lines.iter().map(|line| place.copied(line)).collect();
                book.run(line.at, kind, commands.join("\n"));
            }
            Record::Took { what, seconds } => book.took(what, *seconds),
            Record::UndoStarted { name } => book.undo(line.at, name, place),
            Record::UndoFinished { name, how } => {
                let (outcome, text) = match how {
                    Undone::Deleted => (Outcome::Done, "gone"),
                    Undone::AlreadyGone => (Outcome::Already, "was gone"),
                    Undone::NotOurs => (Outcome::Refused, "not ours, left alone"),
                };
                book.close(name, line.at, outcome, text, place);
            }
            _ => {}
        }
        // A line that does not fit was refused when it was read.
        let _ = state.fold(line.clone());
    }
    book.entries
}

fn said(failure: &Failure) -> String {
    match failure {
        Failure::Refused(refusal) => format!("{}: {}", refusal.code, refusal.message),
        Failure::Unclear { cause, .. } => cause.clone(),
    }
}

impl Where<'_> {
    /// A command without secrets, and with a variable in place of the account's number.
    fn copied(self, command: &Command) -> String {
        command.copied(Copied { endpoint: self.endpoint, without: Some(self.account) })
    }

    /// A text without either.
    fn told(self, text: &str) -> String {
        redact::for_others(text, self.account)
    }
}

impl Book {
    fn begin(&mut self, name: &str, entry: Entry) {
        self.open.insert(name.to_owned(), self.entries.len());
        self.entries.push(entry);
    }

    fn make(&mut self, at: Timestamp, planned: &Planned, place: Where<'_>) {
        self.planned.insert(planned.name.clone(), planned.clone());
        let entry = Entry {
            at,
            step: planned.tags.step.clone(),
            did: Did::Make,
            what: place.told(&planned.action.describe()),
            command: place.copied(&planned.line()),
            outcome: Outcome::Unclear,
            result: "nothing more is on record".into(),
            seconds: None,
        };
        self.begin(&planned.name, entry);
    }

    fn undo(&mut self, at: Timestamp, name: &str, place: Where<'_>) {
        let Some(planned) = self.planned.get(name) else { return };
        let id = self.ids.get(name).map_or("", String::as_str);
        let Some(command) = planned.action.undo_line(id) else { return };
        let entry = Entry {
            at,
            step: String::new(),
            did: Did::Undo,
            what: place.told(&planned.action.describe()),
            command: place.copied(&command),
            outcome: Outcome::Unclear,
            result: "nothing more is on record".into(),
            seconds: None,
        };
        self.begin(name, entry);
    }

    fn close(&mut self, name: &str, at: Timestamp, outcome: Outcome, result: &str, place: Where<'_>) {
        let Some(entry) = self.open.remove(name).and_then(|index| self.entries.get_mut(index)) else {
            return;
        };
        entry.outcome = outcome;
        entry.result = place.told(result);
        entry.seconds = Some(at.duration_since(entry.at).as_secs_f64().max(0.0));
    }

    fn took(&mut self, what: &str, seconds: f64) {
        match self.entries.last_mut().filter(|e| e.did == Did::Run && e.seconds.is_none()) {
            Some(entry) if entry.what.contains(what) => entry.seconds = Some(seconds),
            _ => {
                self.took.insert(what.to_owned(), seconds);
            }
        }
    }

    fn run(&mut self, at: Timestamp, kind: &str, command: String) {
        self.entries.push(Entry {
            at,
            step: String::new(),
            did: Did::Run,
            what: format!("demo {kind} on the instance"),
            command,
            outcome: Outcome::Done,
            result: "measured".into(),
            seconds: self.took.remove(kind),
        });
    }
}

/// The line that makes the AWS CLI of a shell work in a region, and print instead of opening a pager, which would swallow
/// the next lines that are pasted.
pub fn in_region(region: &str) -> String {
    let region = shortest_word(region);
    format!("export AWS_REGION={region} AWS_DEFAULT_REGION={region} AWS_PAGER=")
}

/// The transcript as a script: every line that is not a command is a comment. `region` is that of the account, or none
/// for the sandbox.
pub fn script(entries: &[Entry], session: &str, region: Option<&str>) -> String {
    let sandbox = region.is_none();
    let mut out = format!("# Session {}: the AWS CLI line of everything that was done.\n", comment(session));
    if sandbox {
        out += "# Once, in the shell that runs them:\n#   eval \"$(recipe-walk sandbox env)\"\n";
    }
    if let Some(region) = region {
        out += &in_region(region);
        out.push('\n');
    }
    if entries.iter().any(|e| e.command.contains("$ACCOUNT_ID")) {
        let line = Command::new("sts", "get-caller-identity").arg("query", "Account").arg("output", "text");
        let _ = writeln!(out, "ACCOUNT_ID=$({})", line.end(sandbox.then_some(ENDPOINT)));
    }
    let mut step: Option<&str> = None;
    for entry in entries {
        let heading = match entry.did {
            Did::Undo => "clean-up",
            Did::Make => entry.step.as_str(),
            Did::Run => "measure",
        };
        if step != Some(heading) {
            let _ = write!(out, "\n# == {}\n", comment(heading));
            step = Some(heading);
        }
        let _ = write!(out, "\n# {}\n{}\n# {}\n", comment(&entry.what), entry.command, entry.told());
    }
    out
}

/// A text behind a comment sign: one line, of which nothing is a command.
fn comment(text: &str) -> String {
    one_line(text, 500)
}

impl Entry {
    /// When, how it went, and how long it took: one line.
    pub fn told(&self) -> String {
        let word = match (self.did, self.outcome) {
            (Did::Make, Outcome::Done) => "made",
            (Did::Make, Outcome::Already) => "was there",
            (Did::Undo, Outcome::Already | Outcome::Done) | (Did::Run, _) => "",
            (Did::Make | Did::Undo, Outcome::Refused) => "refused",
            (Did::Make | Did::Undo, Outcome::Unclear) => "unclear",
        };
        let at = self.at.strftime("%H:%M:%S UTC");
        let took = self.seconds.map(|s| format!(", {s:.1} s")).unwrap_or_default();
        let gap = if word.is_empty() { "" } else { " " };
        format!("{at}: {word}{gap}{}{took}", comment(&self.result))
    }
}

#[cfg(test)]
pub(crate) mod tests;
