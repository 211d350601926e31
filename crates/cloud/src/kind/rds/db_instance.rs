//! RDS instances.

use crate::kind::compare::Differences;
use crate::kind::prelude::*;
use aws_sdk_rds::types::{DbInstance as Database, SourceType};
use recipe_walk_engine::kind::DbInstance;
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
    async fn db_instance(&self, id: &str) -> Result<Option<Database>, Failure> {
        let call = self.rds.describe_db_instances().db_instance_identifier(id);
        let answer = absent(call.send().await.named("rds:DescribeDBInstances"))?;
        Ok(answer.and_then(|a| a.db_instances?.into_iter().next()))
    }

    async fn db_instances(&self) -> Result<Vec<Database>, Failure> {
        pages!(self.rds.describe_db_instances(), "rds:DescribeDBInstances", db_instances)
    }
}

impl Resource for DbInstance {
    const ERRORS: Errors = &[
        ("DBInstanceAlreadyExists", Kind::AlreadyExists),
        ("DBInstanceNotFound", Kind::NotFound),
        ("InvalidDBInstanceState", Kind::InUse),
        ("InsufficientDBInstanceCapacity", Kind::Capacity),
    ];
    const BOARD: Board = Board::Tagging;

    async fn find(&self, cloud: &AwsCloud, planned: &Planned) -> Result<Found, Failure> {
        let Some(found) = cloud.db_instance(&self.id).await? else { return Ok(Found::Absent) };
        let pairs = found.tag_list().iter().filter_map(|t| Some((t.key()?, t.value()?)));
        let arn = found.db_instance_arn().unwrap_or_default();
        Ok(tagging::judge(&planned.tags, pairs, Output::id(&self.id).with("arn", arn)))
    }

    async fn make(&self, cloud: &AwsCloud, planned: &Planned) -> Result<Output, Failure> {
        let password = cloud.read_secret(&self.password).await?;
        let answer = cloud
            .rds
            .create_db_instance()
            .db_instance_identifier(&self.id)
            .db_instance_class(&self.class)
            .engine("mysql")
            .engine_version(&self.engine_version)
            .engine_lifecycle_support("open-source-rds-extended-support-disabled")
            .db_name(&self.database)
            .master_username(&self.user)
            .master_user_password(password.expose_secret())
            .allocated_storage(i32::from(self.storage_gb))
            .storage_type("gp3")
            .storage_encrypted(true)
            .db_subnet_group_name(&self.subnet_group)
            .vpc_security_group_ids(&self.security_group)
            .backup_retention_period(0)
            .multi_az(false)
            .publicly_accessible(false)
            .set_tags(Some(tagging::rds(&planned.tags)))
            .send()
            .await
            .named("rds:CreateDBInstance")?;
        let arn = answer.db_instance().and_then(|i| i.db_instance_arn()).unwrap_or_default();
        Ok(Output::id(&self.id).with("arn", arn))
    }

    async fn probe(&self, cloud: &AwsCloud, _: &Planned, id: &str) -> Result<Probe, Failure> {
        let Some(found) = cloud.db_instance(id).await? else { return Ok(gone()) };
        let event = newest_event!(cloud.rds, SourceType::DbInstance, id);
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

    async fn undo(&self, cloud: &AwsCloud, _: &str) -> Result<(), Failure> {
        if let Some(found) = cloud.db_instance(&self.id).await?
            && found.db_instance_status() == Some("deleting")
        {
            return Ok(());
        }
        let call = cloud
            .rds
            .delete_db_instance()
            .db_instance_identifier(&self.id)
            .skip_final_snapshot(true)
            .delete_automated_backups(true);
        call.send().await.named("rds:DeleteDBInstance").map(|_| ())
    }

    async fn differences(&self, cloud: &AwsCloud, _: &Planned) -> Result<Vec<Difference>, Failure> {
        let Self {
            id, class, engine_version, database, user, subnet_group, security_group, storage_gb, ..
        } = self;
        let Some(there) = cloud.db_instance(id).await? else { return Ok(Vec::new()) };
        let mut found = Differences::default();
        let of = |operation| Line::new("rds", operation).arg("db-instance-identifier", id);
        let anew = cloud.anew(&of("delete-db-instance").flag("skip-final-snapshot"));
        let modify = || of("modify-db-instance").flag("apply-immediately");
        found.compare("engine", "mysql", there.engine(), "The demo speaks MySQL's protocol.", &anew);
        if !there.engine_version().is_some_and(|v| v.starts_with(engine_version.as_str())) {
            let matters = "MySQL 8.0 is past its end and bills extended support.";
            found.compare("engine version", engine_version, there.engine_version(), matters, &anew);
        }
        found.compare(
            "initial database",
            database,
            there.db_name(),
            "Without --db-name there is no database to load the data into.",
            &anew,
        );
        found.compare("master user", user, there.master_username(), "The demo signs in as this user.", &anew);
        found.switch(
            "storage encryption",
            true,
            there.storage_encrypted() == Some(true),
            "It can only be chosen at creation.",
            &anew,
        );
        found.switch(
            "public access",
            false,
            there.publicly_accessible() == Some(true),
            "A database with a public address is found and tried within minutes.",
            &cloud.typed(&modify().flag("no-publicly-accessible")),
        );
        found.compare(
            "subnet group",
            subnet_group,
            there.db_subnet_group().and_then(|g| g.db_subnet_group_name()),
            "It would stand in other subnets.",
            &anew,
        );
        let groups: Vec<&str> =
            there.vpc_security_groups().iter().filter_map(|g| g.vpc_security_group_id()).collect();
        if !groups.contains(&security_group.as_str()) {
            found.compare(
                "security group",
                security_group,
                Some(&groups.join(", ")),
                "The app's group is let in by this group only.",
                &cloud.typed(&modify().arg("vpc-security-group-ids", security_group)),
            );
        }
        found.switch(
            "multi-AZ",
            false,
            there.multi_az() == Some(true),
            "A standby doubles the price.",
            &cloud.typed(&modify().flag("no-multi-az")),
        );
        found.compare("class", class, there.db_instance_class(), "", "");
        let storage = there.allocated_storage().map(|gb| gb.to_string());
        found.compare("storage in GB", &storage_gb.to_string(), storage.as_deref(), "", "");
        Ok(found.0)
    }

    async fn left(cloud: &AwsCloud, traces: &Traces<'_>) -> Result<Vec<Leftover>, Failure> {
        let mut found = Vec::new();
        for instance in cloud.db_instances().await? {
            let name = instance.db_instance_identifier().unwrap_or_default();
            let tags = instance.tag_list().iter().filter_map(|t| Some((t.key()?, t.value()?)));
            let class = instance.db_instance_class().map(|class| Charge::hourly(class, 1.0, "rds"));
            let charges = class.map(|class| vec![class]);
            found.extend(traces.of("database", name, names(tags, traces.session), charges));
        }
        Ok(found)
    }

    async fn usage(cloud: &AwsCloud) -> Result<Option<Usage>, Failure> {
        Ok(Some(Usage::of(cloud.db_instances().await?.len())))
    }
}
