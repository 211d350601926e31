//! What a measurement works with: both engines, its options, where progress goes, and whether to stop.

use crate::cache::aside::{Cache, Unavailable};
use crate::cache::policy::{self, Policy};
use crate::config::Config;
use crate::engines::mysql_side::{self, MysqlSide};
use crate::engines::redis_side::{self, RedisSide};
use crate::engines::tls::Roots;
use crate::engines::topology;
use crate::error::Failure;
use crate::measure::progress::Progress;
use crate::random::Random;
use crate::shop::queries::{Answer, Query};
use crate::stop::Stop;
use crate::tuning::Tuning;
use std::sync::Arc;

/// Both engines, connected.
pub struct Session {
    /// The cache.
    pub redis: Arc<RedisSide>,
    /// The database.
    pub mysql: MysqlSide,
    /// The configuration.
    pub config: Config,
    /// The options.
    pub tuning: Tuning,
    /// Where progress goes.
    pub progress: Progress,
    /// Whether to stop.
    pub stop: Stop,
    redis_roots: Option<Roots>,
    mysql_roots: Option<Roots>,
}

impl Session {
    /// Connects to both, the cache first.
    pub async fn open(
        config: Config,
        tuning: Tuning,
        progress: Progress,
        stop: Stop,
    ) -> Result<Self, Failure> {
        let roots = |tls: bool, ca| if tls { Roots::load(ca).map(Some) } else { Ok(None) };
        let redis_roots = roots(config.redis.tls, config.ca_for_redis())?;
        let mysql_roots = roots(config.mysql.tls, config.ca_for_mysql())?;
        progress.report("connect", 0, 2, "Redis");
        let primary = node(&config, config.redis.host.clone(), config.redis.port);
        let redis = Arc::new(RedisSide::connect(primary, redis_roots.as_ref()).await?);
        topology::require_all_keys(&redis).await?;
        progress.report("connect", 1, 2, "MySQL");
        let mysql = database(&config, mysql_roots.as_ref(), tuning.connections).await?;
        progress.report("connect", 2, 2, "both engines answer");
        Ok(Self { redis, mysql, config, tuning, progress, stop, redis_roots, mysql_roots })
    }

    /// The reader endpoint, where the configuration names one.
    pub async fn reader(&self) -> Result<Option<RedisSide>, Failure> {
        let Some(host) = self.config.redis.reader_host.clone() else { return Ok(None) };
        let port = self.config.redis.reader_port.unwrap_or(self.config.redis.port);
        let target = node(&self.config, host, port);
        RedisSide::connect(target, self.redis_roots.as_ref()).await.map(Some)
    }

    /// One more connection to the database, outside the pool: reading counters must not queue behind the load.
    pub async fn observer(&self) -> Result<MysqlSide, Failure> {
        database(&self.config, self.mysql_roots.as_ref(), 1).await
    }

    /// A cache with the demo's policy, its budget as wide as the pool.
    pub fn cache(&self) -> Cache {
        self.cache_with(Policy::default())
    }

    /// A cache with another policy; its budget is as wide as the pool, and its version that of all caches.
    pub fn cache_with(&self, mut policy: Policy) -> Cache {
        policy.budget = self.mysql.connections();
        policy.version = self.tuning.key_version;
        Cache::new(Arc::clone(&self.redis), policy, self.tuning.seed)
    }

    /// The name of a key in Redis, for what is asked there past the cache.
    pub fn stored(&self, key: &str) -> String {
        policy::stored(self.tuning.key_version, key)
    }

    /// Whether the shop is there, and whether the cache takes its keys; says what to do where not.
    pub async fn require_data(&self) -> Result<(), Failure> {
        let found = self.mysql.ask_again(|conn| Query::Product.ask(conn, 1)).await?;
        if found.is_none() {
            return Err(Failure::measurement(
                "The shop has no products.",
                "The data was not loaded completely.",
                "Run `load-data`.",
            ));
        }
        self.require_kept(&run_prefix()).await
    }

    /// Whether the cache's server keeps this key, asked past the cache; says why where it does not.
    pub async fn require_kept(&self, key: &str) -> Result<(), Failure> {
        topology::require_writes(&self.redis, &self.stored(key)).await
    }
}

/// Asks the database and encodes the answer for the cache.
pub async fn load_encoded(mysql: &MysqlSide, query: Query, id: u32) -> Result<Option<Vec<u8>>, Unavailable> {
    let answer = mysql.run(move |conn| query.ask(conn, id)).await.map_err(Unavailable::Database)?;
    answer.as_ref().map(Answer::encode).transpose().map_err(|e| Unavailable::Encoding(e.to_string()))
}

/// Explains why the cache library had no answer.
pub fn explain_unavailable(mysql: &MysqlSide, why: &Unavailable) -> Failure {
    match why {
        Unavailable::Database(e) => mysql.explain(e),
        Unavailable::Busy => Failure::measurement(
            "The cache does not answer, and the database is as busy as it may be.",
            "Requests are refused rather than running the database over.",
            "Run `check` to see the state of Redis.",
        ),
        Unavailable::Slow => Failure::measurement(
            "The database did not answer in time.",
            "It is overloaded, stopped, or the network drops packets.",
            "Run `check` to see whether it answers.",
        ),
        Unavailable::Open => Failure::measurement(
            "The database failed several times in a row and is left alone for a second.",
            "The circuit around it is open.",
            "Run `check` to see whether it answers.",
        ),
        Unavailable::Encoding(e) => {
            Failure::measurement(format!("An answer could not be encoded: {e}."), "", "")
        }
    }
}

fn node(config: &Config, host: String, port: u16) -> redis_side::Target {
    let redis = &config.redis;
    redis_side::Target {
        host,
        port,
        tls: redis.tls,
        user: redis.user.clone(),
        password: redis.password.clone(),
    }
}

async fn database(config: &Config, roots: Option<&Roots>, connections: usize) -> Result<MysqlSide, Failure> {
    let mysql = &config.mysql;
    let target = mysql_side::Target {
        host: mysql.host.clone(),
        port: mysql.port,
        tls: mysql.tls,
        user: mysql.user.clone(),
        database: mysql.database.clone(),
        password: mysql.password.clone(),
    };
    MysqlSide::connect(target, roots, connections).await
}

/// The beginning of this run's keys, after the version; they are its own and removed at its end.
pub(crate) fn run_prefix() -> String {
    format!("run-{:08x}", run_number())
}

/// Tells runs apart; two at the same time must not remove each other's keys.
fn run_number() -> u32 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    (Random::new(now.as_nanos() as u64 ^ u64::from(std::process::id())).next_u64() >> 32) as u32
}
