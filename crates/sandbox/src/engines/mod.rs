//! The engine processes: real Redis or Valkey, real MariaDB or MySQL, and the shells of instances.
//!
//! They know nothing of AWS: a service gives them addresses, ports and settings, and remembers those itself.

mod address;
pub mod ca;
pub(crate) mod cache;
pub(crate) mod database;
mod error;
mod files;
pub mod instance;
mod port_gate;
mod process;
mod spawner;
#[cfg(test)]
mod tests;
pub mod tools;
mod watchdog;

pub(crate) use address::random_loopback;
pub(crate) use error::EngineError;
pub use instance::aws::instance_aws;
pub use port_gate::hindrance as ports_hindrance;
pub use tools::Preference;

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddrV4;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{OnceCell, watch};

use crate::model::status::EngineStatus;
use crate::system::alias;
use port_gate::PortGates;
use process::Process;
use tools::{Flavour, Program, Tools};

/// How long an engine may take to end by itself before it is killed.
const GRACE: Duration = Duration::from_secs(5);
/// How often the ports of a starting engine are looked for.
const LOOK: Duration = Duration::from_millis(2);

/// The engine processes of one sandbox.
#[derive(Debug)]
pub struct Engines {
    dir: PathBuf,
    tools: watch::Receiver<Option<Arc<Tools>>>,
    /// By cache node, or by a database's directory: a database and a node may have the same identifier.
    running: Mutex<BTreeMap<String, Running>>,
    gates: Arc<PortGates>,
    /// An empty database, made once and copied for each instance.
    template: OnceCell<PathBuf>,
}

#[derive(Debug, Clone)]
struct Running {
    process: Process,
    program: Program,
    address: SocketAddrV4,
    /// As AWS calls it.
    name: String,
}

impl Engines {
    /// Prepares to start engines; quick, because the server does not listen before it returns: programs are looked
    /// for, and the empty database is made, in the background.
    pub fn start(dir: &Path, preference: Preference) -> io::Result<Arc<Self>> {
        files::private_dir(&dir.join("engines"))?;
        let (found, tools) = watch::channel(None);
        let gates = Arc::new(PortGates::default());
        let probed = Arc::clone(&gates);
        std::thread::Builder::new().name("find-engines".into()).spawn(move || {
            found.send_replace(Some(Arc::new(tools::find(preference))));
            probed.hindered(port_gate::hindrance());
        })?;
        let engines = Arc::new(Self {
            dir: dir.to_owned(),
            tools,
            running: Mutex::default(),
            gates,
            template: OnceCell::new(),
        });
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let engines = Arc::clone(&engines);
            runtime.spawn(async move {
                // A failure shows again, to somebody who can act on it, when a database is asked for.
                if let Err(error) = database::template(&engines).await {
                    tracing::warn!(%error, "no database can be made yet");
                }
            });
        }
        Ok(engines)
    }

    /// The engine processes that run now.
    pub fn status(&self) -> Vec<EngineStatus> {
        self.running()
            .values()
            .filter(|running| running.process.is_running())
            .map(|running| EngineStatus {
                kind: running.program.flavour.name().to_lowercase(),
                program: running.program.path.display().to_string(),
                version: running.program.version.clone(),
                address: running.address.to_string(),
                pid: running.process.pid().unsigned_abs(),
                resource: running.name.clone(),
            })
            .collect()
    }

    /// Stops every engine and every process of an instance, and waits until the engines are gone.
    pub async fn stop(&self) {
        let all: Vec<Running> = std::mem::take(&mut *self.running()).into_values().collect();
        instance::stop_all(&self.dir);
        // All are asked at once; the slowest decides.
        let stops: Vec<_> = all
            .into_iter()
            .map(|running| tokio::spawn(async move { running.process.stop(GRACE).await }))
            .collect();
        for stop in stops {
            let _ = stop.await;
        }
    }

    /// The programs of this machine, once they are known.
    pub(crate) async fn tools(&self) -> Arc<Tools> {
        let mut tools = self.tools.clone();
        match tools.wait_for(Option::is_some).await {
            Ok(found) => found.clone().unwrap_or_default(),
            Err(_) => Arc::default(),
        }
    }

    /// The cache program.
    pub(crate) async fn cache_program(&self) -> Result<Program, EngineError> {
        self.tools()
            .await
            .redis
            .clone()
            .ok_or(EngineError::NotInstalled("a cache (redis-server or valkey-server)"))
    }

    /// The database program.
    pub(crate) async fn database_program(&self) -> Result<Program, EngineError> {
        self.tools().await.mysql.clone().ok_or(EngineError::NotInstalled("a database (mariadbd or mysqld)"))
    }

    fn running(&self) -> MutexGuard<'_, BTreeMap<String, Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn process(&self, key: &str) -> Option<Process> {
        self.running().get(key).map(|running| running.process.clone())
    }

    fn add(&self, key: &str, running: Running) {
        let pid = running.process.id();
        self.running().insert(key.to_owned(), running);
        // The rules may have changed between its last look and its being listed.
        self.gates.sync(pid);
    }

    fn take(&self, key: &str) -> Option<Process> {
        self.running().remove(key).map(|running| running.process)
    }

    /// Lets new connections in at the addresses that are true, and at those that are not named; closes the others.
    pub(crate) fn permit(&self, wanted: BTreeMap<SocketAddrV4, bool>) {
        if self.gates.set(wanted) {
            for running in self.running().values().filter(|running| running.process.is_running()) {
                self.gates.sync(running.process.id());
            }
        }
    }

    /// Why closed ports stay open on this machine; `None` where they do not.
    pub(crate) fn ports_stay_open(&self) -> Option<String> {
        self.gates.hindrance()
    }

    /// Waits for what a starting engine does, and closes its ports as they appear.
    async fn guarded<T>(&self, process: &Process, ready: impl Future<Output = T>) -> T {
        let mut ready = std::pin::pin!(ready);
        let mut tick = tokio::time::interval(LOOK);
        // On a busy machine looking must not keep the engine from being asked.
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = tick.tick() => self.gates.sync(process.id()),
                done = &mut ready => return done,
            }
        }
    }

    /// Waits until an engine that should be running has ended; `None` where there is no such engine.
    pub(crate) async fn ended(&self, key: &str) -> Option<()> {
        self.process(key)?.wait().await;
        // An engine that was stopped on purpose is no longer listed.
        self.running().contains_key(key).then_some(())
    }

    /// Kills one engine as a crash would. The service that owns it sees it end and acts as AWS does.
    pub fn kill(&self, resource: &str) -> bool {
        let process = self.running().values().find(|r| r.name == resource).map(|r| r.process.clone());
        if let Some(process) = &process {
            process.kill_group();
        }
        process.is_some()
    }
}

/// Picks addresses as [`address::pick`] does, whether engines run or not.
pub(crate) fn pick_addresses(
    count: usize,
    port: u16,
    taken: &dyn Fn(SocketAddrV4) -> bool,
) -> io::Result<Vec<SocketAddrV4>> {
    address::pick(count, port, taken)
}

/// The private socket of an engine with this home, by which the sandbox alone speaks with it: no security group closes it.
fn socket(sandbox: &Path, home: &Path) -> PathBuf {
    sandbox.join("engines").join(alias::short_hash(home)).with_extension("sock")
}

/// Whether a program is Valkey or Redis of at least this major version; Valkey began at 7.2 of Redis.
fn at_least(program: &Program, major: u32) -> bool {
    program.flavour == Flavour::Valkey
        || program.version.split('.').next().and_then(|n| n.parse::<u32>().ok()).is_some_and(|n| n >= major)
}
