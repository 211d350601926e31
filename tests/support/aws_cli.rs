//! The ordinary AWS CLI. Starting it takes longer than most of its commands, so where `RECIPE_WALK_PYTHON` names a Python
//! that has it, one is started for all tests and forks for each command (`aws_cli.py`).
//! `walk/printed_commands.rs` and the conformance tests start it as people do.

use super::process::{Said, until};
use serde_json::{Value, json};
use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

/// One CLI for all tests; it ends with its standard input, which the end of this process closes.
struct Resident {
    _process: Child,
    path: PathBuf,
}

fn resident() -> Option<&'static Resident> {
    static RESIDENT: OnceLock<Option<Resident>> = OnceLock::new();
    let start = || {
        let python = std::env::var_os("RECIPE_WALK_PYTHON")?;
        let path =
            tempfile::Builder::new().prefix("rw-aws-").tempdir().expect("a directory").keep().join("socket");
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/aws_cli.py");
        let mut command = Command::new(python);
        command.args(["-B", "-X", "utf8", script]).arg(&path).stdin(Stdio::piped());
        let mut process = command.spawn().expect("the CLI starts");
        until("the CLI listens", || {
            assert!(process.try_wait().expect("the CLI").is_none(), "the resident CLI ended");
            UnixStream::connect(&path).is_ok()
        });
        Some(Resident { _process: process, path })
    };
    RESIDENT.get_or_init(start).as_ref()
}

/// Runs a command, in this environment and no other; nothing where there is no resident CLI.
pub(crate) fn run(environment: &[(String, String)], arguments: &[&str]) -> Option<Said> {
    let mut stream = UnixStream::connect(&resident()?.path).expect("the CLI listens");
    let environment: serde_json::Map<String, Value> =
        environment.iter().map(|(k, v)| (k.clone(), v.as_str().into())).collect();
    let request = json!({"arguments": arguments, "environment": environment});
    writeln!(stream, "{request}").expect("asked");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("answered");
    let answer: Value =
        serde_json::from_str(&answer).unwrap_or_else(|e| panic!("{arguments:?}: {e}: {answer}"));
    let text = |name: &str| answer[name].as_str().expect("a text").to_owned();
    let code = answer["code"].as_i64().and_then(|code| i32::try_from(code).ok());
    Some(Said { code, out: text("out"), err: text("err") })
}
