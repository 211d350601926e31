//! Repairs that die, resources that somebody changed, and tokens whose instances do not show.

use crate::fake::{Mishap, TEMPORARY};
use crate::{Run, id};
use recipe_walk_engine::action::Planned;
use recipe_walk_engine::difference::Difference;
use recipe_walk_engine::drift::{Change, drift, repair};
use recipe_walk_engine::interrupt::Interrupt;
use recipe_walk_engine::journal::read;
use recipe_walk_engine::perform::{Stop, Tools};
use recipe_walk_engine::record::Record;
use recipe_walk_engine::temporary;
use recipe_walk_engine::transition::Status;
use recipe_walk_engine::walk::Ended;

/// A walked session in which the cache broke and the repair died over its deletion.
async fn died_repairing(how: Mishap) -> Run {
    let run = Run::new(None);
    run.walk_to_the_end().await;
    run.cloud.world().broken.insert("cache".into());
    let tools = run.tools(&run.cloud.interrupt);
    let drifts = drift(&tools).await.expect("a look");
    run.cloud.world().next = Some(how);
    let stop = repair(&tools, &run.recipe, &drifts).await.expect_err("it died");
    assert!(matches!(stop, Stop::Interrupted), "{stop}");
    let state = read(&run.dir.path().join(id().as_str())).expect("the journal");
    assert_eq!(state.status("cache"), Status::Undoing);
    // Nothing is held to be done that stood on what may be gone.
    assert!(!state.verified.contains_key("replication-group") && !state.verified.contains_key("compare"));
    assert!(state.verified.contains_key("security-groups"));
    run
}

#[tokio::test]
async fn a_repair_that_died_is_found_and_finished() {
    for how in [Mishap::DiesBefore, Mishap::DiesAfter] {
        let run = died_repairing(how).await;
        let tools = run.tools(&Interrupt::default());
        let drifts = drift(&tools).await.expect("a look");
        assert_eq!(drifts.len(), 1, "{drifts:?}");
        match how {
            Mishap::DiesAfter => assert_eq!(drifts[0].change, Change::Gone),
            _ => assert!(matches!(drifts[0].change, Change::Broken(_)), "{drifts:?}"),
        }
        repair(&tools, &run.recipe, &drifts).await.expect("repaired");
        drop(tools);
        run.walk(&Interrupt::default()).await.expect("to the end");
        assert_eq!(run.made()["cache"], 2);
        run.clean_to_the_end().await;
    }
}

#[tokio::test]
async fn a_walk_goes_on_by_itself_where_a_deletion_died() {
    for how in [Mishap::DiesBefore, Mishap::DiesAfter] {
        let run = died_repairing(how).await;
        run.walk(&Interrupt::default()).await.expect("to the end");
        let made = run.made();
        assert!(made.iter().all(|(name, n)| *n == if name == "cache" { 2 } else { 1 }), "{made:?}");
        run.clean_to_the_end().await;
    }
}

#[tokio::test]
async fn leftovers_of_labs_are_taken_away_opening_no_step() {
    for dies in ["before it is made", "once it is made", "while it goes"] {
        let run = Run::new(None);
        run.walk_to_the_end().await;
        let tools = run.tools(&run.cloud.interrupt);
        let like = tools.session.with(|s| s.resource("cache-parameters").cloned()).expect("it was made");
        let lab = Planned { name: "lab".into(), ..like.planned };
        let made = dies != "before it is made";
        if made {
            tools.perform(&lab).await.expect("made");
        } else {
            tools.session.record(Record::Intended(Box::new(lab.clone()))).expect("recorded");
        }
        if dies == "while it goes" {
            tools.session.record(Record::UndoStarted { name: lab.name.clone() }).expect("recorded");
        }
        let verified = tools.session.with(|s| s.verified.clone());
        let drifts = drift(&tools).await.expect("a look");
        let found: Vec<_> = drifts.iter().map(|d| (d.resource.planned.name.as_str(), &d.change)).collect();
        assert_eq!(found, if made { vec![("lab", &Change::Stray)] } else { vec![] }, "{dies}");
        repair(&tools, &run.recipe, &drifts).await.expect("repaired");
        assert_eq!(tools.session.with(|s| s.verified.clone()), verified, "{dies}");
        assert!(!run.cloud.world().things.contains_key("lab"), "{dies}");
        drop(tools);
        run.clean_to_the_end().await;
    }
}

