//! The life of what takes a while to be there, and a while to be gone.

use crate::{model::account::world::World, server::ctx::Ctx, services::operation::Later};
use jiff::Timestamp;
use std::sync::Arc;

use super::status::Status;

/// Something with a life, as a new start of the sandbox finds it.
pub(crate) trait Living: Send + Sized + 'static {
    fn status(&self) -> Status;

    /// Goes on being created.
    fn create(self, ctx: &Arc<Ctx>);

    /// Starts its engines again on what they had, and goes on from there.
    fn go_on(self, ctx: Arc<Ctx>) -> Later<()>;

    /// Goes on being deleted.
    fn end(self, ctx: &Arc<Ctx>);
}

/// Picks up lives where a previous run left them; returns once every engine that should run does, or has failed.
pub(crate) async fn resume<T: Living>(ctx: &Arc<Ctx>, all: Vec<T>) {
    let mut starts = Vec::new();
    for one in all {
        match one.status() {
            Status::Creating => one.create(ctx),
            Status::Deleting => one.end(ctx),
            Status::Failed => {}
            Status::Available | Status::Modifying | Status::Recovering => {
                starts.push(tokio::spawn(one.go_on(Arc::clone(ctx))));
            }
        }
    }
    for start in starts {
        let _ = start.await;
    }
}

/// Changes a service's state in the background, where a failure has nobody to be told to.
pub(crate) fn note<S>(
    ctx: &Ctx,
    state: impl FnOnce(&mut World) -> &mut S,
    change: impl FnOnce(&mut S, Timestamp),
) {
    let now = ctx.now();
    let done = ctx.change(|world| {
        change(state(world), now);
        Ok(())
    });
    if let Err(error) = done {
        tracing::error!(%error, "a change in the background is lost");
    }
}
