//! What EC2 holds.

use super::{
    instance::Instance,
    security_group::rule::{Peer, Rule},
};
use crate::{
    model::{
        account::{
            share::{Account, Wanted},
            table::{Row, State, Stored, Table},
        },
        arn::arn,
        status::ResourceStatus,
        tag::{self, Tag},
    },
    system::ids,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// Everything of EC2.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ec2State {
    /// The default VPC, if there is one.
    pub(crate) vpcs: Table<Vpc>,
    /// Three public subnets.
    pub(crate) subnets: Table<Subnet>,
    /// Security groups, the default one first.
    pub(crate) groups: Table<SecurityGroup>,
    /// Instances; terminated ones stay for an hour.
    pub(crate) instances: Table<Instance>,
    /// How the default VPC reaches the internet: one row.
    pub(crate) ways: Table<Ways>,
}

/// How the default VPC reaches the internet.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Ways {
    pub(crate) gateway: String,
    /// The main route table.
    pub(crate) route_table: String,
    /// Whether that table has a route to the internet.
    pub(crate) routed: bool,
    /// Whether the gateway is attached.
    pub(crate) attached: bool,
}

impl State for Ec2State {
    fn tables(&mut self) -> Vec<(&'static str, &mut dyn Stored)> {
        vec![
            ("vpcs", &mut self.vpcs),
            ("subnets", &mut self.subnets),
            ("groups", &mut self.groups),
            ("instances", &mut self.instances),
            ("ways", &mut self.ways),
        ]
    }
}

impl Row for Ways {
    fn keys(&self) -> Vec<String> {
        Vec::new()
    }
}

impl Row for Vpc {
    fn keys(&self) -> Vec<String> {
        vec![self.id.clone()]
    }
}

impl Row for Subnet {
    fn keys(&self) -> Vec<String> {
        vec![self.id.clone()]
    }
}

impl Row for SecurityGroup {
    /// Its id, its name, its rules' ids, the groups that they name, and its tags.
    fn keys(&self) -> Vec<String> {
        let rules = self.rules.iter().map(|rule| rule.id.clone());
        let peers = self.rules.iter().filter_map(|rule| match &rule.peer {
            Peer::Group(id) => Some(peer(id)),
            Peer::V4(_) | Peer::V6(_) => None,
        });
        let own = [self.id.clone(), named(&self.name)].into_iter();
        let tags = std::iter::once(&self.tags).chain(self.rules.iter().map(|rule| &rule.tags));
        own.chain(rules).chain(peers).chain(tags.flat_map(|tags| tag::indices(tags))).collect()
    }
}

impl Row for Instance {
    /// Its id, those of its parts, its address, its groups and its tags.
    fn keys(&self) -> Vec<String> {
        let own = [&self.id, &self.volume.id, &self.interface.id, &self.private_ip].into_iter().cloned();
        let groups = self.groups.iter().map(|id| member(id));
        let tags = [&self.tags, &self.volume.tags, &self.interface.tags].into_iter();
        own.chain(groups).chain(tags.flat_map(|tags| tag::indices(tags))).collect()
    }
}

/// The key of groups with this name.
pub(crate) fn named(name: &str) -> String {
    format!("name:{name}")
}

/// The key of groups with a rule that names this group.
pub(crate) fn peer(group: &str) -> String {
    format!("peer:{group}")
}

/// The key of what is in this security group.
pub(crate) fn member(group: &str) -> String {
    format!("in:{group}")
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
        let ways = Ways {
            gateway: ids::resource("igw"),
            route_table: ids::resource("rtb"),
            routed: true,
            attached: true,
        };
        Self {
            vpcs: [vpc].into_iter().collect(),
            subnets,
            groups: [default].into_iter().collect(),
            instances: Table::default(),
            ways: [ways].into_iter().collect(),
        }
    }

    /// A VPC by id.
    pub(crate) fn vpc(&self, id: &str) -> Option<&Vpc> {
        self.vpcs.find(id)
    }

    /// A subnet by id.
    pub(crate) fn subnet(&self, id: &str) -> Option<&Subnet> {
        self.subnets.find(id)
    }

    /// A security group by id.
    pub(crate) fn group(&self, id: &str) -> Option<&SecurityGroup> {
        self.groups.find(id).filter(|group| group.id == id)
    }

    /// The default security group of a VPC.
    pub(crate) fn default_group(&self, vpc_id: &str) -> Option<&SecurityGroup> {
        self.groups.with(&named("default")).find(|g| g.vpc_id == vpc_id)
    }

    /// An instance by id, also a terminated one.
    pub(crate) fn instance(&self, id: &str) -> Option<&Instance> {
        self.instances.find(id).filter(|instance| instance.id == id)
    }

    /// How the default VPC reaches the internet.
    pub(crate) fn ways(&self) -> Cow<'_, Ways> {
        self.ways.first().map_or_else(Cow::default, Cow::Borrowed)
    }

    /// Whether an instance that lives is in a security group.
    pub(crate) fn has_members(&self, group: &str, now: Timestamp) -> bool {
        self.instances.with(&member(group)).any(|i| !i.state(now).is_terminated())
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
        let living = || self.instances.find(id).filter(|i| !i.state(now).is_terminated());
        let found = match id.split('-').next()? {
            "vpc" => self.vpcs.find(id).map(|v| &v.tags),
            "subnet" => self.subnets.find(id).map(|s| &s.tags),
            "sg" => self.group(id).map(|g| &g.tags),
            "sgr" => self.groups.find(id)?.rules.iter().find(|r| r.id == id).map(|r| &r.tags),
            "i" => living().map(|i| &i.tags),
            "vol" => living().map(|i| &i.volume.tags),
            "eni" => living().map(|i| &i.interface.tags),
            _ => None,
        };
        found.map(Vec::as_slice)
    }

    /// Everything with tags, or what may have one of them: ARN and tags.
    pub(crate) fn tagged(&self, account: &Account<'_>, wanted: &Wanted<'_>) -> Vec<(String, Vec<Tag>)> {
        let name = |kind: &str, id: &str| arn("ec2", account.region, account.id, &format!("{kind}/{id}"));
        let mut all = Vec::new();
        all.extend(self.vpcs.iter().map(|v| (name("vpc", &v.id), v.tags.clone())));
        all.extend(self.subnets.iter().map(|s| (name("subnet", &s.id), s.tags.clone())));
        for group in wanted.of(&self.groups) {
            all.push((name("security-group", &group.id), group.tags.clone()));
            let rules = group.rules.iter();
            all.extend(rules.map(|r| (name("security-group-rule", &r.id), r.tags.clone())));
        }
        for i in wanted.of(&self.instances) {
            // A terminated one keeps its tags for as long as it is shown, an hour and more; its parts are gone.
            all.push((name("instance", &i.id), i.tags.clone()));
            if i.state(account.now).is_terminated() {
                continue;
            }
            all.push((name("volume", &i.volume.id), i.volume.tags.clone()));
            all.push((name("network-interface", &i.interface.id), i.interface.tags.clone()));
        }
        all.retain(|(_, tags)| !tags.is_empty());
        all
    }
}
