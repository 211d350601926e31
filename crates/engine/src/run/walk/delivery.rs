//! The delivery of the demo to the instance, while other things are still being created.

use super::Walk;
use crate::deliver::{LOOK, fitting, program_script};
use crate::record::Record;
use crate::stop::Stop;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Pieces under way at once; the agent runs up to five commands at a time.
const AT_ONCE: usize = 4;

/// How far a delivery is.
#[derive(Debug, Default)]
pub(super) struct Progress {
    arrived: AtomicUsize,
    /// Pieces in all; none until it is known which demo the instance gets.
    pieces: AtomicUsize,
}

impl Progress {
    /// From 0 to 1.
    pub(super) fn share(&self) -> f64 {
        self.arrived.load(Ordering::Relaxed) as f64 / self.pieces.load(Ordering::Relaxed).max(1) as f64
    }
}

impl Walk<'_> {
    /// Delivers the demo that the instance can run, unless this very demo is there.
    pub(super) async fn deliver(&self, instance: &str, progress: &Progress) -> Result<(), Stop> {
        let look = self.run_look(instance, LOOK, "delivery").await?;
        if let Some(program) = &self.recipe.program {
            if let Some(script) = program_script(&program.content, &look) {
                self.run_short(instance, &script, "delivery").await?;
            }
            return Ok(());
        }
        let payload = fitting(self.payloads, &look).map_err(|why| Stop::Demo {
            subcommand: "delivery".to_owned(),
            code: 1,
            why,
        })?;
        progress.arrived.store(0, Ordering::Relaxed);
        progress.pieces.store(payload.pieces(), Ordering::Relaxed);
        if !payload.is_installed(&look) {
            let next = AtomicUsize::new(0);
            let lane = async || {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(script) = payload.piece_script(index) else { return Ok(()) };
                    self.run_short(instance, &script, "delivery").await?;
                    progress.arrived.fetch_add(1, Ordering::Relaxed);
                }
            };
            let lanes: [Result<(), Stop>; AT_ONCE] = tokio::join!(lane(), lane(), lane(), lane()).into();
            lanes.into_iter().collect::<Result<(), Stop>>()?;
            self.run_short(instance, &payload.join_script(), "delivery").await?;
        }
        progress.arrived.store(payload.pieces(), Ordering::Relaxed);
        let facts = BTreeMap::from([("demo.sha256".to_owned(), payload.sha256.to_owned())]);
        Ok(self.tools.session.record(Record::Verified { step: "delivery".into(), facts })?)
    }
}
