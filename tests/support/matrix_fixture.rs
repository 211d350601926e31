//! What a matrix runs on: a sandbox, the control plane alone or with real engines, and what a walk there
//! makes and calls. Everything that a matrix does is the same on both.

use super::checkout::recipe_without;
use super::home::Home;
use super::process::{Said, kill, until};
use serde_json::Value;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

/// How the record of the loaded data begins, behind its time.
const LOADED: &str = "\"record\":{\"measured\":{\"kind\":\"load-data\"";

/// Where a matrix runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// Without engines: every call, in a second or two.
    ControlPlane,
    /// With real engines, as far as the data set: the steps that only measure are left out.
    Engines,
}

/// A sandbox, and what a whole walk does on it.
pub(crate) struct Fixture {
    pub(crate) home: Home,
    pub(crate) place: Place,
    recipe: Option<String>,
    /// Processes of engines that were seen.
    seen: RefCell<BTreeSet<String>>,
    /// Kinds of everything that a walk makes.
    pub(crate) whole: Vec<String>,
    /// Calls of a walk that change something.
    pub(crate) walk: usize,
    /// Those of them that every walk makes. Commands are left out: how many are sent depends on time.
    pub(crate) sure: usize,
    /// Calls of its clean-up that change something.
    pub(crate) clean_up: usize,
    /// Calls of a walk that only look.
    pub(crate) reads: usize,
    /// Calls of its clean-up that only look.
    pub(crate) clean_up_reads: usize,
    /// Records of a walk.
    pub(crate) records: usize,
}

impl Fixture {
    /// Starts the sandbox and measures one whole walk with its clean-up.
    pub(crate) fn new(place: Place) -> Self {
        let home = Home::new();
        let recipe = match place {
            Place::ControlPlane => {
                home.serve(&["--no-engines"]);
                None
            }
            Place::Engines => {
                home.serve(&[]);
                Some(recipe_without(home.path(), &["compare", "load-test", "patterns"]))
            }
        };
        let seen = RefCell::default();
        let mut fixture = Self {
            home,
            place,
            recipe,
            seen,
            whole: Vec::new(),
            walk: 0,
            sure: 0,
            clean_up: 0,
            reads: 0,
            clean_up_reads: 0,
            records: 0,
        };
        fixture.run_walk().expect(0);
        fixture.whole = fixture.kinds();
        let session = fixture.unfinished().expect("a session");
        fixture.records =
            std::fs::read_to_string(fixture.journal(&session)).expect("a journal").lines().count();
        let (mutating, reads) = fixture.calls();
        (fixture.walk, fixture.reads) = (mutating, reads);
        fixture.sure = mutating - fixture.home.calls("SendCommand");
        fixture.clean_up_all("the whole walk");
        let after = fixture.calls();
        (fixture.clean_up, fixture.clean_up_reads) = (after.0 - mutating, after.1 - reads);
        assert!(
            fixture.walk >= 20 && fixture.clean_up >= 15 && fixture.records > 40,
            "{:?}",
            fixture.calls()
        );
        assert!(fixture.clean_up_reads >= 15, "{:?}", fixture.calls());
        fixture
    }

    /// Calls so far: those that change something, and the others.
    pub(crate) fn calls(&self) -> (usize, usize) {
        let list = self.home.run(&["sandbox", "calls", "--json"]).expect(0).json();
        let list = list.as_array().expect("calls");
        let mutating = list.iter().filter(|c| c["mutating"] == true).count();
        (mutating, list.len() - mutating)
    }

