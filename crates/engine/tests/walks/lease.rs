//! The lease between machines, and the walk that asks for it before it changes anything.

use crate::{Run, id, key};
use recipe_walk_engine::cleanup::unwind;
use recipe_walk_engine::cloud::Cloud as _;
use recipe_walk_engine::interrupt::Interrupt;
use recipe_walk_engine::key::SessionKey;
use recipe_walk_engine::lease::{Claim, FRESH, Hold, Lease, Renewed, STALE, claim, release, renew};
use recipe_walk_engine::note::lease_path;
use recipe_walk_engine::perform::{Stop, Tools};
use recipe_walk_engine::plan::plan;
use recipe_walk_engine::session::{Holder, Session};
use recipe_walk_engine::tags::Tags;
use recipe_walk_engine::transition::Status;
use std::sync::Arc;
use std::time::Duration;

/// A session of the run, its lease's tags, and a lease for a machine.
struct Bench {
    run: Run,
    tools: Tools,
    tags: Tags,
}

impl Bench {
    fn new() -> Self {
        let run = Run::new(None);
        let tools = run.tools(&Interrupt::default());
        let tags = plan(&run.recipe.steps[0], &tools.session.state()).expect("a plan")[0].tags.clone();
        Self { run, tools, tags }
    }

    fn lease(&self, host: &str) -> Lease {
        let holder = Holder { pid: 1, host: host.to_owned() };
        Lease::new("Ada", &holder, format!("token of {host}"), self.run.clock.now())
    }

    /// Another machine's copy of the session, and the directory that keeps it.
    fn copy(&self) -> (Session, tempfile::TempDir) {
        let dir = tempfile::tempdir().expect("a directory");
        let copy = Session::create(dir.path(), &id(), "there", self.run.clock.clone()).expect("their copy");
        copy.keep_key(key()).expect("the key is kept");
        (copy, dir)
    }

    async fn claim(&self, session: &Session, host: &str, over: Option<&Lease>) -> Claim {
        claim(&*self.run.cloud, session, &self.lease(host), &self.tags, over).await.expect("an answer")
    }

    /// Claims as whoever was told who has it and decided to take it over.
    async fn take_over(&self, session: &Session, host: &str) -> (Claim, Lease) {
        let Claim::Taken(by) = self.claim(session, host, None).await else { panic!("nobody has it") };
        (self.claim(session, host, Some(&by)).await, by)
    }

    async fn renew(&self, host: &str, over: Option<&Lease>) -> Option<String> {
        match self.renewed(host, over, Some(&key())).await {
            Renewed::Ours | Renewed::PutBack => None,
            Renewed::Lost(by) => Some(by),
        }
    }

    async fn renewed(&self, host: &str, over: Option<&Lease>, key: Option<&SessionKey>) -> Renewed {
        renew(&*self.run.cloud, &id(), &self.lease(host), &self.tags, over, key).await.expect("a look")
    }

    fn note(&self) -> String {
        self.run.cloud.world().notes[&lease_path(&id())].clone()
    }

    /// Somebody writes their lease right after the next look at it.
    fn crosses(&self, host: &str) {
        self.run.cloud.world().crossing = Some(signed(&self.lease(host)));
    }
}

#[tokio::test]
async fn the_lease_is_held_until_given_back_or_taken_over() {
    let bench = Bench::new();
    let (here, (there, _dir)) = (&bench.tools.session, bench.copy());
    let cloud = &*bench.run.cloud;
    assert!(matches!(bench.claim(here, "here", None).await, Claim::Held));
    // The same machine after a crash: its own token is on disk, whatever the new process calls itself.
    assert!(matches!(bench.claim(here, "here again", None).await, Claim::Held));
    let Claim::Taken(by) = bench.claim(&there, "there", None).await else {
        panic!("two machines hold one lease");
    };
    assert!(by.holder.contains("here again") && !by.is_stale(bench.run.clock.now()), "{by:?}");
    let Claim::Settling(_) = bench.claim(&there, "there", Some(&by)).await else {
        panic!("the other walk cannot know yet");
    };
    assert!(bench.renew("here again", None).await.is_some_and(|by| by.contains("there")));
    assert_eq!(bench.renew("there", Some(&by)).await, None);
    // Whoever lost it cannot give it back.
    release(cloud, here, "token of here again").await.expect("a look");
    assert!(bench.note().contains("token of there"));
    release(cloud, &there, "token of there").await.expect("given back");
    assert!(!cloud.world().notes.contains_key(&lease_path(&id())));
}

