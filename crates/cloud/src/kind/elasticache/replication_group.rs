//! ElastiCache replication groups.

use crate::kind::compare::Differences;
use crate::kind::prelude::*;
use aws_sdk_elasticache::types::{
    AutomaticFailoverStatus, MultiAzStatus, ReplicationGroup as Group, SourceType,
};
use recipe_walk_engine::kind::ReplicationGroup;
use secrecy::ExposeSecret as _;
use std::collections::BTreeMap;

impl AwsCloud {
    async fn replication_group(&self, id: &str) -> Result<Option<Group>, Failure> {
        let call = self.elasticache.describe_replication_groups().replication_group_id(id);
        let answer = absent(call.send().await.named("elasticache:DescribeReplicationGroups"))?;
        Ok(answer.and_then(|a| a.replication_groups?.into_iter().next()))
    }

    async fn replication_groups(&self) -> Result<Vec<Group>, Failure> {
        pages!(
            self.elasticache.describe_replication_groups(),
            "elasticache:DescribeReplicationGroups",
            replication_groups
        )
    }

    /// Promotes the replica. The one node group of a group without cluster mode is always `0001` (docs/aws.md,
    /// "ElastiCache").
    pub(crate) async fn test_failover(&self, id: &str) -> Result<(), Failure> {
        let call = self.elasticache.test_failover().replication_group_id(id).node_group_id("0001");
        call.send().await.named("elasticache:TestFailover").map(|_| ())
    }
}

impl Resource for ReplicationGroup {
    const ERRORS: Errors = &[
        ("ReplicationGroupAlreadyExists", Kind::AlreadyExists),
        ("ReplicationGroupNotFoundFault", Kind::NotFound),
        ("InvalidReplicationGroupState", Kind::InUse),
        ("InsufficientCacheClusterCapacity", Kind::Capacity),
    ];
    const BOARD: Board = Board::Tagging;

    async fn find(&self, cloud: &AwsCloud, planned: &Planned) -> Result<Found, Failure> {
        let Some(group) = cloud.replication_group(&self.id).await? else { return Ok(Found::Absent) };
        let arn = group.arn().unwrap_or_default();
        let output = Output::id(&self.id).with("arn", arn);
        match cloud.cache_tags(arn).await {
            Ok(found) => {
                let pairs = found.iter().filter_map(|t| Some((t.key()?, t.value()?)));
                Ok(tagging::judge(&planned.tags, pairs, output))
            }
            // Tags cannot be read while the group is not available (docs/aws.md, "ElastiCache"). Until then the random
            // name with our description counts as ours: nothing can be deleted in that state either, and by the time it
            // can, the tag is looked at again.
            Err(f)
                if f.kind() == Some(Kind::InUse)
                    && group.description() == Some(self.description.as_str()) =>
            {
                Ok(Found::Ours(output))
            }
            // Between the two calls it went away, or ended up in a state that has no tags.
            Err(f) if f.kind() == Some(Kind::NotFound) => Ok(Found::Absent),
            Err(f) => Err(f),
        }
    }

    async fn make(&self, cloud: &AwsCloud, planned: &Planned) -> Result<Output, Failure> {
        let token = cloud.read_secret(&self.auth_token).await?;
        let answer = cloud
            .elasticache
            .create_replication_group()
            .replication_group_id(&self.id)
            .replication_group_description(&self.description)
            .engine(&self.engine)
            .engine_version(&self.engine_version)
            .cache_node_type(&self.node_type)
            .num_cache_clusters(i32::from(self.nodes))
            .automatic_failover_enabled(true)
            .multi_az_enabled(true)
            .transit_encryption_enabled(true)
            .at_rest_encryption_enabled(true)
            .auth_token(token.expose_secret())
            .cache_parameter_group_name(&self.parameter_group)
            .cache_subnet_group_name(&self.subnet_group)
            .security_group_ids(&self.security_group)
            .port(i32::from(self.port))
            .set_tags(Some(tagging::elasticache(&planned.tags)))
            .send()
            .await
            .named("elasticache:CreateReplicationGroup")?;
        let arn = answer.replication_group().and_then(|g| g.arn()).unwrap_or_default();
        Ok(Output::id(&self.id).with("arn", arn))
    }