    fn with_recipe<'a>(&'a self, arguments: &[&'a str]) -> Vec<&'a str> {
        let mut all = arguments.to_vec();
        if let Some(recipe) = &self.recipe {
            all.extend(["--recipe", recipe]);
        }
        all
    }

    /// Walks, and keeps what it made.
    pub(crate) fn run_walk(&self) -> Said {
        self.home.run(&self.with_recipe(&["--sandbox", "--yes", "--keep"]))
    }

    /// Starts a walk.
    pub(crate) fn start_walk(&self) -> Child {
        self.start(&self.with_recipe(&["--sandbox", "--yes", "--keep"]))
    }

    /// Starts the program.
    pub(crate) fn start(&self, arguments: &[&str]) -> Child {
        let mut command = self.home.recipe_walk(arguments);
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts")
    }

    /// Resumes on a machine that knows nothing of the session; the dead walk's lease is somebody else's there.
    pub(crate) fn resume_elsewhere(&self, session: &str) -> Said {
        let arguments = ["resume", session, "--sandbox", "--take-over", "--yes", "--keep"];
        self.home.run(&self.with_recipe(&arguments))
    }

    /// Resources of the world by kind, without their ids.
    pub(crate) fn kinds(&self) -> Vec<String> {
        let status = self.status();
        let list = status["resources"].as_array().expect("resources").iter();
        let mut kinds: Vec<String> = list.map(|r| r["type"].as_str().expect("a type").to_owned()).collect();
        kinds.sort();
        kinds
    }

    /// Looks at the engines, remembers their processes, and answers how many there are.
    pub(crate) fn engines(&self) -> usize {
        let status = self.status();
        let engines = status["engines"].as_array().expect("engines").iter();
        let pids: Vec<String> = engines.map(|e| e["pid"].to_string()).collect();
        self.seen.borrow_mut().extend(pids.iter().cloned());
        pids.len()
    }

    /// Waits until no engine process that was ever seen is left.
    fn engines_have_ended(&self) {
        let seen = std::mem::take(&mut *self.seen.borrow_mut());
        until("the engines have ended", || seen.iter().all(|pid| !Path::new("/proc").join(pid).exists()));
    }

    /// The unfinished session's name.
    pub(crate) fn unfinished(&self) -> Option<String> {
        let list = self.home.run(&["sessions", "--json"]).expect(0).json();
        let open = list.as_array()?.iter().find(|s| s["state"] != "closed")?;
        Some(open["session"].as_str()?.to_owned())
    }

    /// The session whose resources are in the world.
    pub(crate) fn session_in_account(&self) -> Option<String> {
        let status = self.home.run(&["sandbox", "status", "--json"]).expect(0).out;
        let at = status.find("rw-")?;
        Some(status[at..at + 11].to_owned())
    }

    /// Where sessions are kept.
    pub(crate) fn sessions(&self) -> PathBuf {
        self.home.state().join("sessions")
    }

    /// The directories of all sessions.
    pub(crate) fn directories(&self) -> BTreeSet<PathBuf> {
        let entries = std::fs::read_dir(self.sessions());
        entries.map(|all| all.filter_map(|e| Some(e.ok()?.path())).collect()).unwrap_or_default()
    }

    /// A session's journal.
    pub(crate) fn journal(&self, session: &str) -> PathBuf {
        self.sessions().join(session).join("journal.jsonl")
    }

    /// Puts a fault on the call of that position.
    pub(crate) fn add_fault(&self, operation: &str, kind: &str, after: usize) {
        let after = after.to_string();
        self.home.run(&["sandbox", "fault", "add", operation, kind, "--after-calls", &after]).expect(0);
    }

    /// Puts a fault on so many calls, the first of them at that position.
    pub(crate) fn add_faults(&self, operation: &str, kind: &str, after: usize, times: usize) {
        let (after, times) = (after.to_string(), times.to_string());
        let often = ["--after-calls", &after, "--times", &times];
        self.home.run(&[&["sandbox", "fault", "add", operation, kind], &often[..]].concat()).expect(0);
    }

    /// Takes all faults away.
    pub(crate) fn clear_faults(&self) {
        self.home.run(&["sandbox", "fault", "clear"]).expect(0);
    }

    /// The first of the armed faults, as `sandbox fault list` tells it.
    fn fault(&self, field: &str) -> u64 {
        let list = self.home.run(&["sandbox", "fault", "list", "--json"]).expect(0).json();
        list[0][field].as_u64().unwrap_or(0)
    }

    /// Lets the program run into a stall and kills it there.
    pub(crate) fn kill_at_stall(&self, mut child: Child, position: usize, what: &str) {
        let met = self.wait_for_stall(&mut child);
        kill(child);
        self.remove_stall();
        assert!(met || position >= self.sure, "{what} was never met");
    }

    /// Whether a stall has been met.
    pub(crate) fn has_met_stall(&self) -> bool {
        self.fault("hits") > 0
    }

    /// Takes a stall away once the program that it held is dead: its call must not take effect after all.
    pub(crate) fn remove_stall(&self) {
        until("nobody is held any more", || self.fault("held") == 0);
        self.clear_faults();
    }

    /// Waits until the program is held by a stall, or ends. Answers which.
    pub(crate) fn wait_for_stall(&self, child: &mut Child) -> bool {
        let mut met = false;
        until("the stall is met, or the program ends", || {
            met = self.has_met_stall();
            met || child.try_wait().expect("the program").is_some()
        });
        met
    }

    /// Kills the sandbox and starts it again: the same things are there at the same endpoints.
    pub(crate) fn crash_sandbox(&self) {
        let before = self.status();
        self.engines();
        std::process::Command::new("kill").args(["-9", &before["pid"].to_string()]).status().expect("kill");
        until("it is gone", || self.home.run(&["sandbox", "status"]).code != Some(0));
        self.engines_have_ended();
        self.home.serve(if self.place == Place::Engines { &[] } else { &["--no-engines"] });
        let after = self.status();
        assert_eq!(before["endpoint"], after["endpoint"]);
        let things = |status: &Value| fields(&status["resources"], ["type", "id"]);
        assert_eq!(things(&before), things(&after));
        self.engines_come_back(&before);
    }

    /// Kills one engine after the other: each comes back by itself, where it was.
    pub(crate) fn kill_engines(&self) {
        let before = self.status();
        for engine in before["engines"].as_array().expect("engines") {
            let name = engine["resource"].as_str().expect("a name");
            self.home.run(&["sandbox", "kill-engine", name]).expect(0);
            let pid = engine["pid"].to_string();
            until("it is gone", || !Path::new("/proc").join(&pid).exists());
            self.engines_come_back(&before);
        }
    }

    fn status(&self) -> Value {
        self.home.run(&["sandbox", "status", "--json"]).expect(0).json()
    }

    fn engines_come_back(&self, before: &Value) {
        let engines = |status: &Value| fields(&status["engines"], ["resource", "address"]);
        let wanted = engines(before);
        until("the engines are back where they were", || engines(&self.status()).is_superset(&wanted));
    }

    /// What the demo told of the data in the database, if the walk has come so far.
    fn data(&self) -> Option<Value> {
        let text = std::fs::read_to_string(self.journal(&self.unfinished()?)).expect("a journal");
        let line = text.lines().rfind(|l| l.contains(LOADED))?;
        Some(serde_json::from_str::<Value>(line).expect("a record")["record"]["measured"]["result"].take())
    }

    /// Whether the data set is in the database by the journal.
    pub(crate) fn has_data(&self) -> bool {
        self.data().is_some()
    }

    /// Has the walk look at the data again: the rows are those that it has put there, and none was written anew.
    pub(crate) fn assert_data_kept(&self, what: &str) {
        let before = self.data().expect("the data was loaded");
        assert!(before["checksum"].is_string(), "{what}: {before}");
        let session = self.unfinished().expect("a session");
        let text = std::fs::read_to_string(self.journal(&session)).expect("the journal");
        let cut = text.split_inclusive('\n').take_while(|l| !l.contains(LOADED)).collect::<String>();
        std::fs::write(self.journal(&session), cut).expect("the cut journal");
        self.home.run(&["resume", &session, "--yes", "--keep"]).expect(0);
        let after = self.data().expect("it is looked at");
        assert_eq!((&after["reused"], &after["checksum"]), (&true.into(), &before["checksum"]), "{what}");
        assert!(after["order_lines"].as_u64() > Some(0), "{what}: {after}");
    }

    /// Brings a session that was cut off to the end of its walk; exactly one of each must be there then.
    pub(crate) fn finish_walk(&self, what: &str) {
        match self.unfinished() {
            Some(session) => self.home.run(&["resume", &session, "--yes", "--keep"]).expect(0),
            None => self.run_walk().expect(0),
        };
        self.assert_whole(what);
    }

    /// Exactly one of each is there, and its engines.
    pub(crate) fn assert_whole(&self, what: &str) {
        assert_eq!(self.kinds(), self.whole, "{what} on {:?}", self.place);
        if self.place == Place::Engines {
            assert_eq!(self.engines(), 3, "{what}: two nodes of the cache and a database");
        }
    }

    /// Cleans up and proves that nothing is left.
    pub(crate) fn clean_up_all(&self, what: &str) {
        // Remembered while they run: a test that never looked at them would find none that is left.
        self.engines();
        if let Some(session) = self.unfinished() {
            self.home.run(&["cleanup", &session, "--yes"]).expect(0);
        }
        self.assert_empty(what);
    }

    /// Nothing is in the world, and no engine process is left.
    pub(crate) fn assert_empty(&self, what: &str) {
        assert_eq!(self.kinds(), Vec::<String>::new(), "{what} on {:?}", self.place);
        self.engines_have_ended();
    }
}

/// These fields of all in a list.
fn fields(list: &Value, names: [&str; 2]) -> BTreeSet<String> {
    let all = list.as_array().expect("a list").iter();
    all.map(|one| names.map(|name| one[name].to_string()).join(" ")).collect()
}