#[tokio::test]
async fn only_the_lease_that_somebody_decided_about_is_taken_over() {
    let bench = Bench::new();
    let (one, _one) = bench.copy();
    let (other, _other) = bench.copy();
    bench.claim(&bench.tools.session, "here", None).await;
    let Claim::Taken(by) = bench.claim(&one, "one", None).await else { panic!("it is held") };
    bench.take_over(&other, "other").await;
    let Claim::Taken(now) = bench.claim(&one, "one", Some(&by)).await else {
        panic!("nobody was asked about the other one");
    };
    assert!(now.holder.contains("other"), "{now:?}");
}

#[tokio::test]
async fn of_two_take_overs_at_once_the_last_holds_it() {
    let bench = Bench::new();
    let (one, _one) = bench.copy();
    let (other, _other) = bench.copy();
    bench.claim(&bench.tools.session, "here", None).await;
    bench.run.clock.sleep(STALE + Duration::from_secs(1)).await;
    let Claim::Taken(stale) = bench.claim(&one, "one", None).await else { panic!("it is held") };
    assert!(stale.is_stale(bench.run.clock.now()));
    // Written between the look and the take-over of the other one.
    bench.crosses("one");
    let Claim::Settling(_) = bench.claim(&other, "other", Some(&stale)).await else {
        panic!("it has written over somebody's");
    };
    assert!(bench.renew("one", Some(&stale)).await.is_some_and(|by| by.contains("other")));
    bench.run.clock.sleep(FRESH).await;
    assert_eq!(bench.renew("other", Some(&stale)).await, None);
    // Alone it has it at once.
    bench.run.clock.sleep(STALE + Duration::from_secs(1)).await;
    assert!(matches!(bench.take_over(&one, "one again").await.0, Claim::Held));
}

#[tokio::test]
async fn renewals_that_cross_with_a_take_over_give_way() {
    let bench = Bench::new();
    bench.claim(&bench.tools.session, "here", None).await;
    let before = bench.lease("here");
    bench.crosses("there");
    assert_eq!(
        bench.renewed("here", None, Some(&key())).await,
        Renewed::PutBack,
        "somebody wrote in between"
    );
    assert!(bench.note().contains("token of here"));
    // Whoever took it over looks again before they change anything, and again until theirs has stood all the while.
    assert_eq!(bench.renewed("there", Some(&before), Some(&key())).await, Renewed::PutBack);
    assert!(bench.note().contains("token of there"));
    assert!(bench.renew("here", None).await.is_some_and(|by| by.contains("there")));
    assert_eq!(bench.renewed("there", Some(&before), Some(&key())).await, Renewed::Ours);
    // Without the key nobody can tell whose that was, and goes.
    bench.crosses("here");
    assert!(matches!(bench.renewed("there", Some(&before), None).await, Renewed::Lost(_)));
    bench.renew("there", Some(&before)).await;
    // Nobody else's is written over for that.
    bench.crosses("third");
    bench.run.cloud.read_note(&lease_path(&id())).await.expect("a look");
    assert!(bench.renew("there", Some(&before)).await.is_some_and(|by| by.contains("third")));
}

