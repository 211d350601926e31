//! A look around in the account before anything is made: network, zones, image, versions.

use crate::AwsCloud;
use crate::connect::failure::{Named as _, missing};
use crate::kind::filter;
use aws_sdk_ec2::types::LocationType;
use recipe_walk_engine::cloud::Wish;
use recipe_walk_engine::facts::Facts;
use recipe_walk_engine::failure::Failure;
use recipe_walk_engine::machine::Machine;
use std::collections::{BTreeMap, BTreeSet};

/// The MySQL version asked for: standard support to July 2029 (AWS-FACTS section 3).
const MYSQL: &str = "8.4";

impl AwsCloud {
    pub(crate) async fn look_around(&self, wish: &Wish) -> Result<Facts, Failure> {
        let mut facts = Facts::default();
        let (vpc, cidr) = self.default_vpc().await?;
        let subnets = self.subnets(&vpc, &wish.instance_type).await?;
        let zones: Vec<&str> = subnets.keys().map(String::as_str).collect();
        let ids: Vec<&str> = subnets.values().map(String::as_str).collect();
        facts.set("vpc", vpc.as_str());
        facts.set("vpc_cidr", cidr);
        facts.set("zones", zones.join(","));
        facts.set("subnets", ids.join(","));
        facts.set("instance_subnet", ids[0]);
        facts.set("image", self.image(&wish.instance_type).await?);
        let (version, family) = self.cache_version(&wish.cache_engine).await?;
        facts.set("cache_version", version);
        facts.set("cache_family", family);
        facts.set("db_version", self.check_database(&wish.db_class).await?);
        Ok(facts)
    }

    pub(crate) async fn default_vpc(&self) -> Result<(String, String), Failure> {
        let operation = "ec2:DescribeVpcs";
        let answer =
            self.ec2.describe_vpcs().filters(filter("is-default", "true")).send().await.named(operation)?;
        let vpc = answer.vpcs().first().ok_or_else(|| {
            let said =
                "this region has no default VPC; aws ec2 create-default-vpc makes one (it costs nothing)";
            Failure::local(operation, "NoDefaultVpc", said)
        })?;
        let id = vpc.vpc_id().ok_or_else(|| missing(operation, "VpcId"))?;
        Ok((id.to_owned(), vpc.cidr_block().unwrap_or_default().to_owned()))
    }

    /// One subnet per zone, of the zones that offer the instance type; at least two.
    pub(crate) async fn subnets(
        &self,
        vpc: &str,
        instance_type: &str,
    ) -> Result<BTreeMap<String, String>, Failure> {
        let offered = self
            .ec2
            .describe_instance_type_offerings()
            .location_type(LocationType::AvailabilityZone)
            .filters(filter("instance-type", instance_type))
            .send()
            .await
            .named("ec2:DescribeInstanceTypeOfferings")?;
        let zones: BTreeSet<&str> =
            offered.instance_type_offerings().iter().filter_map(|o| o.location()).collect();
        let operation = "ec2:DescribeSubnets";
        let answer = self
            .ec2
            .describe_subnets()
            .filters(filter("vpc-id", vpc))
            .filters(filter("state", "available"))
            .send()
            .await
            .named(operation)?;
        let mut chosen = BTreeMap::new();
        for subnet in answer.subnets() {
            let (Some(zone), Some(id)) = (subnet.availability_zone(), subnet.subnet_id()) else { continue };
            // The instance needs a way out to Systems Manager: a zone's own default subnet gives it an address.
            if zones.contains(zone) && subnet.map_public_ip_on_launch() == Some(true) {
                chosen.entry(zone.to_owned()).or_insert_with(|| id.to_owned());
            }
        }
        if chosen.len() < 2 {
            let said = format!(
                "{vpc} has public subnets in {} zone(s) that offer {instance_type}; two are needed",
                chosen.len()
            );
            return Err(Failure::local(operation, "NotEnoughZones", said));
        }
        Ok(chosen)
    }

    pub(crate) async fn image(&self, instance_type: &str) -> Result<String, Failure> {
        let operation = "ssm:GetParameter";
        let architecture = Machine::of_instance_type(instance_type).architecture();
        let name = format!("/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-{architecture}");
        let answer = self.ssm.get_parameter().name(name).send().await.named(operation)?;
        answer.parameter.and_then(|p| p.value).ok_or_else(|| missing(operation, "Value"))
    }

    /// The newest version and its parameter group family.
    pub(crate) async fn cache_version(&self, engine: &str) -> Result<(String, String), Failure> {
        let operation = "elasticache:DescribeCacheEngineVersions";
        let answer =
            self.elasticache.describe_cache_engine_versions().engine(engine).send().await.named(operation)?;
        let number = |v: &str| v.split('.').map(|n| n.parse::<u32>().unwrap_or(0)).collect::<Vec<_>>();
        let newest = answer
            .cache_engine_versions()
            .iter()
            .filter_map(|v| Some((v.engine_version()?, v.cache_parameter_group_family()?)))
            .max_by_key(|(version, _)| number(version));
        let (version, family) = newest.ok_or_else(|| {
            Failure::local(operation, "NoVersion", format!("there is no version of {engine}"))
        })?;
        // Major and minor only (AWS-FACTS section 1): `7.1`, not `7.1.0`.
        let short: Vec<&str> = version.split('.').take(2).collect();
        Ok((short.join("."), family.to_owned()))
    }

    /// The version that would be made, once it is sure that it can be.
    pub(crate) async fn check_database(&self, class: &str) -> Result<String, Failure> {
        let operation = "rds:DescribeDBEngineVersions";
        let call = self.rds.describe_db_engine_versions().engine("mysql").engine_version(MYSQL);
        let answer = call.send().await.named(operation)?;
        let version = answer.db_engine_versions().iter().filter_map(|v| v.engine_version()).next_back();
        let Some(version) = version else {
            return Err(Failure::local(operation, "NoVersion", format!("MySQL {MYSQL} is not offered here")));
        };
        let operation = "rds:DescribeOrderableDBInstanceOptions";
        let call = self
            .rds
            .describe_orderable_db_instance_options()
            .engine("mysql")
            .engine_version(version)
            .db_instance_class(class);
        let answer = call.send().await.named(operation)?;
        if answer.orderable_db_instance_options().is_empty() {
            let said = format!("MySQL {version} is not offered on {class} in this region");
            return Err(Failure::local(operation, "NotOffered", said));
        }
        Ok(version.to_owned())
    }
}
