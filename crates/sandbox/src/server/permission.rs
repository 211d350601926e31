//! Whether a caller has the permissions that a call needs.
//!
//! Roles have what their policies say. The sandbox's own key may do everything, unless the sandbox was started with a
//! policy: then it has exactly that, as a learner in somebody else's account would.

use crate::{
    model::{caller::Caller, error::ApiError, permission::Permission},
    server::{ctx::Ctx, fault::is_mutating},
    services::{iam, service::Service, shared::needs::LINKING},
};
/// Refuses a caller who lacks one of the permissions.
pub(crate) fn check(
    ctx: &Ctx,
    caller: &Caller,
    service: &Service,
    operation: &str,
    needed: &[Permission],
) -> Result<(), ApiError> {
    let lacking = match caller {
        Caller::Role { role, .. } => {
            let world = ctx.world();
            needed.iter().find(|p| !iam::allows(&world, role, &p.action, &p.resource, &p.context))
        }
        Caller::Root => match ctx.policy() {
            None => None,
            Some(path) => {
                // The file is read at every call, so that an edited policy counts at once.
                let document = iam::read(path).map_err(|why| {
                    ApiError::internal(format!("the sandbox's policy {}: {why}", path.display()))
                })?;
                needed
                    .iter()
                    .find(|p| iam::decide(&document, &p.action, &p.resource, &p.context) != Some(true))
            }
        },
    };
    let Some(lacking) = lacking else { return Ok(()) };
    let linked = service.implemented(operation).and_then(|operation| operation.linked);
    if let Some(linked) = linked.filter(|_| lacking.action == LINKING) {
        // The service finds out by itself, and says it in its own way.
        return Err((linked.refusal)());
    }
    let changes = is_mutating(lacking.action.rsplit(':').next().unwrap_or_default());
    Err(service.denied(&lacking.action, &caller.arn(&ctx.account), &lacking.resource, changes))
}
