//! The connection to Redis: one, multiplexed, with explicit time limits.
//!
//! Many tasks share the connection and their commands travel in batches, which carries about twice the requests of
//! one connection per task. A broken connection is replaced at the next command; how often that is tried is the
//! circuit breaker's business, not this file's.

use crate::engines::refusal;
use crate::engines::secret::Secret;
use crate::engines::tls::{self, Roots};
use crate::error::{Failure, Kind};
use redis::aio::MultiplexedConnection;
use redis::{
    AsyncConnectionConfig, Client, Cmd, ConnectionAddr, FromRedisValue, IntoConnectionInfo, RedisError,
};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long connecting may take, TLS and AUTH included.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long connecting anew may take: users wait for it, and the database could answer them meanwhile.
const RECONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// How long one answer may take. The library's default of 500 ms fails at thousands of waiting users.
pub const RESPONSE_TIMEOUT: Duration = Duration::from_secs(2);
/// Time-outs in a row after which a connection is given up: the other end may be gone without a word.
const TIMEOUTS: u32 = 3;

/// Where a Redis node is.
#[derive(Debug, Clone)]
pub struct Target {
    /// Name or address.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// Encrypt and verify.
    pub tls: bool,
    /// The user of the access control list; none is the default one.
    pub user: Option<String>,
    /// The user's password, or the AUTH token.
    pub password: Option<Secret>,
}

#[derive(Default)]
struct Reconnecting {
    generation: u64,
    /// When the last attempt failed, and how.
    failed: Option<(Instant, String)>,
}

/// A Redis node.
pub struct RedisSide {
    target: Target,
    client: Client,
    config: AsyncConnectionConfig,
    current: Mutex<Option<(u64, MultiplexedConnection)>>,
    // One task reconnects while the others wait for it.
    reconnecting: tokio::sync::Mutex<Reconnecting>,
    /// Time-outs in a row.
    timeouts: AtomicU32,
    tls_version: Option<String>,
}

