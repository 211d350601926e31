"""ElastiCache: subnet groups, parameter groups, replication groups. docs/aws-errors.md, "ElastiCache"."""
import datetime
import re

TAGS = [{"Key": "class", "Value": "autumn"}]
TOO_MANY = [{"Key": f"k{n}", "Value": "v"} for n in range(51)]
IDENTIFIER = ("The parameter {} is not a valid identifier. Identifiers must begin with a letter; must contain only ASCII "
              "letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens.")
GROUP = {"ReplicationGroupId": "cache", "ReplicationGroupDescription": "d", "Engine": "redis",
         "CacheNodeType": "cache.t3.micro", "NumCacheClusters": 2, "AutomaticFailoverEnabled": True,
         "CacheSubnetGroupName": "subnets"}


def run(t):
    cache = t.service("elasticache")
    subnet_groups(t, cache)
    parameter_groups(t, cache)
    versions(t, cache)
    refused_groups(t, cache)
    replication_groups(t, cache)
    lists(t, cache)


def slow(t):
    """On a sandbox at AWS's own pace everything stays `creating` for minutes."""
    cache = t.service("elasticache")
    ids = subnets(t)
    cache.ok("CreateCacheSubnetGroup", CacheSubnetGroupName="subnets", CacheSubnetGroupDescription="d", SubnetIds=ids)
    made = cache.ok("CreateReplicationGroup", **GROUP)["ReplicationGroup"]
    t.same(made["Status"], "creating", "status")
    cache.no("InvalidReplicationGroupState", 400, "DeleteReplicationGroup", ReplicationGroupId="cache",
             says="Replication group cache has status creating which is not valid for deletion.")
    cache.no("InvalidReplicationGroupState", 400, "ModifyReplicationGroup", ReplicationGroupId="cache",
             ReplicationGroupDescription="x", says="Replication group must be in available state to modify.")
    cache.no("InvalidReplicationGroupState", 400, "TestFailover", ReplicationGroupId="cache", NodeGroupId="0001")
    not_yet = "Cluster not in available state to perform tagging operations."
    arn = made["ARN"]
    cache.no("InvalidReplicationGroupState", 400, "ListTagsForResource", ResourceName=arn, says=not_yet)
    cache.no("InvalidReplicationGroupState", 400, "AddTagsToResource", ResourceName=arn, Tags=TAGS, says=not_yet)
    cache.no("InvalidReplicationGroupState", 400, "RemoveTagsFromResource", ResourceName=arn, TagKeys=["x"],
             says=not_yet)


def subnets(t):
    """One subnet of each of three zones."""
    return [s["SubnetId"] for s in t.service("ec2").ok("DescribeSubnets")["Subnets"]][:3]


