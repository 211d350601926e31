//! What ElastiCache holds.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::engines::cache::CacheGroup;
use crate::model::account::share::{Attached, Use, Wanted};
use crate::model::account::table::{self, Row, Stored, Table};
use crate::model::error::ApiError;
use crate::model::status::ResourceStatus;
use crate::model::tag::{self, Tag};
use crate::services::shared::event::Events;
use crate::services::shared::status::Status;
use crate::services::shared::subnet_group::{SubnetGroup, in_security_group, in_subnet_group};

/// What this service holds.
#[derive(Clone, Debug, Default)]
pub(crate) struct State {
    pub(crate) subnet_groups: Table<SubnetGroup>,
    pub(crate) parameter_groups: Table<ParameterGroup>,
    pub(crate) replication_groups: Table<ReplicationGroup>,
    pub(crate) events: Events,
}

impl table::State for State {
    fn tables(&mut self) -> Vec<(&'static str, &mut dyn Stored)> {
        vec![
            ("subnet_groups", &mut self.subnet_groups),
            ("parameter_groups", &mut self.parameter_groups),
            ("replication_groups", &mut self.replication_groups),
            ("events", self.events.table()),
        ]
    }
}

impl Row for ParameterGroup {
    fn keys(&self) -> Vec<String> {
        [self.name.clone(), self.arn.clone()].into_iter().chain(tag::indices(&self.tags)).collect()
    }
}

impl Row for ReplicationGroup {
    /// Its id and ARN, its members' ids, what it uses, its addresses and its tags.
    fn keys(&self) -> Vec<String> {
        let own = [self.id.clone(), self.arn.clone()].into_iter();
        let uses = [in_parameter_group(&self.parameter_group), in_subnet_group(&self.subnet_group)];
        own.chain(uses)
            .chain(self.members.iter().map(|member| cluster(&member.cluster_id)))
            .chain(self.security_groups.iter().map(|id| in_security_group(id)))
            .chain(self.layout.addresses().map(|address| address.to_string()))
            .chain(tag::indices(&self.tags))
            .collect()
    }
}

/// The key of the group that a node belongs to.
pub(crate) fn cluster(id: &str) -> String {
    format!("cluster:{}", id.to_ascii_lowercase())
}

/// The key of the replication groups that use a parameter group.
pub(crate) fn in_parameter_group(name: &str) -> String {
    format!("parameters:{name}")
}

/// Changed parameters of a family.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ParameterGroup {
    pub name: String,
    pub arn: String,
    pub family: String,
    pub description: String,
    /// What was changed; the rest has the family's defaults.
    pub values: BTreeMap<String, String>,
    pub tags: Vec<Tag>,
}

/// One member of a replication group.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Member {
    pub cluster_id: String,
    pub zone: String,
}

/// A replication group with cluster mode off.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ReplicationGroup {
    pub id: String,
    pub arn: String,
    pub description: String,
    pub status: Status,
    pub created: Timestamp,
    /// When the present transition ends.
    pub due: Timestamp,
    pub engine: String,
    pub engine_version: String,
    pub node_type: String,
    pub members: Vec<Member>,
    pub port: u16,
    /// When the AUTH token was last set; the token itself is not kept.
    pub token_since: Option<Timestamp>,
    pub tls: bool,
    pub at_rest: bool,
    pub multi_az: bool,
    pub failover: bool,
    pub parameter_group: String,
    pub subnet_group: String,
    pub security_groups: Vec<String>,
    pub snapshot_retention: i64,
    pub snapshot_window: String,
    pub maintenance_window: String,
    pub minor_upgrades: bool,
    pub tags: Vec<Tag>,
    /// Addresses and roles of the engines.
    pub layout: CacheGroup,
    /// Whether it is to fail instead of becoming available: a fault on demand.
    #[serde(default)]
    pub doomed: bool,
    /// Set while a node is being replaced.
    pub recovering: bool,
    /// Test failovers, for the limit of fifteen a day.
    pub failovers: Vec<Timestamp>,
}

impl ReplicationGroup {
    /// AWS's word for its status.
    pub(crate) fn status_word(&self) -> &'static str {
        self.status.word("modifying", "create-failed")
    }
}

impl State {
    /// What has an interface in the network: every replication group.
    pub(crate) fn attached(&self) -> Vec<Attached> {
        let attached = |group: &ReplicationGroup| Attached {
            security_groups: group.security_groups.clone(),
            port: group.port,
            endpoints: group.layout.endpoints().collect(),
        };
        self.replication_groups.iter().map(attached).collect()
    }

    /// Whether a replication group uses something. Every node has an interface in one of its group's subnets.
    pub(crate) fn uses(&self, what: &Use<'_>) -> bool {
        let groups = &self.replication_groups;
        match what {
            Use::SecurityGroup(id) => groups.contains(&in_security_group(id)),
            Use::Subnet(id) => self
                .subnet_groups
                .iter()
                .filter(|group| group.subnets.iter().any(|(subnet, _)| subnet == id))
                .any(|group| groups.contains(&in_subnet_group(&group.name))),
            Use::Address(address) => groups.contains(&address.to_string()),
        }
    }

    /// The tags of what has this ARN.
    pub(crate) fn tags_of(&self, arn: &str) -> Vec<Tag> {
        let groups = self.replication_groups.find(arn).map(|group| &group.tags);
        let groups = groups.or(self.subnet_groups.find(arn).map(|group| &group.tags));
        groups.or(self.parameter_groups.find(arn).map(|group| &group.tags)).cloned().unwrap_or_default()
    }

    /// Everything with tags, or what may have one of them: ARN and tags.
    pub(crate) fn tagged(&self, wanted: &Wanted<'_>) -> Vec<(String, Vec<Tag>)> {
        let subnet_groups = wanted.of(&self.subnet_groups).map(|group| (&group.arn, &group.tags));
        let parameter_groups = wanted.of(&self.parameter_groups).map(|group| (&group.arn, &group.tags));
        let replication_groups = wanted.of(&self.replication_groups).map(|group| (&group.arn, &group.tags));
        subnet_groups
            .chain(parameter_groups)
            .chain(replication_groups)
            .filter(|(_, tags)| !tags.is_empty())
            .map(|(arn, tags)| (arn.clone(), tags.clone()))
            .collect()
    }

    /// What a user created here, for the status.
    pub(crate) fn resources(&self) -> Vec<ResourceStatus> {
        let subnet_groups = self
            .subnet_groups
            .iter()
            .map(|group| ResourceStatus::new("elasticache:subnetgroup", &group.name, ""));
        let parameter_groups = self
            .parameter_groups
            .iter()
            .map(|group| ResourceStatus::new("elasticache:parametergroup", &group.name, ""));
        let replication_groups = self
            .replication_groups
            .iter()
            .map(|group| ResourceStatus::new("elasticache:replicationgroup", &group.id, group.status_word()));
        subnet_groups.chain(parameter_groups).chain(replication_groups).collect()
    }

    /// A replication group by id, whatever its case.
    pub(crate) fn group(&self, id: &str) -> Result<&ReplicationGroup, ApiError> {
        self.replication_groups.find(&id.to_ascii_lowercase()).ok_or_else(|| no_group(id))
    }

    /// A replication group by id, to be changed.
    pub(crate) fn group_mut(&mut self, id: &str) -> Result<&mut ReplicationGroup, ApiError> {
        self.replication_groups.get_mut(&id.to_ascii_lowercase()).ok_or_else(|| no_group(id))
    }
}

fn no_group(id: &str) -> ApiError {
    ApiError::new("ReplicationGroupNotFoundFault", 404, format!("ReplicationGroup {id} not found."))
}
