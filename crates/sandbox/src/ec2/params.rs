//! Which parameters each operation knows: EC2 refuses all others.

use crate::{error::ApiError, wire::Params};

const LIST: &[&str] = &["Filter", "MaxResults", "NextToken"];

/// The parameter roots of an operation, besides those that all have; `None` for operations not implemented.
pub(super) fn known(action: &str) -> Option<Vec<&'static str>> {
    let (own, listing): (&[&str], bool) = match action {
        "DescribeVpcs" => (&["VpcId"], true),
        "DescribeSubnets" => (&["SubnetId"], true),
        "DescribeAvailabilityZones" => (&["ZoneName", "ZoneId", "AllAvailabilityZones"], true),
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
            ],
            false,
        ),
        "DescribeInstances" => (&["InstanceId"], true),
        "DescribeInstanceStatus" => (&["InstanceId", "IncludeAllInstances"], true),
        "TerminateInstances" => (&["InstanceId", "Force", "SkipOsShutdown"], false),
        "CreateTags" | "DeleteTags" => (&["ResourceId", "Tag"], false),
        "DescribeTags" => (&[], true),
        _ => return None,
    };
    let mut all = own.to_vec();
    all.extend(["Action", "Version", "DryRun"]);
    if listing {
        all.extend(LIST);
    }
    Some(all)
}

/// Refuses parameters that the operation does not know.
pub(super) fn check(p: &Params, known: &[&'static str]) -> Result<(), ApiError> {
    for key in p.keys() {
        let root = key.split('.').next().unwrap_or(key);
        if !known.contains(&root) {
            return Err(ApiError::bad("UnknownParameter", format!("The parameter {root} is not recognized")));
        }
    }
    Ok(())
}
