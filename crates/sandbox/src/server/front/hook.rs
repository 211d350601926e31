//! What surrounds every call of an AWS service: its record, and the fault that it may meet.

use crate::{model::caller::Caller, services::service::Service};
use crate::{
    model::{error::ApiError, permission::Permission},
    server::{
        call::Begun,
        ctx::{Ctx, WOULD_DO},
        fault::{self, FaultKind, Hit},
    },
};
use std::{
    future::poll_fn,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    sync::Arc,
    task::Poll,
    time::Duration,
};

/// For one call's effect.
const EFFECT_LIMIT: Duration = Duration::from_secs(30);
/// Between letting go of a call and its effect: a client that died meanwhile is noticed first.
const SETTLE: Duration = Duration::from_millis(20);

/// The connection is to be closed without an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the call gets no answer")]
pub(crate) struct Dropped;

/// A call without a good answer.
#[derive(Clone, Debug)]
pub(crate) enum Broken {
    Refused(ApiError),
    Dropped,
}

impl From<ApiError> for Broken {
    fn from(error: ApiError) -> Self {
        Broken::Refused(error)
    }
}

impl From<Dropped> for Broken {
    fn from(_: Dropped) -> Self {
        Broken::Dropped
    }
}

/// A call as far as its record and faults need it.
pub(crate) struct Call<'a> {
    pub(crate) service: &'static Service,
    pub(crate) operation: &'static str,
    pub(crate) caller: &'a Caller,
    /// An ARN, or `*`.
    pub(crate) resource: String,
    /// The permissions that it needs.
    pub(crate) needed: &'a [Permission],
    /// Checks everything and keeps nothing.
    pub(crate) dry: bool,
}

/// Runs a call's effect, with the fault that waits for it. Where this future is dropped before the effect has begun,
/// because its client is gone, there is no effect. The effect is given the sandbox that it is to act on.
pub(crate) async fn around<T, F>(
    ctx: &Arc<Ctx>,
    call: Call<'_>,
    parameter: &(dyn Fn(&str) -> Option<String> + Sync),
    effect: impl Fn(&Arc<Ctx>) -> F,
) -> Result<T, Broken>
where
    T: Send + 'static,
    F: Future<Output = Result<T, ApiError>> + Send + 'static,
{
    let Call { service, operation, .. } = call;
    let mutating = !call.dry && fault::is_mutating(operation);
    let principal = call.caller.arn(&ctx.account);
    let makes = service.implemented(operation).is_some_and(|operation| operation.makes);
    let hit = ctx.faults.meet(&service.part, operation, mutating);
    let kind = hit.as_ref().map(|hit| hit.kind);
    tracing::debug!(service = service.part.name, operation, fault = ?kind, "call");
    let running = ctx.calls.begin(&Begun {
        service: service.part.prefix,
        operation,
        mutating,
        principal: &principal,
        resource: &call.resource,
        permissions: call.needed,
        fault: kind,
    });
    let refused =
        kind.and_then(|k| fault::refusal(k, service, operation, &principal, &call.resource, parameter));
    let before = (mutating && makes).then(|| ctx.world());
    let outcome = match refused {
        Some(error) => Err(Broken::Refused(error)),
        None => disturbed(ctx, hit, mutating, effect).await,
    };
    if let Some(before) = before.filter(|_| !matches!(outcome, Err(Broken::Refused(_)))) {
        ctx.stale.note(&service.part, before);
    }
    match &outcome {
        Ok(_) => running.ended("ok"),
        Err(Broken::Refused(error)) => running.ended(error.code.clone()),
        Err(Broken::Dropped) => running.ended("dropped"),
    }
    outcome
}

