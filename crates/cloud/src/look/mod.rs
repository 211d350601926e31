//! What a recipe looks up before anything is made, each kind of look-up in a file of its own; and scripts on the instance.

mod cache_engine_version;
mod command;
mod db_engine_version;
mod default_network;
mod machine_image;
mod permissions_boundary;

use crate::AwsCloud;
use recipe_walk_engine::facts::Facts;
use recipe_walk_engine::failure::Failure;
use recipe_walk_engine::finding::Finding;
use recipe_walk_engine::kind::Look;

impl AwsCloud {
    pub(crate) async fn look_up(&self, look: &Look) -> Result<Facts, Failure> {
        match look {
            Look::DefaultNetwork(look) => self.look_up_network(look).await,
            Look::MachineImage(look) => self.look_up_image(look).await,
            Look::CacheEngineVersion(look) => self.look_up_cache_version(look).await,
            Look::DbEngineVersion(look) => self.look_up_db_version(look).await,
            Look::PermissionsBoundary(look) => self.look_up_boundary(look).await,
        }
    }

    /// What is to be said beforehand about a look-up that stands for itself. The network, the image and the boundary are
    /// looked at with what is tried with them.
    pub(crate) async fn look_finding(&self, look: &Look) -> Option<Finding> {
        match look {
            Look::DbEngineVersion(look) => Some(self.db_finding(look).await),
            Look::DefaultNetwork(_)
            | Look::MachineImage(_)
            | Look::CacheEngineVersion(_)
            | Look::PermissionsBoundary(_) => None,
        }
    }
}
