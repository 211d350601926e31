//! The quotas that this account has: AWS's defaults. Whoever makes one more is refused.

use crate::model::account::share::Quota;

/// "Quotas and constraints for Amazon RDS" of the RDS user guide, for both.
pub(crate) const INSTANCES: Quota =
    Quota { service: "rds", code: "L-7B6409FD", name: "DB instances", value: 40 };
pub(crate) const SUBNET_GROUPS: Quota =
    Quota { service: "rds", code: "L-48C6BF61", name: "DB subnet groups", value: 50 };

pub(super) const ALL: &[Quota] = &[INSTANCES, SUBNET_GROUPS];
