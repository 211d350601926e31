//! ElastiCache replication groups.

use crate::kind::prelude::*;

/// The quota against which it counts.
const QUOTA: Quota = Quota { service: "elasticache", code: "L-DFE45DF3", what: "ElastiCache nodes" };

/// How IAM knows it.
const ARN: Arn = Arn {
    service: "elasticache",
    resource: "replicationgroup",
    concerns: |action| !action.contains("CacheSubnetGroup") && !action.contains("CacheParameterGroup"),
};

/// Its nodes.
const MEMBERS: Arn = Arn {
    service: "elasticache",
    resource: "cluster",
    concerns: |action| action == "CreateReplicationGroup",
};

/// An ElastiCache replication group: one primary with replicas, TLS, AUTH, encrypted at rest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplicationGroup {
    /// Group id.
    pub id: String,
    /// What it is for.
    pub description: String,
    /// `redis` or `valkey`.
    pub engine: String,
    /// Major and minor version.
    pub engine_version: String,
    /// Node type.
    pub node_type: String,
    /// Nodes in all.
    pub nodes: u8,
    /// Parameter group name.
    pub parameter_group: String,
    /// Subnet group name.
    pub subnet_group: String,
    /// Security group id.
    pub security_group: String,
    /// Path of the SecureString with the AUTH token.
    pub auth_token: String,
    /// TCP port.
    pub port: u16,
}

impl Kind for ReplicationGroup {
    fn describe(&self) -> String {
        format!("{} replication group {} ({} nodes)", self.engine, self.id, self.nodes)
    }
    fn own_name(&mut self) -> Option<&mut String> {
        Some(&mut self.id)
    }
    fn properties(&self) -> Properties<'_> {
        Properties {
            undo_stage: UndoStage::Users,
            nature: Nature::Own,
            wait: Some(Wait {
                command: ("elasticache", "wait replication-group-available"),
                option: "replication-group-id",
                runs_commands: false,
            }),
            secret: SecretUse::MadeWith(&self.auth_token),
            charges: vec![Charge::hourly(
                format!("{}.{}", self.node_type, self.engine),
                f64::from(self.nodes),
                "cache",
            )],
            quota: Some((QUOTA, u32::from(self.nodes))),
            id_query: None,
            attributes: &["primary_host", "reader_host", "port"],
            service_role: Some("AWSServiceRoleForElastiCache"),
        }
    }
    fn arns() -> &'static [Arn] {
        &[ARN, MEMBERS]
    }
    fn make_line(&self, planned: &Planned) -> Line {
        Line::new("elasticache", "create-replication-group")
            .arg("replication-group-id", &self.id)
            .arg("replication-group-description", &self.description)
            .arg("engine", &self.engine)
            .arg("engine-version", &self.engine_version)
            .arg("cache-node-type", &self.node_type)
            .arg("num-cache-clusters", self.nodes.to_string())
            .flag("automatic-failover-enabled")
            .flag("multi-az-enabled")
            .flag("transit-encryption-enabled")
            .flag("at-rest-encryption-enabled")
            .secret("auth-token", &self.auth_token)
            .arg("cache-parameter-group-name", &self.parameter_group)
            .arg("cache-subnet-group-name", &self.subnet_group)
            .arg("security-group-ids", &self.security_group)
            .arg("port", self.port.to_string())
            .tags(&planned.tags)
    }
    fn undo_line(&self, _: &str) -> Option<Line> {
        Some(Line::new("elasticache", "delete-replication-group").arg("replication-group-id", &self.id))
    }
    fn tag_line(&self, _: &Planned, place: &Place) -> Option<Line> {
        Some(Line::new("elasticache", "add-tags-to-resource").arg("resource-name", ARN.of(place, &self.id)))
    }
}
