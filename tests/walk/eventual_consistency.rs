//! AWS's services hear of new things with a delay (docs/aws.md, "Idempotency and consistency"): a call that is
//! answered as though the newest things had not been made yet, at every position of a walk and of its clean-up. By
//! default at a part of the positions.

use crate::support::matrix::matrix;
use crate::support::matrix_fixture::Fixture;

/// A fault twice in a row outlasts one look.
const TIMES: usize = 2;

/// A walk that is told that something is missing goes on by itself and makes one of each.
fn unheard_of(fixture: &Fixture, calls: &str, position: usize) {
    let what = format!("not yet, at {calls} {position}");
    fixture.add_faults(calls, "not-yet", position, TIMES);
    let said = fixture.run_walk();
    assert_eq!(said.code, Some(0), "{what}: {said:?}");
    fixture.clear_faults();
    fixture.assert_whole(&what);
    fixture.clean_up_all(&what);
}

#[test]
fn walk_waits_for_resources_unknown_to_a_service() {
    matrix("changes not yet", |g| g.walk, (2, 11), |g, _, at| unheard_of(g, "*", at));
}

#[test]
fn walk_waits_for_resources_missing_from_describe() {
    matrix("reads not yet", |g| g.reads, (3, 29), |g, _, at| unheard_of(g, "read:*", at));
}

/// A clean-up right after a walk does not see the newest resources yet, and leaves none of them.
fn unseen(fixture: &Fixture, calls: &str, position: usize) {
    let what = format!("clean-up, not yet, at {calls} {position}");
    fixture.run_walk().expect(0);
    fixture.add_faults(calls, "not-yet", position, TIMES);
    let session = fixture.unfinished().expect("a session");
    let said = fixture.home.run(&["cleanup", &session, "--yes"]);
    fixture.clear_faults();
    assert_eq!(said.code, Some(0), "{what}: {said:?}");
    fixture.assert_empty(&what);
}

#[test]
fn cleanup_deletes_resources_that_describe_hid_at_first() {
    matrix("clean-up reads not yet", |g| g.clean_up_reads, (0, 23), |g, _, at| unseen(g, "read:*", at));
    matrix("clean-up changes not yet", |g| g.clean_up, (1, 17), |g, _, at| unseen(g, "*", at));
}

/// These refusals are what services say of something new. They are armed by name, because the positions above may miss
/// them.
#[test]
fn refusals_of_new_resources_are_waited_out() {
    let fixture = Fixture::new(crate::support::matrix_fixture::Place::ControlPlane);
    for (operation, code) in [
        ("RunInstances", "InvalidParameterValue"),
        ("CreateDBSubnetGroup", "InvalidParameterValue"),
        ("CreateDBInstance", "InvalidParameterValue"),
        ("CreateReplicationGroup", "ServiceLinkedRoleNotFoundFault"),
        ("AuthorizeSecurityGroupIngress", "InvalidGroup.NotFound"),
        ("PutRolePolicy", "NoSuchEntity"),
    ] {
        fixture.add_faults(operation, "not-yet", 0, TIMES);
        let said = fixture.run_walk();
        assert_eq!(said.code, Some(0), "{operation}: {said:?}");
        let calls = fixture.home.run(&["sandbox", "calls", "--json"]).expect(0).json();
        let calls = calls.as_array().expect("calls").iter();
        let met = calls.filter(|c| c["operation"] == operation && c["fault"] == "not-yet");
        let outcomes: Vec<&str> = met.map(|c| c["outcome"].as_str().expect("an outcome")).collect();
        assert!(outcomes.contains(&code), "{operation}: {outcomes:?}");
        fixture.clear_faults();
        fixture.assert_whole(operation);
        fixture.clean_up_all(operation);
    }
}
