//! Answers that no prompt has checked: from a journal, and from the session's note in the account.

use crate::{Run, Silent, clock, id, session};
use recipe_walk_engine::answers::Answers;
use recipe_walk_engine::guide::{Choice, Guide, Happening, Remedy, StepView};
use recipe_walk_engine::interrupt::Interrupt;
use recipe_walk_engine::note::passport_path;
use recipe_walk_engine::perform::{Stop, Tools};
use recipe_walk_engine::rebuild::rebuild;
use recipe_walk_engine::recipe::Step;
use recipe_walk_engine::record::Record;
use recipe_walk_engine::session::Session;
use std::sync::{Arc, Mutex};

/// Keeps what it is told.
#[derive(Default)]
struct Listening(Mutex<Vec<String>>);

impl Guide for Listening {
    fn choose(&self, view: &StepView<'_>) -> Choice {
        Silent.choose(view)
    }
    fn trouble(&self, step: &Step, problem: &Stop) -> Remedy {
        Silent.trouble(step, problem)
    }
    fn show(&self, happening: &Happening<'_>) {
        if let Happening::Note(text) = happening {
            self.0.lock().expect("told").push((*text).to_owned());
        }
    }
}

/// The passport in the account with an answer changed, and one that nobody asks for, signed by a holder of the key.
fn spoil(run: &Run, key: &str, from: &str, to: &str) {
    let mut world = run.cloud.world();
    let path = passport_path(&id());
    let text = world.notes[&path].rsplitn(3, ' ').last().expect("a text").to_owned();
    let spoilt =
        text.replacen(&format!("\"{key}\":\"{from}\""), &format!("\"{key}\":\"{to}\",\"pony\":\"1\""), 1);
    assert_ne!(text, spoilt, "{key}");
    let next = world.versions[&path] + 1;
    let signed = crate::key().sign(&path, next, &spoilt);
    world.write(&path, &signed);
}

#[tokio::test]
async fn bad_answers_in_the_journal_stop_the_walk_first() {
    for value in ["1;touch x", "$(id)", "10001", "1,5,"] {
        let run = Run::new(None);
        let session = session(run.dir.path(), &run.recipe, &run.clock);
        session
            .record(Record::Answered { key: "load_users".into(), value: value.into() })
            .expect("any recipe's");
        let walk = run.walk_of(run.tools_with(session, &Interrupt::default()));
        let stop = walk.run().await.expect_err("refused");
        assert!(matches!(&stop, Stop::Answer(_)), "{stop}");
        let told = stop.to_string();
        assert!(told.starts_with("the session's journal: load_users:") && told.contains(value), "{told}");
        assert_eq!(run.cloud.world().calls, 0);
    }
}

#[tokio::test]
async fn unasked_answers_are_told_and_passed_over() {
    let run = Run::new(None);
    let session = session(run.dir.path(), &run.recipe, &run.clock);
    session.record(Record::Answered { key: "pony".into(), value: "1".into() }).expect("any recipe's");
    let guide = Arc::new(Listening::default());
    let tools = Tools { guide: guide.clone(), ..run.tools_with(session, &Interrupt::default()) };
    run.walk_of(tools).run().await.expect("walked");
    let told = guide.0.lock().expect("told").join("\n");
    assert!(told.contains("Not used: the session's journal: the recipe has no parameter 'pony'."), "{told}");
}

#[tokio::test]
async fn bad_answers_in_the_note_are_told_never_used() {
    let run = Run::new(None);
    run.walk_to_the_end().await;
    spoil(&run, "hours_to_live", "4", "4000000000");
    spoil(&run, "load_users", "1,10,100,1000", "1;touch x");
    let elsewhere = Run { dir: tempfile::tempdir().expect("a directory"), ..run };
    let session = Session::create(elsewhere.dir.path(), &id(), "there", clock()).expect("new");
    let tools = elsewhere.tools_with(session, &Interrupt::default());
    let place =
        recipe_walk_engine::cloud::Place { account: "1".into(), region: "us-east-1".into(), endpoint: None };
    let rebuilt = rebuild(&tools, &elsewhere.recipe, None, &place, false, None).await.expect("rebuilt");
    let told: Vec<String> = rebuilt.refused.iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), 3, "{told:?}");
    assert!(
        told[0].starts_with("the session's note in the account: hours_to_live: '4000000000' is not"),
        "{told:?}"
    );
    assert!(
        told[1].contains("load_users: '1;touch x'") && told[2].contains("no parameter 'pony'"),
        "{told:?}"
    );
    assert_eq!(tools.session.with(|s| s.answers.clone()), Answers::defaults(&elsewhere.recipe.parameters));
    drop(tools);
    elsewhere.walk_to_the_end().await;
}

#[tokio::test]
async fn lost_answers_come_back_from_the_note_only_checked() {
    let run = Run::new(None);
    run.walk_to_the_end().await;
    spoil(&run, "hours_to_live", "4", "4000000000");
    std::fs::remove_dir_all(run.dir.path().join(id().as_str())).expect("the journal is lost");
    let session = session(run.dir.path(), &run.recipe, &run.clock);
    let guide = Arc::new(Listening::default());
    let tools = Tools { guide: guide.clone(), ..run.tools_with(session, &Interrupt::default()) };
    let walk = run.walk_of(tools);
    walk.run().await.expect("walked on with what is there");
    assert_eq!(
        walk.tools.session.with(|s| s.answers.get("hours_to_live").map(str::to_owned)).as_deref(),
        Some("4")
    );
    let told = guide.0.lock().expect("told").join("\n");
    assert!(told.contains("hours_to_live: '4000000000'") && told.contains("default is taken"), "{told}");
}
