"""Terraform's provider as a client: what it reads of each resource that can be made here.

The provider cannot be installed where this runs. So boto3 makes each resource and then plays the reads that the provider
makes of it after an apply and at each plan; every answer is judged by botocore's models, and by what was made.
docs/clients.md has the calls by resource.
"""
import base64

from cases import Bench, Record
from drivers import Boto
from ec2 import image_id
from iam import MANAGED, POLICY, TRUST
from sandbox import Sandbox

TAGS = [{"Key": "Name", "Value": "terraform"}, {"Key": "Environment", "Value": "test"}]
DATA = "#!/bin/sh\necho hello\n"


def run():
    record = Record()
    with Sandbox() as sandbox:
        t = Bench(sandbox, Boto, record)
        for resource in [provider, default_network, security_group, iam, instance, database, cache, parameter]:
            try:
                resource(t)
            except Exception as error:
                t.check(False, f"{resource.__name__}: {type(error).__name__}: {error}")
    return record


def tagged(kind):
    return [{"ResourceType": kind, "Tags": TAGS}]


def pairs(tags):
    return sorted((tag["Key"], tag["Value"]) for tag in tags)


def provider(t):
    t.service("sts").ok("GetCallerIdentity")
    t.service("ec2").ok("DescribeAccountAttributes", AttributeNames=["supported-platforms"])


def default_network(t):
    """data aws_vpc, aws_subnets, aws_subnet, aws_ami, aws_availability_zones"""
    ec2 = t.service("ec2")
    vpc = ec2.ok("DescribeVpcs", Filters=[{"Name": "isDefault", "Values": ["true"]}])["Vpcs"][0]["VpcId"]
    for attribute, member, value in [("enableDnsSupport", "EnableDnsSupport", True),
                                     ("enableDnsHostnames", "EnableDnsHostnames", True),
                                     ("enableNetworkAddressUsageMetrics", "EnableNetworkAddressUsageMetrics", False)]:
        answer = ec2.ok("DescribeVpcAttribute", VpcId=vpc, Attribute=attribute)
        t.same((answer["VpcId"], answer[member]["Value"]), (vpc, value), attribute)
    main = [{"Name": "association.main", "Values": ["true"]}, {"Name": "vpc-id", "Values": [vpc]}]
    t.same(len(ec2.ok("DescribeRouteTables", Filters=main)["RouteTables"]), 1, "the main route table")
    subnets = ec2.ok("DescribeSubnets", Filters=[{"Name": "vpc-id", "Values": [vpc]}])["Subnets"]
    ec2.ok("DescribeSubnets", SubnetIds=[subnets[0]["SubnetId"]])
    ec2.ok("DescribeAvailabilityZones")
    ec2.ok("DescribeImages", ImageIds=[image_id(t)])
    for name in ["nonsense", ""]:
        ec2.no("InvalidParameterValue" if name else "MissingParameter", 400, "DescribeVpcAttribute", VpcId=vpc,
               Attribute=name)
    ec2.no("InvalidVpcID.NotFound", 400, "DescribeVpcAttribute", VpcId="vpc-0123456789abcdef0",
           Attribute="enableDnsSupport")