def subnet_groups(t, cache):
    ids = subnets(t)
    plain = {"CacheSubnetGroupName": "subnets", "CacheSubnetGroupDescription": "d"}
    cache.ok("CreateCacheSubnetGroup", **plain, SubnetIds=ids, Tags=TAGS)
    found = cache.ok("DescribeCacheSubnetGroups", CacheSubnetGroupName="subnets")["CacheSubnetGroups"][0]
    t.same(sorted(s["SubnetIdentifier"] for s in found["Subnets"]), sorted(ids), "subnets")
    cache.ok("ModifyCacheSubnetGroup", CacheSubnetGroupName="subnets", CacheSubnetGroupDescription="new")
    cache.ok("CreateCacheSubnetGroup", CacheSubnetGroupName="unused", CacheSubnetGroupDescription="d", SubnetIds=ids)
    cache.ok("DeleteCacheSubnetGroup", CacheSubnetGroupName="unused")

    cache.no("CacheSubnetGroupAlreadyExists", 400, "CreateCacheSubnetGroup", **plain, SubnetIds=ids,
             says="Cache subnet group subnets already exists.")
    cache.no("InvalidParameterValue", 400, "CreateCacheSubnetGroup", CacheSubnetGroupName="x",
             CacheSubnetGroupDescription="d", SubnetIds=["subnet-1", "subnet-2"],
             says="Some input subnets in :[subnet-1, subnet-2] are invalid.")
    cache.no("InvalidParameterValue", 400, "CreateCacheSubnetGroup", CacheSubnetGroupName="x",
             CacheSubnetGroupDescription="d", SubnetIds=[])
    cache.no("InvalidParameterValue", 400, "CreateCacheSubnetGroup", CacheSubnetGroupName="x--y",
             CacheSubnetGroupDescription="d", SubnetIds=ids, says=IDENTIFIER.format("CacheSubnetGroupName"))
    cache.no("TagQuotaPerResourceExceeded", 400, "CreateCacheSubnetGroup", CacheSubnetGroupName="x",
             CacheSubnetGroupDescription="d", SubnetIds=ids, Tags=TOO_MANY)
    for operation in ["DescribeCacheSubnetGroups", "ModifyCacheSubnetGroup", "DeleteCacheSubnetGroup"]:
        cache.no("CacheSubnetGroupNotFoundFault", 400, operation, CacheSubnetGroupName="nobody")
    cache.no("InvalidParameterValue", 400, "ModifyCacheSubnetGroup", CacheSubnetGroupName="subnets",
             SubnetIds=["subnet-1"])


def parameter_groups(t, cache):
    plain = {"CacheParameterGroupName": "lru", "CacheParameterGroupFamily": "redis7", "Description": "d"}
    cache.ok("CreateCacheParameterGroup", **plain, Tags=TAGS)
    cache.ok("DescribeCacheParameterGroups", CacheParameterGroupName="lru")
    policy = [{"ParameterName": "maxmemory-policy", "ParameterValue": "allkeys-lru"}]
    cache.ok("ModifyCacheParameterGroup", CacheParameterGroupName="lru", ParameterNameValues=policy)
    own = cache.ok("DescribeCacheParameters", CacheParameterGroupName="lru", Source="user")["Parameters"]
    t.same([(p["ParameterName"], p["ParameterValue"]) for p in own], [("maxmemory-policy", "allkeys-lru")])
    cache.ok("ResetCacheParameterGroup", CacheParameterGroupName="lru", ResetAllParameters=True)
    cache.ok("CreateCacheParameterGroup", CacheParameterGroupName="old", CacheParameterGroupFamily="redis6.x",
             Description="d")
    cache.ok("CreateCacheParameterGroup", **{**plain, "CacheParameterGroupName": "unused"})
    cache.ok("DeleteCacheParameterGroup", CacheParameterGroupName="unused")

    cache.no("CacheParameterGroupAlreadyExists", 400, "CreateCacheParameterGroup", **plain,
             says="Parameter group lru already exists")
    for family in ["redis7.x", "redis7.2"]:
        cache.no("InvalidParameterValue", 400, "CreateCacheParameterGroup", CacheParameterGroupName="x",
                 CacheParameterGroupFamily=family, Description="d",
                 says=f"CacheParameterGroupFamily {family} is not a valid parameter group family.")
    cache.no("InvalidParameterValue", 400, "CreateCacheParameterGroup", **{**plain, "CacheParameterGroupName": "1x"},
             says=IDENTIFIER.format("CacheParameterGroupName"))
    cache.no("InvalidParameterValue", 400, "CreateCacheParameterGroup", CacheParameterGroupName="x",
             CacheParameterGroupFamily="redis7",
             says="The parameter Description must be provided and must not be blank.")
    cache.no("TagQuotaPerResourceExceeded", 400, "CreateCacheParameterGroup",
             **{**plain, "CacheParameterGroupName": "x"}, Tags=TOO_MANY)
    for operation, says in [
        ("DescribeCacheParameterGroups", "CacheParameterGroup nobody not found."),
        ("DescribeCacheParameters", "CacheParameterGroup nobody not found."),
        ("DeleteCacheParameterGroup", "CacheParameterGroupnot found: nobody"),
    ]:
        cache.no("CacheParameterGroupNotFound", 404, operation, CacheParameterGroupName="nobody", says=says)
    absent = "CacheParameterGroup not found: nobody"
    cache.no("CacheParameterGroupNotFound", 404, "ModifyCacheParameterGroup", CacheParameterGroupName="nobody",
             ParameterNameValues=policy, says=absent)
    cache.no("CacheParameterGroupNotFound", 404, "ResetCacheParameterGroup", CacheParameterGroupName="nobody",
             ResetAllParameters=True)
    cache.no("InvalidParameterValue", 400, "ModifyCacheParameterGroup", CacheParameterGroupName="lru",
             ParameterNameValues=[{"ParameterName": "nonsense", "ParameterValue": "1"}])
    cache.no("InvalidParameterValue", 400, "ModifyCacheParameterGroup", CacheParameterGroupName="lru",
             ParameterNameValues=[{"ParameterName": "maxmemory-policy", "ParameterValue": "nonsense"}])
    cache.no("InvalidParameterCombination", 400, "ModifyCacheParameterGroup", CacheParameterGroupName="lru",
             ParameterNameValues=policy * 21, says="Cannot modify more than 20 parameters in a single request")
    cache.no("InvalidParameterValue", 400, "ResetCacheParameterGroup", CacheParameterGroupName="lru",
             ParameterNameValues=[{"ParameterName": "nonsense"}], says="Parameter nonsense doesn't exist")
    cache.no("InvalidParameterCombination", 400, "ResetCacheParameterGroup", CacheParameterGroupName="lru")
    cache.no("InvalidParameterValue", 400, "DeleteCacheParameterGroup", CacheParameterGroupName="default.redis7",
             says=IDENTIFIER.format("CacheParameterGroupName"))


