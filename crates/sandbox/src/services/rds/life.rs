//! The life of a DB instance: creating, available, deleting; and starting again after a crash.

use std::sync::Arc;

use jiff::Timestamp;

use super::state::{Instance, State, in_directory};
use crate::engines::EngineError;
use crate::engines::database::Database;
use crate::server::ctx::Ctx;
use crate::services::operation::Later;
use crate::services::shared::life::{self, Living};
use crate::services::shared::status::Status;

const SOURCE: &str = "db-instance";

fn note(ctx: &Ctx, change: impl FnOnce(&mut State, Timestamp)) {
    life::note(ctx, |world| &mut world.rds, change);
}

/// The instance that has this directory: another one may have its identifier by now.
fn find(ctx: &Ctx, home: &str) -> Option<Instance> {
    ctx.read(|world| world.rds.instances.find(&in_directory(home)).cloned())
}

/// Starts the life of a new DB instance.
pub(super) fn start(ctx: &Arc<Ctx>, id: &str) {
    let background = Arc::clone(ctx);
    let Some(instance) = ctx.read(|world| world.rds.instance(id).ok().cloned()) else { return };
    ctx.spawn(async move { create(&background, instance).await });
}

async fn create(ctx: &Arc<Ctx>, instance: Instance) {
    let (id, home) = (&instance.id, &instance.database.home);
    let started = if instance.doomed {
        ctx.until(instance.due).await;
        Err(format!("There is not enough capacity for instances of class {}.", instance.class))
    } else {
        start_engine(ctx, &instance).await.map_err(|error| error.to_string())
    };
    // RDS lets an instance be deleted while it is being created.
    if find(ctx, home).is_none_or(|now| now.status != Status::Creating) {
        discard(ctx, &instance.database);
        return;
    }
    match started {
        Ok(served_by) => {
            ctx.until(instance.due).await;
            note(ctx, |state, now| {
                let Ok(instance) = state.instance_mut(id) else { return };
                if instance.database.home != *home || instance.status != Status::Creating {
                    return;
                }
                instance.status = Status::Available;
                state.events.add(now, SOURCE, id, "DB instance created");
                state.events.add(now, SOURCE, id, served_by);
            });
            watch(ctx, &instance.database);
        }
        Err(error) => {
            tracing::error!(%error, instance = id, "a database did not start");
            note(ctx, |state, now| {
                if let Ok(instance) = state.instance_mut(id) {
                    instance.status = Status::Failed;
                }
                state.events.add(now, SOURCE, id, format!("The DB instance failed to be created: {error}"));
            });
        }
    }
}

/// Starts what is not running; the words say what really serves the database.
async fn start_engine(ctx: &Ctx, instance: &Instance) -> Result<String, EngineError> {
    let Some(engines) = &ctx.engines else {
        return Ok("Sandbox: without engines, nothing answers at the endpoint".into());
    };
    engines.start_database(&instance.database).await?;
    let program = engines.database_program().await?;
    Ok(format!("Sandbox: served by {}, not by RDS's MySQL {}", program.label(), instance.engine_version))
}

/// Stops and removes an engine that no instance owns any more.
pub(super) fn discard(ctx: &Arc<Ctx>, database: &Database) {
    let (background, database) = (Arc::clone(ctx), database.clone());
    ctx.spawn(async move {
        if let Some(engines) = &background.engines
            && let Err(error) = engines.stop_database(&database, true).await
        {
            tracing::error!(%error, database = database.id, "a database's files are not all removed");
        }
    });
}

/// Ends an instance whose status is `deleting` already.
pub(super) fn end(ctx: &Arc<Ctx>, instance: Instance) {
    let background = Arc::clone(ctx);
    ctx.spawn(async move {
        let ctx = background;
        if let Some(engines) = &ctx.engines
            && let Err(error) = engines.stop_database(&instance.database, true).await
        {
            tracing::error!(%error, database = instance.id, "a database's files are not all removed");
        }
        ctx.until(instance.due).await;
        note(&ctx, |state, now| {
            state.instances.remove(&in_directory(&instance.database.home));
            state.events.add(now, SOURCE, &instance.id, "DB instance deleted");
        });
    });
}

