//! The network that is there: the default VPC and its public subnets.

use crate::AwsCloud;
use crate::connect::failure::{Named as _, missing};
use crate::kind::filter;
use aws_sdk_ec2::types::LocationType;
use recipe_walk_engine::facts::Facts;
use recipe_walk_engine::failure::Failure;
use recipe_walk_engine::kind::DefaultNetwork;
use std::collections::{BTreeMap, BTreeSet};

impl AwsCloud {
    pub(super) async fn look_up_network(&self, look: &DefaultNetwork) -> Result<Facts, Failure> {
        let mut facts = Facts::default();
        let (vpc, cidr) = self.default_vpc().await?;
        let subnets = self.subnets(&vpc, &look.instance_type).await?;
        let zones: Vec<&str> = subnets.keys().map(String::as_str).collect();
        let ids: Vec<&str> = subnets.values().map(String::as_str).collect();
        facts.set("vpc", vpc.as_str());
        facts.set("vpc_cidr", cidr);
        facts.set("zones", zones.join(","));
        facts.set("subnets", ids.join(","));
        facts.set("first_subnet", ids[0]);
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
}
