//! A cloud in memory for the engine's tests: it keeps what was made, and can lose answers. Only the engine is under test
//! with it; the real client meets a real endpoint in the workspace's own tests.

use recipe_walk_engine::action::{Action, Output, Planned};
use recipe_walk_engine::cloud::{
    Answer, BoxFuture, Cloud, Command, Found, Identity, Leftover, Note, Place, Preflight, Probe, Remote,
    Stage, Undone,
};
use recipe_walk_engine::difference::Difference;
use recipe_walk_engine::facts::Facts;
use recipe_walk_engine::failure::{Failure, Kind, Refusal};
use recipe_walk_engine::finding::Finding;
use recipe_walk_engine::id::SessionId;
use recipe_walk_engine::interrupt::Interrupt;
use recipe_walk_engine::key::SessionKey;
use recipe_walk_engine::kind::{Act, Look};
use recipe_walk_engine::tags::Tags;
use recipe_walk_measurements::{Kind as Measured, sample};
use secrecy::SecretString;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard};

/// The setting that a lesson of the recipe changes for a while.
pub(crate) const TEMPORARY: &str = "temporary-cache-policy";

/// What goes wrong with one mutating call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mishap {
    /// The call never arrives.
    LostBefore,
    /// It takes effect and the answer is lost.
    LostAfter,
    /// The service refuses.
    Refused,
    /// The service is busy.
    Throttled,
    /// The program dies right before the call.
    DiesBefore,
    /// The program dies right after the effect.
    DiesAfter,
}

pub(crate) const MISHAPS: [Mishap; 6] = [
    Mishap::LostBefore,
    Mishap::LostAfter,
    Mishap::Refused,
    Mishap::Throttled,
    Mishap::DiesBefore,
    Mishap::DiesAfter,
];

#[derive(Default)]
pub(crate) struct World {
    /// Everything there is, by action name, with the session's tag.
    pub(crate) things: BTreeMap<String, (Planned, String)>,
    /// How often each thing was made.
    pub(crate) made: BTreeMap<String, usize>,
    /// Mutating calls so far.
    pub(crate) calls: usize,
    /// Notes by path.
    pub(crate) notes: BTreeMap<String, String>,
    /// How often each note was written.
    pub(crate) versions: BTreeMap<String, i64>,
    /// What somebody else writes to a note right after the next look at it.
    pub(crate) crossing: Option<String>,
    /// Things that were made and will never work, by name.
    pub(crate) broken: BTreeSet<String>,
    /// Tags set on resources, by id.
    pub(crate) marks: BTreeMap<String, BTreeMap<String, String>>,
    /// The mishap of the next mutating call, whatever its number.
    pub(crate) next: Option<Mishap>,
    /// Things that nobody may look at, by name.
    pub(crate) denied: BTreeSet<String>,
    /// How somebody has changed things, by name.
    pub(crate) altered: BTreeMap<String, Difference>,
    /// How many more looks miss a thing that is there, by name.
    pub(crate) hidden: BTreeMap<String, usize>,
    /// Looks at each thing so far.
    pub(crate) looks: BTreeMap<String, usize>,
    /// Tokens that were used before, with the code that refuses them.
    pub(crate) used: BTreeMap<String, String>,
    /// What the preflight finds.
    pub(crate) findings: Vec<Finding>,
    /// Notes that carry tags.
    pub(crate) tagged: BTreeSet<String>,
    /// The key that somebody has put in the place of the session's.
    pub(crate) key: Option<SessionKey>,
}

impl World {
    /// Writes a note; answers its version.
    pub(crate) fn write(&mut self, path: &str, text: &str) -> i64 {
        self.notes.insert(path.to_owned(), text.to_owned());
        let version = self.versions.entry(path.to_owned()).or_default();
        *version += 1;
        *version
    }
}

pub(crate) struct FakeCloud {
    pub(crate) world: Mutex<World>,
    /// The mishap for the call of this number.
    pub(crate) mishap: Option<(usize, Mishap)>,
    pub(crate) interrupt: Interrupt,
}

