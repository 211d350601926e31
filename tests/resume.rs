//! Resuming: after quitting at every step, and elsewhere than where the session belongs.

use crate::support::{Home, only_session, until};
use std::process::Stdio;

/// The journal's records.
fn records(home: &Home) -> Vec<serde_json::Value> {
    let dir = home.state().join("sessions").join(only_session(home));
    let text = std::fs::read_to_string(dir.join("journal.jsonl")).expect("the journal");
    text.lines().map(|l| serde_json::from_str(l).expect("a record")).collect()
}

#[test]
fn a_walk_killed_at_any_record_is_resumed_to_the_end() {
    // How many records a whole walk writes before its clean-up.
    let whole = {
        let home = Home::new().without_engines();
        home.run(&["--sandbox", "--yes", "--keep"]).expect(0);
        let all = records(&home).len();
        home.run(&["cleanup", "--yes"]).expect(0);
        all
    };
    assert!(whole > 40, "{whole}");
    for wanted in (6..whole).step_by(7) {
        let home = Home::new().without_engines();
        let mut walk = home
            .recipe_walk(&["--sandbox", "--yes", "--keep"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the walk starts");
        let sessions = home.state().join("sessions");
        until("the walk has written its records", || {
            let written = std::fs::read_dir(&sessions)
                .ok()
                .and_then(|mut d| d.next()?.ok())
                .and_then(|d| std::fs::read_to_string(d.path().join("journal.jsonl")).ok())
                .map_or(0, |t| t.lines().count());
            written >= wanted || walk.try_wait().expect("the walk").is_some()
        });
        walk.kill().expect("killed");
        walk.wait().expect("reaped");
        home.run(&["resume", "--yes", "--keep"]).expect(0);
        let groups = home.aws(&["elasticache", "describe-replication-groups"]).expect(0).json();
        assert_eq!(groups["ReplicationGroups"].as_array().expect("groups").len(), 1, "killed at {wanted}");
        let instances = home
            .aws(&[
                "ec2",
                "describe-instances",
                "--filters",
                "Name=instance-state-name,Values=running,pending",
            ])
            .expect(0)
            .json();
        assert_eq!(instances["Reservations"].as_array().expect("instances").len(), 1, "killed at {wanted}");
        home.run(&["cleanup", "--yes"]).expect(0);
    }
}

#[test]
fn a_session_is_resumed_only_where_it_belongs() {
    let home = Home::new().without_engines();
    home.run(&["--sandbox", "--yes", "--keep"]).expect(0);
    let session = only_session(&home);
    let dir = home.state().join("sessions").join(&session);
    let journal = dir.join("journal.jsonl");
    let text = std::fs::read_to_string(&journal).expect("the journal");
    std::fs::write(&journal, text.replacen("\"account\":\"", "\"account\":\"9", 1)).expect("another account");
    let said = home.run(&["cleanup", &session, "--yes"]).expect(12);
    assert!(said.err.contains("account"), "{}", said.err);
    std::fs::write(&journal, text).expect("the right account");
    home.run(&["cleanup", &session, "--yes"]).expect(0);
}

#[test]
fn without_a_name_the_only_unfinished_session_is_meant() {
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
fn a_crashed_sandbox_comes_back_with_the_same_resources_and_data() {
    let home = Home::new();
    home.run(&["--sandbox", "--yes", "--keep"]).expect(0);
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
    // The data set is still there: the demo finds it by its checksum.
    home.run(&["cleanup", "--yes"]).expect(0);
}