#[tokio::test]
async fn deletions_of_labs_are_repeated_until_it_is_gone() {
    for how in [Mishap::Throttled, Mishap::LostBefore, Mishap::LostAfter] {
        let run = Run::new(None);
        run.walk_to_the_end().await;
        let lab = run.recipe.labs.iter().find(|l| l.id == "closed-port").expect("the lab");
        run.cloud.world().next = Some(how);
        let ended = run.walk_with(&Interrupt::default()).lab(lab).await.expect("it goes on");
        assert_eq!(ended, Ended::Left, "{how:?}: nobody is there to mend it");
        assert!(!run.cloud.world().things.contains_key("db-rule"), "{how:?}");
        run.walk_to_the_end().await;
        assert_eq!(run.made()["db-rule"], 2, "{how:?}");
        run.clean_to_the_end().await;
    }
}

#[tokio::test]
async fn policies_that_a_lesson_left_are_put_back_alone() {
    let run = Run::new(None);
    run.walk_to_the_end().await;
    let tools = run.tools(&run.cloud.interrupt);
    let step = run.recipe.steps.iter().find(|s| s.id == "eviction").expect("the step");
    let setting = temporary::settings(step).next().expect("it sets something");
    let planned = temporary::planned(setting, step, &tools.session.state()).expect("a plan");
    let planned = planned.expect("the session has a policy of its own");
    let verified = tools.session.with(|s| s.verified.clone());
    // The program dies right after the call.
    tools.perform(&planned).await.expect("set");
    let again = Tools { interrupt: Interrupt::default(), ..tools.clone() };
    let left = async || {
        let drifts = drift(&again).await.expect("a look");
        let [one] = &drifts[..] else { panic!("its setting alone is told: {drifts:?}") };
        assert_eq!((one.resource.planned.name.as_str(), &one.change), (TEMPORARY, &Change::Stray));
        drifts
    };
    left().await;
    // And once more right before the call that puts it back.
    tools.session.record(Record::UndoStarted { name: TEMPORARY.into() }).expect("recorded");
    repair(&again, &run.recipe, &left().await).await.expect("put back");
    assert!(!run.cloud.world().things.contains_key(TEMPORARY));
    assert_eq!(tools.session.with(|s| s.verified.clone()), verified);
    assert!(drift(&again).await.expect("a look").is_empty());
}

#[tokio::test]
async fn changes_are_told_and_remade_where_nothing_is_lost() {
    for (name, mended) in [("cache-rule", true), ("database", false)] {
        let run = Run::new(None);
        run.walk_to_the_end().await;
        let may_stay = Difference::harmless("class", "small", "large");
        run.cloud.world().altered.insert(name.into(), may_stay.clone());
        let tools = run.tools(&Interrupt::default());
        assert!(drift(&tools).await.expect("a look").is_empty(), "{name}");
        run.cloud.world().altered.insert(name.into(), may_stay.must("It matters.", "mend it"));
        let drifts = drift(&tools).await.expect("a look");
        let [one] = &drifts[..] else { panic!("{drifts:?}") };
        assert!(matches!(&one.change, Change::Altered(all) if all.len() == 1), "{one:?}");
        assert_eq!((one.resource.planned.name.as_str(), one.is_mended()), (name, mended));
        repair(&tools, &run.recipe, &drifts).await.expect("as far as it goes");
        assert_eq!(drift(&tools).await.expect("a look").is_empty(), mended, "{name}");
        drop(tools);
        run.walk_to_the_end().await;
        assert_eq!(run.made()[name], if mended { 2 } else { 1 }, "{name}");
        run.clean_to_the_end().await;
    }
}

fn token(run: &Run) -> String {
    run.cloud.world().things["instance"].0.token()
}

#[tokio::test]
async fn instances_not_showing_are_waited_for_never_made_twice() {
    let whole = Run::new(None);
    whole.walk_to_the_end().await;
    let there = whole.cloud.world().things["instance"].clone();
    let run = Run::new(None);
    run.cloud.world().used.insert(token(&whole), "IdempotentParameterMismatch".into());
    run.cloud.world().things.insert("instance".into(), there);
    // The journal that knew it is lost, and the first looks after its call miss it.
    run.cloud.world().hidden.insert("instance".into(), 5);
    assert_eq!(run.walk_to_the_end().await, 0);
    assert_eq!(run.made().get("instance"), None, "it is adopted");
    run.clean_to_the_end().await;
}

#[tokio::test]
async fn the_next_token_waits_until_the_instance_is_gone() {
    for (code, patient) in [("IdempotentParameterMismatch", true), ("IdempotentInstanceTerminated", false)] {
        let run = Run::new(None);
        let first = format!("{}-instance-1", id());
        run.cloud.world().used.insert(first, code.into());
        assert_eq!(run.walk_to_the_end().await, 0);
        assert_eq!(token(&run), format!("{}-instance-2", id()), "{code}");
        let looks = run.cloud.world().looks["instance"];
        // One of them once it was ready.
        assert!(if patient { looks > 6 } else { looks == 2 }, "{code}: {looks} looks");
        run.clean_to_the_end().await;
    }
}