    async fn probe(&self, cloud: &AwsCloud, _: &Planned, id: &str) -> Result<Probe, Failure> {
        let Some(group) = cloud.replication_group(id).await? else { return Ok(gone()) };
        let event = newest_event!(cloud.elasticache, SourceType::ReplicationGroup, id);
        let status = group.status().unwrap_or("unknown").to_owned();
        let mut attributes = BTreeMap::new();
        let stage = match status.as_str() {
            "available" => match endpoints(&group) {
                Some(found) => {
                    attributes = found;
                    Stage::Ready
                }
                None => Stage::Pending,
            },
            // The reason is only in the events (docs/aws.md, "Names and limits").
            "create-failed" => {
                Stage::Failed(event.clone().unwrap_or_else(|| "the service could not create it".into()))
            }
            "deleting" => Stage::Failed("it is being deleted".into()),
            _ => Stage::Pending,
        };
        Ok(Probe { stage, status, event, attributes })
    }

    async fn undo(&self, cloud: &AwsCloud, _: &str) -> Result<(), Failure> {
        if let Some(group) = cloud.replication_group(&self.id).await?
            && group.status() == Some("deleting")
        {
            return Ok(());
        }
        let call = cloud.elasticache.delete_replication_group().replication_group_id(&self.id);
        call.send().await.named("elasticache:DeleteReplicationGroup").map(|_| ())
    }

