//! The engine processes: real Redis or Valkey, real MariaDB or MySQL, and the shells of instances.
//!
//! They know nothing of AWS: a service gives them addresses, ports and settings, and remembers those itself.

mod address;
pub mod ca;
pub(crate) mod cache;
mod cache_config;
mod cache_control;
pub(crate) mod database;
mod database_config;
mod error;
mod files;
pub mod instance;
mod instance_aws;
mod process;
mod spawner;
#[cfg(test)]
mod tests;
pub mod tools;
mod watchdog;

pub(crate) use error::EngineError;
pub use instance_aws::instance_aws;
pub use tools::Preference;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::SocketAddrV4;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{OnceCell, watch};

use crate::status::EngineStatus;
use process::Process;
use tools::{Flavour, Program, Tools};

/// How long an engine may take to end by itself before it is killed.
const GRACE: Duration = Duration::from_secs(5);

/// The engine processes of one sandbox.
#[derive(Debug)]
pub struct Engines {
    dir: PathBuf,
    tools: watch::Receiver<Option<Arc<Tools>>>,
    running: Mutex<BTreeMap<String, Running>>,
    /// An empty database, made once and copied for each instance.
    template: OnceCell<PathBuf>,
}

#[derive(Debug, Clone)]
struct Running {
    process: Process,
    program: Program,
    address: SocketAddrV4,
}

impl Engines {
    /// Prepares to start engines; quick, because the server does not listen before it returns: programs are looked
    /// for, and the empty database is made, in the background.
    pub fn start(dir: &Path, preference: Preference) -> io::Result<Arc<Self>> {
        files::private_dir(&dir.join("engines"))?;
        let (found, tools) = watch::channel(None);
        std::thread::Builder::new().name("find-engines".into()).spawn(move || {
            found.send_replace(Some(Arc::new(tools::find(preference))));
        })?;
        let engines = Arc::new(Self {
            dir: dir.to_owned(),
            tools,
            running: Mutex::default(),
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
            .iter()
            .filter(|(_, running)| running.process.is_running())
            .map(|(resource, running)| EngineStatus {
                kind: running.program.flavour.name().to_lowercase(),
                program: running.program.path.display().to_string(),
                version: running.program.version.clone(),
                address: running.address.to_string(),
                pid: running.process.pid().unsigned_abs(),
                resource: resource.clone(),
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

    fn process(&self, resource: &str) -> Option<Process> {
        self.running().get(resource).map(|running| running.process.clone())
    }

    fn add(&self, resource: &str, running: Running) {
        self.running().insert(resource.to_owned(), running);
    }

    fn take(&self, resource: &str) -> Option<Process> {
        self.running().remove(resource).map(|running| running.process)
    }

    /// Waits until an engine that should be running has ended; `None` where there is no such engine.
    pub(crate) async fn ended(&self, resource: &str) -> Option<()> {
        self.process(resource)?.wait().await;
        // An engine that was stopped on purpose is no longer listed.
        self.running().contains_key(resource).then_some(())
    }

    /// Kills one engine as a crash would. The service that owns it sees it end and acts as AWS does.
    pub fn kill(&self, resource: &str) -> bool {
        let process = self.process(resource);
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
    taken: &BTreeSet<SocketAddrV4>,
) -> io::Result<Vec<SocketAddrV4>> {
    address::pick(count, port, taken)
}

/// Whether a program is Valkey or Redis of at least this major version; Valkey began at 7.2 of Redis.
fn at_least(program: &Program, major: u32) -> bool {
    program.flavour == Flavour::Valkey
        || program.version.split('.').next().and_then(|n| n.parse::<u32>().ok()).is_some_and(|n| n >= major)
}
