//! The kinds of IAM.

mod instance_profile;
mod profile_role;
mod role;
mod role_policy;

pub use instance_profile::InstanceProfile;
pub use profile_role::ProfileRole;
pub use role::Role;
pub use role_policy::RolePolicy;
