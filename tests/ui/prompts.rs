//! Prompts in a pseudo-terminal of 80 columns: every choice, Ctrl-C and Ctrl-D, quitting and resuming.

use crate::support::pty::{CTRL_C, CTRL_D, Terminal};
use crate::support::sessions::walked;
use crate::support::{Home, only_session, run, until};

#[test]
fn ctrl_c_or_ctrl_d_at_first_questions_starts_nothing() {
    for key in [CTRL_C, CTRL_D, "\x1b"] {
        let home = Home::new();
        let mut terminal = Terminal::start(&home, &[]);
        terminal.see("Where");
        terminal.press(key);
        let (code, screen) = terminal.end();
        assert_eq!(code, Some(130), "{screen}");
        assert!(!home.state().join("sandbox/access.json").exists(), "{screen}");
        assert_eq!(home.run(&["sessions", "--json"]).expect(0).json(), serde_json::json!([]));
    }
}

#[test]
fn every_menu_choice_works_at_eighty_columns() {
    let home = Home::new().without_engines();
    let mut terminal = Terminal::start(&home, &["--sandbox"]);
    terminal.choose("Use these settings");
    terminal.see("Step 1 of 20");
    // Typed junk matches nothing and starts nothing.
    terminal.see("Run this step");
    terminal.press("zzzz\r");
    terminal.see("'zzzz' is none of these.");
    terminal.choose("Read more");
    terminal.see("In production");
    terminal.choose("Run this step");
    terminal.see("Step 2 of 20");
    terminal.choose("Show the AWS CLI");
    terminal.see("authorize-security-group-ingress");
    terminal.choose("I'll do it myself");
    terminal.choose("Pass");
    terminal.choose("Show me the exact commands");
    terminal.choose("Check what I made");
    terminal.see("is not there yet");
    terminal.choose("Let recipe-walk make");
    terminal.see("Step 3 of 20");
    terminal.choose("Back: re-read");
    terminal.choose("Security groups");
    // The last heading: where all of the text comes at once, the first ones have left the screen.
    terminal.see("In production");
    terminal.choose("Quit and resume later");
    let (code, screen) = terminal.end();
    assert_eq!(code, Some(0), "{screen}");
    let session = only_session(&home);
    assert!(screen.contains(&format!("resume {session}")), "{screen}");

    let mut terminal = Terminal::start(&home, &["resume"]);
    terminal.see("Next: Cache subnet group");
    for step in 3..=8 {
        terminal.see(&format!("Step {step} of 20"));
        terminal.choose("Run this step");
    }
    terminal.choose("Clean up now");
    terminal.see("Nothing is left");
    let (code, screen) = terminal.end();
    assert_eq!(code, Some(0), "{screen}");
    assert!(screen.lines().all(|l| l.chars().count() <= 80), "{screen}");
}

#[test]
fn ctrl_c_saves_at_steps_and_deletes_nothing_at_cleanup() {
    let home = Home::new().without_engines();
    for key in [CTRL_C, CTRL_D] {
        let mut terminal = Terminal::start(&home, &["--sandbox"]);
        terminal.choose("Use these settings");
        terminal.see("Step 1 of 20");
        terminal.see("Run this step");
        terminal.press(key);
        let (code, screen) = terminal.end();
        assert_eq!(code, Some(130), "{screen}");
        assert!(screen.contains("resume rw-"), "{screen}");
        home.run(&["cleanup", "--yes"]).expect(0);
    }
    home.run(&["--sandbox", "--yes", "--keep"]).expect(0);
    let unfinished = home.run(&["sessions", "--json"]).expect(0).json();
    let session = unfinished
        .as_array()
        .and_then(|l| l.iter().find(|s| s["state"] != "closed"))
        .and_then(|s| s["session"].as_str())
        .expect("the kept one")
        .to_owned();
    // The name has to be typed; anything else, and Enter alone, deletes nothing.
    for answer in [CTRL_C, "\r", "yes\r", CTRL_D] {
        let mut terminal = Terminal::start(&home, &["cleanup", &session]);
        terminal.see(&session);
        terminal.see("name");
        terminal.press(answer);
        if answer == "\r" || answer == "yes\r" {
            terminal.press(CTRL_C);
        }
        let (code, screen) = terminal.end();
        assert_ne!(code, Some(0), "{screen}");
        let groups = home.aws(&["elasticache", "describe-replication-groups"]).expect(0).out;
        assert!(groups.contains(&session), "{groups}");
    }
    let mut terminal = Terminal::start(&home, &["cleanup", &session]);
    terminal.see("name");
    terminal.press(&format!("{session}\r"));
    terminal.see("Nothing is left");
    assert_eq!(terminal.end().0, Some(0));
}

