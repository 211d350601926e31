//! Sessions as other tests need them: kept after a walk, held in the middle of one, seen from another machine, expired.

use super::home::{Home, only_session};
use super::process::{Said, run, until};
use super::pty::Terminal;
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

/// Ages a session: its groups' tags say that it expired long ago.
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
