//! The kinds of EC2.

mod ingress_rule;
mod instance;
mod security_group;

pub use ingress_rule::IngressRule;
pub use instance::Instance;
pub use security_group::SecurityGroup;
