//! The nodes of one cache: start, promote, reconfigure, stop.

pub(crate) mod config;
mod control;

use std::collections::BTreeMap;
use std::fs::File;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::error::{EngineError, last_lines};
use super::process::Process;
use super::tools::Program;
use super::{Engines, GRACE, Running, files};
use config::Secrets;
use control::Control;

/// How long a node may take until it is ready.
const START: Duration = Duration::from_secs(20);
/// How often a starting node is asked: it costs microseconds, and a walk waits for it.
const POLL: Duration = Duration::from_millis(10);
/// How often a start is tried: right after a crash the old process may still hold the port for a moment.
const TRIES: u32 = 4;

/// One cache node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CacheNode {
    /// The cache cluster id.
    pub id: String,
    /// Its own address.
    pub listen: SocketAddrV4,
    /// Where other nodes replicate from it, whatever a security group lets through, as on AWS. `None` where a node has
    /// one address only.
    #[serde(default)]
    pub peer: Option<Ipv4Addr>,
}

impl CacheNode {
    /// Where a replica finds this node.
    pub(crate) fn source(&self) -> SocketAddrV4 {
        SocketAddrV4::new(self.peer.unwrap_or(*self.listen.ip()), self.listen.port())
    }
}

/// The nodes of a cache and the addresses that clients use; remembered by the service across restarts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CacheGroup {
    /// Its directory's name, never used twice: not the replication group's id.
    pub id: String,
    /// Whether clients and replicas must speak TLS.
    pub tls: bool,
    /// All nodes.
    pub nodes: Vec<CacheNode>,
    /// The id of the primary node.
    pub primary: String,
    /// Follows the primary role.
    pub primary_endpoint: SocketAddrV4,
    /// Reaches a replica, or the primary where there is none.
    pub reader_endpoint: SocketAddrV4,
    /// The engine's own settings, applied after its start.
    pub settings: BTreeMap<String, String>,
}

impl CacheGroup {
    /// Picks addresses for a new group.
    pub(crate) fn plan(
        id: &str,
        nodes: &[String],
        port: u16,
        tls: bool,
        settings: BTreeMap<String, String>,
        taken: &dyn Fn(SocketAddrV4) -> bool,
    ) -> std::io::Result<Self> {
        // Where only one loopback address answers, the endpoints are the nodes' own.
        let own = cfg!(target_os = "linux");
        let count = nodes.len();
        let picked = super::pick_addresses(if own { 2 * count + 2 } else { count }, port, taken)?;
        let nodes: Vec<CacheNode> = nodes
            .iter()
            .zip(&picked)
            .enumerate()
            .map(|(at, (id, listen))| CacheNode {
                id: id.clone(),
                listen: *listen,
                peer: own.then(|| *picked[count + at].ip()),
            })
            .collect();
        let first = nodes.first().map(|node| node.id.clone()).unwrap_or_default();
        let last = picked.len() - 1;
        let (primary_endpoint, reader_endpoint) =
            if own { (picked[last - 1], picked[last]) } else { (picked[0], picked[last]) };
        Ok(Self {
            id: id.to_owned(),
            tls,
            nodes,
            primary: first,
            primary_endpoint,
            reader_endpoint,
            settings,
        })
    }

    /// A node by id.
    pub(crate) fn node(&self, id: &str) -> Option<&CacheNode> {
        self.nodes.iter().find(|node| node.id == id)
    }

    /// The node that the reader endpoint reaches: the first replica, else the primary.
    pub(crate) fn reader(&self) -> &str {
        self.nodes.iter().map(|node| node.id.as_str()).find(|id| *id != self.primary).unwrap_or(&self.primary)
    }

    /// Every address that clients may be told.
    pub(crate) fn endpoints(&self) -> impl Iterator<Item = SocketAddrV4> {
        self.nodes.iter().map(|node| node.listen).chain([self.primary_endpoint, self.reader_endpoint])
    }

    /// Every address the group occupies.
    pub(crate) fn addresses(&self) -> impl Iterator<Item = SocketAddrV4> {
        self.endpoints().chain(self.nodes.iter().map(CacheNode::source))
    }

    /// Gives the primary role to `id` in this description.
    pub(crate) fn promote(&mut self, id: &str) {
        // Where endpoints are ports, the port goes with the role.
        if !cfg!(target_os = "linux")
            && let Some(old) = self.node(&self.primary).map(|node| node.listen)
            && let Some(new) = self.node(id).map(|node| node.listen)
        {
            for node in &mut self.nodes {
                node.listen = if node.id == id {
                    old
                } else if node.id == self.primary {
                    new
                } else {
                    node.listen
                };
            }
        }
        id.clone_into(&mut self.primary);
    }
}

