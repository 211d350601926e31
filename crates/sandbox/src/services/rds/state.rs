//! What RDS holds.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::engines::database::Database;
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
    pub(crate) instances: Table<Instance>,
    pub(crate) events: Events,
}

impl table::State for State {
    fn tables(&mut self) -> Vec<(&'static str, &mut dyn Stored)> {
        vec![
            ("subnet_groups", &mut self.subnet_groups),
            ("instances", &mut self.instances),
            ("events", self.events.table()),
        ]
    }
}

impl Row for Instance {
    /// Its identifier, ARN and directory, what it uses, its address and its tags.
    fn keys(&self) -> Vec<String> {
        let own = [self.id.clone(), self.arn.clone(), in_directory(&self.database.home)].into_iter();
        own.chain([in_subnet_group(&self.subnet_group.name), self.database.listen.to_string()])
            .chain(self.security_groups.iter().map(|id| in_security_group(id)))
            .chain(tag::indices(&self.tags))
            .collect()
    }
}

/// The key of the instance that has this directory.
pub(crate) fn in_directory(home: &str) -> String {
    format!("home:{home}")
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

impl Instance {
    /// AWS's word for its status.
    pub(crate) fn status_word(&self) -> &'static str {
        self.status.word("rebooting", "failed")
    }
}

impl State {
    /// What has an interface in the network: every instance.
    pub(crate) fn attached(&self) -> Vec<Attached> {
        let attached = |instance: &Instance| Attached {
            security_groups: instance.security_groups.clone(),
            port: instance.port,
            endpoints: vec![instance.database.listen],
        };
        self.instances.iter().map(attached).collect()
    }

    /// Whether an instance uses something. It has an interface in one of its group's subnets.
    pub(crate) fn uses(&self, what: &Use<'_>) -> bool {
        match what {
            Use::SecurityGroup(id) => self.instances.contains(&in_security_group(id)),
            Use::Subnet(id) => {
                self.instances.iter().any(|i| i.subnet_group.subnets.iter().any(|(subnet, _)| subnet == id))
            }
            Use::Address(address) => self.instances.contains(&address.to_string()),
        }
    }

    /// The tags of what has this ARN.
    pub(crate) fn tags_of(&self, arn: &str) -> Vec<Tag> {
        let instance = self.instances.find(arn).map(|instance| &instance.tags);
        instance.or(self.subnet_groups.find(arn).map(|group| &group.tags)).cloned().unwrap_or_default()
    }

    /// Everything with tags, or what may have one of them: ARN and tags.
    pub(crate) fn tagged(&self, wanted: &Wanted<'_>) -> Vec<(String, Vec<Tag>)> {
        let groups = wanted.of(&self.subnet_groups).map(|group| (&group.arn, &group.tags));
        let instances = wanted.of(&self.instances).map(|instance| (&instance.arn, &instance.tags));
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
            .map(|instance| ResourceStatus::new("rds:db", &instance.id, instance.status_word()));
        groups.chain(instances).collect()
    }

    /// A DB instance by identifier, whatever its case.
    pub(crate) fn instance(&self, id: &str) -> Result<&Instance, ApiError> {
        self.instances.find(&id.to_ascii_lowercase()).ok_or_else(|| missing(id))
    }

    /// A DB instance by identifier, to be changed.
    pub(crate) fn instance_mut(&mut self, id: &str) -> Result<&mut Instance, ApiError> {
        self.instances.get_mut(&id.to_ascii_lowercase()).ok_or_else(|| missing(id))
    }
}

fn missing(id: &str) -> ApiError {
    ApiError::new("DBInstanceNotFound", 404, format!("DBInstance {id} not found."))
}
