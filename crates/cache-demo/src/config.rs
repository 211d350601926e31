//! Where the two engines are and how to reach them: from a private JSON file, or from URLs and the environment.

use crate::engines::endpoint;
use crate::engines::secret::Secret;
use crate::error::Failure;
use serde::Deserialize;
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// How to find the engines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Connect {
    /// A JSON file.
    File {
        /// Its path.
        path: PathBuf,
        /// `--ca`.
        ca: Option<PathBuf>,
    },
    /// URLs, with passwords from the environment.
    Urls {
        /// `--redis-url`.
        redis: String,
        /// `--mysql-url`.
        mysql: String,
        /// `--reader-url`.
        reader: Option<String>,
        /// `--ca`.
        ca: Option<PathBuf>,
    },
}

/// Both engines and the certificates to trust.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The cache.
    pub redis: Redis,
    /// The database.
    pub mysql: Mysql,
    /// A PEM file of certificate authorities; none means the system's own.
    #[serde(default)]
    pub ca: Option<PathBuf>,
    /// Overrides `ca` for Redis.
    #[serde(default)]
    pub redis_ca: Option<PathBuf>,
    /// Overrides `ca` for MySQL: RDS has a bundle of its own.
    #[serde(default)]
    pub mysql_ca: Option<PathBuf>,
}

/// The cache.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Redis {
    /// Name or address of the primary.
    pub host: String,
    /// TCP port.
    #[serde(default = "redis_port")]
    pub port: u16,
    /// Name or address for reads from replicas.
    #[serde(default)]
    pub reader_host: Option<String>,
    /// Port of the reader endpoint, where it is another one.
    #[serde(default)]
    pub reader_port: Option<u16>,
    /// Encrypt, and verify the certificate.
    #[serde(default)]
    pub tls: bool,
    /// The user of the access control list; none is the default one, whose password is the AUTH token.
    #[serde(default)]
    pub user: Option<String>,
    /// The user's password, or the AUTH token.
    #[serde(default)]
    pub password: Option<Secret>,
}

/// The database.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mysql {
    /// Name or address.
    pub host: String,
    /// TCP port.
    #[serde(default = "mysql_port")]
    pub port: u16,
    /// Encrypt, and verify the certificate.
    #[serde(default)]
    pub tls: bool,
    /// The account.
    pub user: String,
    /// The schema that holds, or will hold, the demo's tables.
    pub database: String,
    /// The account's password.
    #[serde(default)]
    pub password: Option<Secret>,
}

fn redis_port() -> u16 {
    6379
}

fn mysql_port() -> u16 {
    3306
}

/// A configuration is a few hundred bytes; this bounds what a wrong path can make us read.
const LIMIT: u64 = 64 * 1024;

impl Config {
    /// Builds the configuration from what the command line says. `env` looks up an environment variable.
    pub fn resolve(connect: &Connect, env: impl Fn(&str) -> Option<String>) -> Result<Self, Failure> {
        let mut config = match connect {
            Connect::File { path, .. } => Self::read(path)?,
            Connect::Urls { redis, mysql, reader, .. } => Self::from_urls(redis, mysql, reader.as_deref())?,
        };
        let (Connect::File { ca, .. } | Connect::Urls { ca, .. }) = connect;
        if ca.is_some() {
            config.ca.clone_from(ca);
        }
        // The environment fills gaps only: a file that names a password means that one.
        let password = |name: &str| env(name).filter(|text| !text.is_empty()).map(Secret::new);
        config.redis.user =
            config.redis.user.take().or_else(|| env("REDIS_USER").filter(|text| !text.is_empty()));
        config.redis.password = config.redis.password.take().or_else(|| password("REDIS_PASSWORD"));
        config.mysql.password = config.mysql.password.take().or_else(|| password("MYSQL_PASSWORD"));
        config.validate()?;
        Ok(config)
    }

    /// The certificates for Redis.
    pub fn ca_for_redis(&self) -> Option<&Path> {
        self.redis_ca.as_deref().or(self.ca.as_deref())
    }

    /// The certificates for MySQL.
    pub fn ca_for_mysql(&self) -> Option<&Path> {
        self.mysql_ca.as_deref().or(self.ca.as_deref())
    }

    fn read(path: &Path) -> Result<Self, Failure> {
        let shown = path.display();
        let cannot = |e: std::io::Error| {
            Failure::usage(
                format!("Cannot read the configuration {shown}: {e}."),
                "Check the path given to --config.",
            )
        };
        let file = std::fs::File::open(path).map_err(cannot)?;
        let meta = file.metadata().map_err(cannot)?;
        if meta.is_file() && meta.mode() & 0o077 != 0 {
            return Err(Failure::usage(
                format!(
                    "Others can read {shown} (mode {:04o}), and it holds passwords.",
                    meta.mode() & 0o7777
                ),
                format!("Run: chmod 600 {shown}"),
            ));
        }
        let mut text = String::new();
        file.take(LIMIT).read_to_string(&mut text).map_err(cannot)?;
        Self::parse(&text).map_err(|what| {
            Failure::usage(
                format!("{shown} is not a configuration: {what}."),
                r#"It is JSON: {"redis":{"host":…,"tls":true,"user":null,"password":…},"mysql":{"host":…,"tls":true,"user":…,"database":…,"password":…},"ca":null}"#,
            )
        })
    }

