"""EC2: the network, security groups, images and types, instances, tags.

docs/aws-errors.md, "Common errors" and "EC2".
"""
import base64
import re

import filters

TAGS = [{"Key": "class", "Value": "autumn"}]
UNKNOWN = "0123456789abcdef0"
IMAGE_PATH = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-"


def tagged(kind):
    return [{"ResourceType": kind, "Tags": TAGS}]


def run(t):
    ec2 = t.service("ec2")
    network(t, ec2)
    taken_apart(t, ec2)
    groups(t, ec2)
    catalogue(t, ec2)
    instances(t, ec2)
    tags(t, ec2)
    dry_runs(ec2)
    lists(t, ec2)
    filters.run(t)


def network(t, ec2):
    vpc = ec2.ok("DescribeVpcs", Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"][0]
    subnets = ec2.ok("DescribeSubnets", Filters=[{"Name": "vpc-id", "Values": [vpc["VpcId"]]}])["Subnets"]
    zones = ec2.ok("DescribeAvailabilityZones")["AvailabilityZones"]
    t.check({s["AvailabilityZone"] for s in subnets} <= {z["ZoneName"] for z in zones}, "subnets outside the zones")
    routes = ec2.ok("DescribeRouteTables", Filters=[{"Name": "vpc-id", "Values": [vpc["VpcId"]]}])["RouteTables"]
    gateways = ec2.ok("DescribeInternetGateways")["InternetGateways"]
    t.check(gateways[0]["InternetGatewayId"] in str(routes), "no route out")
    ec2.ok("DescribeNetworkInterfaces")
    default = ec2.ok("DescribeAccountAttributes", AttributeNames=["default-vpc"])["AccountAttributes"]
    t.same(default[0]["AttributeValues"][0]["AttributeValue"], vpc["VpcId"], "the default VPC")

    dns = ec2.ok("DescribeVpcAttribute", VpcId=vpc["VpcId"], Attribute="enableDnsHostnames")
    t.same(dns["EnableDnsHostnames"]["Value"], True, "names of hosts in the default VPC")

    ec2.no("DefaultVpcAlreadyExists", 400, "CreateDefaultVpc")
    ec2.no("InvalidVpcID.NotFound", 400, "DescribeVpcAttribute", VpcId=f"vpc-{UNKNOWN}", Attribute="enableDnsSupport")
    ec2.no("InvalidVpcID.NotFound", 400, "DescribeVpcs", VpcIds=[f"vpc-{UNKNOWN}"],
           says=f"The vpc ID 'vpc-{UNKNOWN}' does not exist")
    ec2.no("InvalidSubnetID.NotFound", 400, "DescribeSubnets", SubnetIds=[f"subnet-{UNKNOWN}"],
           says=f"The subnet ID 'subnet-{UNKNOWN}' does not exist")
    ec2.no("InvalidParameterValue", 400, "DescribeAvailabilityZones", ZoneNames=["us-east-1z"])
    ec2.no("InvalidRouteTableID.NotFound", 400, "DescribeRouteTables", RouteTableIds=[f"rtb-{UNKNOWN}"])
    ec2.no("InvalidInternetGatewayID.NotFound", 400, "DescribeInternetGateways",
           InternetGatewayIds=[f"igw-{UNKNOWN}"])
    ec2.no("InvalidNetworkInterfaceID.NotFound", 400, "DescribeNetworkInterfaces",
           NetworkInterfaceIds=[f"eni-{UNKNOWN}"], says=f"The networkInterface ID 'eni-{UNKNOWN}' does not exist")
    ec2.no("InvalidParameterValue", 400, "DescribeAccountAttributes", AttributeNames=["nonsense"])
    for operation in ["DescribeVpcs", "DescribeSubnets", "DescribeRouteTables", "DescribeInternetGateways",
                      "DescribeNetworkInterfaces", "DescribeAvailabilityZones"]:
        ec2.no("InvalidParameterValue", 400, operation, Filters=[{"Name": "nonsense", "Values": ["x"]}],
               says="The filter 'nonsense' is invalid")


def taken_apart(t, ec2):
    """The default network goes piece by piece, and comes back."""
    table = ec2.ok("DescribeRouteTables")["RouteTables"][0]["RouteTableId"]
    gateway = ec2.ok("DescribeInternetGateways")["InternetGateways"][0]["InternetGatewayId"]
    subnets = ec2.ok("DescribeSubnets")["Subnets"]
    vpc = subnets[0]["VpcId"]
    out = {"RouteTableId": table, "DestinationCidrBlock": "0.0.0.0/0"}
    ec2.no("RouteAlreadyExists", 400, "CreateRoute", GatewayId=gateway, **out)
    ec2.no("InvalidRouteTableID.NotFound", 400, "DeleteRoute", RouteTableId=f"rtb-{UNKNOWN}",
           DestinationCidrBlock="0.0.0.0/0")
    ec2.ok("DeleteRoute", **out)
    ec2.no("InvalidRoute.NotFound", 400, "DeleteRoute", **out)
    ec2.no("InvalidGatewayID.NotFound", 400, "CreateRoute", GatewayId=f"igw-{UNKNOWN}", **out)
    ec2.ok("CreateRoute", GatewayId=gateway, **out)
    ec2.no("DependencyViolation", 400, "DeleteVpc", VpcId=vpc)
    ec2.no("InvalidInternetGatewayID.NotFound", 400, "DetachInternetGateway", InternetGatewayId=f"igw-{UNKNOWN}",
           VpcId=vpc)
    ec2.ok("DetachInternetGateway", InternetGatewayId=gateway, VpcId=vpc)
    ec2.no("Gateway.NotAttached", 400, "DetachInternetGateway", InternetGatewayId=gateway, VpcId=vpc)
    t.check("blackhole" in str(ec2.ok("DescribeRouteTables")), "a route to a detached gateway leads nowhere")
    for subnet in subnets:
        ec2.ok("DeleteSubnet", SubnetId=subnet["SubnetId"])
    ec2.no("InvalidSubnetID.NotFound", 400, "DeleteSubnet", SubnetId=subnets[0]["SubnetId"])
    ec2.ok("DeleteVpc", VpcId=vpc)
    ec2.no("InvalidVpcID.NotFound", 400, "DeleteVpc", VpcId=vpc)
    made = ec2.ok("CreateDefaultVpc")["Vpc"]
    t.check(made["IsDefault"] and made["VpcId"] != vpc, f"the new default VPC is {made}")


def groups(t, ec2):
    vpc = ec2.ok("DescribeVpcs")["Vpcs"][0]["VpcId"]
    ids = []
    for name in ["app", "cache"]:
        ids.append(ec2.ok("CreateSecurityGroup", GroupName=name, Description="d", VpcId=vpc,
                          TagSpecifications=tagged("security-group"))["GroupId"])
    app, cache = ids
    rule = {"IpProtocol": "tcp", "FromPort": 6379, "ToPort": 6379, "UserIdGroupPairs": [{"GroupId": app}]}
    made = ec2.ok("AuthorizeSecurityGroupIngress", GroupId=cache, IpPermissions=[rule],
                  TagSpecifications=tagged("security-group-rule"))["SecurityGroupRules"][0]
    wide = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}
    ec2.ok("AuthorizeSecurityGroupEgress", GroupId=cache, IpPermissions=[wide])
    found = ec2.ok("DescribeSecurityGroups", GroupIds=[cache])["SecurityGroups"][0]
    t.same(found["IpPermissions"][0]["UserIdGroupPairs"][0]["GroupId"], app, "the rule's source")
    rules = ec2.ok("DescribeSecurityGroupRules", SecurityGroupRuleIds=[made["SecurityGroupRuleId"]])
    t.same(rules["SecurityGroupRules"][0]["ReferencedGroupInfo"]["GroupId"], app, "the rule's source")
    refused_rules(ec2, app, cache, rule)
    refused_groups(ec2, vpc, app)

    ec2.no("DependencyViolation", 400, "DeleteSecurityGroup", GroupId=app, says=f"resource {app} has a dependent object")
    ec2.ok("RevokeSecurityGroupEgress", GroupId=cache, IpPermissions=[wide])
    ec2.ok("RevokeSecurityGroupIngress", GroupId=cache, SecurityGroupRuleIds=[made["SecurityGroupRuleId"]])
    for group in ids:
        ec2.ok("DeleteSecurityGroup", GroupId=group)


