//! Two machines work on one session at the same time: the lease lets one of them have it.

use crate::support::sessions::{
    LONG_AGO, age_lease, databases, elsewhere, groups, hold, kept, parameters, walk_held_at,
};
use crate::support::{Home, only_session, until};
use std::process::Stdio;

#[test]
fn two_concurrent_cleanups_one_works_and_the_other_is_told() {
    let home = Home::new().without_engines();
    home.run(&["--sandbox", "--yes", "--keep"]).expect(0);
    let session = only_session(&home);
    home.run(&["sandbox", "fault", "add", "DeleteReplicationGroup", "stall-before"]).expect(0);
    let mut first = home
        .recipe_walk(&["cleanup", &session, "--yes"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the clean-up starts");
    until("its deletion is held", || {
        let faults = home.run(&["sandbox", "fault", "list", "--json"]).expect(0).json();
        faults[0]["held"] == 1
    });
    let other = Home::new();
    let said = elsewhere(&other, &home, &["cleanup", &session, "--aws", "--yes"]).expect(7);
    assert!(said.err.contains("is held by"), "{}", said.err);
    assert!(!other.state().join("sessions").join(&session).exists(), "it leaves nothing behind");
    assert_eq!(groups(&home), 1, "and has deleted nothing");
    home.run(&["sandbox", "fault", "clear"]).expect(0);
    assert!(first.wait().expect("it ends").success());
    assert_eq!((groups(&home), databases(&home), parameters(&home, &session).len()), (0, 0, 0));
    // A later clean-up finds that there is no such session any more.
    elsewhere(&other, &home, &["cleanup", &session, "--aws", "--yes"]).expect(2);
}

#[test]
fn two_concurrent_take_overs_one_goes_on_the_other_stops() {
    let home = Home::new();
    // The pace is slow enough for the first walk to be waiting still when it checks its lease again.
    home.serve(&["--no-engines", "--pace", "0.04"]);
    home.run(&["sandbox", "fault", "add", "CreateReplicationGroup", "stall-after"]).expect(0);
    let mut first = home
        .recipe_walk(&["--sandbox", "--yes", "--keep"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the walk starts");
    let held = |times: u64| {
        until("a call is held", || {
            let faults = home.run(&["sandbox", "fault", "list", "--json"]).expect(0).json();
            faults
                .as_array()
                .is_some_and(|all| all.iter().filter_map(|f| f["held"].as_u64()).sum::<u64>() == times)
        });
    };
    held(1);
    first.kill().expect("killed");
    first.wait().expect("reaped");
    home.run(&["sandbox", "fault", "clear"]).expect(0);
    let session = only_session(&home);
    age_lease(&home, &session);
    // Both read the same stale lease: one is held right before it writes, while the other one writes.
    let take_over = ["resume", &session, "--aws", "--take-over", "--yes", "--keep"];
    let start = |machine: &Home| {
        let mut command = machine.recipe_walk(&take_over);
        command.envs(home.sandbox_env()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().expect("it starts")
    };
    let (late, early) = (Home::new(), Home::new());
    home.run(&["sandbox", "fault", "add", "PutParameter", "stall-before", "--after-calls", "2"]).expect(0);
    let late = start(&late);
    held(1);
    let early_walk = start(&early);
    let journal = early.state().join("sessions").join(&session).join("journal.jsonl");
    until("it walks on", || {
        std::fs::read_to_string(&journal).is_ok_and(|j| j.contains("\"step\":\"app-instance\",\"facts\""))
    });
    home.run(&["sandbox", "fault", "clear"]).expect(0);
    let [late, early] = [late, early_walk].map(|walk| {
        let output = walk.wait_with_output().expect("it ends");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code(), text(&output.stdout), text(&output.stderr))
    });
    assert!(early.0 == Some(7) && early.2.contains("was taken over by"), "{early:?}");
    assert!(late.1.contains("so that the other walk notices"), "{late:?}");
    // It goes on to the end, or to the first measurement: the control plane alone has nothing to measure.
    assert!(matches!(late.0, Some(0 | 10)), "{late:?}");
    assert_eq!((groups(&home), databases(&home)), (1, 1));
}

#[test]
fn two_walks_on_one_session_make_nothing_twice() {
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
fn stale_lease_is_called_stale_and_taken_over_at_once() {
    let home = Home::new().without_engines();
    let session = kept(&home, &[]);
    hold(&home, &session, LONG_AGO);
    let said = home.run(&["cleanup", "--yes"]).expect(7);
    assert!(said.err.contains("dora") && said.err.contains("probably ended"), "{}", said.err);
    home.run(&["cleanup", "--yes", "--take-over"]).expect(0);
    assert!(parameters(&home, &session).is_empty());
}
