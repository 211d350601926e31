//! A recipe of which the program knows nothing is walked, cut off, resumed, broken, reported and cleaned up.

use crate::support::pty::Terminal;
use crate::support::{Home, kill, only_session, until};
use std::path::Path;
use std::process::Stdio;

fn directory() -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/second-recipe").display().to_string()
}

#[test]
fn another_recipe_needs_no_code() {
    let home = Home::new();
    let recipe = directory();
    let said = home.run(&["check", &recipe]).expect(0);
    assert!(said.out.contains("is sound"), "{}", said.out);
    home.run(&["--sandbox", "--yes", "--keep", "--recipe", &recipe]).expect(0);
    let session = only_session(&home);
    let status = home.run(&["status", &session, "--json"]).expect(0).json();
    assert_eq!(status["measured"]["read"]["characters"], "hello from us-east-1".len(), "{status}");

    // Its lab: the note goes, the reader says so, and it is made again.
    let mut terminal = Terminal::start(&home, &["lab", "lost-note"]);
    terminal.see("cannot be read. Is it still there?");
    terminal.choose("Let recipe-walk make");
    let (code, screen) = terminal.end();
    assert!(code == Some(0) && screen.contains("it works.") && screen.contains("Mended."), "{screen}");

    let transcript = home.run(&["transcript", &session]).expect(0).out;
    assert!(transcript.contains("./demo read --region us-east-1 --note"), "{transcript}");
    home.run(&["cleanup", &session, "--yes"]).expect(0);
    let status = home.run(&["status", &session, "--json"]).expect(0).json();
    assert_eq!(status["state"], "closed", "{status}");
    for format in ["md", "html", "json"] {
        let text = home.run(&["report", &session, "--format", format, "--output", "-"]).expect(0).out;
        assert!(text.contains("A note and its reader"), "{text}");
        assert!(!text.to_lowercase().contains("mysql"), "{format}: {text}");
    }
}

#[test]
fn another_recipe_is_resumed_wherever_it_was_killed() {
    let recipe = directory();
    let calls = ["PutParameter", "CreateSecurityGroup", "PutRolePolicy", "RunInstances", "SendCommand"];
    for (operation, kind) in
        calls.into_iter().flat_map(|call| [(call, "stall-before"), (call, "stall-after")])
    {
        let home = Home::new();
        home.serve(&[]);
        home.run(&["sandbox", "fault", "add", operation, kind]).expect(0);
        let walk = home
            .recipe_walk(&["--sandbox", "--yes", "--recipe", &recipe])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the walk starts");
        until("the call is held", || {
            let faults = home.run(&["sandbox", "fault", "list", "--json"]).expect(0).json();
            faults[0]["held"] == 1
        });
        kill(walk);
        home.run(&["sandbox", "fault", "clear"]).expect(0);
        let session = only_session(&home);
        home.run(&["resume", &session, "--yes", "--take-over"]).expect(0);
        let status = home.run(&["status", &session, "--json"]).expect(0).json();
        assert_eq!(status["state"], "closed", "{operation}, {kind}: {status}");
        assert!(status["measured"]["read"].is_object(), "{operation}, {kind}: {status}");
    }
}
