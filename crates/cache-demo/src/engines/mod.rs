//! The two engines: how they are named, reached, trusted and listened to.

pub mod endpoint;
pub mod listen;
pub mod mysql_side;
pub mod redis_side;
pub(crate) mod refusal;
pub mod secret;
pub mod tls;
pub(crate) mod topology;
