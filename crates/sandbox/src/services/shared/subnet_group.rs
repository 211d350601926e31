//! Subnet groups.

use serde::{Deserialize, Serialize};

use super::name::bad_value;
use crate::model::account::table::Row;
use crate::model::error::ApiError;
use crate::model::tag::{self, Tag};
use crate::services::ec2::state::{Ec2State, Subnet};

/// A set of subnets that nodes or databases may be in.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct SubnetGroup {
    pub name: String,
    pub arn: String,
    pub description: String,
    pub vpc_id: String,
    /// Subnet ids with their availability zones.
    pub subnets: Vec<(String, String)>,
    pub tags: Vec<Tag>,
}

impl Row for SubnetGroup {
    fn keys(&self) -> Vec<String> {
        [self.name.clone(), self.arn.clone()].into_iter().chain(tag::indices(&self.tags)).collect()
    }
}

/// The key of what is in this subnet group.
pub(crate) fn in_subnet_group(name: &str) -> String {
    format!("subnets:{name}")
}

/// The key of what is in this security group.
pub(crate) fn in_security_group(id: &str) -> String {
    format!("in:{id}")
}

/// A VPC's id, and subnets of it with their zones.
pub(crate) type Subnets = (String, Vec<(String, String)>);

/// The subnets of these ids, which must not be none: they exist, and share a VPC.
pub(crate) fn subnets(ec2: &Ec2State, ids: &[String]) -> Result<Subnets, ApiError> {
    let unknown = || bad_value(format!("Some input subnets in :[{}] are invalid.", ids.join(", ")));
    let found: Vec<&Subnet> =
        ids.iter().map(|id| ec2.subnet(id).ok_or_else(unknown)).collect::<Result<_, _>>()?;
    let first = found.first().ok_or_else(unknown)?;
    if let Some(other) = found.iter().find(|subnet| subnet.vpc_id != first.vpc_id) {
        let message = format!("Subnets {} and {} are not in the same VPC.", first.id, other.id);
        return Err(ApiError::bad("InvalidSubnet", message));
    }
    let zones = found.iter().map(|subnet| (subnet.id.clone(), subnet.zone.clone())).collect();
    Ok((first.vpc_id.clone(), zones))
}
