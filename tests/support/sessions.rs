//! Sessions as other tests need them: kept after a walk, held in the middle of one, seen from another machine, expired.

use super::home::{Home, only_session, resealed};
use super::process::{Said, run, until};
use super::pty::Terminal;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use std::path::PathBuf;
use std::process::{Child, Stdio};

/// Starts a walk and waits until a call of the operation is held by a fault.
pub(crate) fn walk_held_at(home: &Home, operation: &str, kind: &str) -> (Child, String) {
    held_at(home, operation, kind, &["--keep", "--owner", "ana", "--cohort", "june"])
}

/// The same with options of its own.
pub(crate) fn held_at(home: &Home, operation: &str, kind: &str, options: &[&str]) -> (Child, String) {
    home.run(&["sandbox", "fault", "add", operation, kind]).expect(0);
    let walk = home
        .recipe_walk(&[&["--sandbox", "--yes"], options].concat())
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

/// A session's note in the account as its key has signed it, and what it says.
pub(crate) fn note(home: &Home, session: &str, name: &str) -> (String, i64) {
    let path = format!("/recipe-walk/{session}/{name}");
    let found = home.aws(&["ssm", "get-parameter", "--name", &path]).expect(0).json()["Parameter"].take();
    let text = found["Value"].as_str().expect("a text").to_owned();
    (text, found["Version"].as_i64().expect("a version"))
}

/// What a signed note says.
pub(crate) fn body(signed: &str) -> &str {
    signed.rsplitn(3, ' ').last().expect("a text")
}

/// Writes a note as somebody does who may write parameters.
pub(crate) fn put(home: &Home, session: &str, name: &str, text: &str) {
    let path = format!("/recipe-walk/{session}/{name}");
    home.aws(&["ssm", "put-parameter", "--overwrite", "--type", "String", "--name", &path, "--value", text])
        .expect(0);
}

/// A note's text, signed with a key for a version.
pub(crate) fn signed(key: &str, session: &str, name: &str, version: i64, text: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("a key");
    mac.update(format!("/recipe-walk/{session}/{name}\n{version}\n{text}").as_bytes());
    let digits = u128::from_be_bytes;
    let mac = mac.finalize().into_bytes();
    let (one, other) = (mac[..16].try_into().expect("half"), mac[16..].try_into().expect("half"));
    let digits = format!("{:032x}{:032x}", digits(one), digits(other));
    format!("{text} {version} {digits}")
}

/// Writes a note as a holder of the session's key does.
pub(crate) fn put_signed(home: &Home, session: &str, text: &str) {
    let key = std::fs::read_to_string(directory(home, session).join("key")).expect("the key");
    let next = note(home, session, "session").1 + 1;
    put(home, session, "session", &signed(&key, session, "session", next, text));
}

/// When a walk was last heard of that has ended.
pub(crate) const LONG_AGO: &str = "2020-01-01T00:00:00Z";

/// Writes a lease into the account, signed with the session's key where the account has that.
pub(crate) fn put_lease(home: &Home, session: &str, lease: &serde_json::Value) {
    let path = format!("/recipe-walk/{session}/key");
    let key = home.aws(&["ssm", "get-parameter", "--with-decryption", "--name", &path]);
    let text = if key.code == Some(0) {
        let key = key.json()["Parameter"]["Value"].as_str().expect("a key").to_owned();
        signed(&key, session, "lease", 0, &lease.to_string())
    } else {
        lease.to_string()
    };
    put(home, session, "lease", &text);
}

/// Writes a lease of a holder of the session's key, last heard of at that time.
pub(crate) fn hold(home: &Home, session: &str, at: &str) {
    put_lease(home, session, &serde_json::json!({"holder": "dora", "token": "t", "at": at}));
}

/// Puts a lease of long ago in the place of a session's own, if it has one.
pub(crate) fn age_lease(home: &Home, session: &str) {
    let path = format!("/recipe-walk/{session}/lease");
    if home.aws(&["ssm", "get-parameter", "--name", &path]).code == Some(0) {
        hold(home, session, LONG_AGO);
    }
}

/// When a session was to be gone that has expired.
pub(crate) const EXPIRED: &str = "2026-01-01T00:00:00Z";

/// Sets a tag on a parameter of the session.
pub(crate) fn tag(home: &Home, session: &str, name: &str, key: &str, value: &str) {
    let path = format!("/recipe-walk/{session}/{name}");
    let call = ["ssm", "add-tags-to-resource", "--resource-type", "Parameter", "--resource-id", &path];
    home.aws(&[&call[..], &["--tags", &format!("Key={key},Value={value}")]].concat()).expect(0);
}

/// Makes a session one that has expired: by its journal, its note, and the tag of its key.
pub(crate) fn expire(home: &Home, session: &str) {
    let journal = directory(home, session).join("journal.jsonl");
    let text = std::fs::read_to_string(&journal).expect("the journal");
    let mut told: serde_json::Value =
        serde_json::from_str(body(&note(home, session, "session").0)).expect("a note");
    let until = told["expires_at"].as_str().expect("a time").to_owned();
    std::fs::write(&journal, resealed(&text.replacen(&until, EXPIRED, 1))).expect("written");
    (told["opened_at"], told["expires_at"]) = ("2025-12-31T20:00:00Z".into(), EXPIRED.into());
    put_signed(home, session, &told.to_string());
    tag(home, session, "key", "recipe-walk:expires-at", EXPIRED);
}

/// The time of day, as a lease states it.
pub(crate) fn now(home: &Home) -> String {
    let now = home.command("date").args(["-u", "+%Y-%m-%dT%H:%M:%SZ"]).output().expect("date").stdout;
    String::from_utf8(now).expect("a time").trim().to_owned()
}

/// Names of the parameters that a session has in the account.
pub(crate) fn parameters(home: &Home, session: &str) -> Vec<String> {
    let all = home.aws(&["ssm", "describe-parameters"]).expect(0).json();
    let names = all["Parameters"].as_array().expect("parameters").iter();
    names.filter_map(|p| p["Name"].as_str()).filter(|n| n.contains(session)).map(str::to_owned).collect()
}

/// A session of a sandbox without engines, with the first steps done and quit at the next.
pub(crate) fn walked(home: &Home, steps: usize) -> String {
    let mut terminal = Terminal::start(home, &["--sandbox"]);
    terminal.choose("Use these settings");
    for step in 1..=steps {
        terminal.see(&format!("Step {step} of 20"));
        run_step(&mut terminal, step);
    }
    terminal.see(&format!("Step {} of 20", steps + 1));
    terminal.choose("Quit and resume later");
    assert_eq!(terminal.end().0, Some(0));
    only_session(home)
}

/// Runs a step; the question before the second one is passed over with Enter alone.
fn run_step(terminal: &mut Terminal, step: usize) {
    terminal.choose("Run this step");
    if step == 2 {
        terminal.see("What do you think?");
        terminal.press("\r");
    }
}
