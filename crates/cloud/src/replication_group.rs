//! ElastiCache replication groups.

use crate::AwsCloud;
use crate::failure::{Named as _, absent, missing};
use crate::tagging;
use aws_sdk_elasticache::types::{ReplicationGroup, SourceType};
use recipe_walk_engine::action::{Action, Output, Planned};
use recipe_walk_engine::cloud::{Found, Probe, Stage};
use recipe_walk_engine::failure::{Failure, Kind};
use recipe_walk_engine::kind;
use secrecy::ExposeSecret as _;
use std::collections::BTreeMap;

/// The newest events that a wait is interested in, in minutes.
pub(crate) const EVENT_MINUTES: i32 = 60;

impl AwsCloud {
    pub(crate) async fn replication_group(&self, id: &str) -> Result<Option<ReplicationGroup>, Failure> {
        let call = self.elasticache.describe_replication_groups().replication_group_id(id);
        let answer = absent(call.send().await.named("elasticache:DescribeReplicationGroups"))?;
        Ok(answer.and_then(|a| a.replication_groups?.into_iter().next()))
    }

    pub(crate) async fn find_replication_group(&self, planned: &Planned) -> Result<Found, Failure> {
        let Action::ReplicationGroup(kind::ReplicationGroup { id, description, .. }) = &planned.action else {
            return Ok(Found::Absent);
        };
        let Some(group) = self.replication_group(id).await? else { return Ok(Found::Absent) };
        let arn = group.arn().unwrap_or_default();
        let output = Output::id(id).with("arn", arn);
        match self.cache_tags(arn).await {
            Ok(tags) => {
                let pairs = tags.iter().filter_map(|t| Some((t.key()?, t.value()?)));
                Ok(tagging::judge(planned, pairs, output))
            }
            // Tags cannot be read while the group is not available (AWS-FACTS section 5). Until then the random name
            // with our description counts as ours: nothing can be deleted in that state either, and by the time it
            // can, the tag is looked at again.
            Err(f) if f.kind() == Some(Kind::InUse) && group.description() == Some(description) => {
                Ok(Found::Ours(output))
            }
            // Between the two calls it went away, or ended up in a state that has no tags.
            Err(f) if f.kind() == Some(Kind::NotFound) => Ok(Found::Absent),
            Err(f) => Err(f),
        }
    }

    pub(crate) async fn create_replication_group(&self, planned: &Planned) -> Result<Output, Failure> {
        let operation = "elasticache:CreateReplicationGroup";
        let Action::ReplicationGroup(kind::ReplicationGroup {
            id,
            description,
            engine,
            engine_version,
            node_type,
            nodes,
            parameter_group,
            subnet_group,
            security_group,
            auth_token,
            port,
        }) = &planned.action
        else {
            return Err(missing(operation, "request"));
        };
        let token = self.read_secret(auth_token).await?;
        let answer = self
            .elasticache
            .create_replication_group()
            .replication_group_id(id)
            .replication_group_description(description)
            .engine(engine)
            .engine_version(engine_version)
            .cache_node_type(node_type)
            .num_cache_clusters(i32::from(*nodes))
            .automatic_failover_enabled(true)
            .multi_az_enabled(true)
            .transit_encryption_enabled(true)
            .at_rest_encryption_enabled(true)
            .auth_token(token.expose_secret())
            .cache_parameter_group_name(parameter_group)
            .cache_subnet_group_name(subnet_group)
            .security_group_ids(security_group)
            .port(i32::from(*port))
            .set_tags(Some(tagging::elasticache(&planned.tags)))
            .send()
            .await
            .named(operation)?;
        let arn = answer.replication_group().and_then(|g| g.arn()).unwrap_or_default();
        Ok(Output::id(id).with("arn", arn))
    }

    pub(crate) async fn probe_replication_group(&self, id: &str) -> Result<Probe, Failure> {
        let Some(group) = self.replication_group(id).await? else {
            return Ok(Probe {
                stage: Stage::Gone,
                status: "gone".into(),
                event: None,
                attributes: BTreeMap::new(),
            });
        };
        let event = self.newest_cache_event(id).await;
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
            // The reason is only in the events (AWS-FACTS section 1).
            "create-failed" => {
                Stage::Failed(event.clone().unwrap_or_else(|| "the service could not create it".into()))
            }
            "deleting" => Stage::Failed("it is being deleted".into()),
            _ => Stage::Pending,
        };
        Ok(Probe { stage, status, event, attributes })
    }

    /// Events only decorate a wait: a failure to read them is no reason to end it.
    async fn newest_cache_event(&self, id: &str) -> Option<String> {
        let answer = self
            .elasticache
            .describe_events()
            .source_type(SourceType::ReplicationGroup)
            .source_identifier(id)
            .duration(EVENT_MINUTES)
            .send()
            .await
            .ok()?;
        let newest = answer.events().iter().max_by_key(|e| e.date().map(|d| (d.secs(), d.subsec_nanos())))?;
        newest.message().map(str::to_owned)
    }

    /// Promotes the replica. The one node group of a group without cluster mode is always `0001` (AWS-FACTS section 5).
    pub(crate) async fn test_failover(&self, id: &str) -> Result<(), Failure> {
        let call = self.elasticache.test_failover().replication_group_id(id).node_group_id("0001");
        call.send().await.named("elasticache:TestFailover").map(|_| ())
    }

    pub(crate) async fn delete_replication_group(&self, id: &str) -> Result<(), Failure> {
        if let Some(group) = self.replication_group(id).await?
            && group.status() == Some("deleting")
        {
            return Ok(());
        }
        let call = self.elasticache.delete_replication_group().replication_group_id(id);
        call.send().await.named("elasticache:DeleteReplicationGroup").map(|_| ())
    }
}

fn endpoints(group: &ReplicationGroup) -> Option<BTreeMap<String, String>> {
    let node_group = group.node_groups().first()?;
    let primary = node_group.primary_endpoint()?;
    let reader = node_group.reader_endpoint()?;
    Some(BTreeMap::from([
        ("primary_host".to_owned(), primary.address()?.to_owned()),
        ("reader_host".to_owned(), reader.address()?.to_owned()),
        ("port".to_owned(), primary.port()?.to_string()),
    ]))
}
