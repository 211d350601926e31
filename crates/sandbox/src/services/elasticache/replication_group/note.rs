//! Changes in the background.

use crate::server::ctx::Ctx;
use crate::services::elasticache::state::State;
use jiff::Timestamp;

/// Changes the state in the background, where a failure has nobody to be told to.
pub(crate) fn note(ctx: &Ctx, change: impl FnOnce(&mut State, Timestamp)) {
    let now = ctx.now();
    let done = ctx.change(|world| {
        change(&mut world.elasticache, now);
        Ok(())
    });
    if let Err(error) = done {
        tracing::error!(%error, "a change of ElastiCache's state is lost");
    }
}
