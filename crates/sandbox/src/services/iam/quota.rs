//! The quotas that this account has: AWS's defaults. Whoever makes one more is refused.

use crate::model::account::share::Quota;

/// "IAM and AWS STS quotas" of the IAM user guide, for both.
pub(crate) const ROLES: Quota =
    Quota { service: "iam", code: "L-FE177D64", name: "Roles per account", value: 1000 };
pub(crate) const INSTANCE_PROFILES: Quota =
    Quota { service: "iam", code: "L-6E65F664", name: "Instance profiles per account", value: 1000 };

pub(crate) const POLICIES: Quota =
    Quota { service: "iam", code: "L-E95E4862", name: "Customer managed policies per account", value: 1500 };

pub(super) const ALL: &[Quota] = &[ROLES, INSTANCE_PROFILES, POLICIES];
