//! Another recipe, of which the engine knows nothing: it is walked, cut off anywhere, rebuilt, broken, told and cleaned up
//! like the one that comes with the program.

use crate::fake::{MISHAPS, Mishap};
use crate::{Run, blank_tools, id, prices};
use recipe_walk_engine::interrupt::Interrupt;
use recipe_walk_engine::journal::{FILE, lines, read};
use recipe_walk_engine::rebuild::rebuild;
use recipe_walk_engine::recipe::Recipe;
use recipe_walk_engine::report::Report;
use recipe_walk_engine::session::Session;
use recipe_walk_engine::walk::Ended;
use std::path::Path;
use std::sync::Arc;

fn run(mishap: Option<(usize, Mishap)>) -> Run {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/second-recipe");
    Run { recipe: Recipe::load(&dir).expect("a sound recipe"), ..Run::new(mishap) }
}

fn things(run: &Run) -> Vec<String> {
    run.cloud.world().things.keys().cloned().collect()
}

#[tokio::test]
async fn each_call_of_another_recipe_survives_each_mishap() {
    let whole = run(None);
    assert_eq!(whole.walk_to_the_end().await, 0);
    let names = [
        "greeting",
        "group",
        "machine",
        "may-read",
        "note-key",
        "passport",
        "profile",
        "profile-role",
        "results",
        "role",
    ];
    assert_eq!(things(&whole), names);
    whole.clean_to_the_end().await;
    assert_eq!(things(&whole), Vec::<String>::new());
    let calls = whole.cloud.world().calls;
    for at in 1..=calls {
        for mishap in MISHAPS {
            let run = run(Some((at, mishap)));
            run.walk_to_the_end().await;
            let made = run.made();
            assert!(
                made.len() == names.len() && made.values().all(|n| *n == 1),
                "{at}, {mishap:?}: {made:?}"
            );
            run.clean_to_the_end().await;
            assert_eq!(things(&run), Vec::<String>::new(), "{at}, {mishap:?}");
        }
    }
}

#[tokio::test]
async fn another_recipe_goes_on_from_each_record_of_its_journal() {
    let journal = |run: &Run| run.dir.path().join(id().as_str()).join(FILE);
    let whole = {
        let run = run(None);
        run.walk_to_the_end().await;
        std::fs::read(journal(&run)).expect("the journal")
    };
    let ends: Vec<usize> = (0..whole.len()).filter(|i| whole[*i] == b'\n').map(|i| i + 1).collect();
    assert!(ends.len() > 20, "{}", ends.len());
    for end in ends {
        let run = run(None);
        run.walk_to_the_end().await;
        std::fs::write(journal(&run), &whole[..end]).expect("the cut journal");
        run.walk_to_the_end().await;
        let made = run.made();
        assert!(made.values().all(|n| *n == 1), "cut at {end}: {made:?}");
        run.clean_to_the_end().await;
    }
}

#[tokio::test]
async fn another_recipe_comes_back_from_the_account() {
    let run = run(None);
    run.walk_to_the_end().await;
    let before = read(&run.dir.path().join(id().as_str())).expect("the journal");
    let place = before.opened().expect("opened").place.clone();
    let elsewhere = Run { dir: tempfile::tempdir().expect("a directory"), ..run };
    let session = Session::create(elsewhere.dir.path(), &id(), "there", elsewhere.clock.clone());
    let tools = recipe_walk_engine::perform::Tools {
        session: Arc::new(session.expect("new")),
        ..blank_tools(&elsewhere)
    };
    let rebuilt = rebuild(&tools, &elsewhere.recipe, None, &place, false, None).await.expect("rebuilt");
    assert_eq!((rebuilt.resources, rebuilt.results), (10, vec!["read".to_owned()]));
    drop(tools);
    elsewhere.walk_to_the_end().await;
    assert!(elsewhere.made().values().all(|n| *n == 1));
}

#[tokio::test]
async fn a_lab_of_another_recipe_is_mended_by_resuming() {
    let run = run(None);
    run.walk_to_the_end().await;
    let walk = run.walk_with(&Interrupt::default());
    assert_eq!(walk.lab(&run.recipe.labs[0]).await.expect("a lab"), Ended::Left);
    drop(walk);
    assert!(!things(&run).contains(&"greeting".to_owned()));
    run.walk_to_the_end().await;
    assert_eq!(run.made()["greeting"], 2);
    run.clean_to_the_end().await;
}

#[tokio::test]
async fn the_report_of_another_recipe_tells_what_it_did() {
    let run = run(None);
    run.walk_to_the_end().await;
    let lines = lines(&run.dir.path().join(id().as_str())).expect("the journal");
    let report = Report::new(&lines, Some(&run.recipe), &prices(), run.clock.now()).expect("a report");
    let facts: Vec<_> = report.facts.iter().map(|(what, _)| what.as_str()).collect();
    assert_eq!(facts, ["VPC", "Subnets", "Machine image"]);
    let ran = report.transcript.iter().find(|entry| entry.what.contains("read on the instance"));
    let command = &ran.expect("the run").command;
    assert!(command.contains("./demo read --region us-east-1 --note /recipe-walk/rw-"), "{command}");
    let text = serde_json::to_string(&report).expect("JSON").to_lowercase();
    assert!(!text.contains("cache") && !text.contains("mysql"), "{text}");
}
