//! Faults that last longer than the SDK's own retries, failed reads of a clean-up, and clean-ups right after a loss.

use crate::support::matrix::{KINDS, full, matrix, places, print_coverage};
use crate::support::matrix_fixture::Fixture;

/// More than the SDK's own attempts, which are four for a look and one for a call that changes something.
const OFTEN: usize = 9;
/// The walk alone repeats calls that change something, ever more slowly; three attempts show that it does.
const AGAIN: usize = 3;

/// Kinds of fault that pass by themselves and can meet a look.
const PASSING: [&str; 2] = ["throttle", "server-error"];

/// A clean-up whose look fails leaves nothing, or says what is left and finishes when it is run again.
fn faulty_look(fixture: &Fixture, kind: &str, position: usize) {
    let what = format!("clean-up, {kind} at read {position}");
    fixture.run_walk().expect(0);
    fixture.add_fault("read:*", kind, position);
    let session = fixture.unfinished().expect("a session");
    fixture.engines();
    let said = fixture.home.run(&["cleanup", &session, "--yes"]);
    fixture.clear_faults();
    let stopped = kind == "refuse" && matches!(said.code, Some(10 | 11));
    assert!(said.code == Some(0) || stopped, "{what}: {said:?}");
    fixture.clean_up_all(&what);
}

#[test]
fn cleanup_survives_failed_reads_or_says_so() {
    let kinds: Vec<&str> = KINDS.into_iter().filter(|k| *k != "drop").collect();
    matrix(
        "faults of clean-up's reads",
        |g| g.clean_up_reads,
        (1, 9),
        |g, index, at| {
            let here = kinds.iter().enumerate().filter(|(k, _)| full() || index % kinds.len() == *k);
            here.for_each(|(_, kind)| faulty_look(g, kind, at));
        },
    );
}

/// A fault goes on for a while: the walk waits for its end by itself, or stops saved.
fn lasting(fixture: &Fixture, operation: &str, kind: &str, (position, times): (usize, usize)) {
    let what = format!("{kind} of {operation}, {times} times from {position}");
    fixture.add_faults(operation, kind, position, times);
    let said = fixture.run_walk();
    fixture.clear_faults();
    let stopped = operation == "read:*" && matches!(said.code, Some(10 | 15));
    assert!(said.code == Some(0) || stopped, "{what}: {said:?}");
    fixture.finish_walk(&what);
    fixture.clean_up_all(&what);
}

#[test]
fn faults_outlasting_the_sdks_retries_are_waited_out() {
    for place in places() {
        let fixture = Fixture::new(place);
        for (index, kind) in PASSING.into_iter().chain(["drop"]).enumerate() {
            lasting(&fixture, "*", kind, (fixture.walk * (index + 1) / 4, AGAIN));
        }
        for (index, kind) in PASSING.into_iter().enumerate() {
            lasting(&fixture, "read:*", kind, (fixture.reads * (index + 1) / 3, OFTEN));
        }
        print_coverage("faults that last", place, 5, 5);
    }
}

#[test]
fn cleanup_waits_out_persistent_faults() {
    for place in places() {
        let fixture = Fixture::new(place);
        for (operation, kind, times) in [("*", "throttle", AGAIN), ("read:*", "server-error", OFTEN)] {
            let what = format!("clean-up, {kind} of {operation}, {times} times");
            fixture.run_walk().expect(0);
            let session = fixture.unfinished().expect("a session");
            fixture.engines();
            let count = if operation == "*" { fixture.clean_up } else { fixture.clean_up_reads };
            fixture.add_faults(operation, kind, count / 3, times);
            let said = fixture.home.run(&["cleanup", &session, "--yes"]);
            fixture.clear_faults();
            assert_eq!(said.code, Some(0), "{what}: {said:?}");
            fixture.assert_empty(&what);
        }
        print_coverage("clean-up under faults that last", place, 2, 2);
    }
}

/// A session with a cut journal is cleaned up at once, with what the journal has lost.
fn cut_and_given_up(fixture: &Fixture, record: usize) {
    let what = format!("cut at record {record} and given up");
    fixture.run_walk().expect(0);
    let session = fixture.unfinished().expect("a session");
    let file = fixture.journal(&session);
    let text = std::fs::read_to_string(&file).expect("the journal");
    let kept: String = text.split_inclusive('\n').take(record + 1).collect();
    assert!(kept.len() <= text.len() && !kept.is_empty(), "{what}");
    std::fs::write(&file, kept).expect("the cut journal");
    fixture.clean_up_all(&what);
}

#[test]
fn a_cut_journal_can_be_cleaned_up_at_once() {
    matrix("cut and given up", |g| g.records - 1, (4, 9), |g, _, at| cut_and_given_up(g, at));
}
