//! Kills, faults, cuts and losses at every position, generic over all steps: a new step needs no new test code.
//! By default the matrices run on the control plane at a part of the positions, and a few positions on real engines;
//! `RECIPE_WALK_FULL=1` runs all positions on both.

use crate::resume::repair_matrix::{SPREAD, lab_killed};
use crate::support::matrix::{KINDS, full, kinds_at, matrix, places, print_coverage};
use crate::support::matrix_fixture::{Fixture, Place};
use crate::support::sessions::age_lease;
use crate::support::{kill, until};

/// A walk killed at a call is resumed and makes one of each.
fn killed(fixture: &Fixture, kind: &str, position: usize) {
    let what = format!("{kind} at call {position}");
    fixture.add_fault("*", kind, position);
    fixture.kill_at_stall(fixture.start_walk(), position, &what);
    fixture.finish_walk(&what);
    fixture.clean_up_all(&what);
}

#[test]
fn walk_killed_before_any_call_makes_one_of_each() {
    matrix("killed before a call", |g| g.walk, (0, 4), |g, _, at| killed(g, "stall-before", at));
}

#[test]
fn walk_killed_after_any_call_makes_one_of_each() {
    matrix("killed after a call", |g| g.walk, (2, 4), |g, _, at| killed(g, "stall-after", at));
}

/// A walk killed at a call is cleaned up without going on.
fn given_up(fixture: &Fixture, index: usize, position: usize) {
    let kind = if index.is_multiple_of(2) { "stall-after" } else { "stall-before" };
    let what = format!("given up, {kind} at call {position}");
    fixture.add_fault("*", kind, position);
    fixture.kill_at_stall(fixture.start_walk(), position, &what);
    fixture.clean_up_all(&what);
}

#[test]
fn walk_killed_at_any_call_can_be_cleaned_up() {
    matrix("given up at a call", |g| g.walk, (1, 4), given_up);
}

/// A walk killed once it has written so many records is resumed and makes one of each.
fn killed_at_record(fixture: &Fixture, wanted: usize) {
    let what = format!("killed at record {wanted}");
    let before = fixture.directories();
    // A walk gives its lease back at the very end: held there, it cannot end before it is killed.
    fixture.add_fault("DeleteParameter", "stall-before", 0);
    let mut walk = fixture.start_walk();
    let written = || {
        let new = fixture.directories().into_iter().find(|dir| !before.contains(dir));
        let journal = new.and_then(|dir| std::fs::read(dir.join("journal.jsonl")).ok()).unwrap_or_default();
        String::from_utf8_lossy(&journal).matches('\n').count()
    };
    until("the walk has written its records", || {
        assert!(walk.try_wait().expect("the walk").is_none(), "{what}: it has ended");
        written() >= wanted
    });
    assert!(walk.try_wait().expect("the walk").is_none(), "{what}: it has ended");
    kill(walk);
    let died = written();
    assert!(died >= wanted, "{what}: it died at record {died}");
    println!("matrix: {what}: it died at record {died}");
    fixture.remove_stall();
    fixture.finish_walk(&what);
    fixture.clean_up_all(&what);
}

#[test]
fn walk_killed_at_any_record_is_resumed() {
    matrix("killed at a record", |g| g.records, (6, 9), |g, _, at| killed_at_record(g, at));
}

/// A clean-up killed at a call is finished by the next.
fn clean_up_killed(fixture: &Fixture, index: usize, position: usize) {
    let kind = if index.is_multiple_of(2) { "stall-before" } else { "stall-after" };
    let what = format!("clean-up, {kind} at call {position}");
    fixture.run_walk().expect(0);
    fixture.add_fault("*", kind, position);
    let session = fixture.unfinished().expect("a session");
    fixture.engines();
    let cleanup = fixture.start(&["cleanup", &session, "--yes"]);
    fixture.kill_at_stall(cleanup, position, &what);
    fixture.clean_up_all(&what);
}

#[test]
fn cleanup_killed_at_any_call_is_finished_by_the_next() {
    matrix("clean-up killed at a call", |g| g.clean_up, (1, 3), clean_up_killed);
}

/// A walk that meets a fault goes on by itself, or stops saved and goes on once the fault is gone.
fn faulty(fixture: &Fixture, kind: &str, position: usize) {
    let what = format!("{kind} at call {position}");
    fixture.add_fault("*", kind, position);
    let said = fixture.run_walk();
    fixture.clear_faults();
    if said.code != Some(0) {
        assert_eq!(kind, "refuse", "{what} must pass by itself: {said:?}");
        // A missing permission is named, and the session is kept.
        assert!(said.err.contains("not authorized") && said.code == Some(10), "{what}: {said:?}");
    }
    fixture.finish_walk(&what);
    fixture.clean_up_all(&what);
}

