//! A count that the database keeps, summed over several turns.

use crate::error::Failure;

/// Known as long as every reading of the database's counter came through: what users saw is not lost with a count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Counted(Option<u64>);

impl Default for Counted {
    fn default() -> Self {
        Self(Some(0))
    }
}

impl Counted {
    /// Adds one turn's.
    pub(crate) fn add(&mut self, turn: &Result<u64, Failure>) {
        self.0 = self.0.zip(turn.as_ref().ok()).map(|(sum, more)| sum + more);
    }

    /// The sum, where it is known.
    pub(crate) fn known(self) -> Option<u64> {
        self.0
    }
}

#[cfg(test)]
impl From<Option<u64>> for Counted {
    fn from(count: Option<u64>) -> Self {
        Self(count)
    }
}
