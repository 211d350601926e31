//! Changes in the background.

use crate::server::ctx::Ctx;
use crate::services::elasticache::state::State;
use crate::services::shared::life;
use jiff::Timestamp;

pub(crate) fn note(ctx: &Ctx, change: impl FnOnce(&mut State, Timestamp)) {
    life::note(ctx, |world| &mut world.elasticache, change);
}
