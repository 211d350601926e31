//! Durable sessions: a walk that dies, a machine that is lost, a journal that is damaged, two walks at once, whole classes.

use crate::support::{Home, Said, only_session, run, until};
use std::path::PathBuf;
use std::process::{Child, Stdio};

/// Starts a walk and waits until a call of the operation is held by a fault.
fn walk_held_at(home: &Home, operation: &str, kind: &str) -> (Child, String) {
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

fn kill(mut walk: Child) {
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

fn directory(home: &Home, session: &str) -> PathBuf {
    home.state().join("sessions").join(session)
}

fn kept(home: &Home, more: &[&str]) -> String {
    let before = names(home);
    home.run(&[&["--sandbox", "--yes", "--keep"], more].concat()).expect(0);
    names(home).into_iter().find(|name| !before.contains(name)).expect("a new session")
}

fn names(home: &Home) -> Vec<String> {
    let list = home.run(&["sessions", "--json"]).expect(0).json();
    let list = list.as_array().expect("a list").iter();
    list.map(|s| s["session"].as_str().expect("a name").to_owned()).collect()
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
fn of_two_walks_on_one_session_one_stops_and_nothing_is_made_twice() {
    let home = Home::new().without_engines();
    let (walk, session) = walk_held_at(&home, "CreateDBInstance", "stall-before");
    let other = Home::new();
    let arguments = ["resume", &session, "--aws", "--yes", "--keep", "--take-over"];
    let said = elsewhere(&other, &home, &arguments);
    // It goes on to the end, or to the first measurement: the control plane alone has nothing to measure.
    assert!(matches!(said.code, Some(0 | 10)), "{said:?}");
    assert!(said.out.contains("so that the other walk notices"), "{said:?}");
    home.run(&["sandbox", "fault", "clear"]).expect(0);
    let ended = walk.wait_with_output().expect("the first walk ends");
    let err = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(7), "{err}");
    assert!(err.contains("was taken over by"), "{err}");
    assert_eq!((groups(&home), databases(&home)), (1, 1));
    elsewhere(&other, &home, &["cleanup", &session, "--yes"]).expect(0);
    assert_eq!((groups(&home), databases(&home)), (0, 0));
}

#[test]
fn a_lost_session_is_resumed_by_its_name() {
    let home = Home::new().without_engines();
    let (walk, session) = walk_held_at(&home, "RunInstances", "stall-before");
    kill(walk);
    home.run(&["sandbox", "fault", "clear"]).expect(0);
    std::fs::remove_dir_all(directory(&home, &session)).expect("lost");
    let said = home.run(&["resume", &session, "--yes", "--keep"]).expect(2);
    assert!(said.err.contains("--sandbox"), "{}", said.err);
    // With the machine its token is lost too: the lease is somebody else's now.
    home.run(&["resume", &session, "--sandbox", "--yes", "--keep"]).expect(7);
    let said = home.run(&["resume", &session, "--sandbox", "--yes", "--keep", "--take-over"]).expect(0);
    assert!(said.out.contains("From the account came back"), "{}", said.out);
    assert_eq!((groups(&home), databases(&home)), (1, 1));
    home.run(&["resume", "rw-aaaaaaaa", "--sandbox", "--yes"]).expect(2);
    assert!(!directory(&home, "rw-aaaaaaaa").exists());
    home.run(&["cleanup", "--yes"]).expect(0);
}

#[test]
fn a_damaged_journal_is_rebuilt_and_kept() {
    let home = Home::new().without_engines();
    let session = kept(&home, &[]);
    let said = home.run(&["resume", &session, "--rebuild", "--yes"]).expect(2);
    assert!(said.err.contains("sound"), "{}", said.err);
    let journal = directory(&home, &session).join("journal.jsonl");
    let text = std::fs::read_to_string(&journal).expect("the journal");
    let mut lines: Vec<&str> = text.lines().collect();
    lines[9] = "rubbish";
    let damaged = lines.join("\n") + "\n";
    std::fs::write(&journal, &damaged).expect("damaged");
    let said = home.run(&["resume", &session, "--yes"]).expect(8);
    assert!(said.err.contains(&format!("resume {session} --rebuild")), "{}", said.err);
    // Its first line is sound: nobody has to say where the session lives.
    home.run(&["resume", &session, "--rebuild", "--yes", "--keep"]).expect(0);
    let copy = directory(&home, &session).join("journal.jsonl.damaged-1");
    assert_eq!(std::fs::read_to_string(copy).expect("kept"), damaged);
    std::fs::write(&journal, "rubbish\n").expect("damaged");
    home.run(&["cleanup", &session, "--rebuild", "--yes"]).expect(2);
    home.run(&["cleanup", &session, "--rebuild", "--sandbox", "--yes"]).expect(0);
    assert_eq!((groups(&home), parameters(&home, &session).len()), (0, 0));
}

#[test]
fn a_session_is_cleaned_up_by_its_tags_alone() {
    let home = Home::new().without_engines();
    let session = kept(&home, &[]);
    std::fs::remove_dir_all(directory(&home, &session)).expect("lost");
    let said = home.run(&["cleanup", &session, "--sandbox", "--dry-run"]).expect(0);
    for what in ["replication group", "database", "instance", "security group", "role", "secret"] {
        assert!(said.out.contains(what), "'{what}' is missing in:\n{}", said.out);
    }
    assert!(!directory(&home, &session).exists() && groups(&home) == 1, "a dry run changes nothing");
    let receipt = home.run(&["cleanup", &session, "--sandbox", "--yes", "--json"]).expect(0).json();
    assert_eq!(receipt["items"].as_array().map(Vec::len), Some(19), "{receipt}");
    assert_eq!(receipt["left"].as_array().map(Vec::len), Some(0), "{receipt}");
    assert_eq!(home.run(&["sessions", "--remote", "--sandbox", "--json"]).expect(0).out.trim(), "[]");
}

#[test]
fn what_a_shortened_journal_has_forgotten_is_deleted_with_the_rest() {
    let home = Home::new().without_engines();
    let session = kept(&home, &[]);
    let journal = directory(&home, &session).join("journal.jsonl");
    let text = std::fs::read_to_string(&journal).expect("the journal");
    let records: Vec<&str> = text.split_inclusive('\n').collect();
    let answers = records.iter().take_while(|r| !r.contains("\"intended\"")).count();
    std::fs::write(&journal, records[..answers].concat()).expect("shortened");
    home.run(&["cleanup", &session, "--yes"]).expect(0);
    assert_eq!((groups(&home), databases(&home), parameters(&home, &session).len()), (0, 0, 0));
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
fn a_class_is_listed_and_cleaned_up_and_nobody_else_is() {
    let home = Home::new().without_engines();
    let june = [
        kept(&home, &["--cohort", "june", "--owner", "ana"]),
        kept(&home, &["--cohort", "june", "--owner", "ben"]),
        kept(&home, &["--cohort", "june", "--owner", "cleo"]),
    ];
    let july = kept(&home, &["--cohort", "july"]);
    // One is known from its journal, one from a damaged one, one from the account alone.
    std::fs::write(directory(&home, &june[1]).join("journal.jsonl"), "rubbish\n").expect("damaged");
    std::fs::remove_dir_all(directory(&home, &june[2])).expect("lost");
    // Look-alikes: a name that has the session in it, and a name of ours without the tag.
    let subnets = home.aws(&["ec2", "describe-subnets"]).expect(0).json();
    let subnet = subnets["Subnets"][0]["SubnetId"].as_str().expect("a subnet").to_owned();
    let alike = format!("my-{}-cache", june[0]);
    home.aws(&["elasticache", "create-cache-subnet-group", "--cache-subnet-group-name", &alike])
        .code
        .filter(|code| *code != 0)
        .expect("incomplete arguments are refused");
    let mut create = vec!["elasticache", "create-cache-subnet-group", "--cache-subnet-group-name", &alike];
    create.extend(["--cache-subnet-group-description", "x", "--subnet-ids", &subnet]);
    home.aws(&create).expect(0);
    let other = Home::new();
    let remote = elsewhere(&other, &home, &["sessions", "--remote", "--aws", "--json"]).expect(0).json();
    let list = remote.as_array().expect("a list");
    assert_eq!(list.len(), 4, "{remote}");
    let ana = list.iter().find(|s| s["owner"] == "ana").expect("ana's session");
    assert_eq!((&ana["session"], &ana["cohort"]), (&june[0].clone().into(), &"june".into()));
    assert!(ana["cost_estimate"].as_f64().is_some_and(|c| c > 0.0), "{ana}");
    let said = home.run(&["cleanup", "--cohort", "june", "--sandbox", "--dry-run"]).expect(0);
    assert!(june.iter().all(|s| said.out.contains(&format!("{s}-cache"))), "{}", said.out);
    assert!(!said.out.contains(&july) && groups(&home) == 4, "{}", said.out);
    home.run(&["cleanup", "--cohort", "june", "--yes"]).expect(2);
    home.run(&["cleanup", "--cohort", "june", "--sandbox"]).expect(13);
    let none = home.run(&["cleanup", "--expired", "--sandbox", "--yes", "--json"]).expect(0);
    assert_eq!(none.json(), serde_json::json!([]));
    // A live walk elsewhere holds one of them: it is left, the others go.
    let lease = format!("/recipe-walk/{}/lease", june[0]);
    let now = home.command("date").args(["-u", "+%Y-%m-%dT%H:%M:%SZ"]).output().expect("date").stdout;
    let now = String::from_utf8(now).expect("a time");
    let text = serde_json::json!({"holder": "dora", "token": "t", "at": now.trim()}).to_string();
    home.aws(&["ssm", "put-parameter", "--name", &lease, "--type", "String", "--value", &text]).expect(0);
    let said = home.run(&["cleanup", "--cohort", "june", "--sandbox", "--yes", "--json"]).expect(11);
    let receipts = said.json();
    let receipts = receipts.as_array().expect("receipts");
    assert_eq!(receipts.len(), 3);
    assert!(receipts.iter().any(|r| r["problem"].as_str().is_some_and(|p| p.contains("dora"))), "{said:?}");
    assert_eq!(groups(&home), 2);
    home.aws(&["ssm", "delete-parameter", "--name", &lease]).expect(0);
    home.run(&["cleanup", "--cohort", "june", "--sandbox", "--yes"]).expect(0);
    let left = home.aws(&["elasticache", "describe-cache-subnet-groups"]).expect(0).out;
    assert!(left.contains(&alike) && left.contains(&format!("{july}-cache")), "{left}");
    assert_eq!(groups(&home), 1);
    home.aws(&["elasticache", "delete-cache-subnet-group", "--cache-subnet-group-name", &alike]).expect(0);
    home.run(&["cleanup", &july, "--yes"]).expect(0);
}

#[test]
fn a_stale_lease_is_told_as_such_and_taken_over_at_once() {
    let home = Home::new().without_engines();
    let session = kept(&home, &[]);
    let lease = format!("/recipe-walk/{session}/lease");
    let text = r#"{"holder":"dora","token":"t","at":"2020-01-01T00:00:00Z"}"#;
    home.aws(&["ssm", "put-parameter", "--name", &lease, "--type", "String", "--value", text]).expect(0);
    let said = home.run(&["cleanup", "--yes"]).expect(7);
    assert!(said.err.contains("dora") && said.err.contains("probably ended"), "{}", said.err);
    home.run(&["cleanup", "--yes", "--take-over"]).expect(0);
    assert!(parameters(&home, &session).is_empty());
}

#[test]
fn an_instance_that_is_gone_with_the_journal_that_knew_its_token_is_made_anew() {
    let home = Home::new().without_engines();
    let session = kept(&home, &[]);
    let instances = |state: &str| {
        let filter = format!("Name=instance-state-name,Values={state}");
        let all = home.aws(&["ec2", "describe-instances", "--filters", &filter]).expect(0).json();
        let all = all["Reservations"].as_array().expect("reservations").iter();
        all.map(|r| r["Instances"][0]["InstanceId"].as_str().expect("an id").to_owned()).collect::<Vec<_>>()
    };
    let first = instances("running");
    home.aws(&["ec2", "terminate-instances", "--instance-ids", &first[0]]).expect(0);
    until("it is terminated", || instances("terminated") == first);
    std::fs::remove_dir_all(directory(&home, &session)).expect("lost");
    home.run(&["resume", &session, "--sandbox", "--yes", "--keep"]).expect(0);
    let second = instances("running");
    assert!(second.len() == 1 && second != first, "{second:?}");
    // The first token was asked with, refused as used up, and the next one served.
    let text =
        std::fs::read_to_string(directory(&home, &session).join("journal.jsonl")).expect("the journal");
    assert!(
        text.contains(&format!("{session}-instance-1")) && text.contains(&format!("{session}-instance-2"))
    );
    // And once more with the journal that knows both.
    home.aws(&["ec2", "terminate-instances", "--instance-ids", &second[0]]).expect(0);
    home.run(&["resume", &session, "--yes", "--keep"]).expect(0);
    assert_eq!(instances("running").len(), 1);
    home.run(&["cleanup", &session, "--yes"]).expect(0);
}

#[test]
fn a_dry_run_lists_exactly_what_the_clean_up_deletes() {
    let home = Home::new().without_engines();
    let session = kept(&home, &[]);
    // One thing is gone that the journal has, and the journal has forgotten others that are there.
    let results = format!("/recipe-walk/{session}/results");
    home.aws(&["ssm", "delete-parameter", "--name", &results]).expect(0);
    let journal = directory(&home, &session).join("journal.jsonl");
    let text = std::fs::read_to_string(&journal).expect("the journal");
    let records: Vec<&str> = text.split_inclusive('\n').collect();
    let half = records.iter().take_while(|r| !r.contains("\"name\":\"role\"")).count();
    std::fs::write(&journal, records[..half].concat()).expect("shortened");
    let before = std::fs::read(&journal).expect("the journal");
    let planned = home.run(&["cleanup", &session, "--dry-run", "--json"]).expect(0).json();
    assert_eq!(std::fs::read(&journal).expect("the journal"), before, "a dry run writes nothing down");
    // A class of one by its tags says the same.
    let class = home.run(&["cleanup", "--expired", "--sandbox", "--dry-run", "--json"]).expect(0).json();
    assert_eq!(class, serde_json::json!([]), "it has not expired");
    let receipt = home.run(&["cleanup", &session, "--yes", "--json"]).expect(0).json();
    let sorted = |mut names: Vec<String>| {
        names.sort();
        names
    };
    let name = |item: &serde_json::Value| item["name"].as_str().expect("a name").to_owned();
    let would = sorted(planned.as_array().expect("a list").iter().map(name).collect());
    let went = receipt["items"].as_array().expect("items").iter().filter(|i| i["how"] == "deleted");
    assert_eq!(would, sorted(went.map(name).collect()));
    assert!(would.len() > 15 && !would.contains(&"results".to_owned()), "{would:?}");
    assert_eq!(std::fs::read_dir(home.state()).expect("the state").count(), 2, "sessions and sandbox alone");
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
fn a_session_of_another_recipe_is_not_resumed_with_the_embedded_one() {
    let home = Home::new().without_engines();
    let mine = home.path().join("mine");
    std::fs::create_dir(&mine).expect("a directory");
    let source = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("recipe");
    for entry in std::fs::read_dir(&source).expect("the recipe") {
        let entry = entry.expect("a file");
        std::fs::copy(entry.path(), mine.join(entry.file_name())).expect("copied");
    }
    let toml = std::fs::read_to_string(mine.join("recipe.toml")).expect("the recipe");
    let other = toml.replacen("optional = true", "optional = false", 1);
    std::fs::write(mine.join("recipe.toml"), other).expect("changed");
    let dir = mine.display().to_string();
    let session = kept(&home, &["--recipe", &dir]);
    // Its directory has moved: here it is asked for.
    let moved = home.path().join("moved");
    std::fs::rename(&mine, &moved).expect("moved");
    let dir = moved.display().to_string();
    let said = home.run(&["resume", &session, "--yes", "--keep"]).expect(9);
    assert!(said.err.contains(&format!("resume {session} --recipe DIR")), "{}", said.err);
    home.run(&["resume", &session, "--recipe", &dir, "--yes", "--keep"]).expect(0);
    // On a machine that has the session's name alone.
    std::fs::remove_dir_all(directory(&home, &session)).expect("lost");
    let said = home.run(&["resume", &session, "--sandbox", "--yes", "--keep"]).expect(9);
    assert!(said.err.contains(&format!("resume {session} --sandbox --recipe DIR")), "{}", said.err);
    assert!(said.err.contains(&mine.display().to_string()), "{}", said.err);
    assert!(!directory(&home, &session).exists(), "a refused resume leaves nothing behind");
    home.run(&["resume", &session, "--sandbox", "--recipe", &dir, "--yes", "--keep"]).expect(0);
    // Its prose may change under it.
    let prose = std::fs::read_to_string(moved.join("wait.md")).expect("its prose");
    std::fs::write(moved.join("wait.md"), prose + "\nOther words.\n").expect("changed");
    std::fs::remove_dir_all(directory(&home, &session)).expect("lost");
    home.run(&["resume", &session, "--sandbox", "--recipe", &dir, "--yes", "--keep"]).expect(0);
    std::fs::remove_dir_all(directory(&home, &session)).expect("lost");
    home.run(&["cleanup", &session, "--sandbox", "--yes"]).expect(0);
    assert_eq!(groups(&home), 0);
}

#[test]
fn a_journal_that_cannot_be_written_forbids_every_further_call() {
    let home = Home::new().without_engines();
    // No file may grow beyond this; the signal for it is ignored, so that the write fails as on a full disk.
    let limited = "trap '' XFSZ; ulimit -f 16; exec \"$0\" --sandbox --yes --keep";
    let said = run(home.command("sh").args(["-c", limited, crate::support::PROGRAM])).expect(6);
    assert!(said.err.contains("resume"), "{}", said.err);
    let session = only_session(&home);
    let text =
        std::fs::read_to_string(directory(&home, &session).join("journal.jsonl")).expect("the journal");
    let intended = text.lines().filter(|l| l.contains("\"record\":\"intended\"")).count();
    let calls = home.run(&["sandbox", "calls", "--json"]).expect(0).json();
    let made = |c: &&serde_json::Value| {
        // Not what step 1 tries with a dry run.
        if c["mutating"] != true {
            return false;
        }
        let operation = c["operation"].as_str().unwrap_or_default();
        let kinds = ["Create", "Authorize", "Modify", "Put", "Add", "Run"];
        kinds.iter().any(|k| operation.starts_with(k)) && operation != "CreateTags"
    };
    let made = calls.as_array().expect("calls").iter().filter(made).count();
    // One of the calls took the lease, which is no part of the journal.
    assert!(intended > 3 && made <= intended + 1, "{made} calls, {intended} intentions on record");
    home.run(&["resume", &session, "--yes", "--keep"]).expect(0);
    assert_eq!((groups(&home), databases(&home)), (1, 1));
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
