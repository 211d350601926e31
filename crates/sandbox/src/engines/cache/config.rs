//! The configuration file of one cache node, and the secrets in it.

use crate::system::private;
use std::fmt::Write as _;
use std::io;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{CacheGroup, CacheNode};
use crate::engines::tools::Program;
use crate::engines::{at_least, ca, files, socket};

/// The user that the sandbox itself controls a node with, over the node's private socket.
pub(crate) const ADMIN: &str = "sandbox-admin";
const REPLICATION: &str = "sandbox-replication";

/// Commands that ElastiCache does not offer. They are renamed, not only forbidden, so that a learner sees what AWS
/// answers (`unknown command`), and the sandbox reaches them under a secret name.
const RESTRICTED: &[&str] = &[
    "BGREWRITEAOF",
    "BGSAVE",
    "CONFIG",
    "DEBUG",
    "FAILOVER",
    "MIGRATE",
    "MODULE",
    "REPLICAOF",
    "SAVE",
    "SHUTDOWN",
    "SLAVEOF",
    "SYNC",
];

/// The secrets of a replication group, in a 0600 file beside its nodes.
#[derive(Serialize, Deserialize)]
pub(crate) struct Secrets {
    /// The password of [`ADMIN`].
    pub admin: String,
    replication: String,
    /// What restricted commands' names begin with.
    pub prefix: String,
    /// The AUTH token's hash: the token itself is nowhere.
    token_sha256: Option<String>,
}

impl Secrets {
    /// Makes new secrets for a group.
    pub(crate) fn create(home: &Path, token: Option<&str>) -> io::Result<()> {
        let secrets = Self {
            admin: files::random_secret()?,
            replication: files::random_secret()?,
            prefix: files::random_secret()?,
            token_sha256: token.map(hash),
        };
        secrets.save(home)
    }

    /// Reads a group's secrets.
    pub(crate) fn load(home: &Path) -> io::Result<Self> {
        serde_json::from_slice(&recipe_walk_files::bytes(&home.join("secrets.json"), 64 * 1024)?)
            .map_err(io::Error::other)
    }

    /// Replaces the AUTH token; returns the hash.
    pub(crate) fn set_token(&mut self, home: &Path, token: &str) -> io::Result<String> {
        let hashed = hash(token);
        self.token_sha256 = Some(hashed.clone());
        self.save(home)?;
        Ok(hashed)
    }

    fn save(&self, home: &Path) -> io::Result<()> {
        private::replace(&home.join("secrets.json"), &serde_json::to_vec(self).map_err(io::Error::other)?)
    }

    /// A restricted command's secret name.
    pub(crate) fn command(&self, name: &str) -> String {
        if RESTRICTED.contains(&name) { format!("{}-{name}", self.prefix) } else { name.to_owned() }
    }
}

fn hash(token: &str) -> String {
    files::hex(&Sha256::digest(token.as_bytes()))
}

/// The addresses a node listens on while it has its present role.
pub(crate) fn binds(group: &CacheGroup, node: &CacheNode) -> Vec<IpAddr> {
    let mut all = vec![IpAddr::V4(*node.listen.ip())];
    all.extend(node.peer.map(IpAddr::V4));
    let mut add = |address| {
        if !all.contains(&address) {
            all.push(address);
        }
    };
    if node.id == group.primary {
        add(IpAddr::V4(*group.primary_endpoint.ip()));
    }
    if node.id == group.reader() {
        add(IpAddr::V4(*group.reader_endpoint.ip()));
    }
    all
}

/// Writes the configuration, certificate and key of one node.
pub(crate) fn write(
    sandbox: &Path,
    home: &Path,
    group: &CacheGroup,
    node: &CacheNode,
    program: &Program,
) -> io::Result<PathBuf> {
    let dir = home.join(&node.id);
    files::private_dir(&dir)?;
    let secrets = Secrets::load(home)?;
    let mut text = String::new();
    let mut line = |words: std::fmt::Arguments<'_>| {
        let _ = writeln!(text, "{words}");
    };
    let addresses: Vec<String> = binds(group, node).iter().map(ToString::to_string).collect();
    line(format_args!("bind {}", addresses.join(" ")));
    line(format_args!("protected-mode no\ndaemonize no\ndatabases 16\nmaxclients 65000\ntcp-backlog 511"));
    line(format_args!("dir {}", dir.display()));
    line(format_args!("unixsocket {}\nunixsocketperm 700", socket(sandbox, &dir).display()));
    let port = node.listen.port();
    if group.tls {
        ca_for(sandbox, &dir, group, node)?;
        let ca = dir.join("ca.pem");
        line(format_args!("port 0\ntls-port {port}\ntls-replication yes\ntls-auth-clients no"));
        line(format_args!("tls-protocols \"TLSv1.2 TLSv1.3\""));
        line(format_args!("tls-cert-file {}", dir.join("cert.pem").display()));
        line(format_args!("tls-key-file {}", dir.join("key.pem").display()));
        line(format_args!("tls-ca-cert-file {}", ca.display()));
    } else {
        line(format_args!("port {port}"));
    }
    // A cache: what it holds may be lost, and nothing is written to the learner's disk.
    line(format_args!("save \"\"\nappendonly no\nrepl-diskless-sync yes\nrepl-diskless-sync-delay 0"));
    line(format_args!("repl-diskless-load on-empty-db\nrepl-timeout 10"));
    line(format_args!("replica-announce-ip {}\nreplica-announce-port {port}", node.listen.ip()));
    if cfg!(target_os = "linux") && at_least(program, 7) {
        line(format_args!("bind-source-addr {}", node.listen.ip()));
    }
    line(format_args!("masteruser {REPLICATION}\nmasterauth {}", secrets.replication));
    if node.id != group.primary
        && let Some(primary) = group.node(&group.primary)
    {
        let source = primary.source();
        line(format_args!("replicaof {} {}", source.ip(), source.port()));
    }
    for command in RESTRICTED {
        line(format_args!("rename-command {command} {}-{command}", secrets.prefix));
    }
    // PSYNC cannot be renamed, for replicas send it; nor can ACL, for ElastiCache offers a part of it.
    let login =
        secrets.token_sha256.as_deref().map_or_else(|| "nopass".to_owned(), |hash| format!("#{hash}"));
    line(format_args!(
        "user default on {login} ~* &* +@all -psync -acl +acl|whoami +acl|cat +acl|genpass +acl|users +acl|help"
    ));
    line(format_args!("user {REPLICATION} on >{} ~* &* -@all +psync +replconf +ping", secrets.replication));
    line(format_args!("user {ADMIN} on >{} ~* &* +@all", secrets.admin));
    let path = dir.join("node.conf");
    private::replace(&path, text.as_bytes())?;
    Ok(path)
}

/// One certificate names every address that a client may reach the node at, also after a failover.
fn ca_for(sandbox: &Path, dir: &Path, group: &CacheGroup, node: &CacheNode) -> io::Result<()> {
    let mut addresses = vec![
        IpAddr::V4(*group.primary_endpoint.ip()),
        IpAddr::V4(*group.reader_endpoint.ip()),
        IpAddr::V4(*node.listen.ip()),
    ];
    addresses.dedup();
    ca::issue(sandbox, dir, &addresses)?;
    private::replace(&dir.join("ca.pem"), ca::ca_pem(sandbox)?.as_bytes())
}
