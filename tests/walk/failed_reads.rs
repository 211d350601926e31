//! The first reads of a command fail: each failure has its own exit status, meaning and next command.

use crate::support::{Home, Said, only_session, run};

#[track_caller]
fn tells(said: &Said, words: &[&str]) {
    for word in words {
        assert!(said.err.contains(word), "'{word}' is missing in: {}", said.err);
    }
    assert!(!said.err.contains("took effect"), "a look takes no effect: {}", said.err);
}

fn fault(home: &Home, operation: &str, kind: &str) {
    // The fault is met more often than the SDK repeats the call by itself.
    home.run(&["sandbox", "fault", "clear"]).expect(0);
    home.run(&["sandbox", "fault", "add", operation, kind, "--times", "20"]).expect(0);
}

#[test]
fn failed_identity_call_is_explained() {
    let home = Home::new().without_engines();
    let env = home.sandbox_env();
    let aws = |arguments: &[&str]| run(home.recipe_walk(arguments).envs(env.iter().cloned()));
    let walk = ["--sandbox", "--yes"];
    let list = ["sessions", "--remote", "--aws"];
    fault(&home, "GetCallerIdentity", "refuse");
    tells(&home.run(&walk).expect(10), &["lack the permission sts:GetCallerIdentity", "recipe-walk policy"]);
    tells(&aws(&list).expect(10), &["lack the permission"]);
    fault(&home, "GetCallerIdentity", "throttle");
    tells(&home.run(&walk).expect(10), &["wait a minute"]);
    fault(&home, "GetCallerIdentity", "server-error");
    tells(&home.run(&walk).expect(14), &["sandbox status"]);
    tells(&aws(&list).expect(15), &["network", "aws sts get-caller-identity"]);
    home.run(&["sandbox", "fault", "clear"]).expect(0);
    assert_eq!(
        home.run(&["sessions", "--json"]).expect(0).json(),
        serde_json::json!([]),
        "nothing was begun"
    );
}

#[test]
fn wrong_credentials_and_silent_endpoints_are_told_apart() {
    let home = Home::new().without_engines();
    let with = |key: &str, value: &str| {
        let mut command = home.recipe_walk(&["sessions", "--remote", "--aws"]);
        run(command.envs(home.sandbox_env()).env(key, value))
    };
    tells(&with("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE").expect(3), &["not accept", "not enabled"]);
    tells(&with("AWS_SECRET_ACCESS_KEY", "wrong").expect(3), &["not accept", "get-caller-identity"]);
    // Nobody listens on port 1.
    tells(&with("AWS_ENDPOINT_URL", "http://127.0.0.1:1").expect(15), &["network"]);
}

#[test]
fn failed_reads_of_a_resume_leave_the_session_unchanged() {
    let home = Home::new().without_engines();
    home.run(&["--sandbox", "--yes", "--keep"]).expect(0);
    let session = only_session(&home);
    let journal = home.state().join("sessions").join(&session).join("journal.jsonl");
    let before = std::fs::read(&journal).expect("the journal");
    // Resume asks first who it is, then reads the lease, then looks at everything on record.
    for (operation, kind, code, word) in [
        ("GetCallerIdentity", "refuse", 10, "lack the permission"),
        ("GetCallerIdentity", "throttle", 10, "wait a minute"),
        ("DescribeReplicationGroups", "refuse", 10, "permission"),
        ("ListRoleTags", "refuse", 0, ""),
        ("DescribeSecurityGroups", "refuse", 10, "permission"),
    ] {
        fault(&home, operation, kind);
        let said = home.run(&["resume", &session, "--yes", "--keep"]).expect(code);
        if code != 0 {
            tells(&said, &[word]);
            assert_eq!(std::fs::read(&journal).expect("the journal"), before, "{operation} {kind}");
        }
    }
    home.run(&["sandbox", "fault", "clear"]).expect(0);
    home.run(&["cleanup", &session, "--yes"]).expect(0);
}