#[tokio::test]
async fn take_overs_that_died_unsettled_settle_all_the_same() {
    let bench = Bench::new();
    let (there, _dir) = bench.copy();
    bench.claim(&bench.tools.session, "here", None).await;
    let Claim::Settling(_) = bench.take_over(&there, "there").await.0 else { panic!("here may live") };
    bench.run.clock.sleep(FRESH / 2).await;
    assert!(matches!(bench.claim(&there, "there again", None).await, Claim::Settling(_)));
    // Its writing may have taken most of a minute, of which nobody knows here.
    bench.run.clock.sleep(Duration::from_mins(1)).await;
    assert!(matches!(bench.claim(&there, "there at last", None).await, Claim::Held));
}

#[tokio::test]
async fn a_lease_that_nobody_can_read_is_somebodys() {
    let bench = Bench::new();
    bench.run.cloud.world().write(&lease_path(&id()), &key().sign(&lease_path(&id()), 0, "{\"version\":2}"));
    let (claim, by) = bench.take_over(&bench.tools.session, "here").await;
    assert!(matches!(claim, Claim::Settling(_)) && by.holder.contains("unknown"), "{claim:?}");
    bench.run.cloud.world().write(&lease_path(&id()), &key().sign(&lease_path(&id()), 0, "{\"version\":2}"));
    assert!(bench.renew("here", None).await.is_some());
}

#[tokio::test]
async fn gone_leases_are_renewed_with_tags_never_over_others() {
    let bench = Bench::new();
    assert_eq!(bench.renew("here", None).await, None);
    assert!(bench.run.cloud.world().tagged.contains(&lease_path(&id())), "a sweep by tag finds it");
    assert!(bench.renew("there", None).await.is_some_and(|by| by.contains("here")));
    assert!(bench.note().contains("token of here"));
}

/// Tools under a lease that was seen to be ours when the clock began, after so long a sleep.
async fn woken(run: &Run, interrupt: &Interrupt, slept: Duration) -> Tools {
    let hold = Hold::new("ours".into(), run.clock.now());
    run.clock.sleep(slept).await;
    Tools { hold: Some(Arc::new(hold)), ..run.tools(interrupt) }
}

fn written(run: &Run, token: &str) {
    let lease = Lease::new(token, &Holder { pid: 2, host: "there".into() }, token.into(), run.clock.now());
    run.cloud.world().notes.insert(lease_path(&id()), signed(&lease));
}

/// A lease as a holder of the session's key writes it.
fn signed(lease: &Lease) -> String {
    key().sign(&lease_path(&id()), 0, &serde_json::to_string(lease).expect("a lease"))
}

#[tokio::test]
async fn unsigned_lease_holds_nothing_and_is_written_over() {
    let bench = Bench::new();
    let here = &bench.tools.session;
    let forged = serde_json::to_string(&bench.lease("mallory\nerror: forged")).expect("a lease");
    let write = |text: &str| bench.run.cloud.world().write(&lease_path(&id()), text);
    write(&forged);
    let Claim::Settling(Some(by)) = bench.claim(here, "here", None).await else { panic!("it holds nothing") };
    assert!(by.holder.contains("mallory error: forged"), "{by:?}");
    write(&forged);
    assert_eq!(bench.renewed("here", None, Some(&key())).await, Renewed::PutBack);
    assert!(bench.note().contains("token of here"));
    // One that was signed long before is put back by somebody who has kept it.
    let old = signed(&bench.lease("there"));
    bench.run.clock.sleep(Duration::from_mins(16)).await;
    write(&old);
    assert_eq!(bench.renewed("here", None, Some(&key())).await, Renewed::PutBack);
    // Who has no key gives way to who has.
    let by = bench.lease("here");
    assert!(matches!(bench.renewed("there", Some(&by), None).await, Renewed::Lost(_)));
    release(&*bench.run.cloud, here, "token of here").await.expect("given back");
}

#[tokio::test]
async fn machines_that_slept_make_nothing_after_a_take_over() {
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
async fn clean_ups_that_slept_delete_nothing_after_a_take_over() {
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