def versions(t, cache):
    found = cache.ok("DescribeCacheEngineVersions", Engine="redis")["CacheEngineVersions"]
    t.check("redis7" in {v["CacheParameterGroupFamily"] for v in found}, "no redis7")
    cache.ok("DescribeEngineDefaultParameters", CacheParameterGroupFamily="redis7")
    cache.ok("DescribeEvents", Duration=60)

    for operation in ["DescribeCacheEngineVersions", "DescribeCacheClusters", "DescribeCacheParameterGroups",
                      "DescribeCacheSubnetGroups", "DescribeReplicationGroups"]:
        cache.no("InvalidParameterValue", 400, operation, MaxRecords=19)
        cache.no("InvalidParameterValue", 400, operation, Marker="nonsense")
    cache.no("InvalidParameterValue", 400, "DescribeCacheParameters", CacheParameterGroupName="lru", MaxRecords=101)
    for operation, absent in [
        ("AddTagsToResource", "ResourceName"), ("ListTagsForResource", "ResourceName"),
        ("RemoveTagsFromResource", "ResourceName"), ("DeleteCacheCluster", "CacheClusterId"),
        ("DeleteReplicationGroup", "ReplicationGroupId"), ("ModifyReplicationGroup", "ReplicationGroupId"),
        ("TestFailover", "ReplicationGroupId"),
    ]:
        cache.no("InvalidParameterValue", 400, operation,
                 says=f"The parameter {absent} must be provided and must not be blank.")
    cache.no("InvalidParameterValue", 400, "DescribeEngineDefaultParameters", CacheParameterGroupFamily="redis7.x")
    cache.no("InvalidParameterValue", 400, "DescribeEvents", SourceType="nonsense")
    now = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
    cache.no("InvalidParameterCombination", 400, "DescribeEvents", StartTime=now,
             EndTime=now - datetime.timedelta(hours=1))


