//! The printed commands are typed as a person would: the ordinary AWS CLI makes every step's resources, and the walk
//! adopts them. Version 1 of the CLI always, version 2 where `RECIPE_WALK_AWS2` names one.

use crate::support::pty::Terminal;
use crate::support::{Home, PROGRAM, only_session, run};
use std::os::unix::fs::symlink;

fn every_step(aws: &str) {
    let home = Home::new();
    let bin = home.programs().to_owned();
    let aws = run(home.command("sh").args(["-c", "command -v \"$0\"", aws])).expect(0).out;
    symlink(aws.trim(), bin.join("aws")).expect("a link");
    symlink(PROGRAM, bin.join("recipe-walk")).expect("a link");
    let home = home.without_engines();
    let mut terminal = Terminal::tall(&home, &["--sandbox"]);
    terminal.choose("Use these settings");
    terminal.see("Step 1 of 20");
    terminal.choose("Run this step");
    let mut once = String::new();
    for step in 2..=7 {
        terminal.see(&format!("Step {step} of 20"));
        terminal.choose("I'll do it myself");
        if step == 2 {
            // Somebody who makes the step alone is still asked the step's question, once.
            terminal.asked("What do you think?");
            terminal.press("\r");
        }
        terminal.choose("Show me the exact commands");
        terminal.asked("In another terminal. Done?");
        let commands = terminal.printed_commands();
        if let Some(line) = commands.lines().find(|line| line.starts_with("eval ")) {
            line.clone_into(&mut once);
        }
        let script = format!("set -eu\nPATH=\"{}:$PATH\"\n{once}\n{commands}\n", bin.display());
        let said = run(home.command("bash").args(["-c", &script]));
        assert_eq!(said.code, Some(0), "{script}\n{}\n{}", said.out, said.err);
        terminal.choose("Check what I made");
    }
    terminal.see("Step 8 of 20");
    let screen = terminal.screen();
    assert!(!screen.contains("not as planned") && !screen.contains("is not there yet"), "{screen}");
    assert!(screen.contains("there, and the session's: EC2 instance"), "{screen}");
    terminal.choose("Run this step");
    terminal.choose("Clean up now");
    terminal.see("Nothing is left");
    assert_eq!(terminal.end().0, Some(0));
    // The walk itself made none of it but its notes and their key.
    let journal = home.state().join("sessions").join(only_session(&home)).join("journal.jsonl");
    let journal = std::fs::read_to_string(journal).expect("the journal");
    let adopted = journal.matches("\"record\":{\"adopted\"").count();
    assert_eq!((adopted, journal.matches("\"record\":{\"created\"").count()), (18, 3), "{journal}");
}

#[test]
fn every_step_is_made_with_its_printed_commands_and_adopted() {
    every_step(&std::env::var("RECIPE_WALK_AWS").unwrap_or_else(|_| "aws".to_owned()));
}

#[test]
fn every_printed_command_works_with_cli_version_2() {
    // Not every machine has version 2, because no registry for Python has it.
    if let Ok(aws) = std::env::var("RECIPE_WALK_AWS2") {
        every_step(&aws);
    }
}