#[test]
fn every_kind_of_fault_is_survived_or_stops_saved() {
    matrix(
        "faults of calls",
        |g| g.walk,
        (0, 3),
        |g, index, at| {
            kinds_at(index).for_each(|kind| faulty(g, kind, at));
        },
    );
}

/// A clean-up that meets a fault leaves nothing, or says what is left and finishes when it is run again.
fn faulty_clean_up(fixture: &Fixture, kind: &str, position: usize) {
    let what = format!("clean-up, {kind} at call {position}");
    fixture.run_walk().expect(0);
    fixture.add_fault("*", kind, position);
    let session = fixture.unfinished().expect("a session");
    let said = fixture.home.run(&["cleanup", &session, "--yes"]);
    fixture.clear_faults();
    if said.code != Some(0) {
        assert!(kind == "refuse" && matches!(said.code, Some(10 | 11)), "{what}: {said:?}");
        assert!(said.err.contains(&format!("recipe-walk cleanup {session}")), "{what}: {said:?}");
    }
    fixture.clean_up_all(&what);
}

#[test]
fn cleanup_survives_every_fault_or_says_what_is_left() {
    matrix(
        "faults of clean-up calls",
        |g| g.clean_up,
        (0, 3),
        |g, index, at| {
            kinds_at(index).for_each(|kind| faulty_clean_up(g, kind, at));
        },
    );
}

/// A walk whose read fails goes on by itself, or stops saved.
fn faulty_read(fixture: &Fixture, kind: &str, position: usize) {
    let what = format!("{kind} at read {position}");
    fixture.add_fault("read:*", kind, position);
    let said = fixture.run_walk();
    fixture.clear_faults();
    assert!(said.code == Some(0) || (kind == "refuse" && said.code == Some(10)), "{what}: {said:?}");
    fixture.finish_walk(&what);
    fixture.clean_up_all(&what);
}

#[test]
fn faults_of_reads_are_survived_or_stop_saved() {
    let kinds: Vec<&str> = KINDS.into_iter().filter(|k| *k != "drop").collect();
    matrix(
        "faults of reads",
        |g| g.reads,
        (0, 9),
        |g, index, at| {
            let here = kinds.iter().enumerate().filter(|(k, _)| full() || index % kinds.len() == *k);
            here.for_each(|(_, kind)| faulty_read(g, kind, at));
        },
    );
}

#[test]
fn resources_that_failed_to_create_are_made_anew_on_resume() {
    for place in places() {
        let fixture = Fixture::new(place);
        let home = &fixture.home;
        for operation in ["CreateReplicationGroup", "CreateDBInstance", "RunInstances"] {
            home.run(&["sandbox", "fault", "add", operation, "create-failed"]).expect(0);
            let said = fixture.run_walk().expect(10);
            assert!(said.err.contains("resume"), "{}", said.err);
            fixture.finish_walk(operation);
            fixture.clean_up_all(operation);
            fixture.clear_faults();
            // The fault is met more often than the SDK repeats the call by itself.
            home.run(&["sandbox", "fault", "add", operation, "no-capacity", "--times", "9"]).expect(0);
            fixture.run_walk().expect(10);
            fixture.clear_faults();
            fixture.finish_walk(operation);
            fixture.clean_up_all(operation);
        }
        print_coverage("create-failed and no-capacity", place, 6, 6);
    }
}

/// A journal that ends after a record, or in the middle of one, leads to the same end.
fn cut(fixture: &Fixture, index: usize, record: usize) {
    fixture.run_walk().expect(0);
    let session = fixture.unfinished().expect("a session");
    let file = fixture.journal(&session);
    let text = std::fs::read(&file).expect("the journal");
    let ends: Vec<usize> =
        text.iter().enumerate().filter(|(_, b)| **b == b'\n').map(|(at, _)| at + 1).collect();
    // The first record stays: without it there is no session to resume by this journal.
    let end = ends[(record + 1).min(ends.len() - 1)];
    let ways: &[usize] = if full() { &[0, 7] } else { &[[0, 7][index % 2]] };
    for (way, torn) in ways.iter().enumerate() {
        let what = format!("cut {torn} bytes before the end of record {record}");
        if way > 0 {
            std::fs::write(&file, &text).expect("the whole journal");
        }
        std::fs::write(&file, &text[..end - torn]).expect("the cut journal");
        fixture.home.run(&["resume", &session, "--yes", "--keep"]).expect(0);
        fixture.assert_whole(&what);
    }
    fixture.clean_up_all(&format!("cut at record {record}"));
}

#[test]
fn journal_cut_at_any_record_leads_to_the_same_end() {
    matrix("cut journals", |g| g.records - 1, (0, 9), cut);
}

