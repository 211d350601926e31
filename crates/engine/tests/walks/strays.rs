//! What the journal does not know: shortened journals, things nobody may look at, sessions brought back elsewhere.

use crate::fake::Mishap;
use crate::{Run, blank_tools, id, key, prices, session};
use recipe_walk_engine::cleanup::{adopt_strays, conclude, unwind};
use recipe_walk_engine::cloud::Place;
use recipe_walk_engine::interrupt::Interrupt;
use recipe_walk_engine::journal::{FILE, read};
use recipe_walk_engine::perform::{Stop, Tools};
use recipe_walk_engine::rebuild::{Rebuilt, rebuild};
use recipe_walk_engine::receipt::Receipt;
use std::sync::Arc;

/// The session as its journal has it: an answer that is missing there stays so.
fn tools(run: &Run) -> Tools {
    Tools { session: Arc::new(session(run.dir.path(), &run.recipe, &run.clock)), ..blank_tools(run) }
}

/// A clean-up in the order of the program's.
async fn clean(run: &Run) -> Receipt {
    let tools = tools(run);
    adopt_strays(&tools, &run.recipe).await.expect("a look");
    unwind(&tools).await.expect("unwound");
    if adopt_strays(&tools, &run.recipe).await.expect("a look") > 0 {
        unwind(&tools).await.expect("unwound");
    }
    conclude(&tools, &prices()).await.expect("a receipt")
}

fn things(run: &Run) -> Vec<String> {
    run.cloud.world().things.keys().cloned().collect()
}

/// A walked session, and its journal.
async fn walked() -> (Run, Vec<u8>) {
    let run = Run::new(None);
    run.walk_to_the_end().await;
    let whole = std::fs::read(run.dir.path().join(id().as_str()).join(FILE)).expect("the journal");
    (run, whole)
}

/// The same session with the same things in the account, and a journal that has lost all but its first records.
fn cut((run, whole): &(Run, Vec<u8>), records: usize) -> Run {
    let cut = Run::new(None);
    {
        let (from, mut to) = (run.cloud.world(), cut.cloud.world());
        to.things.clone_from(&from.things);
        to.notes.clone_from(&from.notes);
        to.versions.clone_from(&from.versions);
    }
    let dir = cut.dir.path().join(id().as_str());
    std::fs::create_dir(&dir).expect("a directory");
    let kept: Vec<u8> = whole.split_inclusive(|b| *b == b'\n').take(records).flatten().copied().collect();
    std::fs::write(dir.join(FILE), kept).expect("the cut journal");
    cut
}

#[tokio::test]
async fn a_cut_journal_can_be_cleaned_up_at_once() {
    let walked = walked().await;
    let whole = walked.1.split_inclusive(|b| *b == b'\n').count();
    assert!(whole > 40, "{whole}");
    // The first cuts leave no answers, and all of them less than there is.
    for records in 1..=whole {
        let run = cut(&walked, records);
        let receipt = clean(&run).await;
        assert!(receipt.is_clean(), "cut after {records}: {receipt:?}");
        assert_eq!(things(&run), ["cache-policy"], "cut after {records}");
    }
}

#[tokio::test]
async fn forbidden_looks_keep_nothing_else_from_going() {
    let run = cut(&walked().await, 1);
    run.cloud.world().denied.insert("cache".into());
    let receipt = clean(&run).await;
    let left: Vec<&str> = receipt.left.iter().map(|l| l.id.as_str()).collect();
    assert_eq!(left, ["cache"]);
    assert_eq!(things(&run), ["cache", "cache-policy"]);
    run.cloud.world().denied.clear();
    assert!(clean(&run).await.is_clean());
    assert_eq!(things(&run), ["cache-policy"]);
}

/// The session on a machine that has lost everything.
async fn elsewhere(run: &Run) -> (Tools, Rebuilt) {
    let tools = blank_tools(run);
    let place = Place { account: "1".into(), region: "us-east-1".into(), endpoint: None };
    let rebuilt = rebuild(&tools, &run.recipe, None, &place, false, None).await.expect("rebuilt");
    (tools, rebuilt)
}

#[tokio::test]
async fn a_rebuilt_session_tells_what_could_not_be_looked_at() {
    let run = Run::new(None);
    run.walk_to_the_end().await;
    run.cloud.world().denied.insert("database".into());
    let (_, rebuilt) = elsewhere(&run).await;
    assert_eq!((rebuilt.resources, rebuilt.unseen.len()), (19, 1), "{rebuilt:?}");
    run.cloud.world().denied.clear();
    assert!(elsewhere(&run).await.1.unseen.is_empty());
}

#[tokio::test]
async fn sessions_in_clean_up_are_not_built_up_elsewhere() {
    let run = Run::new(None);
    run.walk_to_the_end().await;
    assert!(elsewhere(&run).await.0.session.with(|s| s.unwinding.is_none()));
    run.cloud.world().next = Some(Mishap::DiesBefore);
    let stop = unwind(&run.tools(&run.cloud.interrupt)).await.expect_err("it died");
    assert!(matches!(stop, Stop::Interrupted), "{stop}");
    // No tag is known there: the group that carries it goes early, and the passport tells it to the end.
    let (tools, _) = elsewhere(&run).await;
    assert!(tools.session.with(|s| s.unwinding.is_some()));
    // Nor is it lost where the first record was written and the note was not.
    let state = read(&run.dir.path().join(id().as_str())).expect("the journal");
    assert!(state.unwinding.is_some() && state.closed.is_none());
    let path = recipe_walk_engine::note::passport_path(&id());
    let text = run.cloud.world().notes[&path].replace(",\"unwinding\":true", "");
    let body = text.rsplitn(3, ' ').last().expect("a text").to_owned();
    let before = key().sign(&path, 1, &body);
    run.cloud.world().versions.insert(path.clone(), 0);
    run.cloud.world().write(&path, &before);
    run.cloud.world().next = Some(Mishap::DiesBefore);
    let interrupt = Interrupt::default();
    let again = Tools { interrupt: run.cloud.interrupt.clone(), ..run.tools(&interrupt) };
    assert!(unwind(&again).await.is_err());
    assert!(run.cloud.world().notes[&path].contains("\"unwinding\":true"));
}
