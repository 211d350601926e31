//! Whole walks against a cloud in memory: every mutating call with every mishap, and the journal cut after every record.

mod answers;
mod elsewhere;
mod fake;
mod interrupted;
mod lease;
mod plan;
mod second;
mod strays;
mod words;

use fake::{FakeCloud, MISHAPS, Mishap, TEMPORARY};
use recipe_walk_engine::action::Planned;
use recipe_walk_engine::answers::Answers;
use recipe_walk_engine::cleanup::clean_up;
use recipe_walk_engine::clock::{Clock, TestClock};
use recipe_walk_engine::cloud::Place;
use recipe_walk_engine::configuration::Trust;
use recipe_walk_engine::cost::Prices;
use recipe_walk_engine::deliver::Payload;
use recipe_walk_engine::drift::{Change, drift, repair};
use recipe_walk_engine::guide::{Choice, Guide, Happening, Remedy, StepView};
use recipe_walk_engine::id::SessionId;
use recipe_walk_engine::interrupt::Interrupt;
use recipe_walk_engine::journal::{FILE, read};
use recipe_walk_engine::key::SessionKey;
use recipe_walk_engine::machine::Machine;
use recipe_walk_engine::note::{read_results, results};
use recipe_walk_engine::perform::{Stop, Tools};
use recipe_walk_engine::rebuild::rebuild;
use recipe_walk_engine::recipe::{Recipe, Step};
use recipe_walk_engine::record::{Opening, Record};
use recipe_walk_engine::session::{Session, SessionError};
use recipe_walk_engine::walk::{Outcome, Walk};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, LazyLock};

struct Silent;

impl Guide for Silent {
    fn choose(&self, _: &StepView<'_>) -> Choice {
        Choice::Run
    }
    fn trouble(&self, _: &Step, _: &Stop) -> Remedy {
        Remedy::Quit
    }
    fn show(&self, _: &Happening<'_>) {}
}

fn recipe() -> Recipe {
    Recipe::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../recipe")).expect("the embedded recipe")
}

fn prices() -> Prices {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/prices.toml");
    Prices::parse(&std::fs::read_to_string(path).expect("prices")).expect("prices parse")
}

/// The session's key.
fn key() -> SessionKey {
    SessionKey::new([9; 32])
}

fn id() -> SessionId {
    static ID: LazyLock<SessionId> = LazyLock::new(|| key().session());
    ID.clone()
}

fn clock() -> Arc<dyn Clock> {
    Arc::new(TestClock::new("2026-11-22T12:00:00Z".parse().expect("a time")))
}

/// Opens the session, new or not.
fn session(dir: &Path, recipe: &Recipe, clock: &Arc<dyn Clock>) -> Session {
    if dir.join(id().as_str()).is_dir() {
        let session = Session::open(dir, &id(), "here", clock.clone()).expect("the session opens");
        if session.with(|s| s.opening.is_some()) {
            return session;
        }
        drop(session);
    }
    let session = Session::create(dir, &id(), "here", clock.clone()).expect("a new session");
    session.keep_key(key()).expect("the key is kept");
    let place = Place { account: "1".into(), region: "us-east-1".into(), endpoint: None };
    let expires_at = clock.now() + jiff::SignedDuration::from_hours(4);
    let opening = Opening::new(id(), place, &recipe.id, expires_at);
    session.record(Record::Opened(Box::new(opening))).expect("opened");
    session
}

struct Run {
    cloud: Arc<FakeCloud>,
    clock: Arc<dyn Clock>,
    recipe: Recipe,
    dir: tempfile::TempDir,
}

impl Run {
    fn new(mishap: Option<(usize, Mishap)>) -> Self {
        Self {
            cloud: Arc::new(FakeCloud::new(mishap, Interrupt::default())),
            clock: clock(),
            recipe: recipe(),
            dir: tempfile::tempdir().expect("a directory"),
        }
    }

    fn tools(&self, interrupt: &Interrupt) -> Tools {
        let session = session(self.dir.path(), &self.recipe, &self.clock);
        assert_eq!(session.admit(&self.recipe.parameters), []);
        let open = session.with(|s| s.answers.open());
        session.answer(&Answers::defaults(&open)).expect("answered");
        self.tools_with(session, interrupt)
    }

    fn tools_with(&self, session: Session, interrupt: &Interrupt) -> Tools {
        Tools {
            session: Arc::new(session),
            cloud: self.cloud.clone(),
            clock: self.clock.clone(),
            guide: Arc::new(Silent),
            interrupt: interrupt.clone(),
            hold: None,
        }
    }

    fn walk_with(&self, interrupt: &Interrupt) -> Walk<'_> {
        self.walk_of(self.tools(interrupt))
    }

