//! What RDS holds.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::engines::database::Database;
use crate::model::error::ApiError;
use crate::model::part::Attached;
use crate::model::status::ResourceStatus;
use crate::model::tag::Tag;
use crate::services::shared::event::Events;
use crate::services::shared::subnet_group::SubnetGroup;

/// What this service holds.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) subnet_groups: Vec<SubnetGroup>,
    pub(crate) instances: Vec<Instance>,
    pub(crate) events: Events,
}

/// Where a DB instance is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Status {
    Creating,
    Available,
    Modifying,
    Deleting,
    Failed,
}

impl Status {
    /// AWS's word.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Creating => "creating",
            Self::Available => "available",
            Self::Modifying => "modifying",
            Self::Deleting => "deleting",
            Self::Failed => "failed",
        }
    }
}

/// A DB instance. Its master password is not here.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Instance {
    pub id: String,
    pub arn: String,
    pub resource_id: String,
    pub class: String,
    pub status: Status,
    pub created: Timestamp,
    /// When the present transition ends.
    pub due: Timestamp,
    pub engine_version: String,
    pub lifecycle: String,
    pub master: String,
    pub name: Option<String>,
    pub port: u16,
    pub storage: i64,
    pub max_storage: Option<i64>,
    pub storage_type: String,
    pub encrypted: bool,
    pub multi_az: bool,
    pub public: bool,
    pub protected: bool,
    pub retention: i64,
    pub backup_window: String,
    pub maintenance_window: String,
    pub minor_upgrades: bool,
    pub copy_tags: bool,
    pub zone: String,
    pub subnet_group: SubnetGroup,
    pub security_groups: Vec<String>,
    pub tags: Vec<Tag>,
    /// Whether it is to fail instead of becoming available: a fault on demand.
    #[serde(default)]
    pub doomed: bool,
    /// The engine and where it listens.
    pub database: Database,
}

impl State {
    /// Whether nothing was created here.
    #[cfg(test)]
    pub(crate) fn is_empty(&self) -> bool {
        self.subnet_groups.is_empty() && self.instances.is_empty()
    }

    /// What has an interface in the network: every instance, in any subnet of its group.
    pub(crate) fn attached(&self) -> Vec<Attached> {
        let attached = |instance: &Instance| Attached {
            security_groups: instance.security_groups.clone(),
            subnets: instance.subnet_group.subnets.iter().map(|(id, _)| id.clone()).collect(),
            port: instance.port,
            addresses: vec![instance.database.listen],
            endpoints: vec![instance.database.listen],
        };
        self.instances.iter().map(attached).collect()
    }

    /// The tags of what has this ARN.
    pub(crate) fn tags_of(&self, arn: &str) -> Vec<Tag> {
        self.tagged().into_iter().find(|(name, _)| name == arn).map(|(_, tags)| tags).unwrap_or_default()
    }

    /// Everything with tags: ARN and tags.
    pub(crate) fn tagged(&self) -> Vec<(String, Vec<Tag>)> {
        let groups = self.subnet_groups.iter().map(|group| (&group.arn, &group.tags));
        let instances = self.instances.iter().map(|instance| (&instance.arn, &instance.tags));
        groups
            .chain(instances)
            .filter(|(_, tags)| !tags.is_empty())
            .map(|(arn, tags)| (arn.clone(), tags.clone()))
            .collect()
    }

    /// What a user created here, for the status.
    pub(crate) fn resources(&self) -> Vec<ResourceStatus> {
        let groups =
            self.subnet_groups.iter().map(|group| ResourceStatus::new("rds:subgrp", &group.name, ""));
        let instances = self
            .instances
            .iter()
            .map(|instance| ResourceStatus::new("rds:db", &instance.id, instance.status.word()));
        groups.chain(instances).collect()
    }

    /// A DB instance by identifier, whatever its case.
    pub(crate) fn instance(&self, id: &str) -> Result<&Instance, ApiError> {
        self.instances.iter().find(|instance| instance.id.eq_ignore_ascii_case(id)).ok_or_else(|| missing(id))
    }

    /// A DB instance by identifier, to be changed.
    pub(crate) fn instance_mut(&mut self, id: &str) -> Result<&mut Instance, ApiError> {
        self.instances
            .iter_mut()
            .find(|instance| instance.id.eq_ignore_ascii_case(id))
            .ok_or_else(|| missing(id))
    }
}

fn missing(id: &str) -> ApiError {
    ApiError::new("DBInstanceNotFound", 404, format!("DBInstance {id} not found."))
}
