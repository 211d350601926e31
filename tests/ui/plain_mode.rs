//! Plain mode, skipped steps, and the questions before a walk and after it.

use crate::support::Home;
use crate::support::pty::{CTRL_C, CTRL_D, Terminal};

#[test]
fn plain_mode_walks_everything_without_control_sequences() {
    let home = Home::new().without_engines();
    let mut terminal = Terminal::tall(&home, &["--plain"]);
    terminal.asked("Where do you want to run it?");
    terminal.press("s\r");
    terminal.asked("Settings of this walk:");
    terminal.press("\r");
    terminal.asked("Run this step");
    // An unknown word is refused, and a word from the middle of an entry is asked about.
    terminal.press("xyzzy\r");
    terminal.see("'xyzzy' is none of these.");
    terminal.asked("Run this step");
    terminal.press("step\r");
    terminal.see("Then type its letter.");
    terminal.asked("Run this step");
    terminal.press("m\r");
    terminal.see("In production:");
    for step in 1..=8 {
        terminal.see(&format!("Step {step} of 20"));
        // A letter, a word and Enter alone all choose the first entry.
        terminal.asked("Run this step");
        terminal.press(["r\r", "run\r", "\r"][step % 3]);
        if step == 2 {
            terminal.asked("What do you think?");
            terminal.press("2\r");
            terminal.see("Right:");
        }
    }
    terminal.asked("Clean up now");
    terminal.press("back\r");
    terminal.asked("Which step?");
    terminal.press("b\r");
    // Only the step's prose says this, so the earlier step is shown.
    terminal.see("The source of each rule.");
    terminal.asked("Clean up now");
    terminal.press("c\r");
    terminal.see("Nothing is left");
    let painted = terminal.painted();
    let (code, screen) = terminal.end();
    assert_eq!(code, Some(0), "{screen}");
    assert!(!painted.contains("\x1b[3") && !painted.contains("\x1b[1m"), "{painted}");
    let drawn = |c: char| ('\u{2500}'..='\u{259f}').contains(&c) || "✓✗›".contains(c);
    assert!(!screen.chars().any(drawn), "{screen}");
    assert!(screen.lines().all(|l| l.chars().count() <= 80), "{screen}");
}

#[test]
fn skipping_an_optional_step_skips_what_needs_it() {
    let home = Home::new().without_engines();
    home.run(&["new", "mine"]).expect(0);
    let file = home.path().join("mine/recipe.toml");
    let text = std::fs::read_to_string(&file).expect("the recipe");
    let at = text.find("id = \"parameter-group\"").expect("the step");
    let text = text[..at].to_owned() + &text[at..].replacen("optional = false", "optional = true", 1);
    std::fs::write(&file, text).expect("written");
    let mut terminal = Terminal::tall(&home, &["--sandbox", "--recipe", "mine"]);
    terminal.choose("Use these settings");
    for step in 1..=3 {
        terminal.see(&format!("Step {step} of 20"));
        terminal.asked("What now?");
        assert!(!terminal.screen().contains("Skip this step"), "{}", terminal.screen());
        terminal.choose("Run this step");
        if step == 2 {
            terminal.asked("What do you think?");
            terminal.press("\r");
        }
    }
    terminal.see("Step 4 of 20");
    terminal.choose("Skip this step");
    terminal.see("Left out: Cache parameter group (optional).");
    terminal.see("Left out: Replication group (it needs 'parameter-group', which was left out).");
    terminal.see("Step 6 of 20");
    terminal.choose("Quit and resume later");
    assert_eq!(terminal.end().0, Some(0));
    let groups = home.aws(&["elasticache", "describe-cache-parameter-groups"]).expect(0).out;
    assert!(!groups.contains("-lru"), "{groups}");
    home.run(&["cleanup", "--yes"]).expect(0);
}

#[test]
fn leaving_the_question_where_to_look_does_nothing() {
    let home = Home::new();
    for arguments in [&["sessions", "--remote"][..], &["board", "--cohort", "june"]] {
        for key in [CTRL_C, CTRL_D, "\x1b", "\r"] {
            let mut terminal = Terminal::start(&home, arguments);
            terminal.asked("Where do you want to look?");
            terminal.press("nonsense\r");
            terminal.see("'nonsense' is none of these.");
            terminal.asked("Where do you want to look?");
            terminal.press(key);
            let (code, screen) = terminal.end();
            assert_eq!(code, Some(130), "{key:?}:\n{screen}");
            assert!(!home.state().join("sandbox/access.json").exists(), "{screen}");
        }
    }
}

#[test]
fn leaving_the_clean_up_menu_deletes_nothing() {
    let home = Home::new().without_engines();
    home.run(&["--sandbox", "--yes", "--keep"]).expect(0);
    for key in [CTRL_C, CTRL_D, "\x1b"] {
        let mut terminal = Terminal::start(&home, &["resume"]);
        terminal.choose("Back: re-read");
        terminal.asked("Which step?");
        terminal.press(key);
        terminal.asked("Clean up now");
        // Typing that fits no entry hides none and chooses none.
        terminal.press("zz");
        terminal.see("What now? zz");
        terminal.asked("Clean up now");
        terminal.press("\r");
        terminal.see("'zz' is none of these.");
        terminal.asked("Clean up now");
        terminal.press(key);
        assert_eq!(terminal.end().0, Some(130), "{key:?}");
        let groups = home.aws(&["elasticache", "describe-replication-groups"]).expect(0).json();
        assert_eq!(groups["ReplicationGroups"].as_array().map(Vec::len), Some(1), "{groups}");
    }
    home.run(&["cleanup", "--yes"]).expect(0);
}