    fn walk_of(&self, tools: Tools) -> Walk<'_> {
        Walk {
            tools,
            recipe: &self.recipe,
            payloads: &[Payload { machine: Machine::LinuxX86, xz: &[1, 2, 3], sha256: "00" }],
            trust: Trust::Public,
            all: false,
            usual: BTreeMap::new(),
            no_engines: None,
        }
    }

    async fn walk(&self, interrupt: &Interrupt) -> Result<Outcome, Stop> {
        self.walk_with(interrupt).run().await
    }

    /// Walks and resumes until the end; answers how many times it had to resume.
    async fn walk_to_the_end(&self) -> usize {
        for resumed in 0..5 {
            // The first run shares Ctrl-C with the cloud, so that a mishap can "kill" it.
            let interrupt = if resumed == 0 { self.cloud.interrupt.clone() } else { Interrupt::default() };
            if let Ok(Outcome::Finished) = self.walk(&interrupt).await {
                return resumed;
            }
        }
        panic!("the walk does not come to its end: {:?}", self.cloud.mishap);
    }

    async fn clean_to_the_end(&self) {
        for round in 0..5 {
            let interrupt = if round == 0 { self.cloud.interrupt.clone() } else { Interrupt::default() };
            if let Ok(receipt) = clean_up(&self.tools(&interrupt), &prices()).await
                && receipt.is_clean()
            {
                return;
            }
        }
        panic!("something is left: {:?}", self.cloud.mishap);
    }

    /// How often each thing was made. What a lesson tries is set as often as the lesson is begun.
    fn made(&self) -> BTreeMap<String, usize> {
        let mut made = self.cloud.world().made.clone();
        made.remove(TEMPORARY);
        made
    }
}

/// Tools around a session in a directory of their own.
fn blank_tools(run: &Run) -> Tools {
    let dir = tempfile::tempdir().expect("a directory");
    let session = Session::create(dir.path(), &id(), "nowhere", run.clock.clone()).expect("a session");
    Tools {
        session: Arc::new(session),
        cloud: run.cloud.clone(),
        clock: run.clock.clone(),
        guide: Arc::new(Silent),
        interrupt: Interrupt::default(),
        hold: None,
    }
}

#[tokio::test]
async fn a_walk_makes_one_of_each_and_cleanup_leaves_nothing() {
    let run = Run::new(None);
    assert_eq!(run.walk_to_the_end().await, 0);
    let made = run.made();
    assert!(made.values().all(|n| *n == 1), "{made:?}");
    assert_eq!(made.len(), 21, "{made:?}");
    assert_eq!(run.cloud.world().made[TEMPORARY], 1, "the other policy was tried");
    let names: Vec<String> = run.cloud.world().things.keys().cloned().collect();
    assert!(!names.contains(&TEMPORARY.to_owned()), "and put back: {names:?}");
    run.clean_to_the_end().await;
    let left: Vec<String> = run.cloud.world().things.keys().cloned().collect();
    // A parameter group's values go with the group.
    assert_eq!(left, ["cache-policy"], "of {names:?}");
    let state = read(&run.dir.path().join(id().as_str())).expect("the journal");
    assert!(state.closed.is_some());
}

#[tokio::test]
async fn every_mutating_call_survives_every_mishap() {
    let calls = {
        let run = Run::new(None);
        run.walk_to_the_end().await;
        run.clean_to_the_end().await;
        run.cloud.world().calls
    };
    assert!(calls > 30, "{calls}");
    for at in 1..=calls {
        for mishap in MISHAPS {
            let run = Run::new(Some((at, mishap)));
            run.walk_to_the_end().await;
            let made = run.made();
            assert!(made.values().all(|n| *n == 1), "call {at}, {mishap:?}: {made:?}");
            run.clean_to_the_end().await;
            let things = &run.cloud.world().things;
            assert!(things.keys().all(|k| k == "cache-policy"), "call {at}, {mishap:?}: {things:?}");
        }
    }
}

#[tokio::test]
async fn a_journal_cut_anywhere_leads_to_the_same_end() {
    let whole = {
        let run = Run::new(None);
        run.walk_to_the_end().await;
        std::fs::read(run.dir.path().join(id().as_str()).join(FILE)).expect("the journal")
    };
    let ends: Vec<usize> =
        whole.iter().enumerate().filter(|(_, b)| **b == b'\n').map(|(i, _)| i + 1).collect();
    assert!(ends.len() > 40, "{}", ends.len());
    for end in ends {
        for cut in [end, end - 10] {
            // The cloud has everything; the journal has forgotten a part.
            let run = Run::new(None);
            run.walk_to_the_end().await;
            let file = run.dir.path().join(id().as_str()).join(FILE);
            std::fs::write(&file, &whole[..cut]).expect("the cut journal");
            run.walk_to_the_end().await;
            let made = run.made();
            assert!(made.values().all(|n| *n == 1), "cut at {cut}: {made:?}");
            run.clean_to_the_end().await;
        }
    }
}