fn unclear() -> Failure {
    Failure::Unclear { operation: "fake:Call".into(), cause: "the connection was lost".into() }
}

fn refused(kind: Kind) -> Failure {
    Failure::Refused(Refusal {
        operation: "fake:Call".into(),
        code: format!("{kind:?}"),
        message: "no".into(),
        request_id: None,
        kind,
    })
}

impl FakeCloud {
    pub(crate) fn new(mishap: Option<(usize, Mishap)>, interrupt: Interrupt) -> Self {
        Self { world: Mutex::default(), mishap, interrupt }
    }

    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().expect("no test panics while it holds the world")
    }

    /// Runs one mutating call with its mishap, if it has one.
    fn mutate<T>(&self, effect: impl FnOnce(&mut World) -> Result<T, Failure>) -> Result<T, Failure> {
        let mut world = self.world();
        world.calls += 1;
        let mishap = self.mishap.filter(|(at, _)| *at == world.calls).map(|(_, m)| m).or(world.next.take());
        match mishap {
            None => effect(&mut world),
            Some(Mishap::LostBefore) => Err(unclear()),
            Some(Mishap::LostAfter) => effect(&mut world).and(Err(unclear())),
            Some(Mishap::Refused) => Err(refused(Kind::Denied)),
            Some(Mishap::Throttled) => Err(refused(Kind::Throttled)),
            // A dead program records nothing more: every later record fails, see the tests' session.
            Some(Mishap::DiesBefore) => {
                self.interrupt.set();
                Err(unclear())
            }
            Some(Mishap::DiesAfter) => {
                let _ = effect(&mut world);
                self.interrupt.set();
                Err(unclear())
            }
        }
    }

    fn find_now(world: &World, planned: &Planned) -> Found {
        // While a lesson tries another value, the one that was set is not there.
        let tried =
            world.things.values().any(|(p, _)| matches!(p.action, Action::TemporaryCacheParameters(_)));
        if tried && matches!(planned.action, Action::CacheParameters(_)) {
            return Found::Absent;
        }
        match world.things.get(&planned.name) {
            None => Found::Absent,
            Some((there, id)) if there.tags.session == planned.tags.session => {
                Found::Ours(Output::id(id.clone()))
            }
            Some((there, _)) => Found::Foreign(there.tags.session.to_string()),
        }
    }
}

