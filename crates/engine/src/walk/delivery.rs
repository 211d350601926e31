//! The delivery of the demo to the instance, while other things are still being created.

use super::Walk;
use crate::perform::Stop;
use crate::record::Record;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Pieces under way at once; the agent runs up to five commands at a time.
const AT_ONCE: usize = 4;

impl Walk<'_> {
    /// Delivers the demo unless this very demo is there. `progress` counts the pieces that arrived.
    pub(super) async fn deliver(&self, instance: &str, progress: &AtomicUsize) -> Result<(), Stop> {
        let pieces = self.payload.pieces();
        let look = self.run_short(instance, &self.payload.look_script(), "delivery").await?;
        if look.trim() != "installed" {
            let next = AtomicUsize::new(0);
            let lane = async || {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(script) = self.payload.piece_script(index) else { return Ok(()) };
                    self.run_short(instance, &script, "delivery").await?;
                    progress.fetch_add(1, Ordering::Relaxed);
                }
            };
            let lanes: [Result<(), Stop>; AT_ONCE] = tokio::join!(lane(), lane(), lane(), lane()).into();
            lanes.into_iter().collect::<Result<(), Stop>>()?;
            self.run_short(instance, &self.payload.join_script(), "delivery").await?;
        }
        progress.store(pieces, Ordering::Relaxed);
        let facts = BTreeMap::from([("demo.sha256".to_owned(), self.payload.sha256.to_owned())]);
        Ok(self.tools.session.record(Record::Verified { step: "delivery".into(), facts })?)
    }
}
