//! Durable sessions: a walk that dies and goes on, what drifted meanwhile, and who holds it.

use crate::support::{Home, Said, only_session, run, until};
use std::path::PathBuf;
use std::process::{Child, Stdio};

/// Starts a walk and waits until a call of the operation is held by a fault.
pub(crate) fn walk_held_at(home: &Home, operation: &str, kind: &str) -> (Child, String) {
    home.run(&["sandbox", "fault", "add", operation, kind]).expect(0);
    let walk = home
        .recipe_walk(&["--sandbox", "--yes", "--keep", "--owner", "ana", "--cohort", "june"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the walk starts");
    until("the call is held", || {
        let faults = home.run(&["sandbox", "fault", "list", "--json"]).expect(0).json();
        faults[0]["held"] == 1
    });
    (walk, only_session(home))
}

pub(crate) fn kill(mut walk: Child) {
    walk.kill().expect("killed");
    walk.wait().expect("reaped");
}

/// Runs the program in another home, as another machine would: its account is the first one's sandbox.
pub(crate) fn elsewhere(other: &Home, sandbox: &Home, arguments: &[&str]) -> Said {
    run(other.recipe_walk(arguments).envs(sandbox.sandbox_env()))
}

pub(crate) fn groups(home: &Home) -> usize {
    let groups = home.aws(&["elasticache", "describe-replication-groups"]).expect(0).json();
    groups["ReplicationGroups"].as_array().expect("groups").len()
}

pub(crate) fn databases(home: &Home) -> usize {
    let databases = home.aws(&["rds", "describe-db-instances"]).expect(0).json();
    databases["DBInstances"].as_array().expect("databases").len()
}

pub(crate) fn directory(home: &Home, session: &str) -> PathBuf {
    home.state().join("sessions").join(session)
}

pub(crate) fn kept(home: &Home, more: &[&str]) -> String {
    let before = names(home);
    home.run(&[&["--sandbox", "--yes", "--keep"], more].concat()).expect(0);
    names(home).into_iter().find(|name| !before.contains(name)).expect("a new session")
}

fn names(home: &Home) -> Vec<String> {
    let list = home.run(&["sessions", "--json"]).expect(0).json();
    let list = list.as_array().expect("a list").iter();
    list.map(|s| s["session"].as_str().expect("a name").to_owned()).collect()
}

/// As if the session had been begun long ago: its groups tell it.
pub(crate) fn expire(home: &Home, session: &str) {
    for name in ["app", "cache", "db"] {
        let filter = format!("Name=group-name,Values={session}-{name}");
        let groups = home.aws(&["ec2", "describe-security-groups", "--filters", &filter]).expect(0).json();
        let group = groups["SecurityGroups"][0]["GroupId"].as_str().expect("a group").to_owned();
        let tag = "Key=recipe-walk:expires-at,Value=2026-01-01T00:00:00Z";
        home.aws(&["ec2", "create-tags", "--resources", &group, "--tags", tag]).expect(0);
    }
}

/// The time of day, as a lease states it.
pub(crate) fn now(home: &Home) -> String {
    let now = home.command("date").args(["-u", "+%Y-%m-%dT%H:%M:%SZ"]).output().expect("date").stdout;
    String::from_utf8(now).expect("a time").trim().to_owned()
}

/// Names of everything in the account that begins as a session's things do.
pub(crate) fn parameters(home: &Home, session: &str) -> Vec<String> {
    let all = home.aws(&["ssm", "describe-parameters"]).expect(0).json();
    let names = all["Parameters"].as_array().expect("parameters").iter();
    names.filter_map(|p| p["Name"].as_str()).filter(|n| n.contains(session)).map(str::to_owned).collect()
}

#[test]
fn a_killed_walk_goes_on_here_unasked_and_elsewhere_by_decision() {
    let home = Home::new().without_engines();
    let (walk, session) = walk_held_at(&home, "CreateReplicationGroup", "stall-after");
    kill(walk);
    home.run(&["sandbox", "fault", "clear"]).expect(0);
    // Another machine sees the dead walk's lease and does not know that it is dead.
    let other = Home::new();
    let said = elsewhere(&other, &home, &["resume", &session, "--aws", "--yes", "--keep"]).expect(7);
    assert!(said.err.contains("is held by") && said.err.contains("--take-over"), "{}", said.err);
    assert!(!directory(&other, &session).exists(), "a refused resume leaves nothing behind");
    // This machine knows that it is its own.
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
fn what_drifted_is_told_and_repaired_and_what_became_foreign_is_left_alone() {
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