def refused_groups(t, cache):
    def no(code, says=None, status=400, **more):
        params = {**GROUP, "ReplicationGroupId": "refused", **more}
        cache.no(code, status, "CreateReplicationGroup", says=says,
                 **{key: value for key, value in params.items() if value is not None})

    combination, value = "InvalidParameterCombination", "InvalidParameterValue"
    no(value, "Replication Group ID cannot be longer than 40 characters.", ReplicationGroupId="x" * 41)
    no(value, IDENTIFIER.format("ReplicationGroupId"), ReplicationGroupId="1x")
    no(value, None, ReplicationGroupDescription=None)
    no(combination, "When using automatic failover, there must be at least 2 cache clusters in the replication group.",
       NumCacheClusters=1)
    no(combination, None, AutomaticFailoverEnabled=False, MultiAZEnabled=True)
    token = "a" * 16
    no(combination, "The AUTH token is only supported when encryption-in-transit is enabled", AuthToken=token)
    for bad in ["a" * 15, "a" * 129, "a" * 16 + "@"]:
        no(value, "Invalid AuthToken provided.", AuthToken=bad, TransitEncryptionEnabled=True)
    no(combination, "User group based access control requires encryption-in-transit to be enabled on the replication "
       "group.", UserGroupIds=["users"])
    no(combination, "Transit encryption mode is not supported for engine version 6.2.6. Please use engine version "
       "7.0.5 or higher.", EngineVersion="6.2", TransitEncryptionEnabled=True, TransitEncryptionMode="preferred")
    no(combination, "Transit encryption preferred is not supported with redis access control.", AuthToken=token,
       TransitEncryptionEnabled=True, TransitEncryptionMode="preferred")
    no(combination, "Expected a parameter group of family redis7 but found one of family redis6.x",
       CacheParameterGroupName="old", EngineVersion="7.1")
    no(value, "Invalid Cache Node Type: cache.t9.huge.", CacheNodeType="cache.t9.huge")
    no(value, None, CacheNodeType="cache.t2.micro")
    no(value, "The number of replicas per node group must be within 0 and 5.", NumCacheClusters=7)
    no(combination, "NumCacheClusters can only be specified for one node group", NumNodeGroups=2)
    no(combination, "Use a parameter group with cluster-enabled parameter to create more than one node group.",
       NumCacheClusters=None, NumNodeGroups=2, ReplicasPerNodeGroup=1)
    no(value, "Specified engine does not support replication.", Engine="memcached")
    no(combination, None, EngineVersion="7.9")
    no(combination, "Use of cache security groups is not permitted along with cache subnet group and/or security group "
       "Ids.", CacheSecurityGroupNames=["default"])
    no("CacheSubnetGroupNotFoundFault", None, CacheSubnetGroupName="nobody")
    no("CacheParameterGroupNotFound", "CacheParameterGroup not found: nobody", 404, CacheParameterGroupName="nobody")
    no(value, None, SecurityGroupIds=["sg-0123456789abcdef0"])
    no("InsufficientCacheClusterCapacity", re.compile(
        r"cache\.m7g\.xlarge \(VPC\) is not currently supported in the availability zone us-east-1c\.  Retry the launch "
        r"with no availability zone or target: us-east-1a, us-east-1b\."), CacheNodeType="cache.m7g.xlarge",
       PreferredCacheClusterAZs=["us-east-1a", "us-east-1c"])
    no("TagQuotaPerResourceExceeded", None, Tags=TOO_MANY)
    cache.no(combination, 400, "CreateCacheCluster", CacheClusterId="c", Engine="redis", CacheNodeType="cache.t3.micro",
             NumCacheNodes=1, TransitEncryptionEnabled=True, says="Encryption feature is not supported for engine REDIS.")