#[tokio::test]
async fn foreign_things_are_neither_adopted_nor_deleted() {
    let run = Run::new(None);
    let other = SessionId::from_bytes([3; 8]);
    let foreign = |planned: &Planned| {
        let mut planned = planned.clone();
        planned.tags.session = other.clone();
        planned
    };
    let planned = {
        let probe = Run::new(None);
        probe.walk_to_the_end().await;
        let world = probe.cloud.world();
        world.things["cache-subnets"].0.clone()
    };
    run.cloud.world().things.insert("cache-subnets".into(), (foreign(&planned), "theirs".into()));
    let stop = run.walk(&Interrupt::default()).await.expect_err("the name is taken");
    assert!(matches!(stop, Stop::Foreign { .. }), "{stop}");
    run.clean_to_the_end().await;
    let left: Vec<String> = run.cloud.world().things.keys().cloned().collect();
    assert_eq!(left, ["cache-subnets"]);
}

#[tokio::test]
async fn what_is_gone_is_found_made_again_and_measured_again() {
    let names: Vec<String> = {
        let run = Run::new(None);
        run.walk_to_the_end().await;
        run.made().into_keys().collect()
    };
    for name in names {
        let run = Run::new(None);
        run.walk_to_the_end().await;
        run.cloud.world().things.remove(&name);
        let tools = run.tools(&Interrupt::default());
        let drifts = drift(&tools).await.expect("a look");
        let found: Vec<(&str, &Change)> =
            drifts.iter().map(|d| (d.resource.planned.name.as_str(), &d.change)).collect();
        // What was made with a lost password cannot be told another one.
        let locked_out = match name.as_str() {
            "auth-token" => Some("cache"),
            "db-password" => Some("database"),
            _ => None,
        };
        assert_eq!(found[0], (name.as_str(), &Change::Gone));
        assert_eq!(found[1..].iter().map(|(name, _)| *name).collect::<Vec<_>>(), Vec::from_iter(locked_out));
        assert!(found[1..].iter().all(|(_, change)| matches!(change, Change::LockedOut(_))), "{found:?}");
        repair(&tools, &run.recipe, &drifts).await.expect("repaired");
        drop(tools);
        run.walk_to_the_end().await;
        assert_eq!(run.made()[&name], 2, "{name}");
        assert!(locked_out.is_none_or(|engine| run.made()[engine] == 2), "{name}");
        assert!(drift(&run.tools(&Interrupt::default())).await.expect("a look").is_empty());
        run.clean_to_the_end().await;
    }
}

#[tokio::test]
async fn what_can_never_work_is_deleted_and_made_anew() {
    for name in ["cache", "database", "instance"] {
        let run = Run::new(None);
        run.cloud.world().broken.insert(name.to_owned());
        let stop = run.walk(&Interrupt::default()).await.expect_err("it can never work");
        assert!(matches!(&stop, Stop::Broken { why, .. } if why == "no capacity"), "{name}: {stop}");
        let tools = run.tools(&Interrupt::default());
        let drifts = drift(&tools).await.expect("a look");
        assert_eq!(drifts.len(), 1, "{name}");
        repair(&tools, &run.recipe, &drifts).await.expect("repaired");
        drop(tools);
        run.walk_to_the_end().await;
        assert_eq!(run.made()[name], 2, "{name}");
        run.clean_to_the_end().await;
    }
}

#[tokio::test]
async fn lost_journals_are_rebuilt_and_nothing_is_made_twice() {
    let run = Run::new(None);
    run.walk_to_the_end().await;
    let before = read(&run.dir.path().join(id().as_str())).expect("the journal");
    let place = before.opened().expect("opened").place.clone();
    // The machine is lost; another one has an empty directory and the session's name.
    let elsewhere = Run { dir: tempfile::tempdir().expect("a directory"), ..run };
    let session =
        Session::create(elsewhere.dir.path(), &id(), "there", elsewhere.clock.clone()).expect("new");
    let tools = Tools { session: Arc::new(session), ..blank_tools(&elsewhere) };
    let rebuilt = rebuild(&tools, &elsewhere.recipe, None, &place, false, None).await.expect("rebuilt");
    assert_eq!((rebuilt.resources, rebuilt.passport), (20, true), "{rebuilt:?}");
    let after = tools.session.state();
    assert_eq!(after.answers, before.answers);
    // The account has of the results what fits into a parameter.
    assert_eq!(after.measured, read_results(&results(&before), &recipe()));
    assert!(["check", "compare", "load"].iter().all(|kind| after.measured.contains_key(*kind)));
    assert_eq!(after.opened().expect("opened").expires_at, before.opened().expect("opened").expires_at);
    drop(tools);
    elsewhere.walk_to_the_end().await;
    let made = elsewhere.made();
    assert!(made.values().all(|n| *n == 1), "{made:?}");
    elsewhere.clean_to_the_end().await;
    let left: Vec<String> = elsewhere.cloud.world().things.keys().cloned().collect();
    assert_eq!(left, ["cache-policy"]);
}

#[test]
fn second_walks_are_refused_and_told_who_holds_it() {
    let dir = tempfile::tempdir().expect("a directory");
    let clock = clock();
    let _held = session(dir.path(), &recipe(), &clock);
    let Err(SessionError::Locked { holder, .. }) = Session::open(dir.path(), &id(), "there", clock) else {
        panic!("the lock holds nobody off");
    };
    assert_eq!((holder.pid, holder.host.as_str()), (std::process::id(), "here"));
}
