//! Faults and kills at every mutating call, generic over all steps: a new step is covered without new test code.
//! By default each position meets a part of the kinds; `RECIPE_WALK_FULL=1` makes it all of them.

use crate::support::{Home, until};
use std::process::Stdio;

/// Kinds after which the walk goes on by itself, or stops saved and resumable.
const KINDS: [&str; 5] = ["throttle", "server-error", "drop", "refuse", "slow"];

fn full() -> bool {
    std::env::var_os("RECIPE_WALK_FULL").is_some()
}

/// A home with a sandbox, and the number of mutating calls of a walk and of its clean-up.
fn measured() -> (Home, usize, usize) {
    let home = Home::new().without_engines();
    let calls = |home: &Home| {
        let list = home.run(&["sandbox", "calls", "--json"]).expect(0).json();
        list.as_array().expect("calls").iter().filter(|c| c["mutating"] == true).count()
    };
    home.run(&["--sandbox", "--yes", "--keep"]).expect(0);
    let walk = calls(&home);
    home.run(&["cleanup", "--yes"]).expect(0);
    let both = calls(&home);
    assert!(walk >= 20 && both >= walk + 15, "{walk} {both}");
    (home, walk, both - walk)
}

/// The positions this run looks at: all of them, or every second one, beginning with `first`.
fn positions(count: usize, first: usize) -> impl Iterator<Item = usize> {
    (if full() { 0 } else { first }..count).step_by(if full() { 1 } else { 2 })
}

/// Resources of the world by kind, without their ids.
fn kinds(home: &Home) -> Vec<String> {
    let status = home.run(&["sandbox", "status", "--json"]).expect(0).json();
    let mut kinds: Vec<String> = status["resources"]
        .as_array()
        .expect("resources")
        .iter()
        .map(|r| r["type"].as_str().expect("a type").to_owned())
        .collect();
    kinds.sort();
    kinds
}

/// The unfinished session's name.
fn unfinished(home: &Home) -> Option<String> {
    let list = home.run(&["sessions", "--json"]).expect(0).json();
    let open = list.as_array()?.iter().find(|s| s["state"] != "closed")?;
    Some(open["session"].as_str()?.to_owned())
}

/// The first of the armed faults, as `sandbox fault list` tells it.
fn fault(home: &Home, field: &str) -> u64 {
    let list = home.run(&["sandbox", "fault", "list", "--json"]).expect(0).json();
    list[0][field].as_u64().unwrap_or(0)
}

fn arm(home: &Home, kind: &str, after: usize) {
    let after = after.to_string();
    home.run(&["sandbox", "fault", "add", "*", kind, "--after-calls", &after]).expect(0);
}

