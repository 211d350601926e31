//! What every handler works with: the world, its file, the clock and the engines.

use crate::{
    engines::Engines,
    model::{
        account::{part::Parts, share::Quota, world::World},
        error::{ApiError, SandboxError},
        pace::Pace,
    },
    server::store::Store,
};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, OnceLock, PoisonError, RwLock},
    time::Instant,
};
use tokio::sync::watch;

/// The refusal of a change that would have been made, in a look at a stale world.
pub(crate) const WOULD_DO: &str = "WouldDo";

/// The name of the policy that bounds the roles of instances.
pub(crate) const BOUNDARY: &str = "recipe-walk-boundary";

/// How a sandbox departs from an ordinary account, for tests and for lessons.
#[derive(Clone, Debug, Default)]
pub struct Departure {
    /// A policy document: what the sandbox's own key may do, instead of everything.
    pub policy: Option<PathBuf>,
    /// The document of the account's policy [`BOUNDARY`], as whoever administers an account makes it for a class.
    pub boundary: Option<PathBuf>,
    /// Seconds by which its clock is ahead of the machine's; negative when behind.
    pub clock_ahead: i64,
    /// Whether the account is on the free plan.
    pub free_plan: bool,
}

/// One sandbox: its state and everything a handler needs to act on it.
pub(crate) struct Ctx {
    /// Readers take the current world and never wait for a writer's disk.
    world: RwLock<Arc<World>>,
    /// Held by the one writer at a time; nothing in a look at a stale world.
    writing: Mutex<Option<Store>>,
    /// How long transitions take.
    pub pace: Pace,
    /// The state directory.
    pub dir: PathBuf,
    /// The only region there is.
    pub region: String,
    /// The twelve-digit account id.
    pub account: String,
    /// What each service contributes to the account.
    pub(crate) parts: Parts,
    /// When this sandbox was started.
    pub(crate) started: Instant,
    /// The real engines; `None` with `--no-engines`.
    pub engines: Option<Arc<Engines>>,
    /// `http://127.0.0.1:PORT`, as clients reach this sandbox.
    pub endpoint: String,
    /// Commands that run on instances.
    pub(crate) commands: crate::services::ssm::runtime::Runtime,
    /// Faults that wait for calls.
    pub(crate) faults: crate::server::fault::Faults,
    /// How the world was before the newest things were made.
    pub(crate) stale: crate::server::fault::StaleWorlds,
    /// Quotas that are not AWS's defaults, by code.
    raised: Mutex<BTreeMap<&'static str, usize>>,
    /// The calls served since the start.
    pub(crate) calls: crate::server::call::CallLog,
    /// How it departs from an ordinary account; set once, before it serves.
    departure: OnceLock<Departure>,
    stopping: watch::Sender<bool>,
}

impl Ctx {
    /// Loads the world of a directory, or makes an empty account where there is none.
    pub(crate) fn open(
        dir: &Path,
        pace: Pace,
        endpoint: String,
        engines: Option<Arc<Engines>>,
        parts: Parts,
    ) -> Result<Arc<Self>, SandboxError> {
        let (store, world) = Store::open(dir)?;
        let ctx = Arc::new(Self {
            pace,
            dir: dir.to_owned(),
            region: world.region.clone(),
            account: world.account.clone(),
            engines,
            parts,
            started: Instant::now(),
            endpoint,
            commands: crate::services::ssm::runtime::Runtime::default(),
            faults: crate::server::fault::Faults::default(),
            stale: crate::server::fault::StaleWorlds::default(),
            raised: Mutex::default(),
            calls: crate::server::call::CallLog::default(),
            departure: OnceLock::new(),
            stopping: watch::Sender::new(false),
            writing: Mutex::new(Some(store)),
            world: RwLock::new(Arc::new(world)),
        });
        ctx.guard_ports_again();
        Ok(ctx)
    }

    /// The same sandbox as it was before the newest things were made. A change there is tried and never kept: where it
    /// would have been, the call is refused with [`WOULD_DO`].
    pub(crate) fn as_it_was(&self) -> Arc<Self> {
        Arc::new(Self {
            world: RwLock::new(Arc::new(self.stale.world(&self.world()))),
            writing: Mutex::default(),
            pace: self.pace,
            dir: self.dir.clone(),
            region: self.region.clone(),
            account: self.account.clone(),
            engines: None,
            parts: self.parts.clone(),
            started: self.started,
            endpoint: self.endpoint.clone(),
            commands: crate::services::ssm::runtime::Runtime::default(),
            faults: crate::server::fault::Faults::default(),
            stale: crate::server::fault::StaleWorlds::default(),
            raised: Mutex::default(),
            calls: crate::server::call::CallLog::default(),
            departure: self.departure.clone(),
            stopping: watch::Sender::new(false),
        })
    }

