//! The network that a walk builds in: default VPC, public subnets with a way out, zones that offer the types.

use super::not_seen;
use crate::AwsCloud;
use crate::connect::failure::Named as _;
use crate::kind::filter;
use aws_sdk_ec2::types::{LocationType, RouteState, RouteTable, Subnet};
use recipe_walk_engine::failure::Failure;
use recipe_walk_engine::finding::{Finding, Weight};
use recipe_walk_engine::kind::DefaultNetwork;
use recipe_walk_engine::typed;
use std::collections::BTreeSet;

/// What was found of the network, for the looks that need it.
#[derive(Debug, Default)]
pub(super) struct Place {
    pub(super) vpc: Option<String>,
    pub(super) subnet: Option<String>,
}

/// The network and what is to be said about it.
#[derive(Debug, Default)]
pub(super) struct Network {
    pub(super) place: Place,
    pub(super) findings: Vec<Finding>,
}

impl AwsCloud {
    pub(super) async fn network(&self, look: &DefaultNetwork) -> Network {
        let mut network = Network::default();
        let what = "Default VPC";
        let operation = "ec2:DescribeVpcs";
        let call = self.ec2.describe_vpcs().filters(filter("is-default", "true"));
        let vpc = match call.send().await.named(operation) {
            Err(failure) => {
                network.findings.push(not_seen(what, &failure, Weight::Blocking));
                return network;
            }
            Ok(answer) => answer.vpcs().first().and_then(|v| v.vpc_id()).map(str::to_owned),
        };
        let Some(vpc) = vpc else {
            let none = Finding::blocking(
                what,
                format!("there is none in {}", self.region()),
                "The walk builds in the default VPC. Making one costs nothing.",
            );
            let mend = typed!("aws ec2 create-default-vpc --region {}", self.region());
            network.findings.push(none.mend(mend));
            return network;
        };
        network.findings.push(Finding::good(what, vpc.as_str()));
        match Box::pin(self.ways(&vpc, look)).await {
            Ok((place, findings)) => {
                network.place = place;
                network.findings.extend(findings);
            }
            Err(failure) => network.findings.push(not_seen("Subnets", &failure, Weight::Blocking)),
        }
        network
    }

    async fn ways(&self, vpc: &str, look: &DefaultNetwork) -> Result<(Place, Vec<Finding>), Failure> {
        let (subnets, tables, offered) = tokio::join!(
            self.ec2.describe_subnets().filters(filter("vpc-id", vpc)).send(),
            self.ec2.describe_route_tables().filters(filter("vpc-id", vpc)).send(),
            self.ec2
                .describe_instance_type_offerings()
                .location_type(LocationType::AvailabilityZone)
                .filters(filter("instance-type", &look.instance_type))
                .send(),
        );
        let subnets = subnets.named("ec2:DescribeSubnets")?;
        let tables = tables.named("ec2:DescribeRouteTables")?;
        let offered = offered.named("ec2:DescribeInstanceTypeOfferings")?;
        let types: BTreeSet<&str> =
            offered.instance_type_offerings().iter().filter_map(|o| o.location()).collect();
        let public: Vec<&Subnet> =
            subnets.subnets().iter().filter(|s| s.map_public_ip_on_launch() == Some(true)).collect();
        let out: Vec<&Subnet> =
            public.iter().copied().filter(|s| leads_out(tables.route_tables(), s)).collect();
        let zone = |s: &&Subnet| s.availability_zone().unwrap_or_default().to_owned();
        let good: BTreeSet<String> = public.iter().map(zone).filter(|z| types.contains(z.as_str())).collect();
        let stranded: BTreeSet<String> =
            public.iter().filter(|s| !leads_out(tables.route_tables(), s)).map(zone).collect();
        let place = Place {
            vpc: Some(vpc.to_owned()),
            subnet: out.first().and_then(|s| s.subnet_id()).map(str::to_owned),
        };
        let region = self.region();
        Ok((
            place,
            vec![
                zones_finding(vpc, &good, look, region),
                route_finding(&stranded, out.len(), tables.route_tables(), region),
            ],
        ))
    }
}

/// Whether a subnet's route table, its own or the main one, sends 0.0.0.0/0 to an internet gateway that is there.
fn leads_out(tables: &[RouteTable], subnet: &Subnet) -> bool {
    let own = tables.iter().find(|t| {
        t.associations().iter().any(|a| a.subnet_id().is_some() && a.subnet_id() == subnet.subnet_id())
    });
    let main = || tables.iter().find(|t| t.associations().iter().any(|a| a.main() == Some(true)));
    own.or_else(main).is_some_and(|table| {
        table.routes().iter().any(|route| {
            route.destination_cidr_block() == Some("0.0.0.0/0")
                && route.gateway_id().is_some_and(|g| g.starts_with("igw-"))
                && route.state() == Some(&RouteState::Active)
        })
    })
}

fn zones_finding(vpc: &str, zones: &BTreeSet<String>, look: &DefaultNetwork, region: &str) -> Finding {
    let what = "Zones";
    let list: Vec<&str> = zones.iter().map(String::as_str).collect();
    if zones.len() >= 2 {
        return Finding::good(what, format!("{} offer {}", list.join(", "), look.instance_type));
    }
    Finding::blocking(
        what,
        format!("{} with a public subnet that offers {}", zones.len(), look.instance_type),
        format!(
            "The cache fails over between two zones, and a database's subnets must cover two: {vpc} needs public \
             subnets in both."
        ),
    )
    .mend(typed!("aws ec2 create-default-subnet --availability-zone ZONE --region {}", region))
}

fn route_finding(stranded: &BTreeSet<String>, good: usize, tables: &[RouteTable], region: &str) -> Finding {
    let what = "Way out";
    if stranded.is_empty() && good > 0 {
        return Finding::good(what, format!("{good} subnets have a route to the internet"));
    }
    let why =
        "The instance speaks to Systems Manager over the internet; without a route it never comes online.";
    let zones: Vec<&str> = stranded.iter().map(String::as_str).collect();
    let found = if zones.is_empty() {
        "there is no public subnet".to_owned()
    } else {
        format!("no route to the internet from {}", zones.join(", "))
    };
    let main = tables.iter().find(|t| t.associations().iter().any(|a| a.main() == Some(true)));
    let table = main.and_then(|t| t.route_table_id()).unwrap_or("ROUTE_TABLE");
    // The survey takes the first subnet of each zone: one that leads nowhere may be among them.
    Finding::blocking(what, found, why).mend(typed!("aws ec2 create-route --route-table-id {} --destination-cidr-block 0.0.0.0/0 --gateway-id IGW_ID --region {}", table, region))
}