/// Starts the program, lets it run into a stall and kills it there. Answers whether it met the stall.
fn kill_at_stall(home: &Home, arguments: &[&str]) -> bool {
    let mut child =
        home.recipe_walk(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
    let mut met = false;
    until("the stall is met, or the program ends", || {
        met = fault(home, "hits") > 0;
        met || child.try_wait().expect("the program").is_some()
    });
    child.kill().expect("killed");
    child.wait().expect("reaped");
    until("nobody is held any more", || fault(home, "held") == 0);
    home.run(&["sandbox", "fault", "clear"]).expect(0);
    met
}

/// Brings a session that was cut off to the end of its walk, and says what is there.
fn go_on(home: &Home) -> Vec<String> {
    match unfinished(home) {
        Some(session) => home.run(&["resume", &session, "--yes", "--keep"]).expect(0),
        None => home.run(&["--sandbox", "--yes", "--keep"]).expect(0),
    };
    kinds(home)
}

/// Cleans up until nothing is left.
fn clean(home: &Home, what: &str) {
    let session = unfinished(home).expect("a session");
    home.run(&["cleanup", &session, "--yes"]).expect(0);
    assert_eq!(kinds(home), Vec::<String>::new(), "{what}");
}

/// What a whole walk leaves, as the measure for all others.
fn whole(home: &Home) -> Vec<String> {
    home.run(&["--sandbox", "--yes", "--keep"]).expect(0);
    let whole = kinds(home);
    clean(home, "the whole walk");
    whole
}

fn killed_at_every_call(kind: &str, first: usize) {
    let (home, walk, _) = measured();
    let whole = whole(&home);
    for position in positions(walk, first) {
        arm(&home, kind, position);
        let met = kill_at_stall(&home, &["--sandbox", "--yes", "--keep"]);
        assert!(met, "{kind} at {position} was never met");
        assert_eq!(go_on(&home), whole, "{kind} at {position}");
        clean(&home, &format!("{kind} at {position}"));
    }
}

#[test]
fn a_walk_killed_right_before_a_call_makes_one_of_each() {
    killed_at_every_call("stall-before", 0);
}

#[test]
fn a_walk_killed_right_after_a_call_makes_one_of_each() {
    killed_at_every_call("stall-after", 1);
}

#[test]
fn a_clean_up_killed_at_any_call_is_finished_by_the_next() {
    let (home, _, clean_up) = measured();
    for (index, position) in positions(clean_up, 1).enumerate() {
        home.run(&["--sandbox", "--yes", "--keep"]).expect(0);
        let kind = if index % 2 == 0 { "stall-before" } else { "stall-after" };
        arm(&home, kind, position);
        let session = unfinished(&home).expect("a session");
        kill_at_stall(&home, &["cleanup", &session, "--yes"]);
        if unfinished(&home).is_some() {
            clean(&home, &format!("{kind} at {position}"));
        }
        assert_eq!(kinds(&home), Vec::<String>::new(), "{kind} at {position}");
    }
}

#[test]
fn every_kind_of_fault_is_survived_or_stops_saved() {
    let (home, walk, _) = measured();
    let whole = whole(&home);
    for position in positions(walk, 0) {
        for (index, kind) in KINDS.iter().enumerate() {
            if !full() && (position / 2) % KINDS.len() != index {
                continue;
            }
            arm(&home, kind, position);
            let said = home.run(&["--sandbox", "--yes", "--keep"]);
            home.run(&["sandbox", "fault", "clear"]).expect(0);
            if said.code != Some(0) {
                assert_eq!(*kind, "refuse", "{kind} at {position} must pass by itself: {said:?}");
                // A missing permission is named, and the session is kept.
                assert!(said.err.contains("not authorized"), "{kind} at {position}: {said:?}");
            }
            assert_eq!(go_on(&home), whole, "{kind} at {position}");
            clean(&home, &format!("{kind} at {position}"));
        }
    }
}

#[test]
fn what_the_service_gives_up_on_is_made_anew_on_resume() {
    let home = Home::new().without_engines();
    let whole = whole(&home);
    for operation in ["CreateReplicationGroup", "CreateDBInstance", "RunInstances"] {
        home.run(&["sandbox", "fault", "add", operation, "create-failed"]).expect(0);
        let said = home.run(&["--sandbox", "--yes", "--keep"]).expect(10);
        assert!(said.err.contains("resume"), "{}", said.err);
        assert_eq!(go_on(&home), whole, "{operation}");
        clean(&home, operation);
        home.run(&["sandbox", "fault", "clear"]).expect(0);
        // More often than the SDK repeats the call by itself.
        home.run(&["sandbox", "fault", "add", operation, "no-capacity", "--times", "9"]).expect(0);
        home.run(&["--sandbox", "--yes", "--keep"]).expect(10);
        home.run(&["sandbox", "fault", "clear"]).expect(0);
        assert_eq!(go_on(&home), whole, "{operation}");
        clean(&home, operation);
    }
}

/// The session's journal.
fn journal(home: &Home, session: &str) -> std::path::PathBuf {
    home.state().join("sessions").join(session).join("journal.jsonl")
}

#[test]
fn a_journal_cut_after_any_record_leads_to_the_same_end() {
    let home = Home::new().without_engines();
    let whole = whole(&home);
    let mut cut = 1;
    loop {
        home.run(&["--sandbox", "--yes", "--keep"]).expect(0);
        let session = unfinished(&home).expect("a session");
        let file = journal(&home, &session);
        let text = std::fs::read(&file).expect("the journal");
        let ends: Vec<usize> =
            text.iter().enumerate().filter(|(_, b)| **b == b'\n').map(|(at, _)| at + 1).collect();
        let Some(end) = ends.get(cut) else {
            clean(&home, "the last one");
            break;
        };
        // After the record, and in the middle of it, by turns.
        let at = if cut % 2 == 0 { *end } else { end - 7 };
        std::fs::write(&file, &text[..at]).expect("the cut journal");
        home.run(&["resume", &session, "--yes", "--keep"]).expect(0);
        assert_eq!(kinds(&home), whole, "cut after record {cut}");
        clean(&home, &format!("cut after record {cut}"));
        cut += if full() { 1 } else { 5 };
    }
    assert!(cut > 40, "{cut}");
}

/// The session whose resources are in the world.
fn session_in_the_world(home: &Home) -> Option<String> {
    let status = home.run(&["sandbox", "status", "--json"]).expect(0).out;
    let at = status.find("rw-")?;
    Some(status[at..at + 11].to_owned())
}

#[test]
fn a_machine_lost_at_any_call_costs_nothing_but_the_machine() {
    let (home, walk, _) = measured();
    let whole = whole(&home);
    // Taking over a fresh lease waits until the other walk must have noticed: few positions, unless it is to be all.
    for (index, position) in positions(walk, 0).step_by(if full() { 1 } else { 3 }).enumerate() {
        arm(&home, "stall-after", position);
        kill_at_stall(&home, &["--sandbox", "--yes", "--keep"]);
        std::fs::remove_dir_all(home.state().join("sessions")).expect("the machine is lost");
        let Some(session) = session_in_the_world(&home) else { continue };
        // The dead walk's lease is somebody else's for the new machine: taking it over is a decision.
        let mut arguments = vec!["resume", &session, "--sandbox", "--take-over", "--yes", "--keep"];
        if index % 2 == 1 {
            arguments = vec!["cleanup", &session, "--sandbox", "--take-over", "--yes"];
        }
        let said = home.run(&arguments);
        if said.code == Some(2) {
            // So early that there is nothing to go on with; what little there is can be taken away.
            assert!(said.err.contains("too little left"), "lost at {position}: {said:?}");
            home.run(&["cleanup", &session, "--sandbox", "--take-over", "--yes"]).expect(0);
        } else if said.expect(0).code == Some(0) && index % 2 == 0 {
            assert_eq!(kinds(&home), whole, "lost at {position}");
            clean(&home, &format!("lost at {position}"));
        }
        assert_eq!(kinds(&home), Vec::<String>::new(), "lost at {position}");
    }
}

#[test]
fn a_sandbox_that_crashes_at_any_call_comes_back_with_everything() {
    let (home, walk, _) = measured();
    let whole = whole(&home);
    for (index, position) in positions(walk, 1).enumerate() {
        arm(&home, if index % 2 == 0 { "stall-before" } else { "stall-after" }, position);
        let mut child = home
            .recipe_walk(&["--sandbox", "--yes", "--keep"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the walk starts");
        until("the stall is met", || {
            fault(&home, "hits") > 0 || child.try_wait().expect("the walk").is_some()
        });
        child.kill().expect("killed");
        child.wait().expect("reaped");
        let pid = home.run(&["sandbox", "status", "--json"]).expect(0).json()["pid"].to_string();
        std::process::Command::new("kill").args(["-9", &pid]).status().expect("kill");
        until("it is gone", || home.run(&["sandbox", "status"]).code != Some(0));
        home.serve(&["--no-engines"]);
        assert_eq!(go_on(&home), whole, "crashed at {position}");
        clean(&home, &format!("crashed at {position}"));
    }
}

#[test]
fn faults_of_reads_are_survived_or_stop_saved() {
    let home = Home::new().without_engines();
    let whole = whole(&home);
    for (index, after) in (0..60).step_by(if full() { 1 } else { 4 }).enumerate() {
        let kind = ["throttle", "server-error", "refuse", "slow"][index % 4];
        let after = after.to_string();
        home.run(&["sandbox", "fault", "add", "read:*", kind, "--after-calls", &after]).expect(0);
        let said = home.run(&["--sandbox", "--yes", "--keep"]);
        home.run(&["sandbox", "fault", "clear"]).expect(0);
        assert!(said.code == Some(0) || kind == "refuse", "{kind} after {after}: {said:?}");
        assert_eq!(go_on(&home), whole, "{kind} after {after}");
        clean(&home, &format!("{kind} after {after}"));
    }
}

#[test]
fn twenty_sessions_in_one_account_do_not_meet() {
    let home = Home::new().without_engines();
    let one = whole(&home);
    let walks: Vec<_> = (0..20)
        .map(|_| {
            let mut command = home.recipe_walk(&["--sandbox", "--yes", "--keep"]);
            command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("a walk starts")
        })
        .collect();
    for mut walk in walks {
        assert!(walk.wait().expect("it ends").success());
    }
    assert_eq!(kinds(&home).len(), one.len() * 20);
    let session = unfinished(&home).expect("a session");
    // Two clean-ups of one session at once: one does it, the other is refused or finds nothing to do.
    let two: Vec<_> = (0..2)
        .map(|_| {
            let mut command = home.recipe_walk(&["cleanup", &session, "--yes"]);
            command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("a clean-up starts")
        })
        .collect();
    let codes: Vec<_> = two.into_iter().map(|mut c| c.wait().expect("it ends").code()).collect();
    assert!(codes.contains(&Some(0)) && codes.iter().all(|c| matches!(c, Some(0 | 7))), "{codes:?}");
    assert_eq!(kinds(&home).len(), one.len() * 19, "the others are left alone");
    while let Some(session) = unfinished(&home) {
        home.run(&["cleanup", &session, "--yes"]).expect(0);
    }
    assert_eq!(kinds(&home), Vec::<String>::new());
}
