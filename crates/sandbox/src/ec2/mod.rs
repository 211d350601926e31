//! EC2: the default network, security groups, instances.

mod state;

pub use state::{Ec2State, SecurityGroup, Subnet, Vpc};
