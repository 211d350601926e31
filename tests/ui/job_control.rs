//! The terminal belongs to whoever has its foreground: under `timeout`, in the background, after Ctrl-Z, and however the
//! program ends.

use crate::support::pty::Terminal;
use crate::support::{Home, PROGRAM, only_session, until};
use rustix::process::{Pid, Signal, kill_process};

/// A home whose sandbox never gets ready: whoever waits goes on waiting.
fn slow_home() -> Home {
    let home = Home::new();
    home.serve(&["--no-engines", "--pace", "real"]);
    home
}

/// The one walk or clean-up in a home.
fn pid(home: &Home, words: &str) -> Pid {
    let mut found = None;
    until("the program runs", || {
        let ours = |line: &str| line.starts_with(PROGRAM) && line.contains(words);
        found = home.processes().into_iter().find(|(_, line)| ours(line)).map(|(pid, _)| pid);
        found.is_some()
    });
    Pid::from_raw(found.expect("a process")).expect("a pid")
}

/// Has a shell without job control run this in a terminal: what `timeout` or `&` begins there is in the background.
fn script(home: &Home, text: &str) -> Terminal {
    Terminal::running(home, &["sh", "-c", &text.replace("RW", PROGRAM)])
}

#[test]
fn walk_and_cleanup_under_timeout_reach_their_end() {
    let home = Home::new().without_engines();
    script(&home, "timeout 55 RW --sandbox --yes --keep; echo walk=$?").see("walk=0");
    let session = only_session(&home);
    script(&home, &format!("timeout 55 RW cleanup {session} --yes; echo cleanup=$?")).see("cleanup=0");
    script(&home, "RW --sandbox --yes > walk.txt & wait $!; echo job=$?").see("job=0");
}

#[test]
fn timeout_ends_a_walk_that_waits_and_frees_its_session() {
    let home = slow_home();
    let mut terminal = script(&home, "timeout 600 RW --sandbox --yes --keep; echo walk=$?");
    terminal.see("creating");
    kill_process(pid(&home, "--sandbox --yes"), Signal::TERM).expect("it runs");
    terminal.see("walk=130");
    // Nobody holds the session any more.
    home.run(&["status", &only_session(&home)]).expect(0);
    let session = only_session(&home);
    let mut again = script(&home, &format!("timeout 2 RW resume {session} --yes --keep; echo walk=$?"));
    again.see("creating");
    again.see("walk=124");
}

#[test]
fn question_in_the_background_is_refused_instead_of_stopping() {
    let home = Home::new().without_engines();
    let mut terminal = script(&home, "timeout 55 RW walk --sandbox; echo walk=$?");
    terminal.see("walk=13");
    assert!(
        terminal.screen().contains("foreground") && terminal.screen().contains("--yes"),
        "{}",
        terminal.screen()
    );
}

#[test]
fn terminated_question_leaves_the_terminal_as_it_was() {
    let home = Home::new().without_engines();
    for signal in [Signal::TERM, Signal::HUP, Signal::QUIT] {
        let mut terminal = Terminal::start(&home, &["walk", "--sandbox"]);
        terminal.asked("Use these settings");
        kill_process(pid(&home, "walk --sandbox"), signal).expect("it runs");
        until("pastes are not bracketed", || !terminal.brackets_pastes());
        let (code, screen) = terminal.end();
        assert_eq!(code, Some(130), "{signal:?}:\n{screen}");
    }
}

#[test]
fn ctrl_backslash_in_a_wait_leaves_a_terminal_that_echoes() {
    let home = slow_home();
    let mut terminal = Terminal::start(&home, &["--sandbox", "--yes", "--keep"]);
    terminal.see("creating");
    until("single keys are read", || !terminal.is_usual());
    terminal.press("\x1c");
    assert_eq!(terminal.end().0, Some(130));
}

#[test]
fn stopped_question_is_asked_anew() {
    let home = Home::new().without_engines();
    let mut terminal = Terminal::shell(&home);
    terminal.press(&format!("{PROGRAM} --plain walk --sandbox\r"));
    terminal.see("Type a letter or a word");
    terminal.press("\x1a");
    terminal.see("Stopped");
    terminal.press("clear; fg\r");
    until("the question is there again", || terminal.is_asked("Type a letter or a word"));
    terminal.press("\x03");
    terminal.see("ready> ");
    terminal.press("clear; exit\r");
    terminal.end();
}

#[test]
fn unknown_terminals_and_accessible_ones_get_no_escapes() {
    let home = Home::new().without_engines();
    for (name, value) in [("TERM", ""), ("TERM", "unknown"), ("TERM", "dumb"), ("ACCESSIBLE", "1")] {
        let mut terminal = Terminal::with(&home, 80, &["doctor"], &[(name, value)]);
        terminal.see("sandbox");
        let bytes = terminal.all_bytes();
        assert!(!bytes.contains('\u{1b}'), "{name}={value}: {bytes:?}");
    }
}
