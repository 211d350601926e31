//! All that exists in the sandbox's account.

use crate::services::{ec2::Ec2State, iam::IamState, ssm::SsmState};
use serde::{Deserialize, Serialize};
/// The account id of every sandbox: twelve digits that AWS's own documentation uses, nobody's account.
pub(crate) const ACCOUNT: &str = "123456789012";
/// The region of every sandbox.
pub(crate) const REGION: &str = "us-east-1";

/// The state of every service; `world.json` is exactly this.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct World {
    /// The twelve-digit account id.
    pub account: String,
    /// The only region there is.
    pub region: String,
    /// Networks, security groups, instances.
    pub ec2: Ec2State,
    /// Roles, instance profiles and the temporary keys of roles.
    pub iam: IamState,
    /// Parameters and commands.
    pub ssm: SsmState,
    /// Caches.
    #[serde(default)]
    pub elasticache: crate::services::elasticache::State,
    /// Databases.
    #[serde(default)]
    pub rds: crate::services::rds::State,
}

impl World {
    /// A new account: a default VPC with three public subnets and a default security group, nothing else.
    pub(crate) fn fresh() -> Self {
        Self {
            account: ACCOUNT.into(),
            region: REGION.into(),
            ec2: Ec2State::fresh(REGION),
            ..Self::default()
        }
    }
}
