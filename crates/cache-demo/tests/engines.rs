//! Engines for the tests: on loopback, with TLS and passwords, in a temporary directory, gone with the last test. What a
//! database holds at first comes from `database.rs`.
//! Set `CACHE_DEMO_MYSQLD` or `CACHE_DEMO_REDIS_SERVER` to test against other builds.

use crate::database;
use mysql::prelude::Queryable;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The AUTH token of the test's Redis.
pub(crate) const REDIS_PASSWORD: &str = "redis-secret-0123456789";
/// The password of the test's database user.
pub(crate) const MYSQL_PASSWORD: &str = "mysql-secret-0123456789";

/// An engine process; killed when dropped.
pub(crate) struct Engine(Child);

impl Drop for Engine {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Engine {
    /// A process that was started.
    pub(crate) fn new(child: Child) -> Self {
        Self(child)
    }

    /// Waits until it has ended by itself.
    pub(crate) fn ends(&mut self) {
        self.0.wait().expect("it ends");
    }

    /// Sends a signal by name.
    pub(crate) fn signal(&self, name: &str) {
        let status = Command::new("kill").args([name, &self.0.id().to_string()]).status().expect("kill runs");
        assert!(status.success());
    }
}

/// Both engines and how to reach them.
pub(crate) struct Engines {
    pub(crate) redis: Engine,
    pub(crate) mysql: Engine,
    pub(crate) dir: tempfile::TempDir,
    pub(crate) redis_port: u16,
    pub(crate) mysql_port: u16,
}

/// Tests measure and wait. So many at a time, each with engines of its own, leave neither of two cores idle nor overrun.
const PLACES: usize = 3;
static TAKEN: Mutex<usize> = Mutex::new(0);
static LEFT: Condvar = Condvar::new();

/// A test's turn; it ends when this is dropped.
pub(crate) struct Turn(());

/// Waits for this test's turn.
pub(crate) fn turn() -> Turn {
    let taken = TAKEN.lock().unwrap_or_else(PoisonError::into_inner);
    let all = |taken: &mut usize| *taken == PLACES;
    *LEFT.wait_while(taken, all).unwrap_or_else(PoisonError::into_inner) += 1;
    Turn(())
}

impl Drop for Turn {
    fn drop(&mut self) {
        *TAKEN.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        LEFT.notify_one();
    }
}

impl Engines {
    /// Starts both with an empty shop; `maxmemory` is Redis's own notation.
    pub(crate) fn start(maxmemory: &str) -> Self {
        Self::start_from(database::empty(), maxmemory)
    }

    /// Starts both with the shop as `load-data` leaves it.
    pub(crate) fn with_shop() -> Self {
        Self::start_from(database::shop(), "512mb")
    }

    /// Starts both with a copy of a prepared database.
    pub(crate) fn start_from(prepared: &Path, maxmemory: &str) -> Self {
        let dir = tempfile::Builder::new().prefix("cache-demo-").tempdir().expect("temp dir");
        certificates(dir.path());
        let (redis_port, mysql_port) = (free_port(), free_port());
        let redis = start_redis(dir.path(), redis_port, maxmemory);
        database::copy(prepared, &dir.path().join("mysql-data"));
        let mysql = Engine(database::start(dir.path(), mysql_port));
        let engines = Self { redis, mysql, dir, redis_port, mysql_port };
        wait_for(redis_port);
        wait_for(mysql_port);
        engines
    }

    /// Starts Redis anew on its port, empty.
    pub(crate) fn restart_redis(&mut self) {
        self.redis = start_redis(self.dir.path(), self.redis_port, "512mb");
        wait_for(self.redis_port);
    }

    /// Starts a replica of Redis on a port of its own and waits until it follows. Returns it and its port.
    pub(crate) fn start_replica(&self) -> (Engine, u16) {
        let port = free_port();
        let dir = self.path("replica");
        std::fs::create_dir_all(&dir).expect("directory");
        let conf = std::fs::read_to_string(self.path("redis.conf")).expect("read redis.conf");
        let conf = conf.replace(&format!("tls-port {}", self.redis_port), &format!("tls-port {port}"));
        let replica = format!(
            "replicaof 127.0.0.1 {}\ntls-replication yes\nmasterauth {REDIS_PASSWORD}\n",
            self.redis_port
        );
        std::fs::write(dir.join("redis.conf"), conf + &replica).expect("write redis.conf");
        let engine = spawn_redis(&dir.join("redis.conf"));
        wait_for(port);
        let deadline = Instant::now() + Duration::from_secs(20);
        while !self.redis_cli(&["INFO", "replication"]).contains("state=online") {
            assert!(Instant::now() < deadline, "the replica never followed");
            pause(Duration::from_millis(50));
        }
        (engine, port)
    }