def security_group(t):
    """aws_security_group, aws_security_group_rule, aws_vpc_security_group_ingress_rule and egress_rule"""
    ec2 = t.service("ec2")
    vpc = ec2.ok("DescribeVpcs")["Vpcs"][0]["VpcId"]
    group = ec2.ok("CreateSecurityGroup", GroupName="terraform", Description="Managed by Terraform", VpcId=vpc,
                   TagSpecifications=tagged("security-group"))["GroupId"]
    anything = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    ec2.ok("RevokeSecurityGroupEgress", GroupId=group, IpPermissions=[anything])
    made = ec2.ok("AuthorizeSecurityGroupIngress", GroupId=group, TagSpecifications=tagged("security-group-rule"),
                  IpPermissions=[{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443,
                                  "IpRanges": [{"CidrIp": "10.0.0.0/8", "Description": "https"}]}])
    rule = made["SecurityGroupRules"][0]["SecurityGroupRuleId"]
    found = ec2.ok("DescribeSecurityGroups", GroupIds=[group])["SecurityGroups"][0]
    t.same((pairs(found["Tags"]), found["IpPermissionsEgress"]), (pairs(TAGS), []), "the group")
    read = ec2.ok("DescribeSecurityGroupRules", SecurityGroupRuleIds=[rule])["SecurityGroupRules"][0]
    t.same((read["CidrIpv4"], read["Description"], pairs(read["Tags"])), ("10.0.0.0/8", "https", pairs(TAGS)), "the rule")
    of = ec2.ok("DescribeSecurityGroupRules", Filters=[{"Name": "group-id", "Values": [group]}])["SecurityGroupRules"]
    t.same([r["SecurityGroupRuleId"] for r in of], [rule], "the group's rules")
    # Before it deletes a group it looks for interfaces that somebody has left in it.
    ec2.ok("DescribeNetworkInterfaces", Filters=[{"Name": "group-id", "Values": [group]}])
    ec2.no("InvalidParameterValue", 400, "AuthorizeSecurityGroupIngress", GroupId=group, IpPermissions=[
        {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 1, "IpRanges": [{"CidrIp": "10.0.0.0/8", "Description": "é"}]}],
        says="Invalid rule description. Valid descriptions are strings less than 256 characters from the following set:"
             "  a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*")


def iam(t):
    """aws_iam_role, aws_iam_role_policy, aws_iam_role_policy_attachment, aws_iam_instance_profile"""
    service = t.service("iam")
    service.ok("CreateRole", RoleName="terraform", AssumeRolePolicyDocument=TRUST, Tags=TAGS, MaxSessionDuration=3600)
    service.ok("PutRolePolicy", RoleName="terraform", PolicyName="inline", PolicyDocument=POLICY)
    service.ok("AttachRolePolicy", RoleName="terraform", PolicyArn=MANAGED)
    service.ok("CreateInstanceProfile", InstanceProfileName="terraform", Tags=TAGS)
    service.ok("AddRoleToInstanceProfile", InstanceProfileName="terraform", RoleName="terraform")
    role = service.ok("GetRole", RoleName="terraform")["Role"]
    t.same((pairs(role["Tags"]), role["MaxSessionDuration"]), (pairs(TAGS), 3600), "the role")
    t.same(service.ok("ListRolePolicies", RoleName="terraform")["PolicyNames"], ["inline"], "its own policies")
    service.ok("GetRolePolicy", RoleName="terraform", PolicyName="inline")
    attached = service.ok("ListAttachedRolePolicies", RoleName="terraform")["AttachedPolicies"]
    t.same([policy["PolicyArn"] for policy in attached], [MANAGED], "its attached policies")
    profiles = service.ok("ListInstanceProfilesForRole", RoleName="terraform")["InstanceProfiles"]
    t.same([p["InstanceProfileName"] for p in profiles], ["terraform"], "its profiles")
    profile = service.ok("GetInstanceProfile", InstanceProfileName="terraform")["InstanceProfile"]
    t.same((profile["Roles"][0]["RoleName"], pairs(profile["Tags"])), ("terraform", pairs(TAGS)), "the profile")


