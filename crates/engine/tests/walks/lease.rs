//! The lease between machines, and the walk that asks for it before it changes anything.

use crate::{Run, id};
use recipe_walk_engine::cleanup::unwind;
use recipe_walk_engine::interrupt::Interrupt;
use recipe_walk_engine::lease::{Claim, FRESH, Hold, Lease, claim, release, renew};
use recipe_walk_engine::note::lease_path;
use recipe_walk_engine::perform::{Stop, Tools};
use recipe_walk_engine::plan::plan;
use recipe_walk_engine::session::{Holder, Session};
use recipe_walk_engine::transition::Status;
use std::sync::Arc;
use std::time::Duration;

#[tokio::test]
async fn one_machine_holds_the_lease_until_it_gives_it_back_or_somebody_decides() {
    let run = Run::new(None);
    let tools = run.tools(&Interrupt::default());
    let state = tools.session.state();
    let tags = plan(&run.recipe.steps[0], &state).expect("a plan")[0].tags.clone();
    let holder = |host: &str| Holder { pid: 1, host: host.to_owned() };
    let lease = |host: &str| Lease::new("Ada", &holder(host), format!("token of {host}"), run.clock.now());
    let other = tempfile::tempdir().expect("a directory");
    let theirs = Session::create(other.path(), &id(), "there", run.clock.clone()).expect("their copy");
    let cloud = &*run.cloud;
    assert!(matches!(claim(cloud, &tools.session, &lease("here"), &tags, false).await, Ok(Claim::Held)));
    // The same machine after a crash: its own token is on disk, whatever the new process calls itself.
    assert!(matches!(
        claim(cloud, &tools.session, &lease("here again"), &tags, false).await,
        Ok(Claim::Held)
    ));
    let Ok(Claim::Taken(by)) = claim(cloud, &theirs, &lease("there"), &tags, false).await else {
        panic!("two machines hold one lease");
    };
    assert!(by.holder.contains("here again") && !by.is_stale(run.clock.now()), "{by:?}");
    assert!(matches!(claim(cloud, &theirs, &lease("there"), &tags, true).await, Ok(Claim::Held)));
    let lost = renew(cloud, &id(), &lease("here again"), &tags).await.expect("a look");
    assert!(lost.is_some_and(|l| l.holder.contains("there")));
    // Whoever lost it cannot give it back.
    release(cloud, &tools.session, "token of here again").await.expect("a look");
    assert!(run.cloud.world().notes.contains_key(&lease_path(&id())));
    release(cloud, &theirs, "token of there").await.expect("given back");
    assert!(!run.cloud.world().notes.contains_key(&lease_path(&id())));
}

#[tokio::test]
async fn a_lease_that_is_gone_is_renewed_with_its_tags_and_never_over_somebody_elses() {
    let run = Run::new(None);
    let tools = run.tools(&Interrupt::default());
    let tags = plan(&run.recipe.steps[0], &tools.session.state()).expect("a plan")[0].tags.clone();
    let lease = |host: &str| {
        Lease::new(
            "Ada",
            &Holder { pid: 1, host: host.to_owned() },
            format!("token of {host}"),
            run.clock.now(),
        )
    };
    let path = lease_path(&id());
    assert!(renew(&*run.cloud, &id(), &lease("here"), &tags).await.expect("renewed").is_none());
    assert!(run.cloud.world().tagged.contains(&path), "a sweep by tag finds it");
    let lost = renew(&*run.cloud, &id(), &lease("there"), &tags).await.expect("a look");
    assert!(lost.is_some_and(|l| l.holder.contains("here")));
    assert!(run.cloud.world().notes[&path].contains("token of here"));
}

/// Tools under a lease that was seen to be ours when the clock began, after so long a sleep.
async fn woken(run: &Run, interrupt: &Interrupt, slept: Duration) -> Tools {
    let hold = Hold::new("ours".into(), run.clock.now());
    run.clock.sleep(slept).await;
    Tools { hold: Some(Arc::new(hold)), ..run.tools(interrupt) }
}

fn written(run: &Run, token: &str) {
    let lease = Lease::new(token, &Holder { pid: 2, host: "there".into() }, token.into(), run.clock.now());
    let text = serde_json::to_string(&lease).expect("a lease");
    run.cloud.world().notes.insert(lease_path(&id()), text);
}

#[tokio::test]
async fn a_machine_that_slept_makes_nothing_in_a_session_that_was_taken_over() {
    let long = FRESH + Duration::from_secs(1);
    for theirs in [Some("theirs"), None] {
        let run = Run::new(None);
        if let Some(token) = theirs {
            written(&run, token);
        }
        let interrupt = Interrupt::default();
        let tools = woken(&run, &interrupt, long).await;
        let planned = &plan(&run.recipe.steps[0], &tools.session.state()).expect("a plan")[0];
        let stop = tools.perform(planned).await.expect_err("it is not ours any more");
        assert!(matches!(stop, Stop::Interrupted) && interrupt.is_set(), "{stop}");
        assert!(run.made().is_empty(), "{:?}", run.made());
        assert_eq!(tools.session.with(|s| s.status(&planned.name)), Status::Untouched);
        let by = tools.hold.as_ref().and_then(|h| h.lost().map(str::to_owned)).expect("it is lost");
        assert!(by.contains(theirs.unwrap_or("finished")), "{by}");
    }
}

#[tokio::test]
async fn a_clean_up_that_slept_deletes_nothing_of_a_session_that_was_taken_over() {
    let run = Run::new(None);
    run.walk_to_the_end().await;
    let before = run.cloud.world().things.len();
    written(&run, "theirs");
    let interrupt = Interrupt::default();
    let tools = woken(&run, &interrupt, FRESH + Duration::from_secs(1)).await;
    assert!(matches!(unwind(&tools).await, Err(Stop::Interrupted)) && interrupt.is_set());
    assert_eq!(run.cloud.world().things.len(), before);
}

#[tokio::test]
async fn a_machine_that_slept_goes_on_under_its_own_lease() {
    let long = FRESH + Duration::from_secs(1);
    let run = Run::new(None);
    written(&run, "ours");
    let tools = woken(&run, &Interrupt::default(), long).await;
    let planned = plan(&run.recipe.steps[0], &tools.session.state()).expect("a plan");
    tools.perform(&planned[0]).await.expect("made");
    // What was just seen is believed: another look would find somebody else's.
    written(&run, "theirs");
    tools.perform(&planned[1]).await.expect("made");
    run.clock.sleep(long).await;
    assert!(matches!(tools.still_ours().await, Err(Stop::Interrupted)));
}
