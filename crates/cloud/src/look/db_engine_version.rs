//! The version of a database's engine, and whether a class is offered with it.

use crate::AwsCloud;
use crate::account::preflight::not_seen;
use crate::connect::failure::Named as _;
use aws_sdk_rds::types::OrderableDbInstanceOption;
use recipe_walk_engine::facts::Facts;
use recipe_walk_engine::failure::Failure;
use recipe_walk_engine::finding::{Finding, Weight};
use recipe_walk_engine::kind::DbEngineVersion;
use std::collections::BTreeSet;

/// What a person calls an engine.
fn called(engine: &str) -> &str {
    if engine == "mysql" { "MySQL" } else { engine }
}

impl AwsCloud {
    pub(super) async fn look_up_db_version(&self, look: &DbEngineVersion) -> Result<Facts, Failure> {
        let mut facts = Facts::default();
        facts.set("db_version", self.db_version(look).await?);
        Ok(facts)
    }

    /// Whether the class is offered at all, and in how many zones.
    pub(super) async fn db_finding(&self, look: &DbEngineVersion) -> Finding {
        let (what, DbEngineVersion { engine, class, .. }) = ("Database class", look);
        let call = self.rds.describe_orderable_db_instance_options().engine(engine).db_instance_class(class);
        let answer = match call.send().await.named("rds:DescribeOrderableDBInstanceOptions") {
            Err(failure) => return not_seen(what, &failure, Weight::Blocking),
            Ok(answer) => answer,
        };
        let options = answer.orderable_db_instance_options().iter();
        let zones: BTreeSet<&str> = options
            .flat_map(OrderableDbInstanceOption::availability_zones)
            .filter_map(|z| z.name())
            .collect();
        if zones.is_empty() {
            return Finding::blocking(
                what,
                format!("{} is not offered on {class}", called(engine)),
                "Choose another class in the settings, or another region.",
            );
        }
        Finding::good(what, format!("{class} in {} zones", zones.len()))
    }

    /// The version that would be made, once it is sure that it can be.
    pub(crate) async fn db_version(&self, look: &DbEngineVersion) -> Result<String, Failure> {
        let DbEngineVersion { engine, version: wanted, class } = look;
        let operation = "rds:DescribeDBEngineVersions";
        let call = self.rds.describe_db_engine_versions().engine(engine).engine_version(wanted);
        let answer = call.send().await.named(operation)?;
        let version = answer.db_engine_versions().iter().filter_map(|v| v.engine_version()).next_back();
        let Some(version) = version else {
            return Err(Failure::local(
                operation,
                "NoVersion",
                format!("{} {wanted} is not offered here", called(engine)),
            ));
        };
        let operation = "rds:DescribeOrderableDBInstanceOptions";
        let call = self
            .rds
            .describe_orderable_db_instance_options()
            .engine(engine)
            .engine_version(version)
            .db_instance_class(class);
        let answer = call.send().await.named(operation)?;
        if answer.orderable_db_instance_options().is_empty() {
            let said = format!("{} {version} is not offered on {class} in this region", called(engine));
            return Err(Failure::local(operation, "NotOffered", said));
        }
        Ok(version.to_owned())
    }
}