impl Engines {
    fn cache_home(&self, group: &str) -> PathBuf {
        self.dir.join("engines").join("cache").join(group)
    }

    /// Makes a new group's directory and secrets, before any node is started.
    pub(crate) fn prepare_cache(&self, group: &CacheGroup, token: Option<&str>) -> Result<(), EngineError> {
        let home = self.cache_home(&group.id);
        files::remove_tree(&home)?;
        files::private_dir(&home)?;
        Ok(Secrets::create(&home, token)?)
    }

    /// Starts every node that does not run yet; returns when all answer and every replica has its data.
    pub(crate) async fn start_cache(&self, group: &CacheGroup) -> Result<(), EngineError> {
        let program = self.cache_program().await?;
        // The primary starts first: a replica that finds none waits a second before it tries again.
        let (primary, replicas): (Vec<_>, Vec<_>) =
            group.nodes.iter().partition(|node| node.id == group.primary);
        for node in primary {
            self.start_node(group, node, &program).await?;
        }
        let starts: Vec<_> = replicas.iter().map(|node| self.start_node(group, node, &program)).collect();
        for start in starts {
            start.await?;
        }
        Ok(())
    }

    /// Starts one node again, after it ended.
    pub(crate) async fn restart_node(&self, group: &CacheGroup, id: &str) -> Result<(), EngineError> {
        let program = self.cache_program().await?;
        match group.node(id) {
            Some(node) => self.start_node(group, node, &program).await,
            None => Ok(()),
        }
    }

    async fn start_node(
        &self,
        group: &CacheGroup,
        node: &CacheNode,
        program: &Program,
    ) -> Result<(), EngineError> {
        if self.process(&node.id).is_some_and(|process| process.is_running()) {
            return Ok(());
        }
        let mut tries = TRIES;
        loop {
            match self.try_node(group, node, program).await {
                Err(EngineError::Start { .. }) if tries > 1 => {
                    tries -= 1;
                    tokio::time::sleep(POLL * 10).await;
                }
                other => return other,
            }
        }
    }

    async fn try_node(
        &self,
        group: &CacheGroup,
        node: &CacheNode,
        program: &Program,
    ) -> Result<(), EngineError> {
        let home = self.cache_home(&group.id);
        let config = config::write(&self.dir, &home, group, node, program)?;
        let dir = home.join(&node.id);
        let log = dir.join("node.log");
        let out = File::create(&log)?;
        let mut command = Command::new(&program.path);
        command.arg(config).current_dir(&dir).stdin(Stdio::null()).stdout(out.try_clone()?).stderr(out);
        let process = Process::start(command).await?;
        let failed = |reason: String| EngineError::Start { program: program.label(), reason };
        let ready = async {
            let control = Control::of(&self.dir, &home, &node.id)?;
            while !control.is_ready(node.id != group.primary).await {
                tokio::time::sleep(POLL).await;
            }
            self.apply(&control, &group.settings).await
        };
        let outcome = tokio::select! {
            _ = process.wait() => Err(failed(last_lines(&log))),
            done = tokio::time::timeout(START, self.guarded(&process, ready)) => {
                done.unwrap_or_else(|_| Err(failed(format!("not ready in {} s: {}", START.as_secs(), last_lines(&log)))))
            }
        };
        match &outcome {
            Ok(()) => {
                let name = node.id.clone();
                let running = Running { process, program: program.clone(), address: node.listen, name };
                self.add(&node.id, running);
            }
            Err(_) => process.stop(Duration::ZERO).await,
        }
        outcome
    }

    /// Applies settings that the engine knows; one that it does not know is left out and logged.
    async fn apply(&self, control: &Control, settings: &BTreeMap<String, String>) -> Result<(), EngineError> {
        for (name, value) in settings {
            match control.one(&["CONFIG", "SET", name, value]).await {
                Err(EngineError::Control(reason)) => {
                    tracing::warn!(setting = name, value, reason, "this engine does not take a setting");
                }
                other => drop(other?),
            }
        }
        Ok(())
    }

    /// Applies changed settings to every running node.
    pub(crate) async fn configure_cache(&self, group: &CacheGroup) -> Result<(), EngineError> {
        let home = self.cache_home(&group.id);
        for node in &group.nodes {
            self.apply(&Control::of(&self.dir, &home, &node.id)?, &group.settings).await?;
        }
        Ok(())
    }

