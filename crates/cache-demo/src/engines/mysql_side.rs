//! The pooled connections to MySQL.
//!
//! The client library blocks, so each connection lives on a thread of its own, and tasks hand their work over a
//! bounded queue: a task that finds the queue full waits, as it would for a connection of any pool.

use crate::engines::secret::Secret;
use crate::engines::tls::{self, Roots};
use crate::error::{Failure, Kind};
use mysql::prelude::Queryable;
use mysql::{Conn, Opts, OptsBuilder, SslOpts};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};

/// How long a TCP connection may take to open.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long the server may stay silent. The longest statement of `load-data` takes a second or two on small nodes.
const READ_TIMEOUT: Duration = Duration::from_mins(1);
/// A broken connection shows within this time; what takes longer is another trouble.
const AT_ONCE: Duration = Duration::from_secs(1);
/// A worker needs little stack: rows are decoded one at a time.
const STACK: usize = 512 * 1024;

/// Where the database is.
#[derive(Debug, Clone)]
pub struct Target {
    /// Name or address.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// Encrypt and verify.
    pub tls: bool,
    /// The account.
    pub user: String,
    /// The schema.
    pub database: String,
    /// The account's password.
    pub password: Option<Secret>,
}

type Job = Box<dyn FnOnce(&mut Slot) + Send>;

/// A worker's connection, opened when first needed and again after it broke.
pub struct Slot {
    opts: Opts,
    conn: Option<Conn>,
}

/// A pool of connections. Cheap to clone; the threads end with the last clone.
#[derive(Clone)]
pub struct MysqlSide {
    target: Arc<Target>,
    opts: Opts,
    jobs: mpsc::Sender<Job>,
    connections: usize,
}

impl MysqlSide {
    /// Connects once, checks TLS, and starts `connections` workers that connect when they are first needed.
    pub async fn connect(target: Target, roots: Option<&Roots>, connections: usize) -> Result<Self, Failure> {
        let opts = opts(&target, roots);
        // The queue is as deep as the pool is wide: that keeps every worker busy and still pushes back.
        let (jobs, queue) = mpsc::channel::<Job>(connections.max(1));
        let queue = Arc::new(Mutex::new(queue));
        for n in 0..connections.max(1) {
            let (queue, opts) = (Arc::clone(&queue), opts.clone());
            std::thread::Builder::new()
                .name(format!("mysql-{n}"))
                .stack_size(STACK)
                .spawn(move || work(&queue, opts))
                .map_err(|e| {
                    Failure::measurement(
                        format!("Cannot start a thread: {e}."),
                        "The system is at its limit of threads or memory.",
                        "Use fewer --connections.",
                    )
                })?;
        }
        let side = Self { target: Arc::new(target), opts, jobs, connections: connections.max(1) };
        // The first connection. Where TLS was asked for, the library has refused whatever does not encrypt or whose
        // certificate is not good, before it said who it is. What the server says of its session counts for nothing:
        // behind a proxy that ends TLS, that is another one.
        side.tls_version().await?;
        Ok(side)
    }

    /// How many connections the pool has.
    pub fn connections(&self) -> usize {
        self.connections
    }

    /// Options for a connection outside the pool, for the style that opens one for every query.
    pub fn opts(&self) -> Opts {
        self.opts.clone()
    }

    /// The schema's name.
    pub fn database(&self) -> &str {
        &self.target.database
    }

    /// Runs `work` on a pooled connection.
    pub async fn run<T, F>(&self, work: F) -> Result<T, Arc<mysql::Error>>
    where
        T: Send + 'static,
        F: FnOnce(&mut Conn) -> Result<T, mysql::Error> + Send + 'static,
    {
        let (answer, result) = oneshot::channel();
        let job: Job = Box::new(move |slot| {
            // A task that has given up needs no query.
            if !answer.is_closed() {
                let _ = answer.send(slot.run(work));
            }
        });
        let gone = || Arc::new(mysql::Error::server_disconnected());
        self.jobs.send(job).await.map_err(|_| gone())?;
        result.await.map_err(|_| gone())?.map_err(Arc::new)
    }

