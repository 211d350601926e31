//! Progress: JSON lines on standard output, a short line for people on standard error, the newest line in a file.

use crate::measure::report;
use recipe_walk_measurements::{self as results, Line};
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Lines of one stage are at least this far apart.
const PACE: Duration = Duration::from_millis(200);
/// With a progress file, standard output gets this many bytes of progress at most: a runner that cuts the output at
/// 24,000 characters must still see the result, which comes last.
const STDOUT_BUDGET: usize = 3_000;

struct Inner {
    stage: String,
    last: Option<Instant>,
    printed: usize,
}

/// Where progress goes.
pub struct Progress {
    json: bool,
    people: bool,
    file: Option<PathBuf>,
    inner: Mutex<Inner>,
}

impl Progress {
    /// `json`: lines on standard output. `file`: the newest line, replaced atomically.
    pub fn new(json: bool, file: Option<PathBuf>) -> Self {
        let people = !json && std::io::stderr().is_terminal();
        let inner = Inner { stage: String::new(), last: None, printed: 0 };
        Self { json, people, file, inner: Mutex::new(inner) }
    }

    /// Says how far a stage is. Cheap enough for tight loops: most calls return at once.
    pub fn report(&self, stage: &str, done: u64, total: u64, message: &str) {
        self.say(stage, done, total, message, None);
    }

    /// Says the same of a stage that goes on once somebody has done something: whoever runs the demo knows by the event
    /// what that is.
    pub fn ask(&self, event: &str, stage: &str, done: u64, total: u64, message: &str) {
        self.say(stage, done, total, message, Some(event));
    }

    fn say(&self, stage: &str, done: u64, total: u64, message: &str, event: Option<&str>) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let new_stage = inner.stage != stage;
        if !new_stage && done < total && inner.last.is_some_and(|last| last.elapsed() < PACE) {
            return;
        }
        stage.clone_into(&mut inner.stage);
        inner.last = Some(Instant::now());
        let line = results::Progress {
            stage: stage.to_owned(),
            done,
            total,
            message: message.to_owned(),
            event: event.map(str::to_owned),
        };
        let text = report::json_line(&Line::Progress(line));
        // The file comes first: it must be fresh even while nobody reads standard output.
        if let Some(path) = &self.file {
            // Progress is a courtesy: a full disk must not end a measurement.
            let _ = replace(path, &text);
        }
        if self.json && (self.file.is_none() || inner.printed + text.len() <= STDOUT_BUDGET) {
            inner.printed += text.len();
            let mut out = std::io::stdout().lock();
            let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
        }
        if self.people && new_stage {
            let _ = writeln!(std::io::stderr(), "{stage}: {message}");
        }
    }
}

/// Replaces `path` so that a reader sees the old line or the new one, never half of one.
fn replace(path: &Path, text: &str) -> std::io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.tmp", std::process::id()));
    let temporary = path.with_file_name(name);
    std::fs::write(&temporary, text)?;
    std::fs::rename(&temporary, path).inspect_err(|_| {
        let _ = std::fs::remove_file(&temporary);
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_holds_only_the_newest_line() {
        let dir = tempfile::tempdir().expect("temp dir");
        let path = dir.path().join("progress");
        let progress = Progress::new(false, Some(path.clone()));
        progress.report("a", 0, 2, "first");
        progress.report("a", 1, 2, "too soon");
        assert!(std::fs::read_to_string(&path).expect("read").contains("first"));
        progress.report("a", 2, 2, "last of its stage");
        let text = std::fs::read_to_string(&path).expect("read");
        assert_eq!(
            text,
            "{\"type\":\"progress\",\"stage\":\"a\",\"done\":2,\"total\":2,\"message\":\"last of its stage\"}\n"
        );
        assert_eq!(std::fs::read_dir(dir.path()).expect("list").count(), 1);
    }

    #[test]
    fn what_is_asked_for_has_an_event() {
        let dir = tempfile::tempdir().expect("temp dir");
        let path = dir.path().join("progress");
        Progress::new(false, Some(path.clone())).ask("ready", "a", 0, 1, "do it");
        let text = std::fs::read_to_string(&path).expect("read");
        assert!(text.ends_with(",\"message\":\"do it\",\"event\":\"ready\"}\n"), "{text}");
    }

    #[test]
    fn a_file_that_cannot_be_written_is_no_failure() {
        Progress::new(false, Some("/nonexistent/dir/progress".into())).report("a", 0, 1, "m");
    }
}