/// A machine that is lost while it walks: the session is resumed by its name, or cleaned up by its tags.
fn lost(fixture: &Fixture, resumes: bool, position: usize) {
    let what = format!("lost at call {position}");
    fixture.add_fault("*", "stall-after", position);
    fixture.kill_at_stall(fixture.start_walk(), position, &what);
    fixture.engines();
    std::fs::remove_dir_all(fixture.sessions()).expect("the machine is lost");
    let Some(session) = fixture.session_in_account() else { return };
    // The lease is aged, because taking over one that may be alive has tests of its own.
    age_lease(&fixture.home, &session);
    let clean_up = || {
        fixture.home.run(&["cleanup", &session, "--sandbox", "--take-over", "--yes"]).expect(0);
        fixture.assert_empty(&what);
    };
    if !resumes {
        return clean_up();
    }
    let said = fixture.resume_elsewhere(&session);
    if said.code == Some(2) {
        // The loss came too early to go on, but what exists can be cleaned up.
        assert!(said.err.contains("too little left"), "{what}: {said:?}");
        return clean_up();
    }
    said.expect(0);
    fixture.assert_whole(&what);
    fixture.clean_up_all(&what);
}

#[test]
fn machine_lost_at_any_call_costs_only_the_machine() {
    matrix(
        "lost machines",
        |g| g.walk,
        (0, 5),
        |g, index, at| {
            if full() {
                lost(g, true, at);
                lost(g, false, at);
            } else {
                lost(g, index % 2 == 0, at);
            }
        },
    );
}

/// A sandbox that is killed while it is called comes back with everything.
fn crashed(fixture: &Fixture, operation: &str, kind: &str, position: usize) {
    let what = format!("crashed, {kind} at call {position} of {operation}");
    fixture.add_fault(operation, kind, position);
    let mut walk = fixture.start_walk();
    fixture.wait_for_stall(&mut walk);
    kill(walk);
    let loaded = fixture.has_data();
    fixture.crash_sandbox();
    fixture.finish_walk(&what);
    if loaded {
        fixture.assert_data_kept(&what);
    }
    fixture.clean_up_all(&what);
}

#[test]
fn sandbox_crash_at_any_call_loses_nothing() {
    matrix(
        "sandbox crashes",
        |g| g.walk,
        (3, 4),
        |g, index, at| {
            crashed(g, "*", if index.is_multiple_of(2) { "stall-before" } else { "stall-after" }, at);
        },
    );
}

/// RECIPE_WALK_FULL=1 makes this superfluous: every position of the matrices above runs on engines then.
#[test]
fn some_positions_of_each_matrix_pass_on_real_engines() {
    if full() {
        return;
    }
    let fixture = Fixture::new(Place::Engines);
    killed(&fixture, "stall-after", fixture.sure - 1);
    // The walk is held when it gives its lease back, at its end, so there is data that has to come back.
    crashed(&fixture, "DeleteParameter", "stall-before", 0);
    cut(&fixture, 1, fixture.records / 2);
    clean_up_killed(&fixture, 1, 1);
    fixture.run_walk().expect(0);
    for (lab, kind, at) in SPREAD {
        lab_killed(&fixture, lab, kind, at);
    }
    fixture.kill_engines();
    fixture.assert_data_kept("killed engines");
    fixture.clean_up_all("labs and killed engines");
    print_coverage("spread", Place::Engines, 4 + SPREAD.len(), 4 + SPREAD.len());
}

#[test]
fn twenty_sessions_in_one_account_do_not_disturb_each_other() {
    let fixture = Fixture::new(Place::ControlPlane);
    let (home, one) = (&fixture.home, fixture.whole.len());
    let walks: Vec<_> = (0..20).map(|_| fixture.start_walk()).collect();
    for mut walk in walks {
        assert!(walk.wait().expect("it ends").success());
    }
    assert_eq!(fixture.kinds().len(), one * 20);
    let session = fixture.unfinished().expect("a session");
    // Two clean-ups of one session at once: one does it, the other is refused or finds nothing to do.
    let two: Vec<_> = (0..2).map(|_| fixture.start(&["cleanup", &session, "--yes"])).collect();
    let codes: Vec<_> = two.into_iter().map(|mut c| c.wait().expect("it ends").code()).collect();
    assert!(codes.contains(&Some(0)) && codes.iter().all(|c| matches!(c, Some(0 | 7))), "{codes:?}");
    assert_eq!(fixture.kinds().len(), one * 19, "the others are left alone");
    let list = home.run(&["sessions", "--json"]).expect(0).json();
    let open = list.as_array().expect("sessions").iter().filter(|s| s["state"] != "closed");
    let cleanups: Vec<_> =
        open.map(|s| fixture.start(&["cleanup", s["session"].as_str().expect("a name"), "--yes"])).collect();
    assert_eq!(cleanups.len(), 19);
    for mut cleanup in cleanups {
        assert!(cleanup.wait().expect("it ends").success());
    }
    fixture.assert_empty("twenty sessions");
}