    async fn differences(&self, cloud: &AwsCloud, _: &Planned) -> Result<Vec<Difference>, Failure> {
        let Self {
            id,
            engine,
            engine_version,
            node_type,
            nodes,
            parameter_group,
            subnet_group,
            security_group,
            port,
            ..
        } = self;
        let Some(group) = cloud.replication_group(id).await? else { return Ok(Vec::new()) };
        let mut found = Differences::default();
        let of = |operation| Line::new("elasticache", operation).arg("replication-group-id", id);
        let anew = cloud.anew(&of("delete-replication-group"));
        let modify = || of("modify-replication-group").flag("apply-immediately");
        let late = "It can only be chosen at creation.";
        let on = |value: Option<bool>| value == Some(true);
        found.switch(
            "TLS",
            true,
            on(group.transit_encryption_enabled()),
            "Without it, keys, values and the AUTH token cross the network in the clear. It can be switched on later, mode \
             `preferred` first and then `required`; a cache without data is sooner made anew.",
            &anew,
        );
        found.switch(
            "AUTH token",
            true,
            on(group.auth_token_enabled()),
            "Without it, whoever reaches the port may read and delete everything; the demo signs in with the token.",
            &anew,
        );
        found.switch(
            "encryption at rest",
            true,
            on(group.at_rest_encryption_enabled()),
            &format!("Snapshots and swap lie on disks. {late}"),
            &anew,
        );
        let count = group.member_clusters().len();
        // What is still being made may not show all of it yet; the wait sees to that it gets there.
        let settled = group.status() == Some("available");
        if settled {
            found.compare(
                "nodes",
                &nodes.to_string(),
                Some(&count.to_string()),
                "Without a replica nothing can take over when the primary fails.",
                &cloud.typed(
                    &of("increase-replica-count")
                        .arg("new-replica-count", nodes.saturating_sub(1).to_string())
                        .flag("apply-immediately"),
                ),
            );
        }
        let failover = matches!(
            group.automatic_failover(),
            Some(AutomaticFailoverStatus::Enabled | AutomaticFailoverStatus::Enabling)
        );
        if settled {
            found.switch(
                "automatic failover",
                true,
                failover,
                "Without it a failed primary stays failed until somebody acts.",
                &cloud.typed(&modify().flag("automatic-failover-enabled")),
            );
            found.switch(
                "multi-AZ",
                true,
                group.multi_az() == Some(&MultiAzStatus::Enabled),
                "Without it both nodes may stand in one zone and fail together.",
                &cloud.typed(&modify().flag("multi-az-enabled").flag("automatic-failover-enabled")),
            );
        }
        // Larger nodes work as well, at a higher price.
        found.compare("node type", node_type, group.cache_node_type(), "", "");
        let member = group.member_clusters().first().map(String::as_str);
        let Some(member) = member else { return Ok(found.0) };
        let call = cloud.elasticache.describe_cache_clusters().cache_cluster_id(member);
        let answer = absent(call.send().await.named("elasticache:DescribeCacheClusters"))?;
        let Some(cluster) = answer.and_then(|a| a.cache_clusters?.into_iter().next()) else {
            return Ok(found.0);
        };
        found.compare(
            "engine",
            engine,
            cluster.engine(),
            "Both speak the same protocol, at another price.",
            "",
        );
        let version = cluster.engine_version().unwrap_or_default();
        if !version.starts_with(engine_version.trim_end_matches(".x")) {
            found.compare("engine version", engine_version, Some(version), "", "");
        }
        found.compare(
            "parameter group",
            parameter_group,
            cluster.cache_parameter_group().and_then(|g| g.cache_parameter_group_name()),
            "The eviction policy is in the group that the step before made.",
            &cloud.typed(&modify().arg("cache-parameter-group-name", parameter_group)),
        );
        found.compare(
            "subnet group",
            subnet_group,
            cluster.cache_subnet_group_name(),
            &format!("The nodes would stand in other subnets. {late}"),
            &anew,
        );
        let groups: Vec<&str> =
            cluster.security_groups().iter().filter_map(|g| g.security_group_id()).collect();
        if !groups.contains(&security_group.as_str()) {
            found.compare(
                "security group",
                security_group,
                Some(&groups.join(", ")),
                "The app's group is let in by this group only.",
                &cloud.typed(&modify().arg("security-group-ids", security_group)),
            );
        }
        if let Some(there) = group.node_groups().first().and_then(|n| n.primary_endpoint()?.port()) {
            let matters = "The rule of the cache's security group opens another port.";
            found.compare("port", &port.to_string(), Some(&there.to_string()), matters, &anew);
        }
        Ok(found.0)
    }

    async fn left(cloud: &AwsCloud, traces: &Traces<'_>) -> Result<Vec<Leftover>, Failure> {
        let left = |group: &Group| {
            let node = group.cache_node_type().zip(group.engine());
            let nodes = group.member_clusters().len() as f64;
            let charge =
                node.map(|(node, engine)| Charge::hourly(format!("{node}.{engine}"), nodes, "cache"));
            let tagged = traces.tagged.contains(group.arn().unwrap_or_default());
            traces.of(
                "replication group",
                group.replication_group_id()?,
                tagged,
                charge.map(|charge| vec![charge]),
            )
        };
        Ok(cloud.replication_groups().await?.iter().filter_map(left).collect())
    }

    async fn usage(cloud: &AwsCloud) -> Result<Option<Usage>, Failure> {
        let groups = cloud.replication_groups().await?;
        Ok(Some(Usage::of(groups.iter().map(|group| group.member_clusters().len()).sum())))
    }
}

fn endpoints(group: &Group) -> Option<BTreeMap<String, String>> {
    let node_group = group.node_groups().first()?;
    let primary = node_group.primary_endpoint()?;
    let reader = node_group.reader_endpoint()?;
    Some(BTreeMap::from([
        ("primary_host".to_owned(), primary.address()?.to_owned()),
        ("reader_host".to_owned(), reader.address()?.to_owned()),
        ("port".to_owned(), primary.port()?.to_string()),
    ]))
}