def instance(t):
    """aws_instance, with its root volume"""
    ec2 = t.service("ec2")
    vpc = ec2.ok("DescribeVpcs")["Vpcs"][0]["VpcId"]
    made = ec2.ok("RunInstances", ImageId=image_id(t), InstanceType="t3.micro", MinCount=1, MaxCount=1,
                  UserData=DATA, EbsOptimized=True, DisableApiTermination=False, DisableApiStop=False,
                  IamInstanceProfile={"Name": "terraform"}, InstanceInitiatedShutdownBehavior="terminate",
                  CreditSpecification={"CpuCredits": "standard"}, Monitoring={"Enabled": True},
                  MetadataOptions={"HttpEndpoint": "disabled", "InstanceMetadataTags": "enabled"},
                  BlockDeviceMappings=[{"DeviceName": "/dev/xvda", "Ebs": {
                      "VolumeSize": 12, "VolumeType": "gp3", "Iops": 4000, "Throughput": 250, "Encrypted": True}}],
                  TagSpecifications=tagged("instance") + tagged("volume"))["Instances"][0]
    one, mine = made["InstanceId"], {"Name": "attachment.instance-id", "Values": [made["InstanceId"]]}
    ec2.wait("instance_running", InstanceIds=[one])
    seen = ec2.ok("DescribeInstances", InstanceIds=[one])["Reservations"][0]["Instances"][0]
    t.same((seen["EbsOptimized"], seen["MetadataOptions"]["HttpEndpoint"], seen["MetadataOptions"]["InstanceMetadataTags"]),
           (True, "disabled", "enabled"), "the instance")
    t.same(seen["NetworkInterfaces"][0]["Association"]["PublicIp"], seen["PublicIpAddress"], "the interface's address")
    kind = ec2.ok("DescribeInstanceTypes", InstanceTypes=["t3.micro"])["InstanceTypes"][0]
    t.same(kind["BurstablePerformanceSupported"], True, "what asks for the credits")
    credits = ec2.ok("DescribeInstanceCreditSpecifications", InstanceIds=[one])["InstanceCreditSpecifications"]
    t.same([c["CpuCredits"] for c in credits], ["standard"], "the credits")
    ec2.ok("DescribeVpcs", VpcIds=[vpc])
    attributes(t, ec2, one)
    volume = ec2.ok("DescribeVolumes", Filters=[mine])["Volumes"][0]
    t.same((volume["Size"], volume["VolumeType"], volume["Iops"], volume["Throughput"], volume["Encrypted"]),
           (12, "gp3", 4000, 250, True), "the volume")
    t.same(pairs(volume["Tags"]), pairs(TAGS), "the volume's tags")
    attached = volume["Attachments"][0]
    t.same((attached["InstanceId"], attached["Device"], attached["DeleteOnTermination"]), (one, "/dev/xvda", True),
           "the attachment")
    t.same(ec2.ok("DescribeVolumes", VolumeIds=[volume["VolumeId"]])["Volumes"], [volume], "the same volume by its id")
    of = [{"Name": "resource-id", "Values": [volume["VolumeId"]]}]
    t.same(pairs(ec2.ok("DescribeTags", Filters=of)["Tags"]), pairs(TAGS), "the volume's tags, asked for by themselves")
    refusals(t, ec2, one)
    lists(t, ec2)
    ec2.ok("TerminateInstances", InstanceIds=[one])
    ec2.wait("instance_terminated", InstanceIds=[one])
    t.same(ec2.ok("DescribeVolumes", Filters=[mine])["Volumes"], [], "volumes of what is gone")


def attributes(t, ec2, one):
    def ask(attribute):
        answer = ec2.ok("DescribeInstanceAttribute", InstanceId=one, Attribute=attribute)
        t.same(answer["InstanceId"], one, "whose attribute it is")
        return answer[attribute[0].upper() + attribute[1:]]

    t.same(ask("disableApiStop"), {"Value": False}, "disableApiStop")
    t.same(ask("disableApiTermination"), {"Value": False}, "disableApiTermination")
    t.same(ask("instanceInitiatedShutdownBehavior"), {"Value": "terminate"}, "shutdown behaviour")
    t.same(base64.b64decode(ask("userData")["Value"]).decode(), DATA, "user data")
    for attribute, value in [("instanceType", "t3.micro"), ("rootDeviceName", "/dev/xvda"), ("ebsOptimized", True),
                             ("sourceDestCheck", True), ("enaSupport", True)]:
        t.same(ask(attribute), {"Value": value}, attribute)
    ec2.ok("DescribeInstanceAttribute", InstanceId=one, Attribute="enclaveOptions")
    for attribute in ["kernel", "ramdisk", "productCodes", "sriovNetSupport"]:
        ec2.ok("DescribeInstanceAttribute", InstanceId=one, Attribute=attribute)
    groups = ec2.ok("DescribeInstanceAttribute", InstanceId=one, Attribute="groupSet")["Groups"]
    t.same(len(groups), 1, "its groups")
    mapped = ec2.ok("DescribeInstanceAttribute", InstanceId=one, Attribute="blockDeviceMapping")["BlockDeviceMappings"]
    t.same(mapped[0]["DeviceName"], "/dev/xvda", "its devices")


