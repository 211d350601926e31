//! Where a call's effect can be watched and, later, disturbed: faults on demand go here.

use crate::{ctx::Ctx, error::ApiError, front::service::Service};

/// Before or after a handler's effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    Before,
    After,
}

/// Called around every handler; an error becomes the answer, whatever the handler did.
#[expect(clippy::unused_async, reason = "faults may wait: stalled and slow calls")]
pub(crate) async fn around(
    _ctx: &Ctx,
    service: Service,
    action: &str,
    moment: Moment,
) -> Result<(), ApiError> {
    tracing::debug!(service = service.signing_name(), action, ?moment, "call");
    Ok(())
}