    /// Replaces the AUTH token on every node; with `keep`, the old one works as well.
    pub(crate) async fn set_cache_token(
        &self,
        group: &CacheGroup,
        token: &str,
        keep: bool,
    ) -> Result<(), EngineError> {
        let home = self.cache_home(&group.id);
        let hash = Secrets::load(&home)?.set_token(&home, token)?;
        let mut words = vec!["ACL".to_owned(), "SETUSER".to_owned(), "default".to_owned()];
        if !keep {
            words.push("resetpass".to_owned());
        }
        words.push(format!("#{hash}"));
        for node in &group.nodes {
            Control::of(&self.dir, &home, &node.id)?.send(vec![words.clone()]).await?;
        }
        Ok(())
    }

    /// Ends the primary if it still lives and gives its role and address to a replica; the old primary is left down.
    ///
    /// Returns the group as it then is; `None` where no replica runs.
    pub(crate) async fn promote_replica(
        &self,
        group: &CacheGroup,
    ) -> Result<Option<CacheGroup>, EngineError> {
        let Some(heir) = group
            .nodes
            .iter()
            .filter(|node| node.id != group.primary)
            .find(|node| self.process(&node.id).is_some_and(|process| process.is_running()))
        else {
            return Ok(None);
        };
        if let Some(old) = self.take(&group.primary) {
            old.kill_group();
            old.wait().await;
        }
        let mut next = group.clone();
        next.promote(&heir.id);
        let home = self.cache_home(&group.id);
        let mut commands = vec![words(&["REPLICAOF", "NO", "ONE"])];
        if let Some(node) = next.node(&next.primary).filter(|node| node.listen != heir.listen) {
            let name = if next.tls { "tls-port" } else { "port" };
            commands.push(words(&["CONFIG", "SET", name, &node.listen.port().to_string()]));
        }
        Control::of(&self.dir, &home, &heir.id)?.send(commands).await?;
        // Until the old primary is back, its reader's and its own addresses are the new primary's.
        self.rebind(&next, true).await?;
        let address = next.node(&next.primary).unwrap_or(heir).source();
        for node in next.nodes.iter().filter(|node| node.id != next.primary && node.id != group.primary) {
            let to = [address.ip().to_string(), address.port().to_string()];
            Control::of(&self.dir, &home, &node.id)?.one(&["REPLICAOF", &to[0], &to[1]]).await?;
        }
        Ok(Some(next))
    }

    /// Brings the addresses of running nodes in line with their roles; `alone` while the primary serves readers too.
    async fn rebind(&self, group: &CacheGroup, alone: bool) -> Result<(), EngineError> {
        if !cfg!(target_os = "linux") {
            return Ok(());
        }
        let home = self.cache_home(&group.id);
        let Some(primary) = group.node(&group.primary) else { return Ok(()) };
        let mut addresses = config::binds(group, primary);
        if alone {
            addresses.push(std::net::IpAddr::V4(*group.reader_endpoint.ip()));
        }
        let text = addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        let process = self.process(&primary.id).map(|process| process.id());
        if let Some(pid) = process {
            self.gates.moving(pid);
        }
        let done = match Control::of(&self.dir, &home, &primary.id) {
            Ok(control) => control.one(&["CONFIG", "SET", "bind", &text]).await.map(drop),
            Err(error) => Err(error),
        };
        // Its sockets are new ones, and open.
        if let Some(pid) = process {
            self.gates.moved(pid);
        }
        done
    }

    /// Starts the node that lost the primary role as a replica; the reader endpoint then reaches a replica again.
    pub(crate) async fn return_as_replica(&self, group: &CacheGroup) -> Result<(), EngineError> {
        self.rebind(group, false).await?;
        self.start_cache(group).await
    }

    /// Stops every node; with `remove`, nothing of the group is left on disk.
    pub(crate) async fn stop_cache(&self, group: &CacheGroup, remove: bool) -> Result<(), EngineError> {
        let stopping: Vec<Process> = group.nodes.iter().filter_map(|node| self.take(&node.id)).collect();
        for process in &stopping {
            process.signal(rustix::process::Signal::TERM);
        }
        for process in stopping {
            process.stop(GRACE).await;
        }
        if remove {
            let home = self.cache_home(&group.id);
            for node in &group.nodes {
                files::remove_file(&super::socket(&self.dir, &home.join(&node.id)))?;
            }
            files::remove_tree(&home)?;
        }
        Ok(())
    }
}

fn words(all: &[&str]) -> Vec<String> {
    all.iter().map(|word| (*word).to_owned()).collect()
}