impl Cloud for FakeCloud {
    fn identity(&self) -> Answer<'_, Identity> {
        let place = Place { account: "1".into(), region: "us-east-1".into(), endpoint: None };
        Box::pin(async { Ok(Identity { place, arn: "arn:fake".into() }) })
    }
    fn preflight<'a>(&'a self, _: &'a Preflight) -> BoxFuture<'a, Vec<Finding>> {
        Box::pin(std::future::ready(self.world().findings.clone()))
    }
    fn look<'a>(&'a self, look: &'a Look) -> Answer<'a, Facts> {
        let found: &[(&str, &str)] = match look {
            Look::DefaultNetwork(_) => {
                &[("vpc", "vpc-1"), ("subnets", "subnet-1,subnet-2"), ("first_subnet", "subnet-1")]
            }
            Look::MachineImage(_) => &[("image", "ami-1")],
            Look::CacheEngineVersion(_) => &[("cache_version", "7.1"), ("cache_family", "redis7")],
            Look::DbEngineVersion(_) => &[("db_version", "8.4.6")],
            Look::PermissionsBoundary(_) => &[("boundary", "")],
        };
        let mut facts = Facts::default();
        facts.extend(found.iter().copied());
        Box::pin(async { Ok(facts) })
    }
    fn find<'a>(&'a self, planned: &'a Planned) -> Answer<'a, Found> {
        Box::pin(async {
            let mut world = self.world();
            *world.looks.entry(planned.name.clone()).or_default() += 1;
            if world.denied.contains(&planned.name) {
                return Err(refused(Kind::Denied));
            }
            if let Some(more @ 1..) = world.hidden.get_mut(&planned.name) {
                *more -= 1;
                return Ok(Found::Absent);
            }
            Ok(Self::find_now(&world, planned))
        })
    }
    fn differences<'a>(&'a self, planned: &'a Planned) -> Answer<'a, Vec<Difference>> {
        let found = self.world().altered.get(&planned.name).cloned();
        Box::pin(async { Ok(found.into_iter().collect()) })
    }
    fn apply<'a>(&'a self, planned: &'a Planned) -> Answer<'a, Output> {
        Box::pin(async {
            self.mutate(|world| {
                if let Some(code) = world.used.get(&planned.token()) {
                    let Failure::Refused(refusal) = refused(Kind::TokenUsed) else { unreachable!() };
                    return Err(Failure::Refused(Refusal { code: code.clone(), ..refusal }));
                }
                if world.things.contains_key(&planned.name) {
                    return Err(refused(Kind::AlreadyExists));
                }
                let id = format!("id-of-{}", planned.name);
                // A note that was made can be read as one.
                if let Action::Note(recipe_walk_engine::kind::Note { path, text, .. }) = &planned.action {
                    world.write(path, text);
                }
                world.things.insert(planned.name.clone(), (planned.clone(), id.clone()));
                *world.made.entry(planned.name.clone()).or_default() += 1;
                Ok(Output::id(id))
            })
        })
    }
    fn probe<'a>(&'a self, planned: &'a Planned, _: &'a str) -> Answer<'a, Probe> {
        let stage = if self.world().things.contains_key(&planned.name) { Stage::Ready } else { Stage::Gone };
        let stage = match stage {
            Stage::Ready if self.world().broken.contains(&planned.name) => {
                Stage::Failed("no capacity".into())
            }
            other => other,
        };
        let keys: &[&str] = match planned.action {
            Action::ReplicationGroup(_) => &["primary_host", "reader_host", "port"],
            Action::DbInstance(_) => &["host", "port"],
            _ => &[],
        };
        let attributes = keys.iter().map(|k| ((*k).to_owned(), "1".to_owned())).collect();
        Box::pin(async { Ok(Probe { stage, status: "available".into(), event: None, attributes }) })
    }
    fn undo<'a>(&'a self, planned: &'a Planned, id: &'a str) -> Answer<'a, Undone> {
        Box::pin(async move {
            self.mutate(|world| match Self::find_now(world, planned) {
                Found::Absent => Ok(Undone::AlreadyGone),
                Found::Foreign(_) => Ok(Undone::NotOurs),
                Found::Ours(output) if output.id != id => Ok(Undone::AlreadyGone),
                Found::Ours(_) => {
                    world.things.remove(&planned.name);
                    world.broken.remove(&planned.name);
                    world.altered.remove(&planned.name);
                    if let Action::Note(recipe_walk_engine::kind::Note { path, .. }) = &planned.action {
                        world.notes.remove(path);
                        world.versions.remove(path);
                    }
                    Ok(Undone::Deleted)
                }
            })
        })
    }
    fn send<'a>(&'a self, _: &'a str, script: &'a str, _: u32) -> Answer<'a, String> {
        let script = script.to_owned();
        Box::pin(async { Ok(script) })
    }
    fn command<'a>(&'a self, _: &'a str, command: &'a str) -> Answer<'a, Command> {
        let tried = self.world().things.contains_key(TEMPORARY);
        if command.contains("./demo eviction") && command.contains("--policies") && !tried {
            return Box::pin(async { Ok(Command::Running) });
        }
        let run = |kind: &Measured| command.contains(&format!("./demo {kind} "));
        let stdout = if command.contains("cat eviction.progress") {
            let message = "waiting for allkeys-lfu";
            json!({"type": "progress", "stage": "eviction", "done": 0, "total": 1, "message": message, "event": "waiting"})
                .to_string()
        } else if let Some(kind) = Measured::ALL.iter().find(|kind| run(kind)) {
            sample(*kind).to_string()
        } else if command.contains("--json") {
            "{\"type\":\"result\",\"kind\":\"fake\"}\n".to_owned()
        } else {
            "Linux x86_64\nabsent\n".to_owned()
        };
        Box::pin(async { Ok(Command::Done { code: 0, stdout, stderr: String::new() }) })
    }
    fn cancel<'a>(&'a self, _: &'a str, _: &'a str) -> Answer<'a, ()> {
        Box::pin(async { Ok(()) })
    }
    fn act<'a>(&'a self, _: &'a Act) -> Answer<'a, ()> {
        Box::pin(async { Ok(()) })
    }
    fn sweep<'a>(&'a self, session: &'a SessionId, _: jiff::Timestamp) -> Answer<'a, Vec<Leftover>> {
        let world = self.world();
        let left = world
            .things
            .iter()
            .filter(|(_, (p, _))| p.tags.session == *session && !p.action.is_setting())
            .map(|(name, _)| Leftover {
                kind: "thing".into(),
                id: name.clone(),
                by: "tag".into(),
                charges: None,
                hourly: None,
            })
            .collect();
        Box::pin(async { Ok(left) })
    }
    fn read_note<'a>(&'a self, path: &'a str) -> Answer<'a, Option<Note>> {
        Box::pin(async move {
            let mut world = self.world();
            let version = world.versions.get(path).copied().unwrap_or_default();
            let note = world.notes.get(path).map(|text| Note { text: text.clone(), version });
            if let Some(text) = world.crossing.take() {
                world.write(path, &text);
            }
            Ok(note)
        })
    }
    fn write_note<'a>(
        &'a self,
        path: &'a str,
        text: &'a str,
        new: Option<&'a Tags>,
    ) -> Answer<'a, Option<i64>> {
        Box::pin(async move {
            let mut world = self.world();
            if new.is_some() && world.notes.contains_key(path) {
                return Ok(None);
            }
            // Overwriting makes what is not there, and without tags.
            if new.is_some() {
                world.tagged.insert(path.to_owned());
            } else if !world.notes.contains_key(path) {
                world.tagged.remove(path);
            }
            Ok(Some(world.write(path, text)))
        })
    }
    fn note_tags<'a>(&'a self, path: &'a str) -> Answer<'a, Option<BTreeMap<String, String>>> {
        let world = self.world();
        let mut all = world.things.values().map(|(planned, _)| planned);
        let there = all.find(|p| p.action.clone().own_name().is_some_and(|name| name == path));
        let tags = there.map(|p| p.tags.pairs().into_iter().map(|(k, v)| (k.to_owned(), v)).collect());
        Box::pin(async { Ok(tags) })
    }
    fn secret<'a>(&'a self, path: &'a str) -> Answer<'a, Option<SecretString>> {
        let world = self.world();
        let kept = world.things.values().find_map(|(planned, _)| match &planned.action {
            Action::NoteKey(key) if key.path == path => Some(world.key.clone().unwrap_or_else(crate::key)),
            _ => None,
        });
        Box::pin(async move { Ok(kept.map(|key| key.text().clone())) })
    }
    fn remove_note<'a>(&'a self, path: &'a str) -> Answer<'a, ()> {
        let mut world = self.world();
        world.notes.remove(path);
        world.versions.remove(path);
        drop(world);
        Box::pin(async { Ok(()) })
    }
    fn mark<'a>(&'a self, id: &'a str, tags: &'a [(&'a str, String)]) -> Answer<'a, ()> {
        let tags = tags.iter().map(|(k, v)| ((*k).to_owned(), v.clone()));
        self.world().marks.entry(id.to_owned()).or_default().extend(tags);
        Box::pin(async { Ok(()) })
    }
    fn sessions(&self) -> Answer<'_, Vec<Remote>> {
        Box::pin(async { Ok(Vec::new()) })
    }
}
