//! Leaving every question: nothing is made, and nothing is lost.

use crate::support::Home;
use crate::support::pty::{CTRL_C, CTRL_D, Terminal};

/// Ctrl-C, Ctrl-D and Esc.
const KEYS: [&str; 3] = [CTRL_C, CTRL_D, "\x1b"];

/// How many security groups there are, the VPC's own included.
fn groups(home: &Home) -> usize {
    let all = home.aws(&["ec2", "describe-security-groups"]).expect(0).json();
    all["SecurityGroups"].as_array().map_or(0, Vec::len)
}

/// A walk that has come to the menu of its second step.
fn at_the_second_step(home: &Home) {
    let mut terminal = Terminal::start(home, &["--sandbox"]);
    terminal.choose("Use these settings");
    terminal.choose("Run this step");
    terminal.see("Step 2 of 20");
    terminal.choose("Quit and resume later");
    assert_eq!(terminal.end().0, Some(0));
}

#[test]
fn leaving_any_question_of_a_step_makes_nothing() {
    let home = Home::new().without_engines();
    at_the_second_step(&home);
    let before = groups(&home);
    let paths: [(&[&str], &str); 6] = [
        (&[], "What now?"),
        (&["Run this step"], "What do you think?"),
        (&["I'll do it myself"], "What do you think?"),
        (&["I'll do it myself", "Pass"], "How?"),
        (&["I'll do it myself", "Pass", "Show me the exact commands"], "In another terminal. Done?"),
        (
            &["I'll do it myself", "Pass", "Show me the exact commands", "Check what I made"],
            "In another terminal. Done?",
        ),
    ];
    for (path, question) in paths {
        for key in KEYS {
            let mut terminal = Terminal::start(&home, &["resume"]);
            terminal.see("Step 2 of 20");
            for entry in path {
                terminal.choose(entry);
            }
            if path.len() == 4 {
                terminal.see("is not there yet");
            }
            terminal.asked(question);
            terminal.press(key);
            let (code, screen) = terminal.end();
            assert_eq!(code, Some(130), "{question} {key:?}:\n{screen}");
            assert!(screen.contains("recipe-walk resume rw-") || screen.contains(" resume rw-"), "{screen}");
            assert_eq!(groups(&home), before, "{question} {key:?}");
        }
    }
    // Leaving the list of earlier steps leads back to the menu.
    for key in KEYS {
        let mut terminal = Terminal::start(&home, &["resume"]);
        terminal.see("Step 2 of 20");
        terminal.choose("Back: re-read");
        terminal.asked("Which step?");
        terminal.press(key);
        terminal.choose("Quit and resume later");
        assert_eq!(terminal.end().0, Some(0));
    }
    home.run(&["cleanup", "--yes"]).expect(0);
}

#[test]
fn leaving_the_question_after_a_failure_saves_and_makes_nothing() {
    let home = Home::new().without_engines();
    at_the_second_step(&home);
    let before = groups(&home);
    // Typing that is deleted again, and Enter, does not try again either.
    for keys in [&[CTRL_C][..], &[CTRL_D], &["\x1b"], &["zz", "\x7f\x7f\r"]] {
        home.run(&["sandbox", "fault", "add", "CreateSecurityGroup", "refuse"]).expect(0);
        let mut terminal = Terminal::start(&home, &["resume"]);
        terminal.see("Step 2 of 20");
        terminal.choose("Run this step");
        terminal.asked("What do you think?");
        terminal.press("\r");
        terminal.see("That did not work");
        terminal.asked("Quit; the session is saved");
        for key in keys {
            terminal.press(key);
        }
        // The walk ends with the failure's own exit status.
        assert_eq!(terminal.end().0, Some(10));
        assert_eq!(groups(&home), before);
    }
    home.run(&["cleanup", "--yes"]).expect(0);
}

#[test]
fn leaving_the_settings_begins_nothing() {
    let home = Home::new().without_engines();
    for key in KEYS {
        for entry in ["", "Change cache node type", "Change users of the load test"] {
            let mut terminal = Terminal::start(&home, &["--sandbox"]);
            terminal.asked("Settings of this walk");
            match entry {
                "" => {}
                "Change cache node type" => {
                    terminal.choose(entry);
                    terminal.asked("Which cache node type?");
                }
                _ => {
                    terminal.choose(entry);
                    terminal.see("? How many concurrent users in each stage of the load test?");
                }
            }
            terminal.press(key);
            assert_eq!(terminal.end().0, Some(130), "{key:?} at {entry:?}");
            assert_eq!(home.run(&["sessions", "--json"]).expect(0).json(), serde_json::json!([]));
        }
    }
}

#[test]
fn enter_or_deleted_typing_never_starts_a_billed_walk() {
    let home = Home::new().without_engines();
    let env = home.sandbox_env();
    let env: Vec<(&str, &str)> = env.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    for key in KEYS.into_iter().chain(["\r"]) {
        let mut terminal = Terminal::with(&home, 80, &["--aws"], &env);
        terminal.choose("Use these settings");
        terminal.asked("Build in account");
        terminal.press(key);
        assert_ne!(terminal.end().0, Some(0), "{key:?}");
        assert_eq!(home.run(&["sessions", "--json"]).expect(0).json(), serde_json::json!([]));
    }
    let mut terminal = Terminal::with(&home, 80, &["--aws"], &env);
    terminal.choose("Use these settings");
    terminal.asked("Build in account");
    terminal.press("y\r");
    for step in 1..=4 {
        terminal.see(&format!("Step {step} of 20"));
        terminal.choose("Run this step");
        if step == 2 {
            terminal.asked("What do you think?");
            terminal.press("\r");
        }
    }
    terminal.see("Step 5 of 20");
    terminal.asked("What now?");
    // Text is typed and deleted again before Enter.
    terminal.press("zz");
    terminal.press("\x7f\x7f");
    terminal.asked("What now?");
    terminal.press("\r");
    terminal.see("In production");
    // The arrows pass by Run.
    terminal.asked("What now?");
    terminal.press("\x1b[B\x1b[B");
    terminal.press("\r");
    terminal.see("aws elasticache create-replication-group");
    terminal.choose("Quit and resume later");
    assert_eq!(terminal.end().0, Some(0));
    let caches = home.aws(&["elasticache", "describe-replication-groups"]).expect(0).json();
    assert_eq!(caches["ReplicationGroups"].as_array().map(Vec::len), Some(0), "{caches}");
    let session = crate::support::only_session(&home);
    let mut command = home.recipe_walk(&["cleanup", &session, "--yes"]);
    crate::support::run(command.envs(env)).expect(0);
}