    /// Parses the text of a configuration file. The message names a position and never quotes the text, which
    /// holds passwords.
    fn parse(text: &str) -> Result<Self, String> {
        serde_json::from_str(text).map_err(|e| {
            let place = format!("line {}, column {}", e.line(), e.column());
            match e.classify() {
                // Our own field names and types; serde quotes an offending *value* here, so only known-safe
                // messages pass.
                serde_json::error::Category::Data if e.to_string().starts_with("missing field") => {
                    e.to_string()
                }
                serde_json::error::Category::Data => {
                    format!("an unknown name or a value of the wrong type at {place}")
                }
                _ => format!("not valid JSON at {place}"),
            }
        })
    }

    fn from_urls(redis: &str, mysql: &str, reader: Option<&str>) -> Result<Self, Failure> {
        let tls_of =
            |option: &str, url: &endpoint::Endpoint, plain: &str, secure: &str| match url.scheme.as_str() {
                scheme if scheme == plain => Ok(false),
                scheme if scheme == secure => Ok(true),
                _ => Err(Failure::usage(
                    format!("{option}: the scheme must be {plain} or {secure}."),
                    format!("{secure}:// encrypts and verifies the certificate."),
                )),
            };
        let cache = endpoint::parse("--redis-url", redis)?;
        let tls = tls_of("--redis-url", &cache, "redis", "rediss")?;
        if cache.path.is_some() {
            return Err(Failure::usage(
                "--redis-url: no number of a database is taken.",
                "Write rediss://host:port or rediss://user@host:port; the demo uses database 0.",
            ));
        }
        let reader = reader.map(|url| endpoint::parse("--reader-url", url)).transpose()?;
        if reader.as_ref().is_some_and(|reader| reader.user.is_some() && reader.user != cache.user) {
            return Err(Failure::usage(
                "--reader-url: its user is another than that of --redis-url.",
                "Both endpoints belong to one replication group, which has one list of users.",
            ));
        }
        if let Some(reader) = &reader
            && tls_of("--reader-url", reader, "redis", "rediss")? != tls
        {
            return Err(Failure::usage(
                "--reader-url: must use the same scheme as --redis-url.",
                "Both endpoints belong to one replication group, which is encrypted or not.",
            ));
        }
        let db = endpoint::parse("--mysql-url", mysql)?;
        // RDS and the sandbox both speak TLS on the ordinary port, so `mysql` asks for it; `mysql+plain` is the
        // deliberate exception.
        let mysql_tls = !tls_of("--mysql-url", &db, "mysql", "mysql+plain")?;
        let (Some(user), Some(database)) = (db.user, db.path) else {
            return Err(Failure::usage(
                "--mysql-url: the user or the database is missing.",
                "Write mysql://user@host:port/database.",
            ));
        };
        Ok(Self {
            redis: Redis {
                host: cache.host,
                port: cache.port.unwrap_or_else(redis_port),
                reader_port: reader.as_ref().and_then(|reader| reader.port),
                reader_host: reader.map(|reader| reader.host),
                tls,
                user: cache.user,
                password: None,
            },
            mysql: Mysql {
                host: db.host,
                port: db.port.unwrap_or_else(mysql_port),
                tls: mysql_tls,
                user,
                database,
                password: None,
            },
            ca: None,
            redis_ca: None,
            mysql_ca: None,
        })
    }

    fn validate(&self) -> Result<(), Failure> {
        let name = &self.mysql.database;
        // It is an identifier that we quote in no statement, but a strange one is always a mistake.
        if name.is_empty()
            || name.len() > 64
            || !name.chars().all(|c| c.is_ascii_alphanumeric() || "_-$".contains(c))
        {
            return Err(Failure::usage(
                "The database name is not one that MySQL takes without quoting.",
                "Use 1 to 64 letters, digits, _, - and $.",
            ));
        }
        if let Some(user) = &self.redis.user {
            if user.is_empty() || user.chars().any(|c| c.is_whitespace() || c.is_control()) {
                return Err(Failure::usage(
                    "The user of Redis is empty or has spaces.",
                    "Give its name as ACL LIST shows it, or none for the default user.",
                ));
            }
            // The library would leave the user out as well, and so measure as somebody else.
            if self.redis.password.is_none() {
                return Err(Failure::usage(
                    format!("The user {user} of Redis has no password."),
                    "Set REDIS_PASSWORD, or \"password\" in the config file.",
                ));
            }
        }
        for (what, host) in [("redis", &self.redis.host), ("mysql", &self.mysql.host)] {
            if host.is_empty() || host.chars().any(char::is_whitespace) {
                return Err(Failure::usage(
                    format!("The {what} host is empty or has spaces."),
                    "Give a name or an address.",
                ));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "config_tests.rs"]
mod tests;
