//! The actions of the recipe: one typed, serialisable request per thing that is made.

use crate::tags::Tags;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One request that changes the account. Secrets appear only as the path of the SecureString that holds them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "make", rename_all = "kebab-case")]
pub enum Action {
    /// An EC2 security group without rules.
    SecurityGroup {
        /// Group name.
        name: String,
        /// What it is for.
        description: String,
        /// VPC id.
        vpc: String,
    },
    /// One inbound TCP rule from group to group.
    IngressRule {
        /// The group that opens.
        group: String,
        /// The group that may come in.
        source: String,
        /// TCP port.
        port: u16,
    },
    /// An ElastiCache subnet group.
    CacheSubnetGroup {
        /// Group name.
        name: String,
        /// What it is for.
        description: String,
        /// Subnet ids in at least two zones.
        subnets: Vec<String>,
    },
    /// An ElastiCache parameter group with its family's defaults.
    CacheParameterGroup {
        /// Group name.
        name: String,
        /// What it is for.
        description: String,
        /// `redis7`, `valkey8`, …
        family: String,
    },
    /// Values set in a cache parameter group.
    CacheParameters {
        /// Group name.
        group: String,
        /// Parameter and value.
        values: BTreeMap<String, String>,
    },
    /// Values set in a cache parameter group for as long as a lesson takes; undoing it puts back what was there before.
    TrialParameters {
        /// Group name.
        group: String,
        /// Parameter and value.
        values: BTreeMap<String, String>,
        /// The same parameters as they were.
        before: BTreeMap<String, String>,
    },
    /// A random secret, made where the call is made and stored as a SecureString before anything uses it.
    Secret {
        /// Parameter path.
        path: String,
        /// What it is for.
        description: String,
        /// Number of letters and digits.
        length: usize,
    },
    /// A plain parameter in which the session keeps something about itself.
    Note {
        /// Parameter path.
        path: String,
        /// What it is for.
        description: String,
        /// What it says.
        text: String,
    },
    /// An ElastiCache replication group: one primary with replicas, TLS, AUTH, encrypted at rest.
    ReplicationGroup {
        /// Group id.
        id: String,
        /// What it is for.
        description: String,
        /// `redis` or `valkey`.
        engine: String,
        /// Major and minor version.
        engine_version: String,
        /// Node type.
        node_type: String,
        /// Nodes in all.
        nodes: u8,
        /// Parameter group name.
        parameter_group: String,
        /// Subnet group name.
        subnet_group: String,
        /// Security group id.
        security_group: String,
        /// Path of the SecureString with the AUTH token.
        auth_token: String,
        /// TCP port.
        port: u16,
    },
    /// An RDS subnet group.
    DbSubnetGroup {
        /// Group name.
        name: String,
        /// What it is for.
        description: String,
        /// Subnet ids in at least two zones.
        subnets: Vec<String>,
    },
    /// An RDS instance: MySQL, private, encrypted, no backups.
    DbInstance {
        /// Instance id.
        id: String,
        /// Instance class.
        class: String,
        /// `8.4`
        engine_version: String,
        /// Initial database.
        database: String,
        /// Master user.
        user: String,
        /// Path of the SecureString with the password.
        password: String,
        /// Subnet group name.
        subnet_group: String,
        /// Security group id.
        security_group: String,
        /// gp3 storage, GB.
        storage_gb: u16,
    },
    /// An IAM role that EC2 may assume.
    Role {
        /// Role name.
        name: String,
        /// What it is for.
        description: String,
    },
    /// The role's inline policy: what the SSM agent needs, and this session's parameters.
    RolePolicy {
        /// Role name.
        role: String,
        /// Policy name.
        name: String,
        /// The policy, as JSON text.
        document: String,
    },
    /// An instance profile.
    InstanceProfile {
        /// Profile name.
        name: String,
    },
    /// The role put into the profile.
    ProfileRole {
        /// Profile name.
        profile: String,
        /// Role name.
        role: String,
    },
    /// An EC2 instance: IMDSv2 only, no key pair, terminates itself at the expiry.
    Instance {
        /// `Name` tag.
        name: String,
        /// Idempotency token, recorded before the call.
        token: String,
        /// AMI id.
        image: String,
        /// Instance type.
        instance_type: String,
        /// Subnet id.
        subnet: String,
        /// Security group id.
        security_group: String,
        /// Instance profile name.
        profile: String,
        /// Plain user data (base64 is the cloud's business).
        user_data: String,
    },
}