    /// The world as it is now; it does not change under the holder.
    pub(crate) fn world(&self) -> Arc<World> {
        Arc::clone(&self.world.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Looks something up in the world.
    pub(crate) fn read<T>(&self, f: impl FnOnce(&World) -> T) -> T {
        f(&self.world())
    }

    /// Changes the world: all of it or, on an error, nothing. What has changed is in its file before this returns.
    pub(crate) fn change<T>(&self, f: impl FnOnce(&mut World) -> Result<T, ApiError>) -> Result<T, ApiError> {
        let mut writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut next = World::clone(&self.world());
        let out = f(&mut next)?;
        let Some(store) = writing.as_mut() else { return Err(ApiError::bare(WOULD_DO)) };
        let changes = next.changes();
        store.append(&changes, &next).map_err(|error| {
            tracing::error!(%error, "cannot write the world");
            ApiError::internal(format!("the sandbox cannot write its state: {error}"))
        })?;
        let next = Arc::new(next);
        *self.world.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&next);
        // This writer still holds the lock, so that the newest world decides last.
        self.guard_ports(&next);
        Ok(out)
    }

    /// Opens and closes the engines' ports as the security groups say.
    fn guard_ports(&self, world: &World) {
        if let Some(engines) = &self.engines {
            engines.permit(crate::server::reachability::addresses(
                world,
                &self.parts.attached(world),
                self.now(),
            ));
        }
    }

    /// The same where nothing has changed but the time.
    pub(crate) fn guard_ports_again(&self) {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        self.guard_ports(&self.world());
    }

    /// The sandbox's clock.
    pub(crate) fn now(&self) -> jiff::Timestamp {
        let now = jiff::Timestamp::now();
        now.checked_add(jiff::SignedDuration::from_secs(self.clock_ahead())).unwrap_or(now)
    }

    /// When something that takes `real_seconds` on AWS and starts now will be done, at this sandbox's pace.
    pub(crate) fn after(&self, real_seconds: f64) -> jiff::Timestamp {
        let duration = jiff::SignedDuration::try_from(self.pace.duration(real_seconds)).unwrap_or_default();
        self.now().checked_add(duration).unwrap_or(jiff::Timestamp::MAX)
    }

    /// Waits until a moment that the pace has set.
    pub(crate) async fn until(&self, due: jiff::Timestamp) {
        let left = self.now().duration_until(due);
        tokio::time::sleep(std::time::Duration::try_from(left).unwrap_or_default()).await;
    }

    /// An ARN in this sandbox's region and account.
    pub(crate) fn arn(&self, service: &str, resource: &str) -> String {
        crate::model::arn::arn(service, &self.region, &self.account, resource)
    }

    /// Runs a resource's life cycle in the background; it is dropped when the sandbox stops.
    pub(crate) fn spawn(self: &Arc<Self>, work: impl Future<Output = ()> + Send + 'static) {
        let mut stopping = self.stopping.subscribe();
        tokio::spawn(async move {
            tokio::select! {
                () = work => {}
                _ = stopping.wait_for(|stop| *stop) => {}
            }
        });
    }

    /// Tells everything to end.
    pub(crate) fn stop(&self) {
        self.stopping.send_replace(true);
    }

    /// Waits until [`Ctx::stop`] was called.
    pub(crate) async fn stopped(&self) {
        // The sender lives in `self`, so that waiting cannot fail.
        let _ = self.stopping.subscribe().wait_for(|stop| *stop).await;
    }

    /// The file that says what the sandbox's own key may do, if there is one.
    pub(crate) fn policy(&self) -> Option<&Path> {
        self.departure.get()?.policy.as_deref()
    }

    /// Seconds by which its clock is ahead of the machine's.
    pub(crate) fn clock_ahead(&self) -> i64 {
        self.departure.get().map_or(0, |departure| departure.clock_ahead)
    }

    /// Whether the account is on the free plan.
    pub(crate) fn free_plan(&self) -> bool {
        self.departure.get().is_some_and(|departure| departure.free_plan)
    }

    /// How many of something the account may have.
    pub(crate) fn limit(&self, quota: &Quota) -> usize {
        let raised = self.raised.lock().unwrap_or_else(PoisonError::into_inner);
        raised.get(quota.code).copied().unwrap_or(quota.value)
    }

    /// Gives the account another quota, until the sandbox ends.
    pub(crate) fn raise(&self, quota: &Quota, value: usize) {
        self.raised.lock().unwrap_or_else(PoisonError::into_inner).insert(quota.code, value);
    }

    /// Sets how this sandbox departs from an ordinary account.
    pub(crate) fn depart(&self, departure: Departure) {
        let _ = self.departure.set(departure);
    }
}
