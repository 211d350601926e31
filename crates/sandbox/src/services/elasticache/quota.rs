//! The quotas that this account has: AWS's defaults, but for the vCPUs. Whoever makes one more is refused.

use crate::model::part::Quota;

/// "Amazon ElastiCache endpoints and quotas" of the general reference, for all three.
pub(crate) const NODES: usize = 300;
pub(crate) const PARAMETER_GROUPS: usize = 300;
pub(crate) const SUBNET_GROUPS: usize = 300;

pub(super) const ALL: &[Quota] = &[
    Quota { service: "elasticache", code: "L-DFE45DF3", name: "Nodes per Region", value: NODES },
    Quota {
        service: "elasticache",
        code: "L-3F15A733",
        name: "Parameter groups per Region",
        value: PARAMETER_GROUPS,
    },
    Quota {
        service: "elasticache",
        code: "L-3E7F7726",
        name: "Subnet groups per Region",
        value: SUBNET_GROUPS,
    },
];
