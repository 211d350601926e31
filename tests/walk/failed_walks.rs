//! Walks that fail without anybody there: what they made goes, and the failure stays a failure.

use crate::support::sessions::{databases, groups};
use crate::support::{Home, only_session};
use serde_json::Value;

/// What a home's sandbox holds.
fn resources(home: &Home) -> Vec<Value> {
    let status = home.run(&["sandbox", "status", "--json"]).expect(0).json();
    status["resources"].as_array().expect("resources").clone()
}

fn refuse(home: &Home, operation: &str) {
    home.run(&["sandbox", "fault", "add", operation, "refuse"]).expect(0);
}

#[test]
fn failed_walk_without_keep_is_cleaned_up() {
    for (operation, code) in [("CreateDBInstance", 10), ("CreateInstanceProfile", 10)] {
        let home = Home::new().without_engines();
        refuse(&home, operation);
        let said = home.run(&["--sandbox", "--yes"]).expect(code);
        let session = only_session(&home);
        assert_eq!(resources(&home), [Value::Null; 0], "{operation}");
        assert!(said.out.contains("Receipt") && said.out.contains("othing is left"), "{}", said.out);
        assert!(said.err.contains(operation) && said.err.contains("is deleted"), "{}", said.err);
        assert!(!said.err.contains(&format!("resume {session}")), "there is nothing to resume: {}", said.err);
        let status = home.run(&["status", &session, "--json"]).expect(0).json();
        assert_eq!(status["state"], "closed", "{status}");
    }
}

#[test]
fn failed_resume_without_keep_is_cleaned_up_too() {
    let home = Home::new().without_engines();
    refuse(&home, "CreateDBInstance");
    let said = home.run(&["--sandbox", "--yes", "--keep"]).expect(10);
    let session = only_session(&home);
    assert!(said.err.contains(&format!("resume {session}")), "{}", said.err);
    assert!(said.err.contains("It leaves: ") && said.err.contains("replication group"), "{}", said.err);
    assert_eq!((groups(&home), databases(&home)), (1, 0), "--keep keeps");
    refuse(&home, "CreateDBInstance");
    let said = home.run(&["resume", &session, "--yes", "--json"]).expect(10);
    let events: Vec<Value> = said.out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let named: Vec<&str> = events.iter().filter_map(|event| event["event"].as_str()).collect();
    let [.., "error", "end"] = &named[..] else { panic!("{named:?}") };
    assert!(named.contains(&"receipt"), "{named:?}");
    assert_eq!(events.last().expect("an end")["exit"], 10);
    assert_eq!(resources(&home), [Value::Null; 0]);
}

#[test]
fn failed_clean_up_is_told_with_its_command() {
    let home = Home::new().without_engines();
    refuse(&home, "CreateDBInstance");
    home.run(&["sandbox", "fault", "add", "DeleteReplicationGroup", "refuse", "--times", "9"]).expect(0);
    let said = home.run(&["--sandbox", "--yes"]).expect(10);
    let session = only_session(&home);
    assert!(said.err.contains("CreateDBInstance") && said.err.contains("did not end well"), "{}", said.err);
    assert!(said.err.contains(&format!("recipe-walk cleanup {session}")), "{}", said.err);
    home.run(&["sandbox", "fault", "clear"]).expect(0);
    home.run(&["cleanup", "--yes"]).expect(0);
}

#[test]
fn launch_is_encrypted_tagged_and_unthrottled() {
    let home = Home::new().without_engines();
    home.run(&["--sandbox", "--yes", "--keep"]).expect(0);
    let session = only_session(&home);
    let state = home.state().join("sandbox/world.jsonl");
    let world = std::fs::read_to_string(state).expect("the sandbox's state");
    assert!(
        world.contains("\"encrypted\":true,") || world.contains("\"encrypted\":true}"),
        "no encrypted volume"
    );
    assert!(world.contains("\"cpu_credits\":\"unlimited\""));
    for kind in ["instance", "volume", "network-interface"] {
        let filters =
            [format!("Name=resource-type,Values={kind}"), "Name=key,Values=recipe-walk:session".into()];
        let mut command = vec!["ec2", "describe-tags", "--filters"];
        command.extend(filters.iter().map(String::as_str));
        let tags = home.aws(&command).expect(0).json();
        assert_eq!(tags["Tags"][0]["Value"], session.as_str(), "{kind}: {tags}");
    }
    home.run(&["cleanup", "--yes"]).expect(0);
}
