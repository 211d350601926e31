//! The quotas that this account has: AWS's defaults, but for the vCPUs. Whoever makes one more is refused.

use crate::model::part::Quota;

/// "Quotas and constraints for Amazon RDS" of the RDS user guide, for both.
pub(crate) const INSTANCES: usize = 40;
pub(crate) const SUBNET_GROUPS: usize = 50;

pub(super) const ALL: &[Quota] = &[
    Quota { service: "rds", code: "L-7B6409FD", name: "DB instances", value: INSTANCES },
    Quota { service: "rds", code: "L-48C6BF61", name: "DB subnet groups", value: SUBNET_GROUPS },
];
