//! Repairs of what broke or was changed, and break-it labs, killed or disturbed at each of their calls.

use crate::support::matrix::{full, kinds_at, matrix, print_coverage};
use crate::support::matrix_fixture::{Fixture, Place};
use crate::support::pty::Terminal;
use crate::support::{kill, until};

/// The names of all labs.
const LABS: [&str; 4] = ["closed-port", "wrong-family", "no-replica", "little-memory"];

/// A part of the labs' calls, for every run: a rule that was taken away, a group beside the session's own that was made,
/// and settings that were not changed yet.
pub(crate) const SPREAD: [(&str, &str, usize); 3] = [
    ("closed-port", "stall-after", 1),
    ("no-replica", "stall-after", 2),
    ("little-memory", "stall-before", 1),
];

/// A session whose cache will never work, and of which somebody has changed the rest: `resume` has to delete, to make
/// anew and to set again.
fn broken(fixture: &Fixture) -> String {
    let home = &fixture.home;
    home.run(&["sandbox", "fault", "add", "CreateReplicationGroup", "create-failed"]).expect(0);
    fixture.run_walk().expect(10);
    fixture.clear_faults();
    let session = fixture.unfinished().expect("a session");
    let facts = home.run(&["report", &session, "--format", "json"]).expect(0).json();
    let id = |name: &str| {
        let all = facts["resources"].as_array().expect("resources").iter();
        let one = all.into_iter().find(|r| r["name"] == name).unwrap_or_else(|| panic!("{name}: {facts}"));
        one["id"].as_str().expect("an id").to_owned()
    };
    let (group, rule) = (id("db-group"), id("db-rule"));
    let revoke = ["ec2", "revoke-security-group-ingress", "--group-id", &group];
    home.aws(&[&revoke[..], &["--security-group-rule-ids", &rule]].concat()).expect(0);
    let name = format!("{session}-lru");
    let modify = ["elasticache", "modify-cache-parameter-group", "--cache-parameter-group-name", &name];
    let value = "ParameterName=maxmemory-policy,ParameterValue=noeviction";
    home.aws(&[&modify[..], &["--parameter-name-values", value]].concat()).expect(0);
    session
}

/// How many calls that change something a repair takes, the whole way to the end of the walk.
fn calls_of_a_repair(fixture: &Fixture) -> usize {
    let session = broken(fixture);
    let before = fixture.calls().0;
    let said = fixture.home.run(&["resume", &session, "--yes", "--keep"]).expect(0);
    for told in ["will not work again", "is gone", "is not set any more"] {
        assert!(said.out.contains(told), "'{told}' is missing in:\n{}", said.out);
    }
    let count = fixture.calls().0 - before;
    fixture.assert_whole("repaired");
    fixture.clean_up_all("repaired");
    assert!(count >= 8, "{count}");
    count
}

/// A repair killed at a call is finished by the next.
fn repair_killed(fixture: &Fixture, index: usize, position: usize) {
    let kinds = ["stall-before", "stall-after"];
    for kind in kinds.into_iter().enumerate().filter(|(k, _)| full() || index % 2 == *k).map(|(_, kind)| kind)
    {
        let what = format!("repair, {kind} at call {position}");
        let session = broken(fixture);
        fixture.add_fault("*", kind, position);
        let repair = fixture.start(&["resume", &session, "--yes", "--keep"]);
        fixture.kill_at_stall(repair, position, &what);
        fixture.finish_walk(&what);
        fixture.clean_up_all(&what);
    }
}

#[test]
fn repair_killed_at_any_call_is_finished_by_resume() {
    matrix("repair killed at a call", calls_of_a_repair, (1, 3), repair_killed);
}

/// A repair that meets a fault goes on by itself, or stops saved and goes on once the fault is gone.
fn faulty_repair(fixture: &Fixture, kind: &str, position: usize) {
    let what = format!("repair, {kind} at call {position}");
    let session = broken(fixture);
    fixture.add_fault("*", kind, position);
    let said = fixture.home.run(&["resume", &session, "--yes", "--keep"]);
    fixture.clear_faults();
    if said.code != Some(0) {
        assert!(kind == "refuse" && said.code == Some(10), "{what}: {said:?}");
        assert!(said.err.contains(&format!("resume {session}")), "{what}: {said:?}");
    }
    fixture.finish_walk(&what);
    fixture.clean_up_all(&what);
}

#[test]
fn a_repair_survives_every_kind_of_fault_or_stops_saved() {
    matrix("faults of a repair", calls_of_a_repair, (2, 3), |g, index, at| {
        kinds_at(index).for_each(|kind| faulty_repair(g, kind, at));
    });
}

/// Starts a lab and has recipe-walk mend it; ends it where it is held by a stall. Answers whether it met one.
fn lab(fixture: &Fixture, lab: &str) -> bool {
    let mut terminal = Terminal::start(&fixture.home, &["lab", lab]);
    let (mut held, mut asked) = (false, false);
    until("the lab is held, or ends", || {
        if !asked && terminal.is_asked("Let recipe-walk make") {
            terminal.choose("Let recipe-walk make");
            asked = true;
        }
        held = fixture.has_met_stall();
        held || terminal.child.try_wait().expect("the lab").is_some()
    });
    if held {
        kill(terminal.child);
        fixture.remove_stall();
    } else {
        let (code, screen) = terminal.end();
        assert_eq!(code, Some(0), "{screen}");
    }
    held
}

/// A lab killed at a call is mended by resuming the session, and leaves nothing behind.
pub(crate) fn lab_killed(fixture: &Fixture, name: &str, kind: &str, position: usize) {
    let what = format!("lab {name}, {kind} at call {position}");
    fixture.add_fault("*", kind, position);
    assert!(lab(fixture, name), "{what} was never met");
    fixture.finish_walk(&what);
}

/// This runs with RECIPE_WALK_FULL=1 only; otherwise the fault matrix tries a part of the labs on engines.
#[test]
fn a_lab_killed_at_any_call_is_mended_by_resuming() {
    if !full() {
        return;
    }
    let fixture = Fixture::new(Place::Engines);
    fixture.run_walk().expect(0);
    let mut ran = 0;
    for name in LABS {
        let before = fixture.calls().0;
        assert!(!lab(&fixture, name), "nothing holds it");
        fixture.assert_whole(name);
        let of = fixture.calls().0 - before;
        for position in 0..of {
            for kind in ["stall-before", "stall-after"] {
                lab_killed(&fixture, name, kind, position);
                ran += 1;
            }
        }
    }
    print_coverage("labs killed at a call", Place::Engines, ran, ran);
    fixture.clean_up_all("labs");
}
