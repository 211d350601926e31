//! The tables of a recorded walk at every width, plain and coloured. Its journal is a fixture, so that figures stay the
//! same.

use crate::support::Home;
use crate::support::pty::Terminal;
use crate::support::snapshot;

const SESSION: &str = "rw-djebq2ky";

#[test]
fn tables_of_a_recorded_walk_match_their_snapshots() {
    let home = Home::new();
    let dir = home.state().join("sessions").join(SESSION);
    std::fs::create_dir_all(&dir).expect("a directory");
    let journal = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/walked.jsonl");
    std::fs::copy(journal, dir.join("journal.jsonl")).expect("copied");
    for columns in [60, 80, 120, 200] {
        for (terminal_kind, arguments, more) in [
            ("colour", &["status", SESSION][..], &[][..]),
            ("plain", &["status", SESSION, "--plain"][..], &[][..]),
            ("ascii", &["status", SESSION][..], &[("LANG", "C"), ("CLICOLOR", "0")][..]),
            ("dumb", &["status", SESSION][..], &[("TERM", "dumb")][..]),
        ] {
            // The receipt shows the time of day, which differs from run to run.
            let more = &[more, &[("TZ", "UTC")]].concat();
            let (plain, painted) = Terminal::shown(&home, columns, arguments, more);
            assert!(plain.lines().all(|l| l.chars().count() <= usize::from(columns)), "{plain}");
            assert!(terminal_kind != "ascii" || plain.is_ascii(), "{plain}");
            if terminal_kind != "colour" {
                assert!(!painted.contains("\x1b[3"), "a colour in {terminal_kind}: {painted}");
            }
            let shown = if terminal_kind == "colour" { painted } else { plain };
            // One line says how long ago it was, which differs from run to run.
            let lines: Vec<&str> = shown.lines().filter(|line| !line.contains("Age ")).collect();
            if terminal_kind != "dumb" && columns != 200 {
                snapshot::matches(
                    &format!("tables-{columns}-{terminal_kind}.txt"),
                    lines.join("\n").trim_end(),
                );
            }
        }
    }
}
