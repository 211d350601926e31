//! What EC2 holds.

use crate::{ids, tag::Tag};
use serde::{Deserialize, Serialize};

/// Everything of EC2.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Ec2State {
    /// Only the default VPC.
    pub vpcs: Vec<Vpc>,
    /// Three public subnets.
    pub subnets: Vec<Subnet>,
    /// Security groups, the default one first.
    pub groups: Vec<SecurityGroup>,
}

/// A VPC.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Vpc {
    /// `vpc-…`
    pub id: String,
    /// Its address range.
    pub cidr: String,
    /// Tags.
    pub tags: Vec<Tag>,
}

/// A subnet.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Subnet {
    /// `subnet-…`
    pub id: String,
    /// The VPC it belongs to.
    pub vpc_id: String,
    /// `us-east-1a`
    pub zone: String,
    /// Its address range.
    pub cidr: String,
    /// Tags.
    pub tags: Vec<Tag>,
}

/// A security group.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SecurityGroup {
    /// `sg-…`
    pub id: String,
    /// Unique in its VPC.
    pub name: String,
    /// What a person said it is for.
    pub description: String,
    /// The VPC it belongs to.
    pub vpc_id: String,
    /// Tags.
    pub tags: Vec<Tag>,
}

impl Ec2State {
    /// A new account's default VPC.
    pub(crate) fn fresh(region: &str) -> Self {
        let vpc = Vpc { id: ids::resource("vpc"), cidr: "172.31.0.0/16".into(), tags: Vec::new() };
        let subnets = ['a', 'b', 'c']
            .into_iter()
            .zip(["172.31.0.0/20", "172.31.16.0/20", "172.31.32.0/20"])
            .map(|(zone, cidr)| Subnet {
                id: ids::resource("subnet"),
                vpc_id: vpc.id.clone(),
                zone: format!("{region}{zone}"),
                cidr: cidr.into(),
                tags: Vec::new(),
            })
            .collect();
        let default = SecurityGroup {
            id: ids::resource("sg"),
            name: "default".into(),
            description: "default VPC security group".into(),
            vpc_id: vpc.id.clone(),
            tags: Vec::new(),
        };
        Self { vpcs: vec![vpc], subnets, groups: vec![default] }
    }

    /// A VPC by id.
    pub fn vpc(&self, id: &str) -> Option<&Vpc> {
        self.vpcs.iter().find(|v| v.id == id)
    }

    /// A subnet by id.
    pub fn subnet(&self, id: &str) -> Option<&Subnet> {
        self.subnets.iter().find(|s| s.id == id)
    }

    /// A security group by id.
    pub fn group(&self, id: &str) -> Option<&SecurityGroup> {
        self.groups.iter().find(|g| g.id == id)
    }

    /// The default security group of a VPC.
    pub fn default_group(&self, vpc_id: &str) -> Option<&SecurityGroup> {
        self.groups.iter().find(|g| g.vpc_id == vpc_id && g.name == "default")
    }
}
