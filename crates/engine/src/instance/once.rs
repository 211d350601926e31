//! A command on the instance that runs once, however often it is sent. An answer that is lost leaves open whether the
//! service has the command, and it takes no token that would tell: so the command is sent again, and its copies agree on
//! the instance which of them runs.

use crate::deliver::sha256;
use jiff::Timestamp;

/// Where the copies of a command agree, on the instance.
const PLACE: &str = "${HOME:-/root}/.recipe-walk/once";

/// What all copies of one command have in common, and no other command has.
pub fn mark(script: &str, at: Timestamp) -> String {
    let mut mark = sha256(format!("{at} {script}").as_bytes());
    mark.truncate(16);
    mark
}

/// The script, such that of all its copies with the same mark the first one runs, and the others say what it said. One
/// whose first copy died says so. POSIX shell; adds less than 1 KB.
pub fn once(script: &str, mark: &str) -> String {
    format!(
        "umask 077\nO=\"{PLACE}/{mark}\"\nmkdir -p \"{PLACE}\"\n\
         if mkdir \"$O\" 2>/dev/null; then\necho $$ > \"$O/pid\"\n(\n{script}\n) > \"$O/out\" 2> \"$O/err\"\n\
         echo $? > \"$O/code.new\"\nmv \"$O/code.new\" \"$O/code\"\nelse\n\
         while [ ! -f \"$O/code\" ]; do\n\
         pid=$(cat \"$O/pid\" 2>/dev/null || true)\n\
         if [ -n \"$pid\" ] && [ ! -d \"/proc/$pid\" ] && [ ! -f \"$O/code\" ]; then\n\
         echo 'this command was sent twice, and its first copy died' >&2\nexit 1\nfi\nsleep 0.2\ndone\nfi\n\
         cat \"$O/out\"\ncat \"$O/err\" >&2\nexit \"$(cat \"$O/code\")\"\n"
    )
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use std::path::Path;
    use std::process::{Command, Output, Stdio};

    fn shell(home: &Path, script: &str) -> Command {
        let mut command = Command::new("sh");
        command.env("HOME", home).current_dir(home).args(["-c", script]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn said(output: &Output) -> (Option<i32>, String, String) {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code(), text(&output.stdout), text(&output.stderr))
    }

    #[test]
    fn of_many_copies_one_runs_and_all_answer_alike() {
        let home = tempfile::tempdir().expect("a directory");
        // It waits for a line, so that all of them are there before it ends.
        let wait = "set -eu\nmkdir -p go\nwhile [ ! -e go/now ]; do sleep 0.05; done\n";
        let script = once(&format!("{wait}echo x >> ran\necho out\necho err >&2\nfalse\necho never"), "m");
        let copies: Vec<_> =
            (0..5).map(|_| shell(home.path(), &script).spawn().expect("it starts")).collect();
        while !home.path().join("go").exists() {
            std::thread::yield_now();
        }
        std::fs::write(home.path().join("go/now"), "").expect("written");
        for copy in copies {
            let output = copy.wait_with_output().expect("it ends");
            assert_eq!(said(&output), (Some(1), "out\n".into(), "err\n".into()));
        }
        assert_eq!(std::fs::read_to_string(home.path().join("ran")).expect("it ran"), "x\n");
        // One that arrives late, and one of another command.
        assert_eq!(said(&shell(home.path(), &script).output().expect("it runs")).0, Some(1));
        let other = shell(home.path(), &once("exit 7", "n")).output().expect("it runs");
        assert_eq!(said(&other), (Some(7), String::new(), String::new()));
    }

    #[test]
    fn a_copy_does_not_wait_for_one_that_died() {
        let home = tempfile::tempdir().expect("a directory");
        let script = once("kill -9 $$", "m");
        shell(home.path(), &script).output().expect("it runs");
        let (code, _, err) = said(&shell(home.path(), &script).output().expect("it runs"));
        assert!(code == Some(1) && err.contains("its first copy died"), "{err}");
    }

    #[test]
    fn commands_differ_by_content_and_by_first_sending() {
        let at = |seconds| Timestamp::from_second(seconds).expect("a time");
        assert_eq!(mark("a", at(1)), mark("a", at(1)));
        assert!(mark("a", at(1)) != mark("b", at(1)) && mark("a", at(1)) != mark("a", at(2)));
    }
}
