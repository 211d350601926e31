//! Database triggers that write an outbox, and the relay that publishes it.
//!
//! A trigger sees every change, whoever makes it, in the change's own transaction: a change that is rolled back leaves
//! no message, and one that is committed always does. The relay removes the key, publishes it, and deletes the message
//! last, so that a crash repeats messages and never loses one.

use crate::engines::mysql_side::MysqlSide;
use crate::engines::redis_side::RedisSide;
use crate::error::Failure;
use crate::session::Session;
use crate::shop::shoppers::key;
use mysql::prelude::Queryable;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;

const TABLE: &str = "recipe_walk_outbox";
/// A trigger for each kind of change, and the row that tells which product it was. A product that is new may be
/// remembered as absent.
const TRIGGERS: [(&str, &str, &str); 3] = [
    ("recipe_walk_insert", "INSERT", "NEW"),
    ("recipe_walk_changes", "UPDATE", "NEW"),
    ("recipe_walk_delete", "DELETE", "OLD"),
];
/// Messages of one round.
const BATCH: usize = 200;
/// How long the relay waits when it found nothing.
const IDLE: Duration = Duration::from_millis(5);
/// How long it waits after an error; each time twice as long, up to the longest.
const PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_millis(500);
/// How long it may fail when it should end.
const PATIENCE: Duration = Duration::from_secs(5);

/// Creates the outbox and its triggers. None when the account may not create triggers: a server with a binary log wants
/// SUPER for it, or `log_bin_trust_function_creators` in its parameter group.
pub(crate) async fn create(session: &Session) -> Result<Option<()>, Failure> {
    let made = session
        .mysql
        .ask_again(|conn| {
            drop_all(conn)?;
            conn.query_drop(format!(
                "CREATE TABLE {TABLE} (id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, \
                 product_id INT UNSIGNED NOT NULL) ENGINE=InnoDB"
            ))?;
            let made = TRIGGERS.iter().try_for_each(|(name, change, row)| {
                conn.query_drop(format!(
                    "CREATE TRIGGER {name} AFTER {change} ON products FOR EACH ROW \
                     INSERT INTO {TABLE} (product_id) VALUES ({row}.id)"
                ))
            });
            match made {
                Ok(()) => Ok(true),
                // No TRIGGER privilege, or no SUPER under a binary log.
                Err(mysql::Error::MySqlError(e)) if matches!(e.code, 1142 | 1227 | 1419) => {
                    drop_all(conn)?;
                    Ok(false)
                }
                Err(e) => Err(e),
            }
        })
        .await;
    Ok(made?.then_some(()))
}

/// Removes triggers and outbox, also those of a run that was killed.
pub(crate) async fn remove(session: &Session) -> Result<(), Failure> {
    session.mysql.ask_again(drop_all).await
}

fn drop_all(conn: &mut mysql::Conn) -> Result<(), mysql::Error> {
    for (name, _, _) in TRIGGERS {
        conn.query_drop(format!("DROP TRIGGER IF EXISTS {name}"))?;
    }
    conn.query_drop(format!("DROP TABLE IF EXISTS {TABLE}"))
}

/// How keys begin.
pub(crate) struct Keys {
    /// For the caches, which put their version before it.
    pub(crate) prefix: String,
    /// In Redis.
    pub(crate) stored: String,
}

/// A relay that runs.
pub(crate) struct Relay {
    over: Arc<AtomicBool>,
    relayed: Arc<Relayed>,
    task: JoinHandle<Result<(), Failure>>,
}

/// What a relay did.
#[derive(Default)]
pub(crate) struct Relayed {
    /// Messages published and deleted.
    pub(crate) messages: AtomicU64,
    /// Rounds that failed and were repeated.
    pub(crate) retries: AtomicU64,
}

impl Relay {
    /// Starts the relay, on a database connection of its own.
    pub(crate) fn start(mysql: MysqlSide, redis: Arc<RedisSide>, keys: Keys, channel: String) -> Self {
        let (over, relayed) = (Arc::new(AtomicBool::new(false)), Arc::new(Relayed::default()));
        let (ended, counted) = (Arc::clone(&over), Arc::clone(&relayed));
        let task = tokio::spawn(async move {
            let (mut pause, mut failing_since) = (PAUSE, None);
            loop {
                // The flag is read before the outbox, so that the last round sees everything.
                let last = ended.load(Ordering::Relaxed);
                match round(&mysql, &redis, &keys, &channel).await {
                    Ok(0) if last => return Ok(()),
                    Ok(0) => tokio::time::sleep(IDLE).await,
                    Ok(sent) => {
                        counted.messages.fetch_add(sent as u64, Ordering::Relaxed);
                    }
                    Err(failure) => {
                        // The messages wait in the outbox until both engines answer.
                        counted.retries.fetch_add(1, Ordering::Relaxed);
                        if last && failing_since.get_or_insert_with(Instant::now).elapsed() >= PATIENCE {
                            return Err(failure);
                        }
                        tokio::time::sleep(pause).await;
                        pause = (pause * 2).min(LONGEST_PAUSE);
                        continue;
                    }
                }
                (pause, failing_since) = (PAUSE, None);
            }
        });
        Self { over, relayed, task }
    }

    /// Publishes the rest and ends. Returns what it did in all.
    pub(crate) async fn finish(self) -> Result<Arc<Relayed>, Failure> {
        self.over.store(true, Ordering::Relaxed);
        let ended = self.task.await;
        ended.map_err(|e| Failure::measurement(format!("The relay stopped: {e}."), "", ""))??;
        Ok(self.relayed)
    }
}

async fn round(mysql: &MysqlSide, redis: &RedisSide, keys: &Keys, channel: &str) -> Result<usize, Failure> {
    let sql = format!("SELECT id, product_id FROM {TABLE} ORDER BY id LIMIT {BATCH}");
    let messages: Vec<(u64, u32)> = mysql.ask(move |conn| conn.query(sql)).await?;
    if messages.is_empty() {
        return Ok(0);
    }
    let mut pipe = redis::pipe();
    for (_, product) in &messages {
        let (key, stored) = (key(&keys.prefix, *product), key(&keys.stored, *product));
        pipe.cmd("DEL").arg(stored).ignore().cmd("PUBLISH").arg(channel).arg(key).ignore();
    }
    redis.pipeline::<()>(&pipe).await.map_err(|e| redis.explain(&e))?;
    // Rows are removed by their numbers, because a transaction with a lower number may commit only now.
    let ids = messages.iter().map(|(id, _)| id.to_string()).collect::<Vec<_>>().join(",");
    mysql.ask(move |conn| conn.query_drop(format!("DELETE FROM {TABLE} WHERE id IN ({ids})"))).await?;
    Ok(messages.len())
}