/// Runs an effect with a fault that lets it happen.
async fn disturbed<T, F>(
    ctx: &Arc<Ctx>,
    hit: Option<Hit>,
    mutating: bool,
    effect: impl Fn(&Arc<Ctx>) -> F,
) -> Result<T, Broken>
where
    T: Send + 'static,
    F: Future<Output = Result<T, ApiError>> + Send + 'static,
{
    let Some(hit) = hit else { return Ok(finished(mutating, effect(ctx)).await?) };
    match hit.kind {
        FaultKind::CreateFailed => Ok(finished(mutating, fault::doom(effect(ctx))).await?),
        FaultKind::NotYet => match finished(false, effect(&ctx.as_it_was())).await {
            Err(error) if error.code == WOULD_DO => Ok(finished(mutating, effect(ctx)).await?),
            other => Ok(other?),
        },
        FaultKind::Drop => {
            let _ = finished(mutating, effect(ctx)).await;
            Err(Broken::Dropped)
        }
        FaultKind::Slow => {
            let outcome = finished(mutating, effect(ctx)).await;
            unless_stopped(ctx, tokio::time::sleep(hit.wait)).await?;
            Ok(outcome?)
        }
        FaultKind::StallBefore => {
            unless_stopped(ctx, hit.hold()).await?;
            unless_stopped(ctx, tokio::time::sleep(SETTLE)).await?;
            Ok(finished(mutating, effect(ctx)).await?)
        }
        FaultKind::StallAfter => {
            let outcome = finished(mutating, effect(ctx)).await;
            unless_stopped(ctx, hit.hold()).await?;
            Ok(outcome?)
        }
        FaultKind::Throttle
        | FaultKind::ServerError
        | FaultKind::Refuse
        | FaultKind::UnknownKey
        | FaultKind::NoCapacity => Ok(finished(mutating, effect(ctx)).await?),
    }
}

/// Waits, but not longer than the sandbox runs: one that stops neither answers what it holds nor lets it take effect.
async fn unless_stopped(ctx: &Ctx, wait: impl Future<Output = ()>) -> Result<(), Dropped> {
    tokio::select! {
        biased;
        () = ctx.stopped() => Err(Dropped),
        () = wait => Ok(()),
    }
}

/// Runs an effect to its end in a task of its own where it changes something: what AWS has begun it finishes, also when
/// the client is gone. What only looks has no such end, and needs no task.
async fn finished<T: Send + 'static>(
    mutating: bool,
    effect: impl Future<Output = Result<T, ApiError>> + Send + 'static,
) -> Result<T, ApiError> {
    let ended = if mutating {
        let ended = async { tokio::spawn(effect).await.map_err(|error| error.to_string()) };
        tokio::time::timeout(EFFECT_LIMIT, ended).await
    } else {
        tokio::time::timeout(EFFECT_LIMIT, contained(effect)).await
    };
    match ended {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(error)) => {
            tracing::error!(%error, "a call has failed");
            Err(ApiError::internal("the call failed inside the sandbox; see its log"))
        }
        Err(_) => Err(ApiError::internal("the call took over 30 seconds")),
    }
}

/// Awaits an effect here; a panic in it ends the call and not the connection, as one in a task would.
async fn contained<T>(effect: impl Future<Output = T>) -> Result<T, String> {
    let mut effect = pin!(effect);
    poll_fn(|cx| {
        // It is not looked at again once it has panicked.
        match catch_unwind(AssertUnwindSafe(|| effect.as_mut().poll(cx))) {
            Ok(poll) => poll.map(Ok),
            Err(_) => Poll::Ready(Err("it panicked".to_owned())),
        }
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_ends_only_its_call() {
        for mutating in [false, true] {
            let broken = finished(mutating, async { panic!("broken") as Result<u8, ApiError> }).await;
            assert_eq!(broken.unwrap_err().status, 500);
            let later = finished(mutating, async {
                tokio::task::yield_now().await;
                Ok(7)
            });
            assert_eq!(later.await, Ok(7));
        }
    }

    /// What only looks runs where it is asked for, and ends with whoever asked; what changes something does not.
    #[tokio::test]
    async fn only_changes_have_tasks_of_their_own() {
        let asker = tokio::spawn(async {
            for mutating in [false, true] {
                let runs_in = finished(mutating, async { Ok(tokio::task::id()) }).await.unwrap();
                assert_eq!(runs_in == tokio::task::id(), !mutating);
            }
        });
        asker.await.unwrap();
    }
}