impl RedisSide {
    /// Connects, authenticates and verifies the certificate.
    pub async fn connect(target: Target, roots: Option<&Roots>) -> Result<Self, Failure> {
        let mut tls_version = None;
        if let (true, Some(roots)) = (target.tls, roots) {
            let (host, port, roots) = (target.host.clone(), target.port, roots.clone());
            let probed =
                tokio::task::spawn_blocking(move || tls::probe(&host, port, &roots, CONNECT_TIMEOUT)).await;
            tls_version =
                Some(probed.map_err(|e| Failure::measurement(format!("The TLS probe: {e}."), "", ""))??);
        }
        let client = client(&target, roots).map_err(|e| explain(&e, &target))?;
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT_TIMEOUT))
            .set_response_timeout(Some(RESPONSE_TIMEOUT))
            // Room for a stage's users, so that they queue in Redis's socket and not in front of a channel.
            .set_pipeline_buffer_size(1024)
            .set_write_backpressure_boundary(64 * 1024);
        let side = Self {
            target,
            client,
            config,
            current: Mutex::new(None),
            reconnecting: tokio::sync::Mutex::default(),
            timeouts: AtomicU32::new(0),
            tls_version,
        };
        side.query::<()>(&redis::cmd("PING")).await.map_err(|e| explain(&e, &side.target))?;
        Ok(side)
    }

    /// The version of TLS, as the probe before the first connection saw it.
    pub fn tls_version(&self) -> Option<&str> {
        self.tls_version.as_deref()
    }

    /// Runs one command.
    pub async fn query<T: FromRedisValue>(&self, cmd: &Cmd) -> Result<T, RedisError> {
        let (generation, mut connection) = self.connection().await?;
        let result = cmd.query_async(&mut connection).await;
        self.drop_if_broken(generation, result.as_ref().err());
        result
    }

    /// Runs several commands in one round trip.
    pub async fn pipeline<T: FromRedisValue>(&self, pipe: &redis::Pipeline) -> Result<T, RedisError> {
        let (generation, mut connection) = self.connection().await?;
        let result = pipe.query_async(&mut connection).await;
        self.drop_if_broken(generation, result.as_ref().err());
        result
    }

    /// One section of INFO as a map. It needs no restricted command, unlike CONFIG.
    pub async fn info(&self, section: &str) -> Result<HashMap<String, String>, Failure> {
        let text: String =
            self.query(redis::cmd("INFO").arg(section)).await.map_err(|e| explain(&e, &self.target))?;
        Ok(text
            .lines()
            .filter_map(|line| line.trim_end().split_once(':'))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect())
    }

    /// Turns an error of this node into a failure that a person reads.
    pub fn explain(&self, error: &RedisError) -> Failure {
        explain(error, &self.target)
    }

    /// Where the node is, as people write it.
    pub(crate) fn place(&self) -> String {
        format!("{}:{}", self.target.host, self.target.port)
    }

    /// The client, for connections with settings of their own.
    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// Forgets the connection: the next command opens a new one, and looks the name up again.
    pub fn reconnect(&self) {
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    async fn connection(&self) -> Result<(u64, MultiplexedConnection), RedisError> {
        if let Some(open) = self.current() {
            return Ok(open);
        }
        let begin = Instant::now();
        let mut state = self.reconnecting.lock().await;
        if let Some(open) = self.current() {
            return Ok(open);
        }
        // Tasks that waited for an attempt that failed share its failure; otherwise all would try one after the other.
        if let Some((failed, text)) = &state.failed
            && *failed > begin
        {
            return Err(std::io::Error::new(std::io::ErrorKind::NotConnected, text.clone()).into());
        }
        let connecting = self.client.get_multiplexed_async_connection_with_config(&self.config);
        // The first connection may take its time; a person waits for it, not many users.
        let limit = if state.generation == 0 { CONNECT_TIMEOUT } else { RECONNECT_TIMEOUT };
        let connected = match tokio::time::timeout(limit, connecting).await {
            Ok(connected) => connected,
            Err(_) => Err(std::io::Error::from(std::io::ErrorKind::TimedOut).into()),
        };
        let connection = connected.inspect_err(|e| state.failed = Some((Instant::now(), e.to_string())))?;
        state.generation += 1;
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) =
            Some((state.generation, connection.clone()));
        Ok((state.generation, connection))
    }

    fn current(&self) -> Option<(u64, MultiplexedConnection)> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn drop_if_broken(&self, generation: u64, error: Option<&RedisError>) {
        let timed_out = error.is_some_and(RedisError::is_timeout);
        if !timed_out {
            // Written only after a time-out: every answer passes here.
            if self.timeouts.load(Ordering::Relaxed) > 0 {
                self.timeouts.store(0, Ordering::Relaxed);
            }
        } else if self.timeouts.fetch_add(1, Ordering::Relaxed) + 1 >= TIMEOUTS {
            self.timeouts.store(0, Ordering::Relaxed);
            self.drop_connection(generation);
            return;
        }
        // A node that became a replica keeps the old connection: the primary's name leads elsewhere by then.
        let broken = |e: &RedisError| {
            e.is_unrecoverable_error()
                || e.is_connection_dropped()
                || e.kind() == redis::ErrorKind::Server(redis::ServerErrorKind::ReadOnly)
        };
        if error.is_some_and(broken) {
            self.drop_connection(generation);
        }
    }

    fn drop_connection(&self, generation: u64) {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        // Another task may have replaced the connection that failed by now.
        if current.as_ref().is_some_and(|(open, _)| *open == generation) {
            *current = None;
        }
    }
}

/// Whether an error says that the node is away, and not only what it thinks of one command. A node that loads its data,
/// runs a script or has lost its primary answers, but nobody.
pub fn is_outage(error: &RedisError) -> bool {
    match error.code() {
        Some(code) => matches!(code, "LOADING" | "BUSY" | "MASTERDOWN" | "CLUSTERDOWN" | "NOAUTH"),
        None => true,
    }
}

