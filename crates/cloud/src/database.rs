//! RDS subnet groups and instances.

use crate::AwsCloud;
use crate::failure::{Named as _, absent, missing};
use crate::replication_group::EVENT_MINUTES;
use crate::tagging;
use aws_sdk_rds::types::{DbInstance, SourceType};
use recipe_walk_engine::action::{Action, Output, Planned};
use recipe_walk_engine::cloud::{Found, Probe, Stage};
use recipe_walk_engine::failure::Failure;
use recipe_walk_engine::kind;
use secrecy::ExposeSecret as _;
use std::collections::BTreeMap;

/// Statuses from which an instance does not come back by itself.
const BROKEN: [&str; 6] = [
    "failed",
    "inaccessible-encryption-credentials",
    "incompatible-network",
    "incompatible-option-group",
    "incompatible-parameters",
    "insufficient-capacity",
];

impl AwsCloud {
    pub(crate) async fn find_db_subnet_group(&self, planned: &Planned) -> Result<Found, Failure> {
        let Action::DbSubnetGroup(kind::DbSubnetGroup { name, .. }) = &planned.action else {
            return Ok(Found::Absent);
        };
        let call = self.rds.describe_db_subnet_groups().db_subnet_group_name(name);
        let answer = absent(call.send().await.named("rds:DescribeDBSubnetGroups"))?;
        let Some(group) = answer.as_ref().and_then(|a| a.db_subnet_groups().first()) else {
            return Ok(Found::Absent);
        };
        let arn = group.db_subnet_group_arn().unwrap_or_default();
        let call = self.rds.list_tags_for_resource().resource_name(arn);
        let tags = call.send().await.named("rds:ListTagsForResource")?;
        let pairs = tags.tag_list().iter().filter_map(|t| Some((t.key()?, t.value()?)));
        Ok(tagging::judge(planned, pairs, Output::id(name).with("arn", arn)))
    }

    pub(crate) async fn create_db_subnet_group(&self, planned: &Planned) -> Result<Output, Failure> {
        let operation = "rds:CreateDBSubnetGroup";
        let Action::DbSubnetGroup(kind::DbSubnetGroup { name, description, subnets }) = &planned.action
        else {
            return Err(missing(operation, "request"));
        };
        let answer = self
            .rds
            .create_db_subnet_group()
            .db_subnet_group_name(name)
            .db_subnet_group_description(description)
            .set_subnet_ids(Some(subnets.clone()))
            .set_tags(Some(tagging::rds(&planned.tags)))
            .send()
            .await
            .named(operation)?;
        let arn = answer.db_subnet_group().and_then(|g| g.db_subnet_group_arn()).unwrap_or_default();
        Ok(Output::id(name).with("arn", arn))
    }

    pub(crate) async fn delete_db_subnet_group(&self, name: &str) -> Result<(), Failure> {
        let call = self.rds.delete_db_subnet_group().db_subnet_group_name(name);
        call.send().await.named("rds:DeleteDBSubnetGroup").map(|_| ())
    }

    pub(crate) async fn db_instance(&self, id: &str) -> Result<Option<DbInstance>, Failure> {
        let call = self.rds.describe_db_instances().db_instance_identifier(id);
        let answer = absent(call.send().await.named("rds:DescribeDBInstances"))?;
        Ok(answer.and_then(|a| a.db_instances?.into_iter().next()))
    }

    pub(crate) async fn find_db_instance(&self, planned: &Planned) -> Result<Found, Failure> {
        let Action::DbInstance(kind::DbInstance { id, .. }) = &planned.action else {
            return Ok(Found::Absent);
        };
        let Some(found) = self.db_instance(id).await? else { return Ok(Found::Absent) };
        let tags = found.tag_list().iter().filter_map(|t| Some((t.key()?, t.value()?)));
        let arn = found.db_instance_arn().unwrap_or_default();
        Ok(tagging::judge(planned, tags, Output::id(id).with("arn", arn)))
    }

    pub(crate) async fn create_db_instance(&self, planned: &Planned) -> Result<Output, Failure> {
        let operation = "rds:CreateDBInstance";
        let Action::DbInstance(kind::DbInstance {
            id,
            class,
            engine_version,
            database,
            user,
            password,
            subnet_group,
            security_group,
            storage_gb,
        }) = &planned.action
        else {
            return Err(missing(operation, "request"));
        };
        let password = self.read_secret(password).await?;
        let answer = self
            .rds
            .create_db_instance()
            .db_instance_identifier(id)
            .db_instance_class(class)
            .engine("mysql")
            .engine_version(engine_version)
            .engine_lifecycle_support("open-source-rds-extended-support-disabled")
            .db_name(database)
            .master_username(user)
            .master_user_password(password.expose_secret())
            .allocated_storage(i32::from(*storage_gb))
            .storage_type("gp3")
            .storage_encrypted(true)
            .db_subnet_group_name(subnet_group)
            .vpc_security_group_ids(security_group)
            .backup_retention_period(0)
            .multi_az(false)
            .publicly_accessible(false)
            .set_tags(Some(tagging::rds(&planned.tags)))
            .send()
            .await
            .named(operation)?;
        let arn = answer.db_instance().and_then(|i| i.db_instance_arn()).unwrap_or_default();
        Ok(Output::id(id).with("arn", arn))
    }

    pub(crate) async fn probe_db_instance(&self, id: &str) -> Result<Probe, Failure> {
        let Some(found) = self.db_instance(id).await? else {
            return Ok(Probe {
                stage: Stage::Gone,
                status: "gone".into(),
                event: None,
                attributes: BTreeMap::new(),
            });
        };
        let event = self.newest_db_event(id).await;
        let status = found.db_instance_status().unwrap_or("unknown").to_owned();
        let endpoint = found.endpoint().and_then(|e| Some((e.address()?.to_owned(), e.port()?)));
        let mut attributes = BTreeMap::new();
        let stage = match (status.as_str(), endpoint) {
            ("available", Some((host, port))) => {
                attributes.insert("host".to_owned(), host);
                attributes.insert("port".to_owned(), port.to_string());
                if let Some(version) = found.engine_version() {
                    attributes.insert("version".to_owned(), version.to_owned());
                }
                Stage::Ready
            }
            (broken, _) if BROKEN.contains(&broken) => {
                Stage::Failed(event.clone().unwrap_or_else(|| format!("its status is {broken}")))
            }
            ("deleting", _) => Stage::Failed("it is being deleted".into()),
            ("stopping" | "stopped", _) => Stage::Failed("somebody has stopped it".into()),
            _ => Stage::Pending,
        };
        Ok(Probe { stage, status, event, attributes })
    }

    /// Events only decorate a wait: a failure to read them is no reason to end it.
    async fn newest_db_event(&self, id: &str) -> Option<String> {
        let answer = self
            .rds
            .describe_events()
            .source_type(SourceType::DbInstance)
            .source_identifier(id)
            .duration(EVENT_MINUTES)
            .send()
            .await
            .ok()?;
        let newest = answer.events().iter().max_by_key(|e| e.date().map(|d| (d.secs(), d.subsec_nanos())))?;
        newest.message().map(str::to_owned)
    }

    pub(crate) async fn delete_db_instance(&self, id: &str) -> Result<(), Failure> {
        if let Some(found) = self.db_instance(id).await?
            && found.db_instance_status() == Some("deleting")
        {
            return Ok(());
        }
        let call = self
            .rds
            .delete_db_instance()
            .db_instance_identifier(id)
            .skip_final_snapshot(true)
            .delete_automated_backups(true);
        call.send().await.named("rds:DeleteDBInstance").map(|_| ())
    }
}
