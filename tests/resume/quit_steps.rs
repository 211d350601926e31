//! Resuming after quitting at every step, in another place than the session's, and after a crash of the sandbox.

use crate::support::checkout::recipe_without;
use crate::support::{Home, only_session, resealed, until};

#[test]
fn a_session_is_resumed_only_where_it_belongs() {
    let home = Home::new().without_engines();
    home.run(&["--sandbox", "--yes", "--keep"]).expect(0);
    let session = only_session(&home);
    let dir = home.state().join("sessions").join(&session);
    let journal = dir.join("journal.jsonl");
    let text = std::fs::read_to_string(&journal).expect("the journal");
    let other = resealed(&text.replacen("\"account\":\"", "\"account\":\"9", 1));
    std::fs::write(&journal, other).expect("another account");
    let said = home.run(&["cleanup", &session, "--yes"]).expect(12);
    assert!(said.err.contains(&format!("cleanup {session} --profile")), "{}", said.err);
    std::fs::write(&journal, text).expect("the right account");
    home.run(&["cleanup", &session, "--yes"]).expect(0);
}

#[test]
fn resume_without_a_name_takes_the_only_unfinished_session() {
    let home = Home::new().without_engines();
    let said = home.run(&["resume", "--yes"]).expect(2);
    assert!(said.err.contains("no unfinished session"), "{}", said.err);
    home.run(&["--sandbox", "--yes", "--keep"]).expect(0);
    home.run(&["--sandbox", "--yes", "--keep"]).expect(0);
    let said = home.run(&["cleanup", "--yes"]).expect(2);
    let list = home.run(&["sessions", "--json"]).expect(0).json();
    for session in list.as_array().expect("a list") {
        let name = session["session"].as_str().expect("a name");
        assert!(said.err.contains(name) || said.out.contains(name), "{said:?}");
        home.run(&["cleanup", name, "--yes"]).expect(0);
    }
}

#[test]
fn crashed_sandbox_comes_back_with_its_resources_and_data() {
    let home = Home::new();
    let recipe = recipe_without(home.path(), &["load-test", "patterns"]);
    home.serve(&[]);
    home.run(&["--sandbox", "--yes", "--keep", "--recipe", &recipe]).expect(0);
    let before = home.run(&["sandbox", "status", "--json"]).expect(0).json();
    let groups = home.aws(&["elasticache", "describe-replication-groups"]).expect(0).json();
    let pid = before["pid"].as_i64().expect("a pid").to_string();
    std::process::Command::new("kill").args(["-9", &pid]).status().expect("kill");
    until("its engines are gone with it", || home.processes().is_empty());
    home.serve(&[]);
    until("the engines are back", || {
        let now = home.run(&["sandbox", "status", "--json"]).expect(0).json();
        now["engines"].as_array().is_some_and(|e| e.len() == 3)
    });
    let after = home.run(&["sandbox", "status", "--json"]).expect(0).json();
    assert_eq!(before["endpoint"], after["endpoint"]);
    until("the cache is available again", || {
        home.aws(&["elasticache", "describe-replication-groups"]).expect(0).json() == groups
    });
    // As if the walk had been killed once the data set was loaded: the comparison reads the very rows from before the
    // crash, for they are not loaded again.
    let journal = home.state().join("sessions").join(only_session(&home)).join("journal.jsonl");
    let text = std::fs::read_to_string(&journal).expect("the journal");
    let verified = text.find("\"record\":{\"verified\":{\"step\":\"load-data\"").expect("loaded");
    let end = verified + text[verified..].find('\n').expect("a whole line") + 1;
    std::fs::write(&journal, &text[..end]).expect("cut");
    home.run(&["resume", "--yes", "--keep"]).expect(0);
    let text = std::fs::read_to_string(&journal).expect("the journal");
    assert!(text[end..].contains("\"kind\":\"compare\"") && !text[end..].contains("\"kind\":\"load-data\""));
    home.run(&["cleanup", "--yes"]).expect(0);
}