impl Action {
    /// What a person calls it, with its name.
    pub fn describe(&self) -> String {
        match self {
            Self::SecurityGroup { name, .. } => format!("security group {name}"),
            Self::IngressRule { port, group, source } => {
                format!("rule: TCP {port} into {group} from {source}")
            }
            Self::CacheSubnetGroup { name, .. } => format!("cache subnet group {name}"),
            Self::CacheParameterGroup { name, family, .. } => {
                format!("cache parameter group {name} ({family})")
            }
            Self::CacheParameters { group, values } => format!("{} in {group}", pairs(values)),
            Self::TrialParameters { group, values, .. } => {
                format!("{} in {group}, for a lesson", pairs(values))
            }
            Self::Secret { path, .. } => format!("secret {path}"),
            Self::Note { path, .. } => format!("note {path}"),
            Self::ReplicationGroup { id, nodes, engine, .. } => {
                format!("{engine} replication group {id} ({nodes} nodes)")
            }
            Self::DbSubnetGroup { name, .. } => format!("DB subnet group {name}"),
            Self::DbInstance { id, .. } => format!("MySQL database {id}"),
            Self::Role { name, .. } => format!("IAM role {name}"),
            Self::RolePolicy { role, name, .. } => format!("policy {name} of role {role}"),
            Self::InstanceProfile { name } => format!("instance profile {name}"),
            Self::ProfileRole { role, profile } => format!("role {role} in profile {profile}"),
            Self::Instance { name, .. } => format!("EC2 instance {name}"),
        }
    }

    /// The stage of clean-up in which it is undone; those of one stage go in parallel. AWS-FACTS section 2.
    pub fn undo_stage(&self) -> u8 {
        match self {
            Self::ReplicationGroup { .. } | Self::DbInstance { .. } | Self::Instance { .. } => 0,
            Self::SecurityGroup { .. } | Self::InstanceProfile { .. } => 2,
            Self::Role { .. } => 3,
            // The notes go last: with them another machine can finish a clean-up that was cut off.
            Self::Note { .. } => 4,
            _ => 1,
        }
    }

    /// The path of the secret with which it is made, and which nobody can read back from it.
    pub fn password(&self) -> Option<&str> {
        match self {
            Self::ReplicationGroup { auth_token, .. } => Some(auth_token),
            Self::DbInstance { password, .. } => Some(password),
            _ => None,
        }
    }

    /// Whether making and unmaking take minutes, so that both are waited for.
    pub fn is_slow(&self) -> bool {
        self.undo_stage() == 0
    }

    /// Whether it is only a setting of another resource and goes with it.
    pub fn is_setting(&self) -> bool {
        matches!(self, Self::CacheParameters { .. } | Self::TrialParameters { .. })
    }
}

/// Settings for a person.
pub(crate) fn pairs(values: &BTreeMap<String, String>) -> String {
    values.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" and ")
}

/// An action with its place in the session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Planned {
    /// Unique in the session, stable over runs: `app-group`, `cache`, `database`, …
    pub name: String,
    /// The request.
    pub action: Action,
    /// The tags it is made with.
    pub tags: Tags,
}

/// What a create or a find told.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Output {
    /// The id by which the service knows it.
    pub id: String,
    /// The rest, folded into the facts as `<name>.<key>`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, String>,
}

impl Output {
    /// An output that is an id alone.
    pub fn id(id: impl Into<String>) -> Self {
        Self { id: id.into(), attributes: BTreeMap::new() }
    }
    /// The same with one more attribute.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<String>) -> Self {
        self.attributes.insert(key.to_owned(), value.into());
        self
    }
}
