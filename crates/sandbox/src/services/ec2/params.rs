//! Which parameters each operation knows: EC2 refuses all others.

use crate::model::{error::ApiError, params::Params};

const EVERY: &[&str] = &["Action", "Version", "DryRun"];
const LIST: &[&str] = &["Filter", "MaxResults", "NextToken"];

/// The parameter roots of an operation beside those that all have, and whether it lists in pages.
type Known = (&'static [&'static str], bool);

/// What an operation knows; `None` for operations not implemented.
fn known(action: &str) -> Option<Known> {
    let known: Known = match action {
        "DescribeVpcs" => (&["VpcId"], true),
        "DescribeVpcAttribute" => (&["VpcId", "Attribute"], false),
        "DescribeSubnets" => (&["SubnetId"], true),
        "DescribeAvailabilityZones" => (&["Filter", "ZoneName", "ZoneId", "AllAvailabilityZones"], false),
        "DescribeRouteTables" => (&["RouteTableId"], true),
        "DescribeInternetGateways" => (&["InternetGatewayId"], true),
        "DescribeNetworkInterfaces" => (&["NetworkInterfaceId"], true),
        "DescribeAccountAttributes" => (&["AttributeName"], false),
        "CreateDefaultVpc" => (&[], false),
        "DeleteVpc" => (&["VpcId"], false),
        "DeleteSubnet" => (&["SubnetId"], false),
        "DetachInternetGateway" => (&["InternetGatewayId", "VpcId"], false),
        "CreateRoute" => (&["RouteTableId", "DestinationCidrBlock", "GatewayId"], false),
        "DeleteRoute" => (&["RouteTableId", "DestinationCidrBlock"], false),
        "DescribeSecurityGroups" => (&["GroupId", "GroupName"], true),
        "CreateSecurityGroup" => (&["GroupName", "GroupDescription", "VpcId", "TagSpecification"], false),
        "DeleteSecurityGroup" => (&["GroupId", "GroupName"], false),
        "DescribeSecurityGroupRules" => (&["SecurityGroupRuleId"], true),
        "AuthorizeSecurityGroupIngress"
        | "AuthorizeSecurityGroupEgress"
        | "RevokeSecurityGroupIngress"
        | "RevokeSecurityGroupEgress" => (
            &[
                "GroupId",
                "GroupName",
                "IpPermissions",
                "IpProtocol",
                "FromPort",
                "ToPort",
                "CidrIp",
                "SourceSecurityGroupName",
                "SourceSecurityGroupOwnerId",
                "SecurityGroupRuleId",
                "TagSpecification",
            ],
            false,
        ),
        "DescribeInstanceTypeOfferings" => (&["LocationType"], true),
        "DescribeInstanceTypes" => (&["InstanceType"], true),
        "DescribeImages" => {
            (&["ImageId", "Owner", "ExecutableBy", "IncludeDeprecated", "IncludeDisabled"], true)
        }
        "RunInstances" => (
            &[
                "ImageId",
                "InstanceType",
                "MinCount",
                "MaxCount",
                "KeyName",
                "SecurityGroup",
                "SecurityGroupId",
                "SubnetId",
                "NetworkInterface",
                "UserData",
                "ClientToken",
                "IamInstanceProfile",
                "InstanceInitiatedShutdownBehavior",
                "BlockDeviceMapping",
                "TagSpecification",
                "CreditSpecification",
                "MetadataOptions",
                "Placement",
                "Monitoring",
                "EbsOptimized",
                "DisableApiTermination",
                "DisableApiStop",
            ],
            false,
        ),
        "DescribeInstances" | "DescribeInstanceCreditSpecifications" => (&["InstanceId"], true),
        "DescribeInstanceAttribute" => (&["InstanceId", "Attribute"], false),
        "DescribeVolumes" => (&["VolumeId"], true),
        "DescribeInstanceStatus" => (&["InstanceId", "IncludeAllInstances"], true),
        "TerminateInstances" => (&["InstanceId", "Force", "SkipOsShutdown"], false),
        "CreateTags" | "DeleteTags" => (&["ResourceId", "Tag"], false),
        "DescribeTags" => (&[], true),
        _ => return None,
    };
    Some(known)
}

/// Refuses parameters that the operation does not know.
pub(super) fn check(action: &str, p: &Params) -> Result<(), ApiError> {
    let Some((own, lists)) = known(action) else { return Ok(()) };
    for key in p.keys() {
        let root = key.split('.').next().unwrap_or(key);
        let known = EVERY.contains(&root) || own.contains(&root) || (lists && LIST.contains(&root));
        if !known {
            return Err(ApiError::bad("UnknownParameter", format!("The parameter {root} is not recognized")));
        }
    }
    Ok(())
}