def replication_groups(t, cache):
    made = cache.ok("CreateReplicationGroup", **GROUP, MultiAZEnabled=True, TransitEncryptionEnabled=True,
                    AuthToken="a" * 16, AtRestEncryptionEnabled=True, CacheParameterGroupName="lru", Tags=TAGS,
                    EngineVersion="7.1", Port=6379)["ReplicationGroup"]
    cache.wait("replication_group_available", ReplicationGroupId="cache")
    cache.wait("cache_cluster_available", CacheClusterId="cache-001")
    group = cache.ok("DescribeReplicationGroups", ReplicationGroupId="cache")["ReplicationGroups"][0]
    t.check(group["NodeGroups"][0]["PrimaryEndpoint"]["Port"] == 6379, f"no endpoint: {group}")
    nodes = cache.ok("DescribeCacheClusters", CacheClusterId="cache-001", ShowCacheNodeInfo=True)["CacheClusters"]
    t.same(nodes[0]["ReplicationGroupId"], "cache", "the node's group")
    arn = made["ARN"]
    cache.ok("AddTagsToResource", ResourceName=arn, Tags=[{"Key": "more", "Value": "1"}])
    t.same(len(cache.ok("ListTagsForResource", ResourceName=arn)["TagList"]), 2, "tags")
    cache.ok("RemoveTagsFromResource", ResourceName=arn, TagKeys=["more"])

    cache.no("ReplicationGroupAlreadyExists", 400, "CreateReplicationGroup", **GROUP,
             says="Replication group with specified name already exists.")
    for operation, more in [("DescribeReplicationGroups", {}), ("DeleteReplicationGroup", {}),
                            ("ModifyReplicationGroup", {}), ("TestFailover", {"NodeGroupId": "0001"})]:
        cache.no("ReplicationGroupNotFoundFault", 404, operation, ReplicationGroupId="nobody", **more)
    cache.no("CacheClusterNotFound", 404, "DescribeCacheClusters", CacheClusterId="nobody")
    cache.no("CacheClusterNotFound", 404, "DeleteCacheCluster", CacheClusterId="nobody")
    cache.no("NodeGroupNotFoundFault", 404, "TestFailover", ReplicationGroupId="cache", NodeGroupId="0002")
    cache.no("CacheSubnetGroupInUse", 400, "DeleteCacheSubnetGroup", CacheSubnetGroupName="subnets",
             says="Cache subnet group subnets is currently in use by a cache cluster.")
    cache.no("InvalidCacheParameterGroupState", 400, "DeleteCacheParameterGroup", CacheParameterGroupName="lru")
    cache.no("InvalidCacheClusterState", 400, "DeleteCacheCluster", CacheClusterId="cache-001",
             says="Cannot delete the cache cluster since it is the only member of a replication group. Delete the "
                  "replication group instead.")
    refused_tags(cache, arn)

    failovers(t, cache)
    cache.ok("ModifyReplicationGroup", ReplicationGroupId="cache", ReplicationGroupDescription="new",
             ApplyImmediately=True)
    cache.wait("replication_group_available", ReplicationGroupId="cache")
    cache.no("InvalidParameterValue", 400, "ModifyReplicationGroup", ReplicationGroupId="cache",
             CacheNodeType="cache.t9.huge", says="Invalid Cache Node Type: cache.t9.huge.")
    cache.no("CacheParameterGroupNotFound", 404, "ModifyReplicationGroup", ReplicationGroupId="cache",
             CacheParameterGroupName="nobody")
    cache.no("InvalidParameterCombination", 400, "ModifyReplicationGroup", ReplicationGroupId="cache",
             CacheParameterGroupName="old",
             says="Expected a parameter group of family redis7 but found one of family redis6.x")
    single(cache)
    cache.ok("DeleteReplicationGroup", ReplicationGroupId="cache")
    cache.wait("replication_group_deleted", ReplicationGroupId="cache")
    cache.wait("cache_cluster_deleted", CacheClusterId="cache-001")


