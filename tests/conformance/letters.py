"""Characters that a service refuses in tags and texts: docs/aws.md, "Tags"; none is dropped, and none is kept."""
from cases import Bench, Record
from drivers import Boto
from iam import POLICY, TRUST
from sandbox import Sandbox

# No control character below a blank is taken anywhere but a tab and the ends of lines by EC2.
CONTROL = ["\x01", "\x00", "\x08", "\x0b", "\x1f"]
# What EC2 takes and nobody else does.
SYMBOLS = ["a(b)", "a,b", "a;b", "a\tb", "a\nb", "a\\b"]
RDS = "may only contain unicode letters, digits, whitespace, or one of these symbols: _ . : / = + \\ - @"
PATTERN = "[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]"


def run():
    record = Record()
    with Sandbox() as sandbox:
        t = Bench(sandbox, Boto, record)
        for scenario in [tags, texts]:
            try:
                scenario(t)
            except Exception as error:
                t.check(False, f"{scenario.__name__}: {type(error).__name__}: {error}")
    return record


def tags(t):
    ec2, rds, cache, iam, ssm = (t.service(name) for name in ["ec2", "rds", "elasticache", "iam", "ssm"])
    subnets = [s["SubnetId"] for s in ec2.ok("DescribeSubnets")["Subnets"]]
    group = ec2.ok("CreateSecurityGroup", GroupName="letters", Description="d")["GroupId"]
    arn = rds.ok("CreateDBSubnetGroup", DBSubnetGroupName="letters", DBSubnetGroupDescription="d",
                 SubnetIds=subnets)["DBSubnetGroup"]["DBSubnetGroupArn"]
    cached = cache.ok("CreateCacheParameterGroup", CacheParameterGroupName="letters", Description="d",
                      CacheParameterGroupFamily="redis7")["CacheParameterGroup"]["ARN"]
    iam.ok("CreateRole", RoleName="letters", AssumeRolePolicyDocument=TRUST)
    iam.ok("CreateInstanceProfile", InstanceProfileName="letters")
    ssm.ok("PutParameter", Name="/letters", Value="v", Type="String")
    parameter = {"ResourceType": "Parameter", "ResourceId": "/letters"}
    for bad in CONTROL:
        for tag in [{"Key": "k", "Value": f"a{bad}b"}, {"Key": f"k{bad}", "Value": "v"}]:
            ec2.no("InvalidParameterValue", 400, "CreateTags", Resources=[group], Tags=[tag])
            ec2.no("InvalidParameterValue", 400, "CreateSecurityGroup", GroupName="x", Description="d",
                   TagSpecifications=[{"ResourceType": "security-group", "Tags": [tag]}])
    for bad in CONTROL + SYMBOLS:
        for part, tag in [("value", {"Key": "k", "Value": f"a{bad}b"}), ("key", {"Key": f"k{bad}", "Value": "v"})]:
            words = f"Tag {part}s {RDS}"
            rds.no("InvalidParameterValue", 400, "AddTagsToResource", ResourceName=arn, Tags=[tag], says=words)
            cache.no("InvalidParameterValue", 400, "AddTagsToResource", ResourceName=cached, Tags=[tag])
            rule = f"{PATTERN}{'*' if part == 'value' else '+'}"
            broken = ("1 validation error detected: Value{} at 'tags.1.member." + part + "' failed to satisfy constraint: "
                      "Member must satisfy regular expression pattern: {}")
            iam.no("ValidationError", 400, "TagRole", RoleName="letters", Tags=[tag], says=broken.format("", rule))
            iam.no("ValidationError", 400, "TagInstanceProfile", InstanceProfileName="letters", Tags=[tag])
            iam.no("ValidationError", 400, "CreateRole", RoleName="x", AssumeRolePolicyDocument=TRUST, Tags=[tag])
            text = tag["Value"] if part == "value" else tag["Key"]
            ssm.no("ValidationException", 400, "AddTagsToResource", **parameter, Tags=[tag],
                   says=broken.format(f" '{text}'", f"^({PATTERN}*)$"))
            ssm.no("ValidationException", 400, "PutParameter", Name="/x", Value="v", Type="String", Tags=[tag])
    # What has been refused has left nothing, and everything else is kept as it was sent.
    good = [{"Key": "Größe 大/=+-@:_.", "Value": "Ünï 值\u00a0x"}]
    ec2.ok("CreateTags", Resources=[group], Tags=good + [{"Key": "free", "Value": "(a), b;\tc\r\nd"}])
    found = ec2.ok("DescribeSecurityGroups", GroupIds=[group])["SecurityGroups"][0]["Tags"]
    t.same({tag["Value"] for tag in found}, {"Ünï 值\u00a0x", "(a), b;\tc\r\nd"}, "EC2's tags")
    rds.ok("AddTagsToResource", ResourceName=arn, Tags=good)
    cache.ok("AddTagsToResource", ResourceName=cached, Tags=good)
    iam.ok("TagRole", RoleName="letters", Tags=good)
    ssm.ok("AddTagsToResource", **parameter, Tags=good)
    t.same(rds.ok("ListTagsForResource", ResourceName=arn)["TagList"], good, "RDS's tags")
    t.same(cache.ok("ListTagsForResource", ResourceName=cached)["TagList"], good, "ElastiCache's tags")
    t.same(iam.ok("ListRoleTags", RoleName="letters")["Tags"], good, "IAM's tags")
    t.same(ssm.ok("ListTagsForResource", **parameter)["TagList"], good, "SSM's tags")


