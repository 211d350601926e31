//! The quotas that this account has: AWS's defaults, but for the vCPUs. Whoever makes one more is refused.

use crate::model::account::share::Quota;

/// On-demand vCPUs. AWS gives a new account 5, and raises that with use ("Amazon EC2 On-Demand Instances", user guide):
/// this is an account that has been used for a while.
pub(crate) const VCPUS: Quota = Quota {
    service: "ec2",
    code: "L-1216C47A",
    name: "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances",
    value: 64,
};
/// "Amazon VPC quotas" of the VPC user guide.
pub(crate) const SECURITY_GROUPS: Quota =
    Quota { service: "vpc", code: "L-E79EC296", name: "VPC security groups per Region", value: 2500 };

pub(super) const ALL: &[Quota] = &[VCPUS, SECURITY_GROUPS];