def failovers(t, cache):
    """One, and with boto3 as many as a day allows. A group that recovers takes no other; its events say when it has."""
    most = 15 if t.driver is t.boto else 1
    for done in range(most):
        cache.ok("TestFailover", ReplicationGroupId="cache", NodeGroupId="0001")
        until(t, lambda: sum("Finished recovery" in event["Message"] for event in cache.ok(
            "DescribeEvents", SourceType="cache-cluster")["Events"]) > done, "the failover ends")
    if most > 1:
        cache.no("APICallRateForCustomerExceeded", 400, "TestFailover", ReplicationGroupId="cache", NodeGroupId="0001")


def single(cache):
    """A group of one node has nothing to fail over to."""
    cache.ok("CreateReplicationGroup", ReplicationGroupId="single", ReplicationGroupDescription="d", Engine="valkey",
             CacheNodeType="cache.t4g.micro", NumCacheClusters=1, CacheSubnetGroupName="subnets")
    cache.wait("replication_group_available", ReplicationGroupId="single")
    cache.no("TestFailoverNotAvailableFault", 400, "TestFailover", ReplicationGroupId="single", NodeGroupId="0001")
    cache.no("InvalidParameterCombination", 400, "ModifyReplicationGroup", ReplicationGroupId="single",
             AutomaticFailoverEnabled=True, ApplyImmediately=True,
             says="Automatic failover requires 2 or more cache clusters. Create more cache clusters or disable "
                  "automatic failover.")
    cache.ok("DeleteReplicationGroup", ReplicationGroupId="single")


def refused_tags(cache, arn):
    head = arn.rsplit(":", 2)[0]
    for operation, more in [("ListTagsForResource", {}), ("AddTagsToResource", {"Tags": TAGS}),
                            ("RemoveTagsFromResource", {"TagKeys": ["class"]})]:
        for name, code, status in [
            ("replicationgroup:nobody", "ReplicationGroupNotFoundFault", 404), ("cluster:nobody", "CacheClusterNotFound", 404),
            ("subnetgroup:nobody", "CacheSubnetGroupNotFoundFault", 400),
            ("parametergroup:nobody", "CacheParameterGroupNotFound", 404),
        ]:
            cache.no(code, status, operation, ResourceName=f"{head}:{name}", **more)
        cache.no("InvalidARN", 400, operation, ResourceName="nonsense", **more)
    cache.no("TagQuotaPerResourceExceeded", 400, "AddTagsToResource", ResourceName=arn,
             Tags=TOO_MANY)
    cache.no("TagNotFound", 404, "RemoveTagsFromResource", ResourceName=arn, TagKeys=["nobody"])


def until(t, is_so, what):
    """Asks until the answer is yes; bounded."""
    import time
    end = time.monotonic() + 30
    while not is_so():
        if time.monotonic() > end:
            t.check(False, f"in 30 s it did not happen that {what}")
            return
        time.sleep(0.02)


def lists(t, cache):
    if t.driver is not t.boto:
        return
    ids = subnets(t)
    names = [f"page-{n:02}" for n in range(21)]
    for name in names:
        cache.ok("CreateCacheSubnetGroup", CacheSubnetGroupName=name, CacheSubnetGroupDescription="d", SubnetIds=ids)
        cache.ok("CreateCacheParameterGroup", CacheParameterGroupName=name, CacheParameterGroupFamily="redis7",
                 Description="d")
        cache.ok("CreateReplicationGroup", **{**GROUP, "ReplicationGroupId": name})
    for name in names:
        cache.wait("replication_group_available", ReplicationGroupId=name)
    for operation, more in [
        ("DescribeCacheSubnetGroups", {}), ("DescribeCacheParameterGroups", {}), ("DescribeReplicationGroups", {}),
        ("DescribeCacheClusters", {}), ("DescribeCacheParameters", {"CacheParameterGroupName": "lru"}),
        ("DescribeEngineDefaultParameters", {"CacheParameterGroupFamily": "redis7"}), ("DescribeEvents", {}),
    ]:
        cache.pages(operation, 20, **more)
    for name in names:
        cache.ok("DeleteReplicationGroup", ReplicationGroupId=name)
