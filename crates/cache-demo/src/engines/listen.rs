//! Redis pub/sub: messages of invalidation, handed to a function as they arrive.
//!
//! A subscription ends with its connection, and what is published meanwhile is lost. The listener says so, and
//! subscribes anew until it succeeds.

use crate::engines::redis_side::RedisSide;
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, ProtocolVersion, PushInfo, PushKind, RedisError, Value};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

/// How often the connection is tried: one that is cut without a word brings neither messages nor an end.
const PING: Duration = Duration::from_secs(1);
/// The first pause between two attempts to subscribe; each is twice the last, up to the longest.
const PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// What a listener hears.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard<'a> {
    /// A message.
    Message(&'a [u8]),
    /// The connection is gone: messages are lost from now on.
    Silence,
    /// It is subscribed again. What was published during the silence is lost.
    Again,
}

type On = Arc<dyn Fn(Heard<'_>) + Send + Sync>;

/// A subscription; it ends when dropped.
pub struct Listener {
    task: JoinHandle<()>,
    renewals: Arc<AtomicU64>,
}

impl Listener {
    /// How often it had to subscribe anew.
    pub fn renewals(&self) -> u64 {
        self.renewals.load(Ordering::Relaxed)
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl RedisSide {
    /// Subscribes to `channel` on a connection of its own. `on` is called from the listener's tasks, so nothing queues.
    pub async fn listen(
        &self,
        channel: &str,
        on: impl Fn(Heard<'_>) + Send + Sync + 'static,
    ) -> Result<Listener, RedisError> {
        // Only RESP3 carries messages beside answers.
        let info = self.client().get_connection_info().clone();
        let settings = info.redis_settings().clone().set_protocol(ProtocolVersion::RESP3);
        let client = Client::open(info.set_redis_settings(settings))?;
        let (on, channel): (On, _) = (Arc::new(on), channel.to_owned());
        let mut subscription = Subscription::open(&client, &channel, &on).await?;
        let renewals = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&renewals);
        let task = tokio::spawn(async move {
            loop {
                subscription.ended().await;
                // The old task must not hand over anything once the silence is announced.
                drop(subscription);
                on(Heard::Silence);
                let mut pause = PAUSE;
                subscription = loop {
                    tokio::time::sleep(pause).await;
                    match Subscription::open(&client, &channel, &on).await {
                        Ok(subscription) => break subscription,
                        Err(_) => pause = (pause * 2).min(LONGEST_PAUSE),
                    }
                };
                counted.fetch_add(1, Ordering::Relaxed);
                on(Heard::Again);
            }
        });
        Ok(Listener { task, renewals })
    }
}

/// One connection and its end.
struct Subscription {
    connection: MultiplexedConnection,
    gone: Arc<Notify>,
}

impl Subscription {
    async fn open(client: &Client, channel: &str, on: &On) -> Result<Self, RedisError> {
        let gone = Arc::new(Notify::new());
        let (on, disconnected) = (Arc::clone(on), Arc::clone(&gone));
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(crate::engines::redis_side::CONNECT_TIMEOUT))
            .set_response_timeout(Some(crate::engines::redis_side::RESPONSE_TIMEOUT))
            .set_push_sender(move |push: PushInfo| {
                match (&push.kind, push.data.as_slice()) {
                    (PushKind::Message, [_, Value::BulkString(message)]) => on(Heard::Message(message)),
                    (PushKind::Disconnection, _) => disconnected.notify_one(),
                    _ => {}
                }
                Ok::<(), ()>(())
            });
        let mut connection = client.get_multiplexed_async_connection_with_config(&config).await?;
        connection.subscribe(channel).await?;
        Ok(Self { connection, gone })
    }

    /// Waits until nothing more will be heard.
    async fn ended(&mut self) {
        loop {
            tokio::select! {
                () = self.gone.notified() => return,
                () = tokio::time::sleep(PING) => {}
            }
            let pong: Result<(), _> = redis::cmd("PING").query_async(&mut self.connection).await;
            if pong.is_err() {
                return;
            }
        }
    }
}
