"""Why something is not covered: every gap in the table has a line here, or the run fails."""

# No operation succeeds, no refusal is possible, or there are never two pages of it.
NO_SUCCESS = {
    "DeleteCacheCluster": "every node here is a member of a replication group and goes with it",
}
NO_PAGES = {
    "DescribeVpcs": "one VPC", "DescribeSubnets": "three subnets, and a page holds at least five",
    "DescribeRouteTables": "one route table", "DescribeInternetGateways": "one gateway",
    "DescribeImages": "two images, and a page holds at least five",
    "DescribeCacheEngineVersions": "fewer versions than the smallest page of twenty",
    "DescribeDBEngineVersions": "fewer versions than the smallest page of twenty",
    "DescribeCertificates": "one certificate",
    "DescribeInstanceInformation": "one registered instance, and a page holds at least five",
    "ListAttachedRolePolicies": "one managed policy can be attached",
}

# By service: a pattern of error codes that botocore's model declares, and why no case meets them.
NOT_MET = {
    "servicequotas": [
        ("AccessDenied.*|TooManyRequests.*|ServiceException", "met with the faults of all services"),
        ("IllegalArgument.*", "no documented refusal of this kind for the parameters that the operation acts on"),
    ],
    "freetier": [
        ("AccessDenied.*|Throttling.*|InternalServer.*", "met with the faults of all services"),
        ("Validation.*|ResourceNotFound.*", "the operation takes no parameters"),
    ],
    "elasticache": [
        (".*Serverless.*", "no serverless caches"),
        ("Snapshot.*", "no snapshots of caches"),
        ("User.*|InvalidUserGroupState", "no users and user groups"),
        (".*GlobalReplicationGroup.*", "no global datastores"),
        ("CacheSecurityGroup.*|InvalidCacheSecurityGroup.*", "cache security groups belong to EC2-Classic"),
        ("ReservedCacheNodeNotFound", "no reserved nodes"),
        ("InvalidKMSKeyFault", "no customer keys"),
        ("InvalidVPCNetworkStateFault|SubnetNotAllowedFault", "the default VPC never is in such a state"),
        ("InvalidSubnet", "one VPC only, so no two subnets of different ones"),
        (".*Quota.*|ClusterQuota.*|NodeQuota.*", "a quota, which would have to be filled first"),
        ("SubnetInUse", "subnets are not taken out of a group that is used"),
        ("InvalidCacheClusterState|CacheClusterNotFound", "nodes are made and named by their group alone"),
        ("InsufficientCacheClusterCapacity", "ModifyReplicationGroup moves no node to another zone"),
        ("InvalidCacheParameterGroupState", "parameter groups have no states between"),
        ("InvalidParameterCombination|InvalidParameterValue", "no documented refusal of this kind for the parameters "
         "that the operation acts on"),
    ],
    "rds": [
        ("(DB)?(Cluster|Proxy|Shard|Tenant|Snapshot|Integration|BlueGreen|CapacityReservation).*|InvalidDB(Cluster"
         "|CapacityReservation).*|TenantDatabase.*", "no clusters, proxies, snapshots, integrations or reservations"),
        (".*Quota.*", "a quota, which would have to be filled first"),
        ("(Invalid)?DBSecurityGroup.*|AuthorizationNotFound", "DB security groups belong to EC2-Classic"),
        ("OptionGroup.*|DomainNotFound.*|BackupPolicy.*|NetworkType.*|VpcEncryption.*|ProvisionedIops.*|KMSKey.*"
         "|CertificateNotFound|DBParameterGroupNotFound|StorageTypeNotSupported|DBInstanceAlreadyExists"
         "|DBUpgradeDependencyFailure", "a parameter that the sandbox refuses to act on, or ignores"),
        ("InsufficientDBInstanceCapacity|InvalidVPCNetworkStateFault|DBInstanceState", "ModifyDBInstance changes "
         "neither class nor network"),
        ("InvalidDBInstanceState", "instances can be tagged in every state"),
        ("InvalidSubnet|DBSubnetGroupDoesNotCoverEnoughAZs|InvalidDBSubnetStateFault", "told when the subnet group is "
         "made, and subnets do not change afterwards"),
    ],
    "iam": [
        ("ConcurrentModification", "one writer at a time, so no two collide"),
        ("ServiceFailure", "met by ListRoles with the fault server-error; all operations share it"),
        ("LimitExceeded", "a quota, which would have to be filled first"),
        ("PolicyEvaluation|PolicyNotAttachable", "the one managed policy is attachable and can be evaluated"),
        ("InvalidInput", "the pattern of the ARN is refused first, with ValidationError"),
        ("NoSuchEntity", "services without a service-linked role are refused with InvalidInput"),
        ("EntityAlreadyExists", "a second role in a profile meets LimitExceeded first"),
        ("UnmodifiableEntity", "a service-linked role never gets into a profile"),
    ],
    "ssm": [
        ("InternalServerError", "met by DescribeParameters with the fault server-error; all operations share it"),
        ("(Invalid|Incompatible)?Polic.*Exception|PoliciesLimit.*|InvalidPolicy.*", "no parameter policies"),
        ("Hierarchy.*|.*Pattern.*Exception|UnsupportedParameterType", "no allowed patterns and no type changes"),
        ("ParameterLimitExceeded|ParameterMaxVersion.*", "a quota, which would have to be filled first"),
        ("TooManyUpdates", "one writer at a time, so no two collide"),
        ("InvalidDocumentVersion|InvalidNotificationConfig|InvalidOutputFolder|InvalidRole|UnsupportedPlatformType",
         "one document of one version, no notifications and buckets, and every instance runs Linux"),
        ("InvalidKeyId", "one key, which is always usable"),
        ("InvalidCommandId", "an unknown pair of command and instance is InvocationDoesNotExist"),
        ("InvalidInstanceId|InvalidInstanceInformationFilterValue|InvalidFilter.*|DuplicateInstanceId",
         "an instance that is gone still lists its commands; other values just match nothing"),
    ],
    "secretsmanager": [("InvalidRequestException", "GetRandomPassword has no state to be wrong about")],
    "tagging": [],
    "sts": [],
    "ec2": [],
}
