//! Two machines that clean one session up at the same time: the lease lets one of them do it.

use crate::durable::{databases, elsewhere, groups, parameters};
use crate::support::{Home, only_session, until};
use std::process::Stdio;

#[test]
fn of_two_machines_that_clean_one_session_up_one_does_it_and_the_other_is_told() {
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
    // Whoever comes later finds that there is no such session any more.
    elsewhere(&other, &home, &["cleanup", &session, "--aws", "--yes"]).expect(2);
}
