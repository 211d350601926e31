//! Decisions that only a person can take, in a pseudo-terminal: about drift, somebody's lease, and deletion. Empty input
//! and Ctrl-C never mean yes.

use crate::support::pty::{CTRL_C, Terminal};
use crate::support::sessions::put_lease;
use crate::support::{Home, only_session};
use std::path::PathBuf;

fn kept(home: &Home, cohort: &str) {
    home.run(&["--sandbox", "--yes", "--keep", "--cohort", cohort]).expect(0);
}

fn journal(home: &Home, session: &str) -> PathBuf {
    home.state().join("sessions").join(session).join("journal.jsonl")
}

fn parameters(home: &Home) -> String {
    home.aws(&["ssm", "describe-parameters"]).expect(0).out
}

fn groups(home: &Home) -> usize {
    let groups = home.aws(&["elasticache", "describe-replication-groups"]).expect(0).json();
    groups["ReplicationGroups"].as_array().expect("groups").len()
}

#[test]
fn what_drifted_is_repaired_accepted_or_left_by_decision_alone() {
    let home = Home::new().without_engines();
    kept(&home, "june");
    let session = only_session(&home);
    let note = format!("/recipe-walk/{session}/results");
    home.aws(&["ssm", "delete-parameter", "--name", &note]).expect(0);
    let before = std::fs::read(journal(&home, &session)).expect("the journal");
    // Enter alone stops, as does Ctrl-C: nothing is made and nothing is written down.
    for (key, code) in [("\r", 10), (CTRL_C, 130), ("\x1b", 130)] {
        let mut terminal = Terminal::start(&home, &["resume"]);
        terminal.see("Not as it was left");
        terminal.see("Accept: go on");
        terminal.press(key);
        let (ended, screen) = terminal.end();
        assert_eq!(ended, Some(code), "{screen}");
        assert_eq!(std::fs::read(journal(&home, &session)).expect("the journal"), before, "{screen}");
    }
    let mut terminal = Terminal::start(&home, &["resume"]);
    terminal.choose("Accept");
    // The person accepted the drift, so the walk is done and only the clean-up is asked about.
    terminal.see("Clean up now");
    terminal.press(CTRL_C);
    let (ended, screen) = terminal.end();
    assert_eq!(ended, Some(130), "{screen}");
    assert!(!parameters(&home).contains(&note), "{screen}");
    let mut terminal = Terminal::start(&home, &["resume"]);
    terminal.choose("Repair");
    terminal.see("What is missing is made again");
    terminal.choose("Run this step");
    terminal.see("Step 2 of 20");
    terminal.asked("What now?");
    terminal.press(CTRL_C);
    assert_eq!(terminal.end().0, Some(130));
    assert!(parameters(&home).contains(&note));
    home.run(&["cleanup", "--yes"]).expect(0);
}

#[test]
fn what_became_foreign_is_not_offered_for_repair() {
    let home = Home::new().without_engines();
    kept(&home, "june");
    let note = format!("/recipe-walk/{}/results", only_session(&home));
    home.aws(&["ssm", "delete-parameter", "--name", &note]).expect(0);
    home.aws(&["ssm", "put-parameter", "--name", &note, "--type", "String", "--value", "x"]).expect(0);
    let mut terminal = Terminal::start(&home, &["resume"]);
    terminal.see("is now somebody else's");
    terminal.see("Stop: change nothing");
    assert!(!terminal.screen().contains("Repair:"), "{}", terminal.screen());
    terminal.press("\r");
    assert_eq!(terminal.end().0, Some(10));
    home.aws(&["ssm", "delete-parameter", "--name", &note]).expect(0);
    home.run(&["cleanup", "--yes"]).expect(0);
}

#[test]
fn a_lease_is_taken_over_by_a_typed_yes_alone() {
    let home = Home::new().without_engines();
    kept(&home, "june");
    let session = only_session(&home);
    let lease = format!("/recipe-walk/{session}/lease");
    let put = |at: &str| {
        let lease = serde_json::json!({"holder": "dora, process 7 on afar", "token": "t", "at": at});
        put_lease(&home, &session, &lease);
    };
    let held = || home.aws(&["ssm", "get-parameter", "--name", &lease]).expect(0).out;
    let now = home.command("date").args(["-u", "+%Y-%m-%dT%H:%M:%SZ"]).output().expect("date").stdout;
    put(String::from_utf8(now).expect("a time").trim());
    for (arguments, key) in [(["resume"], "\r"), (["resume"], CTRL_C), (["cleanup"], CTRL_C)] {
        let mut terminal = Terminal::start(&home, &arguments);
        if arguments == ["cleanup"] {
            terminal.see("Type the session's name");
            terminal.press(&format!("{session}\r"));
        }
        terminal.see("is held by dora");
        terminal.see("Take it over all the same?");
        terminal.press(key);
        let (code, screen) = terminal.end();
        assert!(matches!(code, Some(7 | 130)), "{code:?} {screen}");
        assert!(held().contains("dora"), "{screen}");
    }
    assert_eq!(groups(&home), 1);
    // A stale lease can be taken over at once, but it still takes a typed yes.
    put("2020-01-01T00:00:00Z");
    let mut terminal = Terminal::start(&home, &["resume"]);
    terminal.see("Go on here in its place?");
    terminal.press("\r");
    assert_eq!(terminal.end().0, Some(7));
    assert!(held().contains("dora"));
    let mut terminal = Terminal::start(&home, &["resume"]);
    terminal.see("Go on here in its place?");
    terminal.press("y\r");
    terminal.see("Clean up now");
    assert!(!held().contains("dora"), "{}", terminal.screen());
    terminal.press(CTRL_C);
    assert_eq!(terminal.end().0, Some(130));
    home.run(&["cleanup", "--yes"]).expect(0);
}

#[test]
fn deletion_needs_the_typed_account_or_session_name() {
    let home = Home::new().without_engines();
    kept(&home, "june");
    kept(&home, "june");
    let account = home.aws(&["sts", "get-caller-identity"]).expect(0).json()["Account"].clone();
    let account = account.as_str().expect("an account");
    let arguments = ["cleanup", "--cohort", "june", "--sandbox"];
    for answer in ["\r", "yes\r", "june\r", CTRL_C, "\x1b"] {
        let mut terminal = Terminal::start(&home, &arguments);
        terminal.see("Type the account's number");
        terminal.press(answer);
        if answer.ends_with('\r') {
            terminal.see("or press Esc to leave");
            terminal.press(CTRL_C);
        }
        let (code, screen) = terminal.end();
        assert_eq!(code, Some(130), "{screen}");
        assert_eq!(groups(&home), 2, "{screen}");
    }
    let mut terminal = Terminal::start(&home, &arguments);
    terminal.see("Type the account's number");
    terminal.press(&format!("{account}\r"));
    terminal.see("Receipts");
    assert_eq!(terminal.end().0, Some(0));
    assert_eq!(groups(&home), 0);
    // With one session its name is asked for, and the account's number is refused.
    kept(&home, "july");
    let mut terminal = Terminal::start(&home, &["cleanup", "--cohort", "july", "--sandbox"]);
    terminal.see("Type its name to delete it");
    terminal.press(&format!("{account}\r"));
    terminal.see("or press Esc to leave");
    terminal.press(CTRL_C);
    assert_eq!(terminal.end().0, Some(130));
    assert_eq!(groups(&home), 1);
    home.run(&["cleanup", "--cohort", "july", "--sandbox", "--yes"]).expect(0);
}
