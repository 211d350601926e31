//! What ElastiCache and RDS have in common: how they check names, page, tell events, group subnets and hold tags.

pub(crate) mod event;
pub(crate) mod life;
pub(crate) mod name;
pub(crate) mod needs;
pub(crate) mod status;
pub(crate) mod subnet_group;
pub(crate) mod subnet_groups;
pub(crate) mod tagging;