    /// Runs `work` and explains its error.
    pub async fn ask<T, F>(&self, work: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: FnOnce(&mut Conn) -> Result<T, mysql::Error> + Send + 'static,
    {
        self.run(work).await.map_err(|e| self.explain(&e))
    }

    /// Runs work that may be done twice, and does so where a connection turns out to be broken: one that is cut while
    /// nobody uses it is noticed by whoever comes next. Only the rest of the pool can be as broken.
    pub async fn ask_again<T, F>(&self, work: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: Fn(&mut Conn) -> Result<T, mysql::Error> + Clone + Send + 'static,
    {
        let mut left = self.connections;
        loop {
            let begin = Instant::now();
            match self.run(work.clone()).await {
                Ok(value) => return Ok(value),
                // A server that is away for long is not asked once for each connection.
                Err(e) if is_broken(&e) && left > 0 && begin.elapsed() < AT_ONCE => left -= 1,
                Err(e) => return Err(self.explain(&e)),
            }
        }
    }

    /// The session's TLS version as the server tells it; none without TLS, and where a proxy ends it before the server.
    pub async fn tls_version(&self) -> Result<Option<String>, Failure> {
        self.ask(|conn| {
            let row: Option<(String, String)> = conn.query_first("SHOW SESSION STATUS LIKE 'Ssl_version'")?;
            Ok(row.map(|(_, version)| version).filter(|version| !version.is_empty()))
        })
        .await
    }

    /// How many SELECT statements the server has run, by its own counter. Reading it is a SHOW, which is not in it.
    pub async fn selects(&self) -> Result<u64, Failure> {
        self.ask_again(|conn| {
            let row: Option<(String, u64)> = conn.query_first("SHOW GLOBAL STATUS LIKE 'Com_select'")?;
            Ok(row.map_or(0, |(_, count)| count))
        })
        .await
    }

    /// Turns an error into a failure that a person reads.
    pub fn explain(&self, error: &mysql::Error) -> Failure {
        let place = self.place();
        match error {
            mysql::Error::MySqlError(e) => self.explain_server(e, &place),
            mysql::Error::TlsError(e) => {
                tls::handshake_failure("MySQL", &self.target.host, self.target.port, &e.to_string())
            }
            mysql::Error::DriverError(mysql::DriverError::TlsNotSupported) => Failure::new(
                Kind::Credentials,
                format!("MySQL at {place} offers no TLS."),
                "We only connect encrypted unless told otherwise.",
                "Switch TLS on in the server, or use mysql+plain:// (config: \"tls\": false).",
            ),
            other => {
                // The library wraps its messages: `DriverError { Could not connect … }`.
                let text = other.to_string();
                let inner = text.split_once("{ ").and_then(|(_, rest)| rest.strip_suffix(" }"));
                let text = inner.unwrap_or(&text).trim_end_matches('.').to_owned();
                if text.contains("certificate") || text.contains("corrupt") {
                    return tls::handshake_failure("MySQL", &self.target.host, self.target.port, &text);
                }
                if text.contains("timed out") || text.contains("timeout") {
                    return tls::silence(Kind::Mysql, "MySQL", &place, self.target.port, "db");
                }
                Failure::new(
                    Kind::Mysql,
                    format!("MySQL at {place} does not answer: {text}."),
                    "Nothing listens there, packets are dropped, or the server closed the connection.",
                    "Check host and port; on AWS, the db group must allow 3306 from the app group.",
                )
            }
        }
    }

    fn explain_server(&self, e: &mysql::MySqlError, place: &str) -> Failure {
        let (user, database) = (&self.target.user, &self.target.database);
        match e.code {
            1044 | 1045 | 1698 => Failure::new(
                Kind::Credentials,
                format!("MySQL at {place} refuses user {user}."),
                "The password is wrong, or the user may not use this database from here.",
                "Check MYSQL_PASSWORD or the config file.",
            ),
            3159 => Failure::new(
                Kind::Credentials,
                format!("MySQL at {place} takes encrypted connections only."),
                "require_secure_transport is on.",
                "Use mysql:// (config: \"tls\": true).",
            ),
            1040 | 1203 | 1226 => Failure::new(
                Kind::Mysql,
                format!("MySQL at {place} has no connection left."),
                "max_connections is reached, or the user's own limit.",
                "Use fewer --connections, or end other clients.",
            ),
            1049 => Failure::new(
                Kind::Mysql,
                format!("MySQL at {place} has no database {database}."),
                "The server answers, but its initial database has another name.",
                "Create it, or name the right one.",
            ),
            1146 => Failure::measurement(
                format!("The tables of the shop are not in {database}."),
                "The data has not been loaded yet.",
                "Run `load-data` first.",
            ),
            _ => Failure::measurement(
                format!("MySQL at {place} answered with error {} ({}): {}.", e.code, e.state, e.message),
                "",
                "Run `check` for its state.",
            ),
        }
    }

    fn place(&self) -> String {
        format!("{}:{}", self.target.host, self.target.port)
    }
}

impl Slot {
    fn run<T>(&mut self, work: impl FnOnce(&mut Conn) -> Result<T, mysql::Error>) -> Result<T, mysql::Error> {
        let conn = match &mut self.conn {
            Some(conn) => conn,
            empty => empty.insert(Conn::new(self.opts.clone())?),
        };
        let result = work(conn);
        if result.as_ref().is_err_and(is_broken) {
            self.conn = None;
        }
        result
    }
}

/// Whether a connection is of no use after this. After anything but the server's own answer its state is unknown.
fn is_broken(error: &mysql::Error) -> bool {
    match error {
        // Shutting down, or this connection was killed: the answer is its last.
        mysql::Error::MySqlError(e) => matches!(e.code, 1053 | 1927),
        _ => true,
    }
}

fn work(queue: &Mutex<mpsc::Receiver<Job>>, opts: Opts) {
    let mut slot = Slot { opts, conn: None };
    loop {
        // The lock is held while waiting: the next idle worker waits for the lock instead of the queue.
        let job = queue.lock().unwrap_or_else(PoisonError::into_inner).blocking_recv();
        match job {
            Some(job) => job(&mut slot),
            None => return,
        }
    }
}

fn opts(target: &Target, roots: Option<&Roots>) -> Opts {
    let ssl = target.tls.then(|| {
        // The library always trusts the public roots it carries; a private authority is added to them.
        let path = roots.and_then(|roots| roots.path.clone());
        SslOpts::default().with_root_cert_path(path)
    });
    OptsBuilder::new()
        .ip_or_hostname(Some(target.host.clone()))
        .tcp_port(target.port)
        .user(Some(target.user.clone()))
        .pass(target.password.as_ref().map(|password| password.expose().to_owned()))
        .db_name(Some(target.database.clone()))
        .ssl_opts(ssl)
        // Otherwise loopback connections move to the UNIX socket: without TLS, and with flattering timings.
        .prefer_socket(false)
        // Our largest statement is about 100 KB. Left open, every connection would first SELECT the server's value.
        .max_allowed_packet(Some(4 * 1024 * 1024))
        .tcp_nodelay(true)
        .tcp_connect_timeout(Some(CONNECT_TIMEOUT))
        .read_timeout(Some(READ_TIMEOUT))
        .write_timeout(Some(READ_TIMEOUT))
        .into()
}
