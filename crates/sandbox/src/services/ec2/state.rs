//! What EC2 holds.

use super::{
    instance::Instance,
    security_group::rule::{Peer, Rule},
};
use crate::{
    model::{arn::arn, status::ResourceStatus, tag::Tag},
    system::ids,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Everything of EC2.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Ec2State {
    /// The default VPC, if there is one.
    pub vpcs: Vec<Vpc>,
    /// Three public subnets.
    pub subnets: Vec<Subnet>,
    /// Security groups, the default one first.
    pub groups: Vec<SecurityGroup>,
    /// Instances; terminated ones stay for an hour.
    pub instances: Vec<Instance>,
    /// The default VPC's internet gateway.
    pub gateway: String,
    /// The default VPC's main route table.
    pub route_table: String,
    /// Whether that table has a route to the internet.
    #[serde(default = "yes")]
    pub routed: bool,
    /// Whether the gateway is attached.
    #[serde(default = "yes")]
    pub attached: bool,
}

fn yes() -> bool {
    true
}

/// A VPC.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Vpc {
    /// `vpc-…`
    pub id: String,
    /// Its address range.
    pub cidr: String,
    /// Tags.
    pub tags: Vec<Tag>,
}

/// A subnet.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Subnet {
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
pub(crate) struct SecurityGroup {
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
    /// Both directions.
    pub rules: Vec<Rule>,
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
        let id = ids::resource("sg");
        let default = SecurityGroup {
            name: "default".into(),
            description: "default VPC security group".into(),
            vpc_id: vpc.id.clone(),
            tags: Vec::new(),
            rules: vec![Rule::everything(false, Peer::Group(id.clone())), Rule::open_egress()],
            id,
        };
        Self {
            vpcs: vec![vpc],
            subnets,
            groups: vec![default],
            instances: Vec::new(),
            gateway: ids::resource("igw"),
            route_table: ids::resource("rtb"),
            routed: true,
            attached: true,
        }
    }

    /// A VPC by id.
    pub(crate) fn vpc(&self, id: &str) -> Option<&Vpc> {
        self.vpcs.iter().find(|v| v.id == id)
    }

    /// A subnet by id.
    pub(crate) fn subnet(&self, id: &str) -> Option<&Subnet> {
        self.subnets.iter().find(|s| s.id == id)
    }

    /// A security group by id.
    pub(crate) fn group(&self, id: &str) -> Option<&SecurityGroup> {
        self.groups.iter().find(|g| g.id == id)
    }

    /// The default security group of a VPC.
    pub(crate) fn default_group(&self, vpc_id: &str) -> Option<&SecurityGroup> {
        self.groups.iter().find(|g| g.vpc_id == vpc_id && g.name == "default")
    }

    /// An instance by id, also a terminated one.
    pub(crate) fn instance(&self, id: &str) -> Option<&Instance> {
        self.instances.iter().find(|i| i.id == id)
    }

    /// Ids of the security groups that instances use.
    pub(super) fn groups_of_instances(&self, now: Timestamp) -> impl Iterator<Item = &str> {
        let alive = self.instances.iter().filter(move |i| !i.state(now).is_terminated());
        alive.flat_map(|i| i.groups.iter().map(String::as_str))
    }

    /// What a user created here, for the status.
    pub(crate) fn resources(&self, now: Timestamp) -> Vec<ResourceStatus> {
        let groups = self
            .groups
            .iter()
            .filter(|g| g.name != "default")
            .map(|g| ResourceStatus::new("ec2:security-group", &g.id, ""));
        let instances = self
            .instances
            .iter()
            .filter(|i| !i.state(now).is_terminated())
            .map(|i| ResourceStatus::new("ec2:instance", &i.id, i.state(now).name()));
        groups.chain(instances).collect()
    }

    /// The tags of one thing that is there.
    pub(crate) fn tags_of(&self, id: &str, now: Timestamp) -> Option<&[Tag]> {
        let living = || self.instances.iter().filter(|i| !i.state(now).is_terminated());
        let found = match id.split('-').next()? {
            "vpc" => self.vpcs.iter().find(|v| v.id == id).map(|v| &v.tags),
            "subnet" => self.subnets.iter().find(|s| s.id == id).map(|s| &s.tags),
            "sg" => self.groups.iter().find(|g| g.id == id).map(|g| &g.tags),
            "sgr" => self.groups.iter().flat_map(|g| &g.rules).find(|r| r.id == id).map(|r| &r.tags),
            "i" => living().find(|i| i.id == id).map(|i| &i.tags),
            "vol" => living().find(|i| i.volume.id == id).map(|i| &i.volume.tags),
            "eni" => living().find(|i| i.interface.id == id).map(|i| &i.interface.tags),
            _ => None,
        };
        found.map(Vec::as_slice)
    }

    /// Everything with tags: ARN and tags.
    pub(crate) fn tagged(&self, region: &str, account: &str, now: Timestamp) -> Vec<(String, Vec<Tag>)> {
        let name = |kind: &str, id: &str| arn("ec2", region, account, &format!("{kind}/{id}"));
        let mut all = Vec::new();
        all.extend(self.vpcs.iter().map(|v| (name("vpc", &v.id), v.tags.clone())));
        all.extend(self.subnets.iter().map(|s| (name("subnet", &s.id), s.tags.clone())));
        for group in &self.groups {
            all.push((name("security-group", &group.id), group.tags.clone()));
            let rules = group.rules.iter();
            all.extend(rules.map(|r| (name("security-group-rule", &r.id), r.tags.clone())));
        }
        for i in &self.instances {
            // A terminated one keeps its tags for as long as it is shown, an hour and more; its parts are gone.
            all.push((name("instance", &i.id), i.tags.clone()));
            if i.state(now).is_terminated() {
                continue;
            }
            all.push((name("volume", &i.volume.id), i.volume.tags.clone()));
            all.push((name("network-interface", &i.interface.id), i.interface.tags.clone()));
        }
        all.retain(|(_, tags)| !tags.is_empty());
        all
    }
}
