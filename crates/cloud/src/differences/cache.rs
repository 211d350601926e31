//! What ElastiCache has.

use super::{Found, subnets_differ};
use crate::AwsCloud;
use crate::failure::{Named as _, absent};
use aws_sdk_elasticache::types::{AutomaticFailoverStatus, MultiAzStatus};
use recipe_walk_engine::action::{Action, Planned};
use recipe_walk_engine::difference::Difference;
use recipe_walk_engine::failure::Failure;
use recipe_walk_engine::kind;

impl AwsCloud {
    pub(super) async fn compare_cache_subnets(
        &self,
        name: &str,
        subnets: &[String],
    ) -> Result<Vec<Difference>, Failure> {
        let call = self.elasticache.describe_cache_subnet_groups().cache_subnet_group_name(name);
        let answer = absent(call.send().await.named("elasticache:DescribeCacheSubnetGroups"))?;
        let group = answer.and_then(|a| a.cache_subnet_groups?.into_iter().next());
        let there = group.map(|g| {
            g.subnets().iter().filter_map(|s| s.subnet_identifier().map(str::to_owned)).collect::<Vec<_>>()
        });
        let mend = self.typed(&format!(
            "elasticache modify-cache-subnet-group --cache-subnet-group-name {name} --subnet-ids {}",
            subnets.join(" ")
        ));
        Ok(subnets_differ(subnets, there, &mend))
    }

    pub(super) async fn compare_family(&self, name: &str, family: &str) -> Result<Vec<Difference>, Failure> {
        let call = self.elasticache.describe_cache_parameter_groups().cache_parameter_group_name(name);
        let answer = absent(call.send().await.named("elasticache:DescribeCacheParameterGroups"))?;
        let mut found = Found::default();
        if let Some(group) = answer.as_ref().and_then(|a| a.cache_parameter_groups().first()) {
            found.compare(
                "family",
                family,
                group.cache_parameter_group_family(),
                "The family belongs to the engine and its version; a cache refuses a group of another one.",
                &self.anew(&format!(
                    "elasticache delete-cache-parameter-group --cache-parameter-group-name {name}"
                )),
            );
        }
        Ok(found.0)
    }

    pub(super) async fn compare_parameters(&self, planned: &Planned) -> Result<Vec<Difference>, Failure> {
        let Action::CacheParameters(kind::CacheParameters { group, values }) = &planned.action else {
            return Ok(Vec::new());
        };
        let call = self.elasticache.describe_cache_parameters().cache_parameter_group_name(group);
        let Some(answer) = absent(call.send().await.named("elasticache:DescribeCacheParameters"))? else {
            return Ok(Vec::new());
        };
        let mut found = Found::default();
        for (name, value) in values {
            let there = answer.parameters().iter().find(|p| p.parameter_name() == Some(name));
            let mend = self.typed(&format!(
                "elasticache modify-cache-parameter-group --cache-parameter-group-name {group} --parameter-name-values ParameterName={name},ParameterValue={value}"
            ));
            let matters = match name.as_str() {
                "maxmemory-policy" => {
                    "It decides which keys go when memory is full; the default evicts only keys with a TTL."
                }
                _ => "It leaves little memory for data, so that a later step can fill it and show what goes.",
            };
            found.compare(name, value, there.and_then(|p| p.parameter_value()), matters, &mend);
        }
        Ok(found.0)
    }

    pub(super) async fn compare_replication_group(
        &self,
        planned: &Planned,
    ) -> Result<Vec<Difference>, Failure> {
        let Action::ReplicationGroup(kind::ReplicationGroup {
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
        }) = &planned.action
        else {
            return Ok(Vec::new());
        };
        let Some(group) = self.replication_group(id).await? else { return Ok(Vec::new()) };
        let mut found = Found::default();
        let anew = self.anew(&format!("elasticache delete-replication-group --replication-group-id {id}"));
        let modify = |what: &str| {
            self.typed(&format!(
                "elasticache modify-replication-group --replication-group-id {id} {what} --apply-immediately"
            ))
        };
        let late = "It can only be chosen at creation.";
        let on = |value: Option<bool>| value == Some(true);
        found.switch(
            "TLS",
            true,
            on(group.transit_encryption_enabled()),
            &format!("Without it, keys, values and the AUTH token cross the network in the clear. {late}"),
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
                &self.typed(&format!(
                    "elasticache increase-replica-count --replication-group-id {id} --new-replica-count {} --apply-immediately",
                    nodes.saturating_sub(1)
                )),
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
                &modify("--automatic-failover-enabled"),
            );
            found.switch(
                "multi-AZ",
                true,
                group.multi_az() == Some(&MultiAzStatus::Enabled),
                "Without it both nodes may stand in one zone and fail together.",
                &modify("--multi-az-enabled --automatic-failover-enabled"),
            );
        }
        // Larger nodes work as well, at a higher price.
        found.compare("node type", node_type, group.cache_node_type(), "", "");
        let member = group.member_clusters().first().map(String::as_str);
        let Some(member) = member else { return Ok(found.0) };
        let call = self.elasticache.describe_cache_clusters().cache_cluster_id(member);
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
            &modify(&format!("--cache-parameter-group-name {parameter_group}")),
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
                &modify(&format!("--security-group-ids {security_group}")),
            );
        }
        if let Some(there) = group.node_groups().first().and_then(|n| n.primary_endpoint()?.port()) {
            let matters = "The rule of the cache's security group opens another port.";
            found.compare("port", &port.to_string(), Some(&there.to_string()), matters, &anew);
        }
        Ok(found.0)
    }
}
