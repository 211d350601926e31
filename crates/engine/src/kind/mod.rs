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
mod fields;
mod iam;
mod list;
mod look;
mod named;
pub mod names;
pub mod partition;
pub mod place;
pub mod policy;
mod prelude;
pub mod price;
pub mod quota;
mod rds;
mod setting;
mod ssm;
pub mod tags;
mod traits;

pub use act::{Act, FailOver};
pub use ec2::*;
pub use elasticache::*;
pub use iam::*;
pub use look::{CacheEngineVersion, DbEngineVersion, DefaultNetwork, Look, MachineImage};
pub use rds::*;
pub use ssm::*;
pub use traits::{Arn, Kind, Nature, SecretUse, UndoStage, Wait};
