//! Replication groups and their nodes as AWS shows them.

use std::net::SocketAddrV4;

use crate::model::node::Node;
use crate::server::ctx::Ctx;
use crate::services::elasticache::state::{Member, ReplicationGroup};
use crate::services::elasticache::version;
use crate::services::shared::event::stamp;
use crate::services::shared::status::Status;

fn endpoint(name: &'static str, address: SocketAddrV4) -> Node {
    Node::new(name).leaf("Address", address.ip()).leaf("Port", address.port())
}

fn enabled(on: bool) -> &'static str {
    if on { "enabled" } else { "disabled" }
}

/// A replication group.
pub(crate) fn group(group: &ReplicationGroup) -> Node {
    // AWS shows endpoints once there is something behind them.
    let reachable = group.status.is_up();
    let mut node_group =
        Node::new("NodeGroup").leaf("NodeGroupId", "0001").leaf("Status", group.status_word());
    if reachable {
        let members = group.members.iter().map(|member| {
            let node = group.layout.node(&member.cluster_id);
            Node::default()
                .leaf("CacheClusterId", &member.cluster_id)
                .leaf("CacheNodeId", "0001")
                .maybe(node.map(|node| endpoint("ReadEndpoint", node.listen)))
                .leaf("PreferredAvailabilityZone", &member.zone)
                .leaf(
                    "CurrentRole",
                    if member.cluster_id == group.layout.primary { "primary" } else { "replica" },
                )
        });
        node_group = node_group
            .child(endpoint("PrimaryEndpoint", group.layout.primary_endpoint))
            .child(endpoint("ReaderEndpoint", group.layout.reader_endpoint))
            .list("NodeGroupMembers", "NodeGroupMember", members);
    }
    let node_groups =
        if group.status == Status::Creating || reachable { vec![node_group] } else { Vec::new() };
    Node::new("ReplicationGroup")
        .leaf("ReplicationGroupId", &group.id)
        .leaf("Description", &group.description)
        .child(Node::new("GlobalReplicationGroupInfo"))
        .leaf("Status", group.status_word())
        .child(Node::new("PendingModifiedValues"))
        .leaves("MemberClusters", "ClusterId", group.members.iter().map(|member| &member.cluster_id))
        .list("NodeGroups", "NodeGroup", node_groups)
        .leaf("AutomaticFailover", enabled(group.failover))
        .leaf("MultiAZ", enabled(group.multi_az))
        .leaf("SnapshotRetentionLimit", group.snapshot_retention)
        .leaf("SnapshotWindow", &group.snapshot_window)
        .leaf("ClusterEnabled", false)
        .leaf("CacheNodeType", &group.node_type)
        .leaf("AuthTokenEnabled", group.token_since.is_some())
        .opt("AuthTokenLastModifiedDate", group.token_since.map(stamp))
        .leaf("TransitEncryptionEnabled", group.tls)
        .opt("TransitEncryptionMode", group.tls.then_some("required"))
        .leaf("AtRestEncryptionEnabled", group.at_rest)
        .leaf("ARN", &group.arn)
        .child(Node::new("LogDeliveryConfigurations"))
        .leaf("ReplicationGroupCreateTime", stamp(group.created))
        .leaf("DataTiering", "disabled")
        .leaf("AutoMinorVersionUpgrade", group.minor_upgrades)
        .leaf("NetworkType", "ipv4")
        .leaf("IpDiscovery", "ipv4")
        .leaf("ClusterMode", "disabled")
        .leaf("Engine", &group.engine)
}

/// One member as a cache cluster.
pub(crate) fn cluster(ctx: &Ctx, group: &ReplicationGroup, member: &Member, nodes: bool) -> Node {
    let full =
        version::resolve(&group.engine, Some(&group.engine_version)).map_or("", |version| version.full);
    let reachable = group.status.is_up();
    let node = Node::default()
        .leaf("CacheNodeId", "0001")
        .leaf("CacheNodeStatus", group.status_word())
        .leaf("CacheNodeCreateTime", stamp(group.created))
        .maybe(
            group
                .layout
                .node(&member.cluster_id)
                .filter(|_| reachable)
                .map(|node| endpoint("Endpoint", node.listen)),
        )
        .leaf("ParameterGroupStatus", "in-sync")
        .leaf("CustomerAvailabilityZone", &member.zone);
    let groups = group
        .security_groups
        .iter()
        .map(|id| Node::default().leaf("SecurityGroupId", id).leaf("Status", "active"));
    let element = Node::new("CacheCluster")
        .leaf("CacheClusterId", &member.cluster_id)
        .leaf("ClientDownloadLandingPage", "https://console.aws.amazon.com/elasticache/home#client-download:")
        .leaf("CacheNodeType", &group.node_type)
        .leaf("Engine", &group.engine)
        .leaf("EngineVersion", full)
        .leaf("CacheClusterStatus", group.status_word())
        .leaf("NumCacheNodes", 1)
        .leaf("PreferredAvailabilityZone", &member.zone)
        .leaf("CacheClusterCreateTime", stamp(group.created))
        .leaf("PreferredMaintenanceWindow", &group.maintenance_window)
        .child(Node::new("PendingModifiedValues"))
        .child(Node::new("CacheSecurityGroups"))
        .child(
            Node::new("CacheParameterGroup")
                .leaf("CacheParameterGroupName", &group.parameter_group)
                .leaf("ParameterApplyStatus", "in-sync")
                .child(Node::new("CacheNodeIdsToReboot")),
        )
        .leaf("CacheSubnetGroupName", &group.subnet_group);
    let element = if nodes { element.list("CacheNodes", "CacheNode", [node]) } else { element };
    element
        .leaf("AutoMinorVersionUpgrade", group.minor_upgrades)
        .list("SecurityGroups", "member", groups)
        .leaf("ReplicationGroupId", &group.id)
        .leaf("SnapshotRetentionLimit", group.snapshot_retention)
        .leaf("SnapshotWindow", &group.snapshot_window)
        .leaf("AuthTokenEnabled", group.token_since.is_some())
        .opt("AuthTokenLastModifiedDate", group.token_since.map(stamp))
        .leaf("TransitEncryptionEnabled", group.tls)
        .leaf("AtRestEncryptionEnabled", group.at_rest)
        .leaf("ARN", ctx.arn("elasticache", &format!("cluster:{}", member.cluster_id)))
        .leaf("ReplicationGroupLogDeliveryEnabled", false)
        .child(Node::new("LogDeliveryConfigurations"))
        .leaf("NetworkType", "ipv4")
        .leaf("IpDiscovery", "ipv4")
        .opt("TransitEncryptionMode", group.tls.then_some("required"))
}
