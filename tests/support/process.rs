//! Programs that a test starts: what they said, how they end, and waiting for what they do.

use std::process::{Child, Command, Output};

/// The program under test.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_recipe-walk");

/// What a finished program said.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Said {
    fn new(output: &Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// The same, if the exit code is this one.
    pub(crate) fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "stdout:\n{}\nstderr:\n{}", self.out, self.err);
        // Whatever happened, a person must never see the inside of the program.
        for inside in ["panicked at", "RUST_BACKTRACE", "stack backtrace"] {
            assert!(!self.err.contains(inside), "{}", self.err);
        }
        self
    }

    /// Standard output as JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("{e}: {}", self.out))
    }
}

/// Runs a program to its end.
pub(crate) fn run(command: &mut Command) -> Said {
    Said::new(&command.output().unwrap_or_else(|e| panic!("{command:?}: {e}")))
}

/// Kills a program.
pub(crate) fn kill(mut child: Child) {
    child.kill().expect("killed");
    child.wait().expect("reaped");
}

/// Waits a moment between two looks, which leaves the processor to what is waited for.
pub(super) fn pause() {
    std::thread::park_timeout(std::time::Duration::from_millis(10));
}

/// Asks until the answer is yes. Bounded, and each look is a real one; nothing sleeps for a guessed time.
pub(crate) fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = std::time::Instant::now();
    while !is_so() {
        assert!(start.elapsed().as_secs() < 60, "in 60 s it did not happen that {what}");
        pause();
    }
}
