//! What happened to a session while this machine's journal lay still: here, elsewhere, and by somebody's hand.

use crate::fake::Mishap;
use crate::{Run, id};
use recipe_walk_engine::cleanup::unwind;
use recipe_walk_engine::drift::{Change, drift, repair};
use recipe_walk_engine::finding::Demand;
use recipe_walk_engine::id::SessionId;
use recipe_walk_engine::interrupt::Interrupt;
use recipe_walk_engine::journal::FILE;
use recipe_walk_engine::perform::{SETTLING, Stop};
use recipe_walk_engine::quota::Quota;
use recipe_walk_engine::record::Record;
use recipe_walk_engine::remote_state::{RemoteState, remote_state};
use recipe_walk_engine::transition::Status;

async fn changes(run: &Run) -> Vec<(String, Change)> {
    let drifts = drift(&run.tools(&Interrupt::default())).await.expect("a look");
    drifts.into_iter().map(|d| (d.resource.planned.name, d.change)).collect()
}

#[tokio::test]
async fn what_was_made_and_does_not_show_is_not_gone() {
    let run = Run::new(None);
    run.walk_to_the_end().await;
    run.cloud.world().hidden.insert("instance".into(), 2);
    assert_eq!(changes(&run).await, []);
    // What has been there for long shows.
    run.clock.sleep(SETTLING).await;
    run.cloud.world().hidden.insert("instance".into(), 2);
    assert_eq!(changes(&run).await, [("instance".to_owned(), Change::Gone)]);
}

#[tokio::test]
async fn of_two_the_recorded_goes_and_one_is_taken() {
    let run = Run::new(None);
    run.walk_to_the_end().await;
    run.cloud.world().things.get_mut("instance").expect("an instance").1 = "another".into();
    let tools = run.tools(&Interrupt::default());
    let drifts = drift(&tools).await.expect("a look");
    assert_eq!(drifts[0].change, Change::Replaced("another".into()));
    repair(&tools, &run.recipe, &drifts).await.expect("repaired");
    drop(tools);
    run.walk_to_the_end().await;
    assert_eq!(run.made()["instance"], 1, "it is not made a second time");
    assert_eq!(changes(&run).await, []);
    run.clean_to_the_end().await;
}

#[tokio::test]
async fn what_proves_to_be_foreign_when_ready_stops_it() {
    let run = Run::new(None);
    run.cloud.world().broken.insert("cache".into());
    run.walk(&Interrupt::default()).await.expect_err("it is not ready");
    run.cloud.world().broken.clear();
    let theirs = SessionId::from_bytes([7; 8]);
    run.cloud.world().things.get_mut("cache").expect("a cache").0.tags.session = theirs.clone();
    let stop = run.walk(&Interrupt::default()).await.expect_err("it is somebody else's");
    assert!(matches!(&stop, Stop::Foreign { whose, .. } if *whose == theirs.to_string()), "{stop}");
}

#[tokio::test]
async fn clean_ups_elsewhere_are_seen_from_first_to_last_note() {
    let run = Run::new(None);
    run.walk_to_the_end().await;
    let journal = run.dir.path().join(id().as_str()).join(FILE);
    let before = std::fs::read(&journal).expect("the journal");
    let asks = async || remote_state(&run.tools(&Interrupt::default())).await.expect("a look");
    assert_eq!(asks().await, RemoteState::Nothing);
    // It dies over its first deletion; this machine's journal knows nothing of it.
    run.cloud.world().next = Some(Mishap::Refused);
    unwind(&run.tools(&Interrupt::default())).await.expect("it goes on past a failure");
    std::fs::write(&journal, &before).expect("as it was here");
    assert_eq!(asks().await, RemoteState::CleaningUp);
    run.clean_to_the_end().await;
    assert_eq!(asks().await, RemoteState::Nothing, "its own clean-up is no news");
    std::fs::write(&journal, &before).expect("as it was here");
    assert_eq!(asks().await, RemoteState::CleanedUp);
    let tools = run.tools(&Interrupt::default());
    assert_eq!(tools.session.with(|s| s.status("passport")), Status::Present);
}

#[tokio::test]
async fn a_passport_that_somebody_deleted_is_no_clean_up() {
    let run = Run::new(None);
    run.walk_to_the_end().await;
    run.cloud.world().things.remove("passport");
    run.cloud.world().notes.clear();
    assert_eq!(remote_state(&run.tools(&Interrupt::default())).await.expect("a look"), RemoteState::Nothing);
}

#[tokio::test]
async fn quotas_used_by_the_session_itself_do_not_stop_it() {
    let quota = Quota { service: "ec2", code: "L-1", what: "EC2 vCPUs" };
    let full = || vec![Demand { kind: "instance", quota, each: 2 }.judge(5.0, 4, 1, "us-east-1")];
    let run = Run::new(None);
    run.cloud.world().findings = full();
    let stop = run.walk(&Interrupt::default()).await.expect_err("there is no room");
    assert!(matches!(stop, Stop::NotReady(_)), "{stop}");
    let run = Run::new(None);
    run.walk_to_the_end().await;
    run.cloud.world().findings = full();
    let step = run.recipe.steps[0].id.to_string();
    run.tools(&Interrupt::default()).session.record(Record::Reopened { step }).expect("open again");
    assert_eq!(run.walk_to_the_end().await, 0);
}
