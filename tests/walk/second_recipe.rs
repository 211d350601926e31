//! A recipe of which the program knows nothing is walked, cut off, resumed, broken, reported and cleaned up.

use crate::support::pty::Terminal;
use crate::support::sessions::held_at;
use crate::support::{Home, kill, only_session};
use std::path::Path;

fn directory() -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/second-recipe").display().to_string()
}

/// What a person is told to type who has read what the recipe may do.
fn digest(home: &Home, recipe: &str) -> String {
    let said = home.run(&["--sandbox", "--yes", "--recipe", recipe]).expect(9);
    let digest = said.err.split("--trust-recipe ").nth(1).and_then(|rest| rest.split_whitespace().next());
    digest.unwrap_or_else(|| panic!("{said:?}")).to_owned()
}

#[test]
fn strange_program_and_policy_need_one_agreement_beside_yes() {
    let home = Home::new().without_engines();
    let recipe = home.path().join("strange");
    std::fs::create_dir(&recipe).expect("a directory");
    for entry in std::fs::read_dir(directory()).expect("the recipe") {
        let entry = entry.expect("a file");
        std::fs::copy(entry.path(), recipe.join(entry.file_name())).expect("copied");
    }
    let dir = recipe.display().to_string();
    let begin = ["--sandbox", "--yes", "--keep", "--recipe", &dir];
    let said = home.run(&begin).expect(9);
    let script = std::fs::read(recipe.join("reader.sh")).expect("the program");
    let shown = [format!("{} bytes", script.len()), "ssm:GetParameter".into(), "--yes does not".into()];
    let all = [said.out.as_str(), said.err.as_str()].concat();
    assert!(shown.iter().all(|text| all.contains(text)), "{all}");
    // Nothing was made, nor with another recipe's digest.
    let wrong = "0".repeat(64);
    home.run(&[&begin[..], &["--trust-recipe", &wrong]].concat()).expect(9);
    assert_eq!((home.calls("PutParameter"), home.calls("CreateRole")), (0, 0));
    let trust = digest(&home, &dir);
    home.run(&[&begin[..], &["--trust-recipe", &trust]].concat()).expect(0);
    let session = only_session(&home);
    home.run(&["resume", &session, "--yes", "--keep"]).expect(0);
    // Other content is another matter: the program, and what the policy allows.
    for (file, from, to) in [("reader.sh", "\n", "\n\n"), ("policy.json", "ssm:GetParameter", "ssm:*")] {
        let text = std::fs::read_to_string(recipe.join(file)).expect("a file");
        std::fs::write(recipe.join(file), text.replacen(from, to, 1)).expect("changed");
        home.run(&["resume", &session, "--yes", "--keep"]).expect(9);
        std::fs::write(recipe.join(file), text).expect("as it was");
    }
    home.run(&["cleanup", &session, "--yes"]).expect(0);
}

#[test]
fn another_recipe_needs_no_code() {
    let home = Home::new();
    let recipe = directory();
    let said = home.run(&["check", &recipe]).expect(0);
    assert!(said.out.contains("is sound"), "{}", said.out);
    let trust = digest(&home, &recipe);
    home.run(&["--sandbox", "--yes", "--keep", "--recipe", &recipe, "--trust-recipe", &trust]).expect(0);
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
        let trust = digest(&home, &recipe);
        let (walk, session) =
            held_at(&home, operation, kind, &["--recipe", &recipe, "--trust-recipe", &trust]);
        kill(walk);
        home.run(&["sandbox", "fault", "clear"]).expect(0);
        home.run(&["resume", &session, "--yes", "--take-over"]).expect(0);
        let status = home.run(&["status", &session, "--json"]).expect(0).json();
        assert_eq!(status["state"], "closed", "{operation}, {kind}: {status}");
        assert!(status["measured"]["read"].is_object(), "{operation}, {kind}: {status}");
    }
}
