//! The lease of a session is signed with its key: who may only write parameters can hold no session, stop no walk and no
//! clean-up, and put words into nobody's mouth. The attacker is the ordinary AWS CLI.

use crate::support::sessions::{
    LONG_AGO, databases, elsewhere, groups, hold, kept, note, now, parameters, put, walk_held_at,
};
use crate::support::{Home, until};
use std::process::{Child, Stdio};

/// A lease of somebody's without the session's key.
fn forged(home: &Home) -> String {
    let holder = "mallory\nerror: forged\n\u{1b}[2J";
    serde_json::json!({"holder": holder, "token": "t", "since": now(home), "at": now(home)}).to_string()
}

/// A clean-up that is held at the deletion of the database.
fn held_cleanup(home: &Home, session: &str) -> Child {
    home.run(&["sandbox", "fault", "add", "DeleteDBInstance", "stall-before"]).expect(0);
    let mut command = home.recipe_walk(&["cleanup", session, "--yes"]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    until("it is held", || {
        home.run(&["sandbox", "fault", "list", "--json"]).expect(0).json()[0]["held"] == 1
    });
    child
}

/// Waits until the holder has put its lease back.
fn put_back(home: &Home, session: &str, forged: &str) {
    until("the lease is put back", || note(home, session, "lease").0 != forged);
}

#[test]
fn forged_lease_holds_no_session() {
    let home = Home::new().without_engines();
    let session = kept(&home, &[]);
    let (live, junk) = (forged(&home), "x".to_owned());
    for text in [live.as_str(), &junk, &format!("{live} 0 {}", "0".repeat(64))] {
        put(&home, &session, "lease", text);
        let said = home.run(&["resume", &session, "--yes", "--keep"]).expect(0);
        assert!(said.err.contains("is not signed with the session's key"), "{said:?}");
        assert!(!said.err.lines().any(|line| line.trim() == "error: forged"), "{said:?}");
        assert!(!parameters(&home, &session).iter().any(|p| p.ends_with("/lease")), "it is given back");
    }
    put(&home, &session, "lease", &live);
    home.run(&["cleanup", &session, "--yes"]).expect(0);
    assert_eq!((groups(&home), parameters(&home, &session).len()), (0, 0));
}

#[test]
fn forged_or_old_leases_stop_no_cleanup() {
    let home = Home::new().without_engines();
    let session = kept(&home, &[]);
    let cleanup = held_cleanup(&home, &session);
    let text = forged(&home);
    put(&home, &session, "lease", &text);
    put_back(&home, &session, &text);
    // One that the key has signed, of a walk of long ago, put back by somebody who has kept it.
    hold(&home, &session, LONG_AGO);
    let old = note(&home, &session, "lease").0;
    put_back(&home, &session, &old);
    home.run(&["sandbox", "fault", "clear"]).expect(0);
    let ended = cleanup.wait_with_output().expect("it ends");
    assert!(ended.status.success(), "{ended:?}");
    assert_eq!((groups(&home), databases(&home), parameters(&home, &session).len()), (0, 0, 0));
}

#[test]
fn signed_lease_of_another_machine_stops_a_walk_still() {
    let home = Home::new().without_engines();
    let session = kept(&home, &[]);
    let cleanup = held_cleanup(&home, &session);
    hold(&home, &session, &now(&home));
    let before = home.calls("GetParameter");
    until("it has looked at its lease", || home.calls("GetParameter") > before);
    home.run(&["sandbox", "fault", "clear"]).expect(0);
    let ended = cleanup.wait_with_output().expect("it ends");
    assert_eq!(ended.status.code(), Some(7), "{ended:?}");
    home.run(&["cleanup", &session, "--yes", "--take-over"]).expect(0);
}

#[test]
fn taker_without_the_key_gives_way_to_its_holder() {
    let home = Home::new().without_engines();
    let (walk, session) = walk_held_at(&home, "CreateDBInstance", "stall-before");
    let key = format!("/recipe-walk/{session}/key");
    home.aws(&["ssm", "delete-parameter", "--name", &key]).expect(0);
    let arguments = ["cleanup", &session, "--aws", "--yes", "--take-over"];
    let said = elsewhere(&Home::new(), &home, &arguments).expect(7);
    assert!(said.out.contains("so that the other walk notices") && groups(&home) == 1, "{said:?}");
    home.run(&["sandbox", "fault", "clear"]).expect(0);
    let ended = walk.wait_with_output().expect("the walk ends");
    assert!(ended.status.success(), "{ended:?}");
    assert_eq!((groups(&home), databases(&home)), (1, 1));
    home.run(&["cleanup", &session, "--yes"]).expect(0);
    assert_eq!((groups(&home), databases(&home), parameters(&home, &session).len()), (0, 0, 0));
}
