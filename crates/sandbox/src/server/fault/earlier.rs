//! What a call sees that the newest things have not come to yet: AWS's services hear of each other's things, and their
//! replicas of their own, with a delay (AWS-FACTS section 10).

use crate::{model::world::World, services::service::Service};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

/// Whether an operation makes something that others refer to.
pub(crate) fn makes(operation: &str) -> bool {
    operation.starts_with("Create") && operation != "CreateTags"
        || matches!(operation, "RunInstances" | "SendCommand")
}

/// The worlds as they were before each service's newest thing was made.
#[derive(Debug, Default)]
pub(crate) struct Earlier(Mutex<BTreeMap<Service, Arc<World>>>);

impl Earlier {
    /// Notes that a service has made something, and how the world was before.
    pub(crate) fn note(&self, service: Service, before: Arc<World>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(service, before);
    }

    /// The world as it is told where nobody has heard of the newest things.
    pub(crate) fn world(&self, now: &World) -> World {
        let mut world = now.clone();
        for (service, before) in &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            match service {
                Service::Ec2 => world.ec2 = before.ec2.clone(),
                Service::ElastiCache => world.elasticache = before.elasticache.clone(),
                Service::Rds => world.rds = before.rds.clone(),
                Service::Iam => world.iam = before.iam.clone(),
                // Its parameters are there at once.
                Service::Ssm => world.ssm.commands.clone_from(&before.ssm.commands),
                _ => {}
            }
        }
        world
    }
}
