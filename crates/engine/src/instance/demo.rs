//! The scripts that run the demo on the instance, and the reading of what it says.

use crate::deliver::ENTER;
use crate::shell::word;
use crate::shown::one_line;
use crate::word::Word;
use recipe_walk_measurements::Line;
use serde_json::Value;

/// The demo's subcommands.
pub const COMMANDS: [&str; 12] = [
    "check",
    "load-data",
    "compare",
    "load",
    "patterns",
    "failover",
    "stampede",
    "write-through",
    "warming",
    "invalidation",
    "ttl-sweep",
    "eviction",
];

/// The script that runs one of the demo's subcommands, `configured` or not. Its progress goes to a file, because Run Command
/// shows no output before the end; only the result comes back, so that it fits into 24,000 characters.
pub fn run_script(command: &Word, arguments: &[String], configured: bool) -> String {
    let config = if configured { "--config config.json " } else { "" };
    let arguments: String = arguments.iter().flat_map(|argument| [" ".to_owned(), word(argument)]).collect();
    format!(
        "{ENTER}rc=0\n./demo {command} {config}--json --progress {command}.progress{arguments} \
         > {command}.jsonl 2> {command}.err &\n\
         echo $! > {command}.pid\nwait $! || rc=$?\n\
         grep -E '\"type\":\"(result|error)\"' {command}.jsonl || true\ntail -n 5 {command}.err >&2\nexit $rc\n"
    )
}

/// The short script that reads the progress.
pub fn progress_script(command: &Word) -> String {
    format!("{ENTER}cat {command}.progress 2>/dev/null || true\n")
}

/// The script that stops what is left of an earlier run of the subcommand, before it is run again.
pub fn forget_script(command: &Word) -> String {
    // Two at once would write to the same rows. The number may be another process's by now: ours works in this directory.
    format!(
        "{ENTER}pid=$(cat {command}.pid 2>/dev/null || true)\n\
         left() {{ [ -n \"$pid\" ] && [ \"$(readlink /proc/$pid/cwd 2>/dev/null)\" = \"$(pwd -P)\" ]; }}\n\
         tries=0\n\
         while left && [ $tries -lt 50 ]; do\n  kill \"$pid\" 2>/dev/null || true\n  sleep 0.1\n  tries=$((tries + 1))\ndone\n\
         if left; then kill -9 \"$pid\" || true; fi\n\
         rm -f {command}.progress {command}.jsonl {command}.err {command}.pid\n"
    )
}

/// Progress of the demo.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    /// What it is at.
    pub message: String,
    /// Part done, 0 to 1.
    pub share: f64,
    /// What it waits for somebody to do: `ready`, `waiting`.
    pub event: Option<String>,
}

/// Reads a progress line.
pub fn progress(text: &str) -> Option<Progress> {
    let Some(Line::Progress(line)) = text.lines().last().and_then(line) else { return None };
    // A unit alone says nothing: then the stage does.
    let message = if line.message == "milliseconds" { line.stage } else { line.message };
    let share = if line.total > 0 { (line.done as f64 / line.total as f64).clamp(0.0, 1.0) } else { 0.0 };
    Some(Progress { message: one_line(&message, 500), share, event: line.event })
}

/// Finds the result in what the demo printed.
pub fn result(stdout: &str) -> Option<Value> {
    stdout.lines().filter_map(|l| serde_json::from_str::<Value>(l).ok()).find(|v| v["type"] == "result")
}

/// What the demo says of its own failure: what happened, what it means, what to do.
pub fn failure(stdout: &str) -> Option<String> {
    // A recipe's own program knows no kinds of failures: its sentences are read whatever else stands beside them.
    let mut lines = stdout.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let error = lines.find_map(|line| match line["type"].as_str() {
        Some("error") => Some(line),
        // What ended early has its result, with what ended it.
        Some("result") => line.get("error").filter(|error| error.is_object()).cloned(),
        _ => None,
    })?;
    let parts = ["what", "means", "hint"].iter().filter_map(|part| error[part].as_str());
    let parts: Vec<String> =
        parts.map(|part| one_line(part.trim(), 500)).filter(|part| !part.is_empty()).collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

fn line(text: &str) -> Option<Line> {
    serde_json::from_str(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use recipe_walk_measurements::{Kind, sample};
    use serde_json::json;

    /// Runs a script as an instance does, with a home of its own.
    #[cfg(target_os = "linux")]
    fn shell(home: &std::path::Path, script: &str) -> std::process::Command {
        let mut command = std::process::Command::new("sh");
        command.env("HOME", home).current_dir(home).args(["-c", script]);
        command
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn only_what_an_earlier_run_left_is_stopped() {
        use std::os::unix::fs::PermissionsExt as _;
        let home = tempfile::tempdir().expect("a directory");
        let work = home.path().join(".recipe-walk");
        std::fs::create_dir(&work).expect("a directory");
        let demo = work.join("demo");
        let load = Word::try_from("load".to_owned()).expect("a word");
        std::fs::write(&demo, "#!/bin/sh\nexec sleep 1000\n").expect("written");
        std::fs::set_permissions(&demo, std::fs::Permissions::from_mode(0o755)).expect("a program");
        let mut run = shell(home.path(), &run_script(&load, &[], false)).spawn().expect("it runs");
        while !work.join("load.pid").exists() {
            std::thread::yield_now();
        }
        assert!(shell(home.path(), &forget_script(&load)).status().expect("it runs").success());
        let ended = run.wait().expect("it ends");
        assert_eq!(ended.code(), Some(128 + 15), "ended by the signal");
        assert!(!work.join("load.pid").exists());
        // A number that is another process's by now: this one's.
        std::fs::write(work.join("load.pid"), std::process::id().to_string()).expect("written");
        assert!(shell(home.path(), &forget_script(&load)).status().expect("it runs").success());
    }

    #[test]
    fn a_failure_is_told_whole() {
        let line = r#"{"type":"error","kind":"measurement-failed","exit":6,"what":"It does not answer.","means":"","hint":"Open 3306."}"#;
        assert_eq!(failure(&format!("x\n{line}\n")).as_deref(), Some("It does not answer. Open 3306."));
        assert_eq!(failure("x\n"), None);
        let own = r#"{"type":"error","what":"It is gone.","hint":"Look for it."}"#;
        assert_eq!(failure(own).as_deref(), Some("It is gone. Look for it."));
        let mut early = sample(Kind::Load);
        assert_eq!(failure(&early.to_string()), None);
        early["error"] = json!({"kind": "measurement-failed", "what": "It \u{1b}is gone."});
        assert_eq!(failure(&early.to_string()).as_deref(), Some(r"It \u{1b}is gone."));
    }

    #[test]
    fn results_and_progress_are_read_and_junk_is_not() {
        assert_eq!(
            result("x\n{\"type\":\"result\",\"kind\":\"check\"}\n").map(|v| v["kind"].clone()),
            Some("check".into())
        );
        assert_eq!(result("{\"type\":\"progress\"}"), None);
        let line =
            "{\"type\":\"progress\",\"stage\":\"rows\",\"done\":5,\"total\":10,\"message\":\"loading\"}";
        assert_eq!(progress(line), Some(Progress { message: "loading".into(), share: 0.5, event: None }));
        let users = r#"{"type":"progress","stage":"10 users","done":1,"total":2,"message":"milliseconds"}"#;
        assert_eq!(progress(users).map(|p| p.message).as_deref(), Some("10 users"));
        assert_eq!(progress(""), None);
    }
}
