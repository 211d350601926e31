//! What is made. Each kind of AWS resource is one noun with a file of its own, below its service; beside them is what they
//! share: names and tags, the commands a person could type, prices, quotas and permissions.

mod act;
pub mod action;
pub mod catalog;
pub mod cli_line;
pub mod cost;
mod ec2;
mod elasticache;
mod family;
mod iam;
mod list;
mod look;
pub mod naming;
pub mod policy;
mod prelude;
mod rds;
mod ssm;
mod traits;

pub use act::{Act, FailOver};
pub use ec2::*;
pub use elasticache::*;
pub use iam::*;
pub use look::{
    CacheEngineVersion, DbEngineVersion, DefaultNetwork, Look, MachineImage, PermissionsBoundary,
};
pub use rds::*;
pub use ssm::*;
pub use traits::{Arn, Kind, Nature, SecretUse, UndoStage, Wait};
