//! What RDS has.

use super::{Found, subnets_differ};
use crate::AwsCloud;
use crate::failure::{Named as _, absent};
use recipe_walk_engine::action::{Action, Planned};
use recipe_walk_engine::difference::Difference;
use recipe_walk_engine::failure::Failure;
use recipe_walk_engine::kind;

impl AwsCloud {
    pub(super) async fn compare_db_subnets(
        &self,
        name: &str,
        subnets: &[String],
    ) -> Result<Vec<Difference>, Failure> {
        let call = self.rds.describe_db_subnet_groups().db_subnet_group_name(name);
        let answer = absent(call.send().await.named("rds:DescribeDBSubnetGroups"))?;
        let group = answer.and_then(|a| a.db_subnet_groups?.into_iter().next());
        let there = group.map(|g| {
            g.subnets().iter().filter_map(|s| s.subnet_identifier().map(str::to_owned)).collect::<Vec<_>>()
        });
        let mend = self.typed(&format!(
            "rds modify-db-subnet-group --db-subnet-group-name {name} --subnet-ids {}",
            subnets.join(" ")
        ));
        Ok(subnets_differ(subnets, there, &mend))
    }

    pub(super) async fn compare_database(&self, planned: &Planned) -> Result<Vec<Difference>, Failure> {
        let Action::DbInstance(kind::DbInstance {
            id,
            class,
            engine_version,
            database,
            user,
            subnet_group,
            security_group,
            storage_gb,
            ..
        }) = &planned.action
        else {
            return Ok(Vec::new());
        };
        let Some(there) = self.db_instance(id).await? else { return Ok(Vec::new()) };
        let mut found = Found::default();
        let anew =
            self.anew(&format!("rds delete-db-instance --db-instance-identifier {id} --skip-final-snapshot"));
        let modify = |what: &str| {
            self.typed(&format!(
                "rds modify-db-instance --db-instance-identifier {id} {what} --apply-immediately"
            ))
        };
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
            &modify("--no-publicly-accessible"),
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
                &modify(&format!("--vpc-security-group-ids {security_group}")),
            );
        }
        found.switch(
            "multi-AZ",
            false,
            there.multi_az() == Some(true),
            "A standby doubles the price.",
            &modify("--no-multi-az"),
        );
        found.compare("class", class, there.db_instance_class(), "", "");
        let storage = there.allocated_storage().map(|gb| gb.to_string());
        found.compare("storage in GB", &storage_gb.to_string(), storage.as_deref(), "", "");
        Ok(found.0)
    }
}
