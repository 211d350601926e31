//! The quotas that this account has: AWS's defaults. Whoever makes one more is refused.

use crate::model::account::share::Quota;

/// "Amazon ElastiCache endpoints and quotas" of the general reference, for all three.
pub(crate) const NODES: Quota =
    Quota { service: "elasticache", code: "L-DFE45DF3", name: "Nodes per Region", value: 300 };
pub(crate) const PARAMETER_GROUPS: Quota =
    Quota { service: "elasticache", code: "L-3F15A733", name: "Parameter groups per Region", value: 300 };
pub(crate) const SUBNET_GROUPS: Quota =
    Quota { service: "elasticache", code: "L-3E7F7726", name: "Subnet groups per Region", value: 300 };

pub(super) const ALL: &[Quota] = &[NODES, PARAMETER_GROUPS, SUBNET_GROUPS];
