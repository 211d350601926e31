//! Redis pub/sub: messages of invalidation, handed to a function as they arrive.

use crate::redis_side::RedisSide;
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, ProtocolVersion, PushInfo, PushKind, RedisError, Value};

/// What a listener hears.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard<'a> {
    /// A message.
    Message(&'a [u8]),
    /// The connection is gone: messages may be lost from now on.
    Silence,
}

/// A subscription; it ends when dropped.
pub struct Listener {
    _connection: MultiplexedConnection,
}

impl RedisSide {
    /// Subscribes to `channel` on a connection of its own. `on` is called from the connection's task, so nothing queues.
    pub async fn listen(
        &self,
        channel: &str,
        on: impl Fn(Heard<'_>) + Send + Sync + 'static,
    ) -> Result<Listener, RedisError> {
        // Only RESP3 carries messages beside answers.
        let info = self.client().get_connection_info().clone();
        let settings = info.redis_settings().clone().set_protocol(ProtocolVersion::RESP3);
        let client = Client::open(info.set_redis_settings(settings))?;
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(crate::redis_side::CONNECT_TIMEOUT))
            .set_response_timeout(Some(crate::redis_side::RESPONSE_TIMEOUT))
            .set_push_sender(move |push: PushInfo| {
                match (&push.kind, push.data.as_slice()) {
                    (PushKind::Message, [_, Value::BulkString(message)]) => on(Heard::Message(message)),
                    (PushKind::Disconnection, _) => on(Heard::Silence),
                    _ => {}
                }
                Ok::<(), ()>(())
            });
        let mut connection = client.get_multiplexed_async_connection_with_config(&config).await?;
        connection.subscribe(channel).await?;
        Ok(Listener { _connection: connection })
    }
}