def refused_rules(ec2, app, cache, rule):
    def ingress(code, says, operation="AuthorizeSecurityGroupIngress", group=cache, **more):
        ec2.no(code, 400, operation, says=says, GroupId=group, **more)

    ingress("InvalidPermission.Duplicate", f'the specified rule "peer: {app}, TCP, from port: 6379, to port: 6379, '
            'ALLOW" already exists', IpPermissions=[rule])
    anything = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    ingress("InvalidPermission.Duplicate", re.compile('the specified rule "peer: 0.0.0.0/0, .*ALLOW" already exists'),
            "AuthorizeSecurityGroupEgress", IpPermissions=[anything])
    other = {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 1, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}
    ingress("InvalidParameterValue", "The same permission must not appear multiple times", IpPermissions=[other, other])
    ingress("InvalidParameterValue",
            "Invalid value for portRange. Must specify both from and to ports with TCP/UDP.",
            IpPermissions=[{"IpProtocol": "tcp", "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}])
    ingress("InvalidParameterValue", "TCP/UDP port (70000) out of range",
            IpPermissions=[{**other, "FromPort": 1, "ToPort": 70000}])
    ingress("InvalidParameterValue",
            "Invalid value 'null' for protocol. VPC security group rules must specify protocols explicitly.",
            IpPermissions=[{"FromPort": 1, "ToPort": 1, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}])
    ingress("MissingParameter", "Missing source specification: include source security group or CIDR information",
            IpPermissions=[{"IpProtocol": "tcp", "FromPort": 1, "ToPort": 1}])
    ingress("InvalidParameterValue", "CIDR block 10.0.0.0/99 is malformed",
            IpPermissions=[{**other, "IpRanges": [{"CidrIp": "10.0.0.0/99"}]}])
    ingress("InvalidGroup.NotFound", f"The security group 'sg-{UNKNOWN}' does not exist", group=f"sg-{UNKNOWN}",
            IpPermissions=[other])
    ingress("InvalidGroupId.Malformed", "The security group ID 'x' is malformed", group="x", IpPermissions=[other])
    for direction in ["Ingress", "Egress"]:
        ingress("InvalidPermission.NotFound", None, f"RevokeSecurityGroup{direction}",
                IpPermissions=[{**other, "FromPort": 2, "ToPort": 2}])
    ingress("InvalidSecurityGroupRuleId.NotFound", f"The security group rule ID 'sgr-{UNKNOWN}' does not exist",
            "RevokeSecurityGroupIngress", SecurityGroupRuleIds=[f"sgr-{UNKNOWN}"])
    ec2.no("InvalidSecurityGroupRuleId.NotFound", 400, "DescribeSecurityGroupRules",
           SecurityGroupRuleIds=[f"sgr-{UNKNOWN}"], says=f"The security group rule ID 'sgr-{UNKNOWN}' does not exist")


def refused_groups(ec2, vpc, app):
    ec2.no("InvalidGroup.Duplicate", 400, "CreateSecurityGroup", GroupName="app", Description="d", VpcId=vpc,
           says=f"The security group 'app' already exists for VPC '{vpc}'")
    ec2.no("InvalidParameterValue", 400, "CreateSecurityGroup", GroupName="sg-x", Description="d", VpcId=vpc,
           says="Value (sg-x) for parameter GroupName is invalid. Group names may not be in the format sg-*.")
    ec2.no("MissingParameter", 400, "CreateSecurityGroup", GroupName="x", VpcId=vpc,
           says="The request must contain the parameter groupDescription")
    ec2.no("InvalidVpcID.NotFound", 400, "CreateSecurityGroup", GroupName="x", Description="d", VpcId=f"vpc-{UNKNOWN}")
    ec2.no("InvalidGroup.NotFound", 400, "DescribeSecurityGroups", GroupIds=[f"sg-{UNKNOWN}"],
           says=f"The security group 'sg-{UNKNOWN}' does not exist")
    ec2.no("InvalidGroupId.Malformed", 400, "DescribeSecurityGroups", GroupIds=["x"])
    ec2.no("InvalidGroup.NotFound", 400, "DeleteSecurityGroup", GroupId=f"sg-{UNKNOWN}",
           says=f"The security group 'sg-{UNKNOWN}' does not exist")
    default = ec2.ok("DescribeSecurityGroups", Filters=[{"Name": "group-name", "Values": ["default"]}])
    ec2.no("CannotDelete", 400, "DeleteSecurityGroup", GroupId=default["SecurityGroups"][0]["GroupId"])
    ec2.no("InvalidParameterValue", 400, "DescribeSecurityGroups", MaxResults=4)
    ec2.no("InvalidNextToken", 400, "DescribeSecurityGroups", NextToken="nonsense", MaxResults=5)


def catalogue(t, ec2):
    offered = ec2.ok("DescribeInstanceTypeOfferings", LocationType="availability-zone",
                     Filters=[{"Name": "instance-type", "Values": ["t3.micro"]}])["InstanceTypeOfferings"]
    t.check(len(offered) > 1, "t3.micro is hardly offered")
    kind = ec2.ok("DescribeInstanceTypes", InstanceTypes=["t4g.micro"])["InstanceTypes"][0]
    t.same(kind["ProcessorInfo"]["SupportedArchitectures"], ["arm64"], "the architecture")
    image = image_id(t)
    found = ec2.ok("DescribeImages", ImageIds=[image])["Images"]
    t.same(found[0]["ImageId"], image, "the image")

    ec2.no("InvalidInstanceType", 400, "DescribeInstanceTypes", InstanceTypes=["t9.huge"],
           says="The following supplied instance types do not exist: [t9.huge]")
    ec2.no("InvalidParameterValue", 400, "DescribeInstanceTypeOfferings",
           Filters=[{"Name": "nonsense", "Values": ["x"]}], says="The filter 'nonsense' is invalid")
    ec2.no("InvalidAMIID.NotFound", 400, "DescribeImages", ImageIds=[f"ami-{UNKNOWN}"],
           says=f"The image id '[ami-{UNKNOWN}]' does not exist")
    ec2.no("InvalidAMIID.Malformed", 400, "DescribeImages", ImageIds=["ami-x"],
           says='Invalid id: "ami-x" (expecting "ami-...")')


def image_id(t, architecture="x86_64"):
    return t.service("ssm").ok("GetParameter", Name=IMAGE_PATH + architecture)["Parameter"]["Value"]


def instances(t, ec2):
    image, vpc = image_id(t), ec2.ok("DescribeVpcs")["Vpcs"][0]["VpcId"]
    subnet = ec2.ok("DescribeSubnets")["Subnets"][0]["SubnetId"]
    group = ec2.ok("CreateSecurityGroup", GroupName="instances", Description="d", VpcId=vpc)["GroupId"]
    plain = {"ImageId": image, "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1}
    full = {**plain, "SubnetId": subnet, "SecurityGroupIds": [group], "ClientToken": "once",
            "UserData": "#!/bin/sh\n", "InstanceInitiatedShutdownBehavior": "terminate",
            "MetadataOptions": {"HttpTokens": "required"}, "CreditSpecification": {"CpuCredits": "standard"},
            "TagSpecifications": tagged("instance") + tagged("volume") + tagged("network-interface")}
    made = ec2.ok("RunInstances", **full)["Instances"][0]
    again = ec2.ok("RunInstances", **full)["Instances"][0]
    t.same(again["InstanceId"], made["InstanceId"], "the instance of the same token")
    one = made["InstanceId"]
    seen = ec2.ok("DescribeInstances", InstanceIds=[one])["Reservations"][0]["Instances"][0]
    t.same((seen["SecurityGroups"][0]["GroupId"], seen["Tags"]), (group, TAGS), "the instance")
    ec2.ok("DescribeInstanceStatus", InstanceIds=[one], IncludeAllInstances=True)
    behaviour = ec2.ok("DescribeInstanceAttribute", InstanceId=one, Attribute="instanceInitiatedShutdownBehavior")
    t.same(behaviour["InstanceInitiatedShutdownBehavior"]["Value"], "terminate", "what a shutdown does")
    credits = ec2.ok("DescribeInstanceCreditSpecifications", InstanceIds=[one])["InstanceCreditSpecifications"]
    t.same([c["CpuCredits"] for c in credits], ["standard"], "the credits")
    volumes = ec2.ok("DescribeVolumes", Filters=[{"Name": "attachment.instance-id", "Values": [one]}])["Volumes"]
    t.same([v["Tags"] for v in volumes], [TAGS], "the volume")
    ec2.wait("instance_running", InstanceIds=[one])
    ec2.wait("instance_status_ok", InstanceIds=[one])
    refused_runs(ec2, plain, full)
    unsupported(t, ec2)
    absent = f"The instance ID 'i-{UNKNOWN}' does not exist"
    ec2.no("InvalidVolume.NotFound", 400, "DescribeVolumes", VolumeIds=[f"vol-{UNKNOWN}"],
           says=f"The volume 'vol-{UNKNOWN}' does not exist.")
    ec2.no("InvalidParameterValue", 400, "DescribeInstanceAttribute", InstanceId=one, Attribute="nonsense",
           says="Value (nonsense) for parameter attribute is invalid. Unknown attribute.")
    for operation in ["DescribeInstances", "DescribeInstanceStatus", "TerminateInstances",
                      "DescribeInstanceCreditSpecifications"]:
        ec2.no("InvalidInstanceID.NotFound", 400, operation, InstanceIds=[f"i-{UNKNOWN}"], says=absent)
        ec2.no("InvalidInstanceID.Malformed", 400, operation, InstanceIds=["i-x"], says='Invalid id: "i-x"')
    ec2.no("InvalidParameterValue", 400, "DescribeInstances", Filters=[{"Name": "nonsense", "Values": ["x"]}],
           says="The filter 'nonsense' is invalid")
    ec2.no("DependencyViolation", 400, "DeleteSecurityGroup", GroupId=group,
           says=f"resource {group} has a dependent object")
    ec2.ok("TerminateInstances", InstanceIds=[one])
    ec2.wait("instance_terminated", InstanceIds=[one])
    ec2.no("IdempotentInstanceTerminated", 400, "RunInstances", **full,
           says=re.compile("The client token you have provided is associated with a terminated instance. .*"))


def refused_runs(ec2, plain, full):
    def no(code, says, **more):
        ec2.no(code, 400, "RunInstances", says=says, **{**plain, **more})

    no("InvalidAMIID.NotFound", f"The image id '[ami-{UNKNOWN}]' does not exist", ImageId=f"ami-{UNKNOWN}")
    no("InvalidAMIID.Malformed", 'Invalid id: "ami-x" (expecting "ami-...")', ImageId="ami-x")
    no("InvalidParameterValue", "Invalid value 't9.huge' for InstanceType.", InstanceType="t9.huge")
    no("InvalidParameterValue", None, InstanceType="t4g.micro")
    no("InvalidParameterValue", "Value (nobody) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance "
       "Profile name", IamInstanceProfile={"Name": "nobody"})
    no("InvalidUserData.Malformed", "User data is limited to 16384 bytes", UserData="x" * 16385)
    no("IdempotentParameterMismatch", "Arguments on this idempotent request are inconsistent with arguments used in "
       "previous request(s).", ClientToken=full["ClientToken"])
    no("InvalidSubnetID.NotFound", f"The subnet ID 'subnet-{UNKNOWN}' does not exist", SubnetId=f"subnet-{UNKNOWN}")
    no("InvalidGroup.NotFound", f"The security group 'sg-{UNKNOWN}' does not exist",
       SecurityGroupIds=[f"sg-{UNKNOWN}"])
    no("InvalidKeyPair.NotFound", "The key pair 'nobody' does not exist", KeyName="nobody")
    without = {key: value for key, value in plain.items() if key != "ImageId"}
    ec2.no("MissingParameter", 400, "RunInstances", **without, says="The request must contain the parameter imageId")


def unsupported(t, ec2):
    """Some zone lacks some type."""
    offers = {}
    for offer in ec2.ok("DescribeInstanceTypeOfferings", LocationType="availability-zone")["InstanceTypeOfferings"]:
        offers.setdefault(offer["InstanceType"], []).append(offer["Location"])
    subnets = {s["AvailabilityZone"]: s["SubnetId"] for s in ec2.ok("DescribeSubnets")["Subnets"]}
    lacking = [(kind, zone) for kind in offers for zone in subnets if zone not in offers[kind]]
    if t.check(lacking, "every type is offered everywhere"):
        kind, zone = lacking[0]
        ec2.no("Unsupported", 400, "RunInstances", MinCount=1, MaxCount=1, InstanceType=kind, SubnetId=subnets[zone],
               ImageId=image_id(t, "arm64" if kind.startswith("t4g.") else "x86_64"),
               says=f"Your requested instance type ({kind}) is not supported in your requested Availability Zone "
                    f"({zone}). Please retry your request by not specifying an Availability Zone or choosing "
                    f"{', '.join(sorted(offers[kind]))}.")


def tags(t, ec2):
    vpc = ec2.ok("DescribeVpcs")["Vpcs"][0]["VpcId"]
    group = ec2.ok("CreateSecurityGroup", GroupName="tagged", Description="d", VpcId=vpc)["GroupId"]
    ec2.ok("CreateTags", Resources=[group], Tags=TAGS)
    mine = [{"Name": "resource-id", "Values": [group]}]
    found = ec2.ok("DescribeTags", Filters=mine)["Tags"]
    t.same([(tag["Key"], tag["Value"]) for tag in found], [("class", "autumn")], "tags")
    ec2.ok("DeleteTags", Resources=[group], Tags=[{"Key": "class"}])
    t.same(ec2.ok("DescribeTags", Filters=mine)["Tags"], [], "tags after deletion")

    for operation in ["CreateTags", "DeleteTags"]:
        ec2.no("InvalidGroup.NotFound", 400, operation, Resources=[f"sg-{UNKNOWN}"], Tags=TAGS)
    ec2.no("InvalidID", 400, "CreateTags", Resources=["nonsense"], Tags=TAGS)
    ec2.no("InvalidParameterValue", 400, "CreateTags", Resources=[group], Tags=[{"Key": "aws:x", "Value": "1"}])
    ec2.no("TagLimitExceeded", 400, "CreateTags", Resources=[group],
           Tags=[{"Key": f"k{n}", "Value": "v"} for n in range(51)])
    ec2.no("InvalidParameterValue", 400, "DescribeTags", Filters=[{"Name": "nonsense", "Values": ["x"]}],
           says="The filter 'nonsense' is invalid")


def dry_runs(ec2):
    would = "Request would have succeeded, but DryRun flag is set."
    ec2.no("DryRunOperation", 412, "DescribeVpcs", DryRun=True, says=would)
    ec2.no("DryRunOperation", 412, "CreateSecurityGroup", GroupName="dry", Description="d", DryRun=True, says=would)
    ec2.no("InvalidGroup.NotFound", 400, "DeleteSecurityGroup", GroupId=f"sg-{UNKNOWN}", DryRun=True)


def lists(t, ec2):
    image, vpc = image_id(t), ec2.ok("DescribeVpcs")["Vpcs"][0]["VpcId"]
    groups = [ec2.ok("CreateSecurityGroup", GroupName=f"page-{n}", Description="d", VpcId=vpc)["GroupId"]
              for n in range(6)]
    ports = [{"IpProtocol": "tcp", "FromPort": n, "ToPort": n, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}
             for n in range(1, 7)]
    ec2.ok("AuthorizeSecurityGroupIngress", GroupId=groups[0], IpPermissions=ports)
    for group in groups:
        ec2.ok("CreateTags", Resources=[group], Tags=TAGS)
    for _ in range(6):
        ec2.ok("RunInstances", ImageId=image, InstanceType="t3.micro", MinCount=1, MaxCount=1)
    ids = [i["InstanceId"] for r in ec2.ok("DescribeInstances")["Reservations"] for i in r["Instances"]]
    for operation in ["DescribeSecurityGroups", "DescribeSecurityGroupRules", "DescribeInstances", "DescribeTags",
                      "DescribeNetworkInterfaces", "DescribeInstanceTypes",
                      "DescribeInstanceTypeOfferings"]:
        ec2.pages(operation, 5)
    ec2.pages("DescribeInstanceStatus", 5, IncludeAllInstances=True)
    ec2.ok("TerminateInstances", InstanceIds=ids)