fn client(target: &Target, roots: Option<&Roots>) -> Result<Client, RedisError> {
    let mut settings = redis::RedisConnectionInfo::default().set_skip_set_lib_name();
    if let Some(user) = &target.user {
        settings = settings.set_username(user);
    }
    if let Some(password) = &target.password {
        settings = settings.set_password(password.expose());
    }
    let (host, port) = (target.host.clone(), target.port);
    let address = if target.tls {
        ConnectionAddr::TcpTls { host, port, insecure: false, tls_params: None }
    } else {
        ConnectionAddr::Tcp(host, port)
    };
    let info = address.into_connection_info()?.set_redis_settings(settings);
    let info = info.set_tcp_settings(redis::io::tcp::TcpSettings::default().set_nodelay(true));
    if target.tls {
        let root_cert = roots.map(|roots| roots.pem.clone());
        return Client::build_with_tls(info, redis::TlsCertificates { client_tls: None, root_cert });
    }
    Client::open(info)
}

fn explain(error: &RedisError, target: &Target) -> Failure {
    let place = format!("{}:{}", target.host, target.port);
    let text = error.to_string();
    let code = error.code().unwrap_or_default();
    if code == "NOAUTH"
        || text.contains("NOAUTH")
        || text.contains("HELLO must be called with the client already")
    {
        return Failure::new(
            Kind::Credentials,
            format!("Redis at {place} wants a password."),
            "AUTH is switched on, and none was given.",
            "Set REDIS_PASSWORD, or \"password\" in the config file.",
        );
    }
    if code == "WRONGPASS"
        || error.kind() == redis::ErrorKind::AuthenticationFailed
        || text.contains("WRONGPASS")
        || text.contains("without any password configured")
    {
        return match &target.user {
            Some(user) => Failure::new(
                Kind::Credentials,
                format!("Redis at {place} refuses the user {user}."),
                "Its access control list has no such user, or another password for it.",
                "Check the user and REDIS_PASSWORD, or the config file.",
            ),
            None => Failure::new(
                Kind::Credentials,
                format!("Redis at {place} refuses the password."),
                "The AUTH token is another one, or AUTH is off there.",
                "Check REDIS_PASSWORD or the config file; a user besides the default one is named with it.",
            ),
        };
    }
    if code == "NOPERM" {
        let user = target.user.as_deref().unwrap_or("default");
        return Failure::new(
            Kind::Credentials,
            format!("Redis at {place} forbids the user {user} something that the demo does: {text}."),
            "The user's entry in the access control list lacks a command, a key or a channel.",
            "Allow it: ACL SETUSER NAME +@all ~rw:* &*; `check` and the figures of its counters want +info.",
        );
    }
    if let Some(failure) = refusal::explain(code, &place) {
        return failure;
    }
    if text.contains("certificate") || text.contains("CorruptMessage") || text.contains("corrupt message") {
        return tls::handshake_failure("Redis", &target.host, target.port, &text);
    }
    if error.is_io_error() || error.is_timeout() || error.is_connection_dropped() {
        let hint = if target.tls {
            "Check host and port; on AWS, the cache group must allow 6379 from the app group."
        } else {
            "Check host and port; a server with encryption in transit wants rediss://."
        };
        return Failure::new(
            Kind::Redis,
            format!("Redis at {place} does not answer: {}.", text.trim_end_matches('.')),
            "Nothing listens there, packets are dropped, or the server closed the connection.",
            hint,
        );
    }
    if code == "READONLY" {
        return Failure::measurement(
            format!("Redis at {place} is a replica and takes no writes."),
            "The address is a reader's, or the primary was demoted a moment ago.",
            "Use the primary endpoint; after a failover, try again in a few seconds.",
        );
    }
    if code == "OOM" {
        return Failure::measurement(
            format!("Redis at {place} is full and its policy evicts nothing: {text}."),
            "maxmemory is reached under noeviction.",
            "Set maxmemory-policy to allkeys-lru in the parameter group.",
        );
    }
    Failure::measurement(
        format!("Redis at {place} answered with an error: {text}."),
        "",
        "Run `check` for its state.",
    )
}

/// A number of INFO; 0 where it is missing.
pub(crate) fn info_number(info: &HashMap<String, String>, name: &str) -> u64 {
    info.get(name).and_then(|text| text.parse().ok()).unwrap_or(0)
}
