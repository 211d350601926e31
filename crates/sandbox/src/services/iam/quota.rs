//! The quotas that this account has: AWS's defaults, but for the vCPUs. Whoever makes one more is refused.

use crate::model::part::Quota;

/// "IAM and AWS STS quotas" of the IAM user guide, for both.
pub(crate) const ROLES: usize = 1000;
pub(crate) const INSTANCE_PROFILES: usize = 1000;

pub(super) const ALL: &[Quota] = &[
    Quota { service: "iam", code: "L-FE177D64", name: "Roles per account", value: ROLES },
    Quota {
        service: "iam",
        code: "L-6E65F664",
        name: "Instance profiles per account",
        value: INSTANCE_PROFILES,
    },
];
