//! Who may delete parameters can take a session's notes, its key and its passwords away. Where its journal is, it goes on all
//! the same: nothing else is deleted for that, nothing is made twice, and nothing is told that was not to be told.

use crate::support::Home;
use crate::support::sessions::{databases, elsewhere, groups, kept, parameters};
use std::collections::BTreeSet;

fn delete(home: &Home, path: &str) {
    home.aws(&["ssm", "delete-parameter", "--name", path]).expect(0);
}

/// Nothing was made a second time, and nothing was deleted.
#[track_caller]
fn whole(home: &Home) {
    assert_eq!((groups(home), databases(home)), (1, 1));
    let instances = home.aws(&["ec2", "describe-instances"]).expect(0).json();
    assert_eq!(instances["Reservations"].as_array().map(Vec::len), Some(1));
    for call in ["CreateReplicationGroup", "CreateDBInstance", "CreateRole"] {
        assert_eq!(home.calls(call), 1, "{call}");
    }
    for call in ["DeleteReplicationGroup", "DeleteDBInstance", "TerminateInstances", "DeleteRole"] {
        assert_eq!(home.calls(call), 0, "{call}");
    }
}

#[test]
fn session_with_a_journal_survives_the_deletion_of_each_note() {
    let home = Home::new().without_engines();
    let session = kept(&home, &[]);
    let there = || BTreeSet::from_iter(parameters(&home, &session));
    let before = there();
    for path in &before {
        let secret = ["/key", "/session", "/results"].iter().all(|note| !path.ends_with(note));
        let value = home.aws(&["ssm", "get-parameter", "--with-decryption", "--name", path]).expect(0).json();
        delete(&home, path);
        let said = home.run(&["resume", &session, "--yes", "--keep"]);
        if secret {
            // Its password is gone from the account: a person decides what becomes of what it opened.
            assert_eq!(said.code, Some(10), "{path}: {said:?}");
            assert!(said.out.replace('\n', " ").contains("its password is lost"), "{path}: {said:?}");
            let value = value["Parameter"]["Value"].as_str().expect("a value").to_owned();
            assert!(!said.out.contains(&value) && !said.err.contains(&value), "{path}");
            let put = ["ssm", "put-parameter", "--type", "SecureString", "--name", path, "--value", &value];
            home.aws(&put).expect(0);
            let tag = format!("Key=recipe-walk:session,Value={session}");
            let add = ["ssm", "add-tags-to-resource", "--resource-type", "Parameter", "--resource-id"];
            home.aws(&[&add[..], &[path, "--tags", &tag]].concat()).expect(0);
        } else {
            assert_eq!(said.code, Some(0), "{path}: {said:?}");
        }
        whole(&home);
        assert_eq!(there(), before, "{path} is there again");
    }
    // All notes at once, and the key that vouches for them.
    for name in ["session", "results", "key"] {
        delete(&home, &format!("/recipe-walk/{session}/{name}"));
    }
    home.run(&["resume", &session, "--yes", "--keep"]).expect(0);
    whole(&home);
    assert_eq!(there(), before);
    // What was put back is believed elsewhere.
    let other = Home::new();
    elsewhere(&other, &home, &["cleanup", &session, "--aws", "--yes"]).expect(0);
    assert_eq!((groups(&home), databases(&home), parameters(&home, &session).len()), (0, 0, 0));
}

#[test]
fn session_without_journal_and_notes_is_neither_doubled_nor_deleted() {
    let home = Home::new().without_engines();
    let session = kept(&home, &[]);
    for name in ["session", "results", "key"] {
        delete(&home, &format!("/recipe-walk/{session}/{name}"));
    }
    let other = Home::new();
    for arguments in [
        &["cleanup", "--expired", "--aws", "--yes"][..],
        // Without engines the steps that measure fail, after everything was found again.
        &["resume", &session, "--aws", "--yes", "--keep"],
    ] {
        elsewhere(&other, &home, arguments);
        whole(&home);
    }
    // Its owner goes on by the journal, and deletes all of it.
    home.run(&["resume", &session, "--yes", "--keep"]).expect(0);
    whole(&home);
    home.run(&["cleanup", &session, "--yes"]).expect(0);
    assert_eq!((groups(&home), databases(&home), parameters(&home, &session).len()), (0, 0, 0));
}
