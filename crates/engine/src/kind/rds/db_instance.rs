//! RDS instances.

use super::SERVICE_ROLE;
use crate::kind::prelude::*;

/// The quota against which it counts.
const QUOTA: Quota = Quota { service: "rds", code: "L-7B6409FD", what: "RDS DB instances" };

/// How IAM knows it.
const ARN: Arn = Arn { service: "rds", resource: "db", concerns: |action| !action.contains("DBSubnetGroup") };

/// An RDS instance: MySQL, private, encrypted, no backups.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DbInstance {
    /// Instance id.
    pub id: String,
    /// Instance class.
    pub class: String,
    /// `8.4`
    pub engine_version: String,
    /// Initial database.
    pub database: String,
    /// Master user.
    pub user: String,
    /// Path of the SecureString with the password.
    pub password: String,
    /// Subnet group name.
    pub subnet_group: String,
    /// Security group id.
    pub security_group: String,
    /// gp3 storage, GB.
    pub storage_gb: u16,
}

impl Kind for DbInstance {
    fn describe(&self) -> String {
        format!("MySQL database {}", self.id)
    }
    fn own_name(&mut self) -> Option<&mut String> {
        Some(&mut self.id)
    }
    fn properties(&self) -> Properties<'_> {
        Properties {
            undo_stage: UndoStage::Users,
            nature: Nature::Own,
            wait: Some(Wait {
                command: ("rds", "wait db-instance-available"),
                option: "db-instance-identifier",
                runs_commands: false,
            }),
            secret: SecretUse::MadeWith(&self.password),
            charges: vec![
                Charge::hourly(&self.class, 1.0, "rds"),
                Charge::storage("rds.gp3", f64::from(self.storage_gb), "rds_storage"),
            ],
            quota: Some((QUOTA, 1)),
            id_query: None,
            attributes: &["host", "port", "version"],
            service_role: Some(SERVICE_ROLE),
        }
    }
    fn arns() -> &'static [Arn] {
        &[ARN]
    }
    fn make_line(&self, planned: &Planned) -> Line {
        Line::new("rds", "create-db-instance")
            .arg("db-instance-identifier", &self.id)
            .arg("db-instance-class", &self.class)
            .arg("engine", "mysql")
            .arg("engine-version", &self.engine_version)
            .arg("engine-lifecycle-support", "open-source-rds-extended-support-disabled")
            .arg("db-name", &self.database)
            .arg("master-username", &self.user)
            .secret("master-user-password", &self.password)
            .arg("allocated-storage", self.storage_gb.to_string())
            .arg("storage-type", "gp3")
            .flag("storage-encrypted")
            .arg("db-subnet-group-name", &self.subnet_group)
            .arg("vpc-security-group-ids", &self.security_group)
            .arg("backup-retention-period", "0")
            .flag("no-multi-az")
            .flag("no-publicly-accessible")
            .tags(&planned.tags)
    }
    fn undo_line(&self, _: &str) -> Option<Line> {
        Some(
            Line::new("rds", "delete-db-instance")
                .arg("db-instance-identifier", &self.id)
                .flag("skip-final-snapshot")
                .flag("delete-automated-backups"),
        )
    }
    fn tag_line(&self, _: &Planned, place: &Place) -> Option<Line> {
        Some(Line::new("rds", "add-tags-to-resource").arg("resource-name", ARN.of(place, &self.id)))
    }
}
