//! DB instances as AWS shows them.

use super::state::Instance;
use super::{catalog, subnet_group};
use crate::model::node::Node;
use crate::server::ctx::Ctx;
use crate::services::shared::event::stamp;
use crate::services::shared::status::Status;

/// A DB instance.
pub(super) fn instance(ctx: &Ctx, instance: &Instance) -> Node {
    // AWS shows an endpoint once there is something behind it.
    let reachable = instance.status.is_up();
    let endpoint = reachable.then(|| {
        Node::new("Endpoint")
            .leaf("Address", instance.database.listen.ip())
            .leaf("Port", instance.database.listen.port())
            .leaf("HostedZoneId", "Z2R2ITUGPM61AM")
    });
    let family = catalog::family(&instance.engine_version);
    let groups = instance
        .security_groups
        .iter()
        .map(|id| Node::default().leaf("VpcSecurityGroupId", id).leaf("Status", "active"));
    let parameters = Node::default()
        .leaf("DBParameterGroupName", format!("default.{family}"))
        .leaf("ParameterApplyStatus", "in-sync");
    let options = Node::default()
        .leaf("OptionGroupName", format!("default:{}", family.replace("mysql", "mysql-").replace('.', "-")))
        .leaf("Status", "in-sync");
    let key = instance.encrypted.then(|| ctx.arn("kms", "key/00000000-0000-0000-0000-000000000000"));
    let iops = (instance.storage_type == "gp3").then_some(3000);
    let throughput = if instance.storage_type == "gp3" { 125 } else { 0 };
    Node::new("DBInstance")
        .leaf("DBInstanceIdentifier", &instance.id)
        .leaf("DBInstanceClass", &instance.class)
        .leaf("Engine", "mysql")
        .leaf("DBInstanceStatus", instance.status_word())
        .leaf("MasterUsername", &instance.master)
        .opt("DBName", instance.name.as_ref())
        .maybe(endpoint)
        .leaf("AllocatedStorage", instance.storage)
        .opt("InstanceCreateTime", (instance.status != Status::Creating).then(|| stamp(instance.created)))
        .leaf("PreferredBackupWindow", &instance.backup_window)
        .leaf("BackupRetentionPeriod", instance.retention)
        .child(Node::new("DBSecurityGroups"))
        .list("VpcSecurityGroups", "VpcSecurityGroupMembership", groups)
        .list("DBParameterGroups", "DBParameterGroup", [parameters])
        .opt("AvailabilityZone", (instance.status != Status::Creating).then_some(&instance.zone))
        .child(subnet_group::element(&instance.subnet_group))
        .leaf("PreferredMaintenanceWindow", &instance.maintenance_window)
        .child(Node::new("PendingModifiedValues"))
        .leaf("MultiAZ", instance.multi_az)
        .leaf("EngineVersion", &instance.engine_version)
        .leaf("AutoMinorVersionUpgrade", instance.minor_upgrades)
        .child(Node::new("ReadReplicaDBInstanceIdentifiers"))
        .leaf("LicenseModel", "general-public-license")
        .opt("Iops", iops)
        .list("OptionGroupMemberships", "OptionGroupMembership", [options])
        .leaf("PubliclyAccessible", instance.public)
        .leaf("StorageType", &instance.storage_type)
        .leaf("StorageThroughput", throughput)
        .leaf("DbInstancePort", 0)
        .leaf("StorageEncrypted", instance.encrypted)
        .opt("KmsKeyId", key)
        .leaf("DbiResourceId", &instance.resource_id)
        .leaf("CACertificateIdentifier", "rds-ca-rsa2048-g1")
        .child(Node::new("DomainMemberships"))
        .leaf("CopyTagsToSnapshot", instance.copy_tags)
        .leaf("MonitoringInterval", 0)
        .leaf("DBInstanceArn", &instance.arn)
        .leaf("IAMDatabaseAuthenticationEnabled", false)
        .leaf("PerformanceInsightsEnabled", false)
        .leaf("DeletionProtection", instance.protected)
        .child(Node::new("AssociatedRoles"))
        .opt("MaxAllocatedStorage", instance.max_storage)
        .list("TagList", "Tag", instance.tags.iter().map(|tag| tag.element("Tag", "Key", "Value")))
        .leaf("CustomerOwnedIpEnabled", false)
        .leaf("ActivityStreamStatus", "stopped")
        .leaf("BackupTarget", "region")
        .leaf("NetworkType", "IPV4")
        .child(
            Node::new("CertificateDetails")
                .leaf("CAIdentifier", "rds-ca-rsa2048-g1")
                .leaf("ValidTill", "2061-05-25T23:34:57Z"),
        )
        .leaf("DedicatedLogVolume", false)
        .leaf("IsStorageConfigUpgradeAvailable", false)
        .leaf("EngineLifecycleSupport", &instance.lifecycle)
}