/// Ends a modification whose time has come.
pub(super) fn finish_modifying(ctx: &Arc<Ctx>, instance: Instance) {
    let background = Arc::clone(ctx);
    ctx.spawn(async move {
        background.until(instance.due).await;
        note(&background, |state, now| {
            let Ok(held) = state.instance_mut(&instance.id) else { return };
            if held.status == Status::Modifying {
                held.status = Status::Available;
                state.events.add(now, SOURCE, &instance.id, "Finished applying modification to DB instance");
            }
        });
    });
}

/// Shows that an available instance's engine does not answer.
fn recovering(state: &mut State, database: &Database) {
    if let Some(instance) = state.instances.get_mut(&in_directory(&database.home))
        && instance.status == Status::Available
    {
        instance.status = Status::Recovering;
    }
}

/// Starts an engine again on its data, with these events once it answers; whether it does, for an instance that still is.
async fn come_back(ctx: &Arc<Ctx>, database: &Database, events: &[&'static str]) -> bool {
    let started = match &ctx.engines {
        Some(engines) => engines.start_database(database).await,
        None => Ok(()),
    };
    if let Err(error) = &started {
        tracing::error!(%error, database = database.id, "a database did not come back");
    }
    if find(ctx, &database.home).is_none_or(|instance| !instance.status.is_up()) {
        discard(ctx, database);
        return false;
    }
    note(ctx, |state, now| {
        let Some(instance) = state.instances.get_mut(&in_directory(&database.home)) else { return };
        if let Err(error) = &started {
            instance.status = Status::Failed;
            let message = format!("Recovery of the DB instance failed: {error}");
            state.events.add(now, SOURCE, &database.id, message);
            return;
        }
        if instance.status == Status::Recovering {
            instance.status = Status::Available;
        }
        for event in events {
            state.events.add(now, SOURCE, &database.id, *event);
        }
    });
    started.is_ok()
}

/// Watches the engine; one that ends without having been told to is started again on its data, as RDS does.
pub(super) fn watch(ctx: &Arc<Ctx>, database: &Database) {
    let (background, database) = (Arc::clone(ctx), database.clone());
    ctx.spawn(async move {
        let ctx = background;
        let Some(engines) = ctx.engines.clone() else { return };
        loop {
            if engines.ended(&database.home).await.is_none() {
                return;
            }
            let alive = find(&ctx, &database.home)
                .is_some_and(|instance| instance.status.is_up());
            if !alive {
                return;
            }
            let id = &database.id;
            tracing::warn!(database = id, "a database has ended");
            let started = "Recovery of the DB instance has started. Recovery time will vary with the amount of data to be recovered.";
            note(&ctx, |state, now| {
                recovering(state, &database);
                state.events.add(now, SOURCE, id, started);
            });
            let back = ["DB instance restarted", "Recovery of the DB instance is complete."];
            if !come_back(&ctx, &database, &back).await {
                return;
            }
        }
    });
}

impl Living for Instance {
    fn status(&self) -> Status {
        self.status
    }

    fn create(self, ctx: &Arc<Ctx>) {
        start(ctx, &self.id);
    }

    fn end(self, ctx: &Arc<Ctx>) {
        end(ctx, self);
    }

    fn go_on(self, ctx: Arc<Ctx>) -> Later<()> {
        Box::pin(async move {
            if come_back(&ctx, &self.database, &[]).await {
                watch(&ctx, &self.database);
                if self.status == Status::Modifying {
                    finish_modifying(&ctx, self);
                }
            }
        })
    }
}

/// Restarts engines on their data and half-finished transitions after the world was loaded. When this returns, and so
/// before anybody can ask, nothing is shown as available whose engine does not answer.
pub(super) fn resume(ctx: Arc<Ctx>) -> Later<()> {
    let instances: Vec<Instance> = ctx.read(|world| world.rds.instances.iter().cloned().collect());
    if ctx.engines.is_some() {
        note(&ctx, |state, _| instances.iter().for_each(|one| recovering(state, &one.database)));
    }
    Box::pin(async move { life::resume(&ctx, instances).await })
}
