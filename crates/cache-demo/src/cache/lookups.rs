//! Lookups that travel together: what tasks ask for at the same moment becomes one MGET.
//!
//! A command of its own for every lookup costs client and server more than the lookup itself. Nobody waits for a batch to
//! fill: it leaves when it is full, or when every task that was ready to run has had its turn. Who asks while nobody else
//! does goes alone and at once.

use crate::engines::redis_side::RedisSide;
use redis::{Cmd, RedisError};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;

/// Lookups of a batch. More would save little, and keep the server idle while the client fills it.
const BATCH: usize = 16;

/// What Redis has for the keys of an MGET.
type Values = Vec<Option<Vec<u8>>>;
type Found = Result<Option<Vec<u8>>, RedisError>;

/// Gathers lookups.
pub(crate) struct Lookups {
    redis: Arc<RedisSide>,
    /// What comes before every key.
    prefix: String,
    /// How long an answer may take.
    limit: Duration,
    pending: Mutex<Batch>,
    /// Lookups that have no answer yet.
    asking: AtomicUsize,
}

/// A lookup that has no answer yet; it ends with its task, however that ends.
struct Asking<'a>(&'a AtomicUsize);

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

struct Batch {
    cmd: Cmd,
    askers: Vec<oneshot::Sender<Found>>,
    /// The last key, with its prefix; kept for its memory.
    key: String,
}

impl Batch {
    fn new() -> Self {
        Self { cmd: redis::cmd("MGET"), askers: Vec::with_capacity(BATCH), key: String::new() }
    }
}

impl Lookups {
    pub(crate) fn new(redis: Arc<RedisSide>, prefix: String, limit: Duration) -> Arc<Self> {
        Arc::new(Self {
            redis,
            prefix,
            limit,
            pending: Mutex::new(Batch::new()),
            asking: AtomicUsize::new(0),
        })
    }

    /// What Redis has for a key. What is not a string counts as nothing.
    pub(crate) async fn get(self: &Arc<Self>, key: &str) -> Found {
        let others = self.asking.fetch_add(1, Ordering::Relaxed);
        let _asking = Asking(&self.asking);
        if others == 0 {
            return self.alone(key).await;
        }
        let answer = self.ask(key);
        // The sender cannot go without an answer, except with the runtime.
        answer.await.unwrap_or_else(|_| Err(std::io::Error::from(std::io::ErrorKind::BrokenPipe).into()))
    }

    /// A lookup of its own, without the way through another task.
    async fn alone(&self, key: &str) -> Found {
        let mut cmd = redis::cmd("MGET");
        cmd.arg([&self.prefix, key].concat());
        self.values(cmd).await.map(|values| values.into_iter().next().flatten())
    }

    /// What Redis has for the keys, unless that takes too long.
    async fn values(&self, cmd: Cmd) -> Result<Values, RedisError> {
        let redis = Arc::clone(&self.redis);
        let mut query = Box::pin(async move { redis.query(&cmd).await });
        match tokio::time::timeout(self.limit, &mut query).await {
            Ok(values) => values,
            Err(_) => {
                // Nobody waits any more, but a connection that is being opened, or found dead, is worth waiting for.
                tokio::spawn(query);
                Err(std::io::Error::from(std::io::ErrorKind::TimedOut).into())
            }
        }
    }

    fn ask(self: &Arc<Self>, key: &str) -> oneshot::Receiver<Found> {
        let (asker, answer) = oneshot::channel();
        let mut pending = self.lock();
        let Batch { cmd, key: whole, .. } = &mut *pending;
        whole.clear();
        whole.push_str(&self.prefix);
        whole.push_str(key);
        cmd.arg(whole.as_str());
        pending.askers.push(asker);
        match pending.askers.len() {
            BATCH => {
                let batch = std::mem::replace(&mut *pending, Batch::new());
                drop(pending);
                let lookups = Arc::clone(self);
                tokio::spawn(async move { lookups.send(batch).await });
            }
            1 => {
                drop(pending);
                let lookups = Arc::clone(self);
                // It runs after all tasks that are ready now.
                tokio::spawn(async move {
                    let batch = std::mem::replace(&mut *lookups.lock(), Batch::new());
                    if !batch.askers.is_empty() {
                        lookups.send(batch).await;
                    }
                });
            }
            _ => {}
        }
        answer
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Batch> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn send(&self, batch: Batch) {
        match self.values(batch.cmd).await {
            // An asker that has gone away needs nothing.
            Ok(values) => batch.askers.into_iter().zip(values).for_each(|(asker, value)| {
                let _ = asker.send(Ok(value));
            }),
            Err(e) => batch.askers.into_iter().for_each(|asker| {
                let _ = asker.send(Err(e.clone()));
            }),
        }
    }
}
