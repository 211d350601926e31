//! Notes in the account are anybody's word until the session's key has signed them. The attacker is the ordinary AWS CLI:
//! it may write every parameter and every tag, and may not read secrets.

use crate::support::sessions::{
    body, databases, directory, elsewhere, groups, kept, note, put, put_signed, signed,
};
use crate::support::{Home, Said};
use serde_json::Value;

/// The session's note with one field more or other.
fn changed(home: &Home, session: &str, change: impl FnOnce(&mut Value)) -> String {
    let mut told: Value = serde_json::from_str(body(&note(home, session, "session").0)).expect("a note");
    change(&mut told);
    told.to_string()
}

/// What was said, on one line.
fn flat(said: &Said) -> String {
    let all = [said.out.as_str(), said.err.as_str()].concat();
    all.split_whitespace().collect::<Vec<_>>().join(" ")
}

const STRANGERS_KEY: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

/// A note that says that clean-up has begun, as different writers can write it.
fn forgeries(home: &Home, session: &str) -> Vec<(&'static str, String)> {
    let unwinding = changed(home, session, |told| told["unwinding"] = true.into());
    let (there, version) = note(home, session, "session");
    let signature = there.rsplit(' ').next().expect("a signature").to_owned();
    vec![
        ("without a signature", unwinding.clone()),
        ("with the signature of another text", format!("{unwinding} {} {signature}", version + 1)),
        ("with another key", signed(STRANGERS_KEY, session, "session", version + 1, &unwinding)),
        ("no JSON", "x".into()),
    ]
}

#[test]
fn forged_notes_start_no_cleanup_where_the_journal_is_sound() {
    let home = Home::new().without_engines();
    let session = kept(&home, &[]);
    for (how, forged) in forgeries(&home, &session) {
        put(&home, &session, "session", &forged);
        let said = home.run(&["resume", &session, "--yes", "--keep"]).expect(0);
        assert!(flat(&said).contains("This machine's journal counts"), "{how}: {said:?}");
        assert_eq!((groups(&home), databases(&home)), (1, 1), "{how}");
        // Its own note is back, and is believed again.
        let said = home.run(&["resume", &session, "--yes", "--keep"]).expect(0);
        assert!(!flat(&said).contains("journal counts"), "{how}: {said:?}");
    }
}

#[test]
fn forged_notes_choose_nothing_where_there_is_no_journal() {
    let home = Home::new().without_engines();
    let session = kept(&home, &[]);
    let dear = changed(&home, &session, |told| {
        told["answers"]["cache_node_type"] = "cache.r7g.large".into();
        told["answers"]["cache_engine"] = "valkey".into();
        told["answers"]["hours_to_live"] = "4000000000".into();
        told["owner"] = "\u{1b}]52;c;aGk=\u{7}".into();
        told["unwinding"] = true.into();
    });
    put(&home, &session, "session", &dear);
    let other = Home::new();
    // Without believed results it connects again, which fails here: there are no engines.
    let said = elsewhere(&other, &home, &["resume", &session, "--aws", "--yes", "--keep"]).expect(10);
    assert!(flat(&said).contains("not signed") && !said.err.contains('\u{1b}'), "{said:?}");
    assert_eq!((groups(&home), home.calls("CreateReplicationGroup"), databases(&home)), (1, 1, 1));
    // The same with the session's own key: its holders' answers pass the same rules as a prompt.
    let mut told: Value = serde_json::from_str(&dear).expect("a note");
    told["unwinding"] = false.into();
    put_signed(&home, &session, &told.to_string());
    let other = Home::new();
    let said = elsewhere(&other, &home, &["resume", &session, "--aws", "--yes", "--keep"]).expect(10);
    assert!(flat(&said).contains("its owner cannot be one"), "{said:?}");
    assert_eq!((groups(&home), home.calls("CreateReplicationGroup")), (1, 1));
}

#[test]
fn key_put_in_place_of_the_sessions_vouches_for_nothing() {
    let home = Home::new().without_engines();
    let session = kept(&home, &[]);
    let unwinding = changed(&home, &session, |told| told["unwinding"] = true.into());
    let version = note(&home, &session, "session").1 + 1;
    put(&home, &session, "key", STRANGERS_KEY);
    put(&home, &session, "session", &signed(STRANGERS_KEY, &session, "session", version, &unwinding));
    let said = elsewhere(&Home::new(), &home, &["resume", &session, "--aws", "--yes", "--keep"]).expect(10);
    assert!(flat(&said).contains("the key there is not this session's"), "{said:?}");
    assert_eq!((groups(&home), databases(&home)), (1, 1));
}

#[test]
fn older_note_put_back_is_not_believed() {
    let home = Home::new().without_engines();
    let session = kept(&home, &[]);
    let (before, _) = note(&home, &session, "session");
    // A clean-up that does not come to its end has marked the note.
    home.run(&["sandbox", "fault", "add", "DeleteDBInstance", "refuse", "--times", "9"]).expect(0);
    home.run(&["cleanup", &session, "--yes"]).expect(11);
    home.run(&["sandbox", "fault", "clear"]).expect(0);
    put(&home, &session, "session", &before);
    let other = Home::new();
    let said = elsewhere(&other, &home, &["cleanup", "--expired", "--aws", "--yes"]);
    assert!(!said.out.contains("Receipts"), "{said:?}");
    let said = elsewhere(&other, &home, &["cleanup", &session, "--aws", "--dry-run"]).expect(0);
    assert!(flat(&said).contains("put back another one"), "{said:?}");
    home.run(&["cleanup", &session, "--yes"]).expect(0);
}

#[test]
fn forged_results_are_no_measurements() {
    let home = Home::new().without_engines();
    let session = kept(&home, &[]);
    let forged = r#"{"check":{"kind":"check"},"load-data":{}}"#;
    put(&home, &session, "results", forged);
    let other = Home::new();
    let said = elsewhere(&other, &home, &["resume", &session, "--aws", "--yes", "--keep"]).expect(10);
    assert!(flat(&said).contains("No measured results came back"), "{said:?}");
    let journal = std::fs::read_to_string(directory(&other, &session).join("journal.jsonl")).expect("read");
    assert!(!journal.contains("\"record\":\"measured\""), "{journal}");
}