    /// A path in the temporary directory.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// The configuration's text.
    pub(crate) fn config_text(&self) -> String {
        format!(
            r#"{{"redis":{{"host":"127.0.0.1","port":{},"tls":true,"password":"{REDIS_PASSWORD}"}},
                "mysql":{{"host":"127.0.0.1","port":{},"tls":true,"user":"admin","database":"shop","password":"{MYSQL_PASSWORD}"}},
                "ca":"{}"}}"#,
            self.redis_port,
            self.mysql_port,
            self.path("ca.pem").display()
        )
    }

    /// A private configuration file with this text.
    pub(crate) fn config(&self, text: &str) -> PathBuf {
        let path = self.path("config.json");
        std::fs::write(&path, text).expect("write the configuration");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).expect("chmod");
        path
    }

    /// The binary with a command and the ordinary configuration.
    pub(crate) fn demo(&self, args: &[&str]) -> Command {
        let config = self.config(&self.config_text());
        let mut command = Command::new(env!("CARGO_BIN_EXE_cache-demo"));
        command.env_remove("REDIS_USER").env_remove("REDIS_PASSWORD").env_remove("MYSQL_PASSWORD");
        command.args(args).arg("--config").arg(config);
        command
    }

    /// Runs the binary with `--json` and returns the result line; panics unless it succeeds.
    pub(crate) fn result(&self, args: &[&str]) -> serde_json::Value {
        let output = self.demo(args).arg("--json").output().expect("the binary starts");
        let text = String::from_utf8(output.stdout).expect("UTF-8");
        assert!(output.status.success(), "{args:?}: {}{text}", String::from_utf8_lossy(&output.stderr));
        let last = text.lines().last().expect("a result");
        assert!(last.len() <= 20_000, "the result is too long: {}", last.len());
        for line in text.lines() {
            crate::schema::check(&serde_json::from_str(line).expect("JSON"));
        }
        let value: serde_json::Value = serde_json::from_str(last).expect("JSON");
        assert_eq!(value["type"], "result");
        assert_eq!(value["kind"], args[0]);
        crate::schema::check_csv(&cache_demo::measure::csv::render(&value));
        value
    }

    /// How an account reaches the database without the program.
    pub(crate) fn mysql_opts(&self, user: &str) -> mysql::OptsBuilder {
        mysql::OptsBuilder::new()
            .ip_or_hostname(Some("127.0.0.1"))
            .tcp_port(self.mysql_port)
            .prefer_socket(false)
            .user(Some(user))
            .pass(Some(MYSQL_PASSWORD))
    }

    /// Runs a statement as the server's operator.
    pub(crate) fn mysql_root(&self, sql: &str) {
        let mut conn = mysql::Conn::new(self.mysql_opts("operator")).expect("the operator connects");
        conn.query_drop(sql).expect("the statement runs");
    }

    /// A number from Redis's INFO.
    pub(crate) fn redis_info(&self, name: &str) -> u64 {
        let info = self.redis_cli(&["INFO"]);
        let value = info.lines().find_map(|line| line.strip_prefix(&format!("{name}:"))).expect("known name");
        value.trim().parse().expect("a number")
    }

    /// Runs redis-cli.
    pub(crate) fn redis_cli(&self, args: &[&str]) -> String {
        self.redis_cli_at(self.redis_port, args)
    }

    /// Runs redis-cli against another node.
    pub(crate) fn redis_cli_at(&self, port: u16, args: &[&str]) -> String {
        let output = Command::new("redis-cli")
            .env("REDISCLI_AUTH", REDIS_PASSWORD)
            .args(["-h", "127.0.0.1", "-p", &port.to_string(), "--tls", "--cacert"])
            .arg(self.path("ca.pem"))
            .args(args)
            .output()
            .expect("redis-cli runs");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }
}

pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a free port").port()
}

pub(crate) fn wait_for(port: u16) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(Instant::now() < deadline, "nothing listens on port {port}");
        pause(Duration::from_millis(30));
    }
}

/// Waits; the tests have no clock but the real one.
#[expect(
    clippy::disallowed_methods,
    reason = "a test that waits for another process has nothing else to wait on"
)]
pub(crate) fn pause(time: Duration) {
    std::thread::sleep(time);
}

/// A certificate authority, a certificate for 127.0.0.1, and another authority that signed nothing.
fn certificates(dir: &Path) {
    let write = |name: &str, text: String| std::fs::write(dir.join(name), text).expect("write a certificate");
    let authority = |name: &str| {
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::new(Vec::<String>::new()).expect("parameters");
        // OpenSSL takes a certificate whose subject and issuer are alike for a self-signed one.
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        write(name, params.self_signed(&key).expect("self-signed").pem());
        Issuer::new(params, key)
    };
    let issuer = authority("ca.pem");
    authority("other-ca.pem");
    let key = KeyPair::generate().expect("a key");
    let params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).expect("parameters");
    write("server.pem", params.signed_by(&key, &issuer).expect("signed").pem());
    write("server.key", key.serialize_pem());
}

fn start_redis(dir: &Path, port: u16, maxmemory: &str) -> Engine {
    let conf = format!(
        "bind 127.0.0.1\nport 0\ntls-port {port}\ntls-auth-clients no\ntls-cert-file {0}/server.pem\n\
         tls-key-file {0}/server.key\ntls-ca-cert-file {0}/ca.pem\nrequirepass {REDIS_PASSWORD}\nsave \"\"\n\
         maxmemory {maxmemory}\nmaxmemory-policy allkeys-lru\ndir {0}\n",
        dir.display()
    );
    std::fs::write(dir.join("redis.conf"), conf).expect("write redis.conf");
    spawn_redis(&dir.join("redis.conf"))
}

fn spawn_redis(conf: &Path) -> Engine {
    let binary = std::env::var("CACHE_DEMO_REDIS_SERVER").unwrap_or_else(|_| "redis-server".into());
    let mut command = Command::new(binary);
    command.arg(conf).stdout(Stdio::null()).stderr(Stdio::null());
    Engine(command.spawn().expect("redis-server starts; install redis-server and redis-tools"))
}
