//! What a call sees that the newest things have not come to yet: AWS's services hear of each other's things, and their
//! replicas of their own, with a delay (docs/aws.md, "Idempotency and consistency").

use crate::model::account::{part::Part, world::World};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

/// The worlds as they were before each service's newest thing was made.
#[derive(Debug, Default)]
pub(crate) struct StaleWorlds(Mutex<BTreeMap<&'static str, (&'static Part, Arc<World>)>>);

impl StaleWorlds {
    /// Notes that a service has made something, and how the world was before.
    pub(crate) fn note(&self, service: &'static Part, before: Arc<World>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(service.name, (service, before));
    }

    /// The world as it is told where nobody has heard of the newest things.
    pub(crate) fn world(&self, now: &World) -> World {
        let mut world = now.clone();
        for (service, before) in self.0.lock().unwrap_or_else(PoisonError::into_inner).values() {
            (service.rewind)(&mut world, before);
        }
        world
    }
}
