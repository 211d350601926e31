//! What every command on a session works with.

use crate::embedded;
use crate::error::CommandError;
use crate::paths::Paths;
use crate::ui::Terminal;
use recipe_walk_engine::clock::{Clock, SystemClock};
use recipe_walk_engine::cost::Prices;
use std::sync::Arc;

/// The terminal, the place of the state, the prices and the clock. Clones are the same.
#[derive(Clone)]
pub(crate) struct Context {
    /// The terminal.
    pub(crate) terminal: Terminal,
    /// Where the state lives.
    pub(crate) paths: Paths,
    /// The price table.
    pub(crate) prices: Arc<Prices>,
    /// The clock.
    pub(crate) clock: Arc<dyn Clock>,
}

impl Context {
    /// That of this machine.
    pub(crate) fn new(terminal: &Terminal) -> Result<Self, CommandError> {
        Ok(Self {
            terminal: terminal.clone(),
            paths: Paths::find()?,
            prices: Arc::new(embedded::prices()?),
            clock: Arc::new(SystemClock::default()),
        })
    }
}
