//! What a cache answers, and why it cannot.

use std::sync::Arc;
use std::time::Duration;

/// Where an answer came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The process's own tier had it.
    Local,
    /// The cache had it.
    Hit,
    /// This task loaded it.
    Loaded,
    /// Another task was loading it already.
    Shared,
    /// The database answered, because the cache could not be asked.
    Bypassed,
    /// The cache had it, past its TTL.
    Stale {
        /// How long ago it was loaded.
        age: Duration,
    },
}

/// Why there is no answer.
#[derive(Debug, Clone)]
pub enum Unavailable {
    /// The database failed.
    Database(Arc<mysql::Error>),
    /// The database did not answer within the policy's limit.
    Slow,
    /// The database failed several times in a row and is left alone for a moment.
    Open,
    /// The cache is down and as many loads as the database can bear are running.
    Busy,
    /// The answer could not be encoded.
    Encoding(String),
}

impl Unavailable {
    /// Whether this says that the database is in trouble, and not only this query.
    pub(crate) fn is_outage(&self) -> bool {
        match self {
            // Too many connections, the user's share used up, shutting down, connection killed; anything else the server says, it says in
            // good health.
            Self::Database(e) => match e.as_ref() {
                mysql::Error::MySqlError(e) => matches!(e.code, 1040 | 1203 | 1226 | 1053 | 1927),
                _ => true,
            },
            Self::Slow => true,
            Self::Open | Self::Busy | Self::Encoding(_) => false,
        }
    }
}

/// A value; none where there is no such thing.
pub type Value = Option<Arc<[u8]>>;
/// What a load brings from the database.
pub type Loaded = Result<Option<Vec<u8>>, Unavailable>;