def texts(t):
    """Names, descriptions and values: answers in XML could not carry what is in them."""
    ec2, rds, cache, iam = (t.service(name) for name in ["ec2", "rds", "elasticache", "iam"])
    subnets = [s["SubnetId"] for s in ec2.ok("DescribeSubnets")["Subnets"]]
    group = ec2.ok("CreateSecurityGroup", GroupName="texts", Description="d")["GroupId"]
    family = {"CacheParameterGroupName": "texts", "CacheParameterGroupFamily": "redis7"}
    cache.ok("CreateCacheParameterGroup", **family, Description="d")
    for bad in CONTROL:
        text = f"a{bad}b"
        for more in [{"GroupName": text, "Description": "d"}, {"GroupName": "x", "Description": text}]:
            ec2.no("InvalidParameterValue", 400, "CreateSecurityGroup", **more)
        ec2.no("InvalidParameterValue", 400, "AuthorizeSecurityGroupIngress", GroupId=group, IpPermissions=[
            {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 1, "IpRanges": [{"CidrIp": "10.0.0.0/8", "Description": text}]}])
        rds.no("InvalidParameterValue", 400, "CreateDBSubnetGroup", DBSubnetGroupName=text, SubnetIds=subnets,
               DBSubnetGroupDescription="d")
        rds.no("InvalidParameterValue", 400, "CreateDBSubnetGroup", DBSubnetGroupName="x", SubnetIds=subnets,
               DBSubnetGroupDescription=text,
               says="The parameter DBSubnetGroupDescription must not contain non-printable control characters.")
        cache.no("InvalidParameterValue", 400, "CreateCacheSubnetGroup", CacheSubnetGroupName="x", SubnetIds=subnets,
                 CacheSubnetGroupDescription=text)
        cache.no("InvalidParameterValue", 400, "CreateCacheParameterGroup", Description=text,
                 **{**family, "CacheParameterGroupName": "x"})
        cache.no("InvalidParameterValue", 400, "ModifyCacheParameterGroup", CacheParameterGroupName="texts",
                 ParameterNameValues=[{"ParameterName": "notify-keyspace-events", "ParameterValue": text}])
        iam.no("ValidationError", 400, "CreateRole", RoleName=text, AssumeRolePolicyDocument=TRUST)
        iam.no("ValidationError", 400, "CreateRole", RoleName="x", AssumeRolePolicyDocument=TRUST, Description=text,
               says="1 validation error detected: Value at 'description' failed to satisfy constraint: Member must "
                    "satisfy regular expression pattern: [\\u0009\\u000A\\u000D\\u0020-\\u007E\\u00A1-\\u00FF]*")
        iam.no("ValidationError", 400, "CreateRole", RoleName="x", AssumeRolePolicyDocument=TRUST, Path=f"/{bad}/")
        iam.no("ValidationError", 400, "CreateRole", RoleName="x", AssumeRolePolicyDocument=TRUST + bad)
        iam.no("ValidationError", 400, "CreatePolicy", PolicyName="x", PolicyDocument=POLICY + bad)
        # What is only looked for is told not to be there, in an answer that can be read.
        rds.no("DBInstanceNotFound", 404, "DescribeDBInstances", DBInstanceIdentifier=text,
               says="DBInstance a\ufffdb not found.")
    t.same(ec2.ok("DescribeSecurityGroups", GroupIds=[group])["SecurityGroups"][0]["IpPermissions"], [], "no rule was made")