#[test]
fn ctrl_c_during_a_wait_leaves_a_resumable_session() {
    let home = Home::new();
    home.serve(&["--no-engines", "--pace", "0.05"]);
    let mut terminal = Terminal::start(&home, &["--sandbox", "--yes"]);
    terminal.see("creating");
    terminal.press(CTRL_C);
    let (code, screen) = terminal.end();
    assert_eq!(code, Some(130), "{screen}");
    let session = only_session(&home);
    assert!(screen.contains(&format!("resume {session}")), "{screen}");
    assert!(screen.contains("It leaves: "), "Ctrl-C is no failure: {screen}");
    home.run(&["resume", "--yes"]).expect(0);
    let status = home.run(&["status", &session, "--json"]).expect(0).json();
    assert_eq!(status["state"], "closed", "{status}");
    // The same holds in a walk with prompts, where keys turn pages during the wait.
    let home = Home::new();
    home.serve(&["--no-engines", "--pace", "0.05"]);
    let session = walked(&home, 7);
    let mut terminal = Terminal::start(&home, &["resume"]);
    terminal.see("Step 8 of 20");
    terminal.choose("Run this step");
    terminal.see("Space turns a page");
    terminal.see("creating");
    terminal.press(" ");
    terminal.press(CTRL_C);
    let (code, screen) = terminal.end();
    assert_eq!(code, Some(130), "{screen}");
    assert!(screen.contains(&format!("resume {session}")), "{screen}");
    home.run(&["cleanup", "--yes"]).expect(0);
}

#[test]
fn narrow_dumb_and_colourless_terminals_are_served() {
    let home = Home::new().without_engines();
    for (columns, arguments) in [(60, vec![]), (40, vec![]), (120, vec!["--plain"])] {
        let mut all = vec!["--sandbox"];
        all.extend(arguments);
        let mut terminal = Terminal::of_width(&home, columns, &all);
        terminal.see("Settings");
        terminal.press(CTRL_C);
        let (code, screen) = terminal.end();
        assert_eq!(code, Some(130), "{screen}");
    }
    let mut command = home.recipe_walk(&["--sandbox", "--yes", "--plain"]);
    let said = run(command.env("NO_COLOR", "1")).expect(0);
    assert!(!said.out.contains('\x1b') && !said.out.contains('─') && !said.out.contains('│'), "{}", said.out);
}

#[test]
fn quitting_at_every_step_and_resuming_loses_nothing() {
    let home = Home::new().without_engines();
    let mut arguments = vec!["--sandbox"];
    for step in 1..=8 {
        let mut terminal = Terminal::start(&home, &arguments);
        if step == 1 {
            terminal.choose("Use these settings");
        }
        terminal.see(&format!("Step {step} of 20"));
        terminal.choose("Quit and resume later");
        assert_eq!(terminal.end().0, Some(0), "quit at step {step}");
        arguments = vec!["resume"];
        let mut terminal = Terminal::start(&home, &arguments);
        terminal.see(&format!("Step {step} of 20"));
        terminal.choose("Run this step");
        if step == 2 {
            terminal.see("What do you think?");
            terminal.press("\r");
        }
        // Quit again as soon as the next question comes: the step that ran must not run twice.
        let next = if step == 8 { "Clean up now".to_owned() } else { format!("Step {} of 20", step + 1) };
        terminal.see(&next);
        terminal.asked(if step == 8 { "Clean up now" } else { "What now?" });
        terminal.press(CTRL_C);
        assert_eq!(terminal.end().0, Some(130), "after step {step}");
    }
    let groups = home.aws(&["elasticache", "describe-replication-groups"]).expect(0).json();
    assert_eq!(groups["ReplicationGroups"].as_array().expect("groups").len(), 1);
    home.run(&["cleanup", "--yes"]).expect(0);
}

#[test]
fn a_terminal_that_goes_away_gives_the_session_back() {
    let home = Home::new().without_engines();
    let mut terminal = Terminal::start(&home, &["--sandbox"]);
    terminal.choose("Use these settings");
    terminal.see("Run this step");
    // The kernel sends this signal when the terminal closes, for instance with a CloudShell tab.
    let pid = terminal.child.id().to_string();
    std::process::Command::new("kill").args(["-HUP", &pid]).status().expect("kill");
    let mut child = terminal.child;
    until("the walk has ended", || child.try_wait().expect("the walk").is_some());
    home.run(&["cleanup", "--yes"]).expect(0);
}
