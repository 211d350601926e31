//! A walk that was killed: it is resumed, cleaned up, shown with its holder, and what drifted meanwhile is repaired.

use crate::support::sessions::{databases, directory, elsewhere, groups, kept, parameters, walk_held_at};
use crate::support::{Home, kill, only_session, until};
use std::process::Stdio;

#[test]
fn killed_walk_resumes_here_and_elsewhere_needs_a_take_over() {
    let home = Home::new().without_engines();
    let (walk, session) = walk_held_at(&home, "CreateReplicationGroup", "stall-after");
    kill(walk);
    home.run(&["sandbox", "fault", "clear"]).expect(0);
    // Another machine sees the dead walk's lease and cannot know that the walk is dead.
    let other = Home::new();
    let said = elsewhere(&other, &home, &["resume", &session, "--aws", "--yes", "--keep"]).expect(7);
    assert!(said.err.contains("is held by") && said.err.contains("--take-over"), "{}", said.err);
    assert!(!directory(&other, &session).exists(), "a refused resume leaves nothing behind");
    // This machine recognises the lease as its own, so it asks nobody.
    home.run(&["resume", "--yes", "--keep"]).expect(0);
    assert_eq!((groups(&home), databases(&home)), (1, 1));
    assert!(!parameters(&home, &session).iter().any(|p| p.ends_with("/lease")), "given back at the end");
    home.run(&["cleanup", "--yes"]).expect(0);
}

#[test]
fn a_session_half_way_through_a_create_is_cleaned_up() {
    for kind in ["stall-before", "stall-after"] {
        let home = Home::new().without_engines();
        let (walk, session) = walk_held_at(&home, "CreateReplicationGroup", kind);
        kill(walk);
        home.run(&["cleanup", &session, "--yes"]).expect(0);
        assert_eq!((groups(&home), parameters(&home, &session).len()), (0, 0), "{kind}");
    }
}

#[test]
fn drift_is_told_and_repaired_but_foreign_resources_are_left() {
    let home = Home::new().without_engines();
    let session = kept(&home, &[]);
    let said = home.run(&["resume", "--yes", "--keep"]).expect(0);
    assert!(said.out.contains("all are as they were left"), "{}", said.out);
    let id = format!("{session}-cache");
    home.aws(&["elasticache", "delete-replication-group", "--replication-group-id", &id]).expect(0);
    until("the group is gone", || groups(&home) == 0);
    let said = home.run(&["resume", "--yes", "--keep"]).expect(0);
    assert!(said.out.contains("Not as it was left") && said.out.contains("is gone"), "{}", said.out);
    assert_eq!(groups(&home), 1);
    let secret = format!("/recipe-walk/{session}/auth-token");
    home.aws(&["ssm", "delete-parameter", "--name", &secret]).expect(0);
    home.aws(&["ssm", "put-parameter", "--name", &secret, "--type", "String", "--value", "x"]).expect(0);
    let said = home.run(&["resume", "--yes", "--keep"]).expect(10);
    assert!(said.out.contains("somebody else's"), "{said:?}");
    // The clean-up does not touch it either, and says that it is there.
    let said = home.run(&["cleanup", "--yes"]).expect(11);
    assert!(said.out.contains(&secret), "{}", said.out);
    home.aws(&["ssm", "delete-parameter", "--name", &secret]).expect(0);
    home.run(&["cleanup", &session, "--yes"]).expect(0);
}

#[test]
fn a_wait_goes_on_from_what_the_cloud_says() {
    let home = Home::new();
    home.serve(&["--no-engines", "--pace", "0.02"]);
    let walk = home
        .recipe_walk(&["--sandbox", "--yes", "--keep"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the walk starts");
    until("the walk waits", || {
        let sessions = std::fs::read_dir(home.state().join("sessions")).ok();
        let dir = sessions.and_then(|mut d| d.next()?.ok());
        let journal = dir.and_then(|d| std::fs::read_to_string(d.path().join("journal.jsonl")).ok());
        journal.is_some_and(|j| j.contains("\"step\":\"app-instance\",\"facts\""))
    });
    kill(walk);
    until("the cloud has finished meanwhile", || {
        let all = home.aws(&["elasticache", "describe-replication-groups"]).expect(0).json();
        all["ReplicationGroups"][0]["Status"] == "available"
    });
    home.run(&["resume", "--yes", "--keep"]).expect(0);
    assert_eq!((groups(&home), databases(&home)), (1, 1));
    home.run(&["cleanup", "--yes"]).expect(0);
}

#[test]
fn status_tells_who_walks_a_session() {
    let home = Home::new().without_engines();
    let (walk, session) = walk_held_at(&home, "CreateDBInstance", "stall-before");
    let status = || home.run(&["status", &session, "--json"]).expect(0).json();
    let held = status()["held_by"].clone();
    assert_eq!((&held["known_from"], &held["stale"]), (&"account".into(), &false.into()), "{held}");
    let process = format!("process {}", walk.id());
    assert!(held["holder"].as_str().is_some_and(|h| h.contains(&process)), "{held}");
    assert!(held["since"].is_string() && held["heard_at"].is_string(), "{held}");
    let said = home.run(&["status", &session]).expect(0);
    assert!(said.out.contains("Held by") && said.out.contains(&process), "{}", said.out);
    // The account is read beside the journal that is being written.
    let said = home.run(&["status", &session, "--remote", "--sandbox"]).expect(0);
    assert!(said.out.contains(&process), "{}", said.out);
    kill(walk);
    home.run(&["sandbox", "fault", "clear"]).expect(0);
    home.run(&["resume", &session, "--yes", "--keep"]).expect(0);
    assert_eq!(status()["held_by"], serde_json::Value::Null, "given back");
    // Without a lease that can be read, the lock of this machine tells.
    let lock = std::fs::File::options().write(true).open(directory(&home, &session).join("lock"));
    let lock = lock.expect("the lock");
    lock.lock().expect("held by this test");
    let held = status()["held_by"].clone();
    assert_eq!(held["known_from"], "this-machine", "{held}");
    drop(lock);
    home.run(&["cleanup", &session, "--yes"]).expect(0);
}

#[test]
fn a_session_is_pinned_to_its_endpoint() {
    let (home, other) = (Home::new().without_engines(), Home::new().without_engines());
    let walk = elsewhere(&home, &home, &["--aws", "--yes", "--keep"]);
    assert!(matches!(walk.code, Some(0 | 10)), "{walk:?}");
    let session = only_session(&home);
    let endpoint = home.sandbox_env().into_iter().find(|(k, _)| k == "AWS_ENDPOINT_URL").expect("one").1;
    for command in ["resume", "cleanup"] {
        let said = elsewhere(&home, &other, &[command, &session, "--yes"]).expect(12);
        assert!(said.err.contains(&format!("export AWS_ENDPOINT_URL={endpoint}")), "{}", said.err);
        home.run(&[command, &session, "--sandbox", "--yes"]).expect(12);
    }
    assert_eq!(groups(&home), 1, "nothing was deleted");
    elsewhere(&home, &home, &["cleanup", &session, "--yes"]).expect(0);
}