def refusals(t, ec2, one):
    unknown = "i-0123456789abcdef0"
    ec2.no("InvalidParameterValue", 400, "DescribeInstanceAttribute", InstanceId=unknown, Attribute="nonsense",
           says="Value (nonsense) for parameter attribute is invalid. Unknown attribute.")
    ec2.no("InvalidInstanceID.NotFound", 400, "DescribeInstanceAttribute", InstanceId=unknown, Attribute="userData",
           says=f"The instance ID '{unknown}' does not exist")
    ec2.no("InvalidInstanceID.Malformed", 400, "DescribeInstanceAttribute", InstanceId="i-x", Attribute="userData")
    ec2.no("MissingParameter", 400, "DescribeInstanceAttribute", InstanceId=one)
    ec2.no("InvalidInstanceID.NotFound", 400, "DescribeInstanceCreditSpecifications", InstanceIds=[unknown])
    ec2.no("InvalidParameterValue", 400, "DescribeInstanceCreditSpecifications",
           Filters=[{"Name": "nonsense", "Values": ["x"]}], says="The filter 'nonsense' is invalid")
    ec2.no("InvalidVolume.NotFound", 400, "DescribeVolumes", VolumeIds=["vol-0123456789abcdef0"],
           says="The volume 'vol-0123456789abcdef0' does not exist.")
    ec2.no("InvalidParameterValue", 400, "DescribeVolumes", Filters=[{"Name": "nonsense", "Values": ["x"]}],
           says="The filter 'nonsense' is invalid")
    launch = {"ImageId": image_id(t), "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1}
    for name in ["DisableApiTermination", "DisableApiStop"]:
        ec2.no("UnsupportedOperation", 400, "RunInstances", **launch, **{name: True})
    for ebs, code in [({"VolumeType": "io2"}, "MissingParameter"), ({"VolumeType": "gp2", "Iops": 3000},
                      "InvalidParameterCombination"), ({"Iops": 100}, "InvalidParameterValue"),
                      ({"Throughput": 1}, "InvalidParameterValue")]:
        ec2.no(code, 400, "RunInstances", **launch, BlockDeviceMappings=[{"DeviceName": "/dev/xvda", "Ebs": ebs}])


def lists(t, ec2):
    more = ec2.ok("RunInstances", ImageId=image_id(t), InstanceType="t3.micro", MinCount=6, MaxCount=6)["Instances"]
    ec2.pages("DescribeVolumes", 5)
    ec2.pages("DescribeInstanceCreditSpecifications", 5)
    ec2.ok("TerminateInstances", InstanceIds=[i["InstanceId"] for i in more])


def database(t):
    """aws_db_subnet_group, aws_db_instance"""
    rds = t.service("rds")
    subnets = [s["SubnetId"] for s in t.service("ec2").ok("DescribeSubnets")["Subnets"]]
    group = rds.ok("CreateDBSubnetGroup", DBSubnetGroupName="terraform", DBSubnetGroupDescription="Managed by Terraform",
                   SubnetIds=subnets, Tags=TAGS)["DBSubnetGroup"]
    found = rds.ok("DescribeDBSubnetGroups", DBSubnetGroupName="terraform")["DBSubnetGroups"][0]
    t.same(found["DBSubnetGroupArn"], group["DBSubnetGroupArn"], "the subnet group")
    t.same(pairs(rds.ok("ListTagsForResource", ResourceName=group["DBSubnetGroupArn"])["TagList"]), pairs(TAGS),
           "its tags")
    rds.ok("CreateDBInstance", DBInstanceIdentifier="terraform", DBInstanceClass="db.t3.micro", Engine="mysql",
           EngineVersion="8.4", AllocatedStorage=20, MasterUsername="admin", MasterUserPassword="abcdefgh1234",
           DBSubnetGroupName="terraform", Tags=TAGS)
    rds.wait("db_instance_available", DBInstanceIdentifier="terraform")
    read = rds.ok("DescribeDBInstances", DBInstanceIdentifier="terraform")["DBInstances"][0]
    # Since it knows instances by their resource id, it asks by this filter.
    again = rds.ok("DescribeDBInstances", Filters=[{"Name": "dbi-resource-id", "Values": [read["DbiResourceId"]]}])
    t.same([i["DBInstanceArn"] for i in again["DBInstances"]], [read["DBInstanceArn"]], "the instance by its resource id")
    t.same(pairs(rds.ok("ListTagsForResource", ResourceName=read["DBInstanceArn"])["TagList"]), pairs(TAGS), "its tags")
    rds.ok("DescribeDBEngineVersions", Engine="mysql", EngineVersion="8.4")
    rds.ok("DescribeOrderableDBInstanceOptions", Engine="mysql", DBInstanceClass="db.t3.micro")


def cache(t):
    """aws_elasticache_subnet_group, aws_elasticache_parameter_group, aws_elasticache_replication_group"""
    elasticache = t.service("elasticache")
    subnets = [s["SubnetId"] for s in t.service("ec2").ok("DescribeSubnets")["Subnets"]]
    group = elasticache.ok("CreateCacheSubnetGroup", CacheSubnetGroupName="terraform",
                           CacheSubnetGroupDescription="Managed by Terraform", SubnetIds=subnets,
                           Tags=TAGS)["CacheSubnetGroup"]
    elasticache.ok("DescribeCacheSubnetGroups", CacheSubnetGroupName="terraform")
    parameters = elasticache.ok("CreateCacheParameterGroup", CacheParameterGroupName="terraform", Tags=TAGS,
                                CacheParameterGroupFamily="redis7", Description="Managed by Terraform")
    parameters = parameters["CacheParameterGroup"]
    elasticache.ok("ModifyCacheParameterGroup", CacheParameterGroupName="terraform", ParameterNameValues=[
        {"ParameterName": "maxmemory-policy", "ParameterValue": "allkeys-lru"}])
    elasticache.ok("DescribeCacheParameterGroups", CacheParameterGroupName="terraform")
    own = elasticache.ok("DescribeCacheParameters", CacheParameterGroupName="terraform", Source="user")["Parameters"]
    t.same([(p["ParameterName"], p["ParameterValue"]) for p in own], [("maxmemory-policy", "allkeys-lru")],
           "the parameters that were set")
    elasticache.ok("CreateReplicationGroup", ReplicationGroupId="terraform", Engine="redis", NumCacheClusters=2,
                   ReplicationGroupDescription="Managed by Terraform", CacheNodeType="cache.t3.micro",
                   AutomaticFailoverEnabled=True, CacheSubnetGroupName="terraform", CacheParameterGroupName="terraform",
                   TransitEncryptionEnabled=True, AuthToken="a" * 32, Tags=TAGS)
    elasticache.wait("replication_group_available", ReplicationGroupId="terraform")
    read = elasticache.ok("DescribeReplicationGroups", ReplicationGroupId="terraform")["ReplicationGroups"][0]
    member = elasticache.ok("DescribeCacheClusters", CacheClusterId=read["MemberClusters"][0], ShowCacheNodeInfo=True)
    member = member["CacheClusters"][0]
    t.same((member["CacheParameterGroup"]["CacheParameterGroupName"], member["CacheSubnetGroupName"]),
           ("terraform", "terraform"), "a member of the group")
    for arn in [group["ARN"], parameters["ARN"], read["ARN"]]:
        t.same(pairs(elasticache.ok("ListTagsForResource", ResourceName=arn)["TagList"]), pairs(TAGS), arn)


def parameter(t):
    """aws_ssm_parameter"""
    ssm = t.service("ssm")
    ssm.ok("PutParameter", Name="/terraform/one", Value="v", Type="SecureString", Tags=TAGS, Description="d")
    ssm.ok("GetParameter", Name="/terraform/one", WithDecryption=True)
    found = ssm.ok("DescribeParameters", ParameterFilters=[
        {"Key": "Name", "Option": "Equals", "Values": ["/terraform/one"]}])["Parameters"]
    t.same([p["Description"] for p in found], ["d"], "the parameter")
    tags = ssm.ok("ListTagsForResource", ResourceType="Parameter", ResourceId="/terraform/one")["TagList"]
    t.same(pairs(tags), pairs(TAGS), "its tags")
