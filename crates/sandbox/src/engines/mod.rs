//! Stub; the engine processes follow.

pub mod ca;
pub mod instance;

use crate::status::EngineStatus;
use std::{io, path::Path, sync::Arc};

/// Which cache engine to prefer where both are installed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Preference {
    /// Whatever is found first.
    #[default]
    Any,
    /// redis-server.
    Redis,
    /// valkey-server.
    Valkey,
}

/// The engine processes.
#[derive(Debug)]
pub struct Engines {}

impl Engines {
    /// Prepares to start engines; quick, because the server does not listen before it returns.
    pub fn start(_dir: &Path, _preference: Preference) -> io::Result<Arc<Self>> {
        Ok(Arc::new(Self {}))
    }

    /// The engine processes that run now.
    pub fn status(&self) -> Vec<EngineStatus> {
        Vec::new()
    }

    /// Stops every engine and waits until all are gone.
    #[expect(clippy::unused_async, reason = "a stub")]
    pub async fn stop(&self) {}
}
