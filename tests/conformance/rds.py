"""RDS: subnet groups, instances, the catalogue. docs/aws-errors.md, "RDS"."""

TAGS = [{"Key": "class", "Value": "autumn"}]
IDENTIFIER = ("is not a valid identifier. Identifiers must begin with a letter; must contain only ASCII letters, digits, "
              "and hyphens; and must not end with a hyphen or contain two consecutive hyphens.")
INSTANCE = {"DBInstanceIdentifier": "shop", "DBInstanceClass": "db.t3.micro", "Engine": "mysql", "EngineVersion": "8.4",
            "AllocatedStorage": 20, "MasterUsername": "admin", "MasterUserPassword": "abcdefgh1234",
            "DBSubnetGroupName": "subnets", "PubliclyAccessible": False}


def run(t):
    rds = t.service("rds")
    subnet_groups(t, rds)
    catalogue(t, rds)
    refused_instances(t, rds)
    instances(t, rds)
    lists(t, rds)


def slow(t):
    """On a sandbox at AWS's own pace everything stays `creating` for minutes."""
    rds = t.service("rds")
    rds.ok("CreateDBSubnetGroup", DBSubnetGroupName="subnets", DBSubnetGroupDescription="d", SubnetIds=subnets(t))
    made = rds.ok("CreateDBInstance", **INSTANCE)["DBInstance"]
    t.same(made["DBInstanceStatus"], "creating", "status")
    rds.no("InvalidDBInstanceState", 400, "ModifyDBInstance", DBInstanceIdentifier="shop", BackupRetentionPeriod=1,
           says="Instance shop is not in available state.")
    rds.no("InvalidDBInstanceState", 400, "DeleteDBInstance", DBInstanceIdentifier="shop",
           FinalDBSnapshotIdentifier="last", says="Cannot create a snapshot because the database instance shop is not "
           "currently in the available state.")
    rds.ok("DeleteDBInstance", DBInstanceIdentifier="shop", SkipFinalSnapshot=True)
    rds.no("InvalidDBInstanceState", 400, "DeleteDBInstance", DBInstanceIdentifier="shop", SkipFinalSnapshot=True,
           says="Instance shop is already being deleted.")


def subnets(t):
    return [s["SubnetId"] for s in t.service("ec2").ok("DescribeSubnets")["Subnets"]][:3]


def subnet_groups(t, rds):
    ids = subnets(t)
    plain = {"DBSubnetGroupName": "subnets", "DBSubnetGroupDescription": "d"}
    rds.ok("CreateDBSubnetGroup", **plain, SubnetIds=ids, Tags=TAGS)
    found = rds.ok("DescribeDBSubnetGroups", DBSubnetGroupName="subnets")["DBSubnetGroups"][0]
    t.same(sorted(s["SubnetIdentifier"] for s in found["Subnets"]), sorted(ids), "subnets")
    rds.ok("CreateDBSubnetGroup", DBSubnetGroupName="unused", DBSubnetGroupDescription="d", SubnetIds=ids)
    rds.ok("DeleteDBSubnetGroup", DBSubnetGroupName="unused")

    rds.no("DBSubnetGroupAlreadyExists", 400, "CreateDBSubnetGroup", **plain, SubnetIds=ids,
           says="The DB subnet group 'subnets' already exists.")
    zone = t.service("ec2").ok("DescribeSubnets", SubnetIds=ids[:1])["Subnets"][0]["AvailabilityZone"]
    rds.no("DBSubnetGroupDoesNotCoverEnoughAZs", 400, "CreateDBSubnetGroup", DBSubnetGroupName="x",
           DBSubnetGroupDescription="d", SubnetIds=ids[:1],
           says="The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement. Current AZ coverage: "
                f"{zone}. Add subnets to cover at least 2 AZs.")
    rds.no("InvalidSubnet", 400, "CreateDBSubnetGroup", DBSubnetGroupName="x", DBSubnetGroupDescription="d",
           SubnetIds=[], says="Subnet IDs are required.")
    rds.no("InvalidParameterValue", 400, "CreateDBSubnetGroup", DBSubnetGroupName="x", DBSubnetGroupDescription="d",
           SubnetIds=["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"])
    rds.no("InvalidParameterValue", 400, "CreateDBSubnetGroup", DBSubnetGroupName="x", SubnetIds=ids,
           says="The parameter DBSubnetGroupDescription must be provided and must not be blank.")
    for operation in ["DescribeDBSubnetGroups", "DeleteDBSubnetGroup"]:
        rds.no("DBSubnetGroupNotFoundFault", 404, operation, DBSubnetGroupName="nobody",
               says="DB subnet group 'nobody' does not exist.")


def catalogue(t, rds):
    versions = rds.ok("DescribeDBEngineVersions", Engine="mysql", EngineVersion="8.4")["DBEngineVersions"]
    t.check(versions, "no MySQL 8.4")
    options = rds.ok("DescribeOrderableDBInstanceOptions", Engine="mysql", DBInstanceClass="db.t3.micro")
    t.check(options["OrderableDBInstanceOptions"], "db.t3.micro cannot be ordered")
    rds.ok("DescribeCertificates")
    rds.ok("DescribeEvents", Duration=60)
    for operation in ["DescribeDBEngineVersions", "DescribeDBInstances", "DescribeDBSubnetGroups"]:
        rds.no("InvalidParameterValue", 400, operation, MaxRecords=19)
        rds.no("InvalidParameterValue", 400, operation, Marker="nonsense")
        rds.no("InvalidParameterValue", 400, operation, Filters=[{"Name": "nonsense", "Values": ["x"]}],
               says="Unrecognized filter name: nonsense")
    rds.no("InvalidParameterValue", 400, "DescribeOrderableDBInstanceOptions",
           says="The parameter Engine must be provided and must not be blank.")
    rds.no("CertificateNotFound", 404, "DescribeCertificates", CertificateIdentifier="nobody")
    rds.no("InvalidParameterCombination", 400, "DescribeEvents", SourceIdentifier="shop")
    rds.no("InvalidParameterValue", 400, "DescribeEvents", SourceType="nonsense")


def refused_instances(t, rds):
    def no(code, says=None, status=400, **more):
        params = {**INSTANCE, "DBInstanceIdentifier": "refused", **more}
        rds.no(code, status, "CreateDBInstance", says=says, **{k: v for k, v in params.items() if v is not None})

    combination, value = "InvalidParameterCombination", "InvalidParameterValue"
    no(value, f"The parameter DBInstanceIdentifier {IDENTIFIER}", DBInstanceIdentifier="1x")
    no(value, "The parameter DBInstanceIdentifier is not a valid identifier because it is longer than 63 characters.",
       DBInstanceIdentifier="x" * 64)
    no(value, "DBName must begin with a letter and contain only alphanumeric characters.", DBName="my-shop")
    no(value, "The parameter MasterUserPassword is not a valid password because it is shorter than 8 characters.",
       MasterUserPassword="short")
    no(value, None, MasterUserPassword="x" * 42)
    no(value, "The parameter MasterUserPassword is not a valid password. Only printable ASCII characters besides '/', "
       "'@', '\"', ' ' may be used.", MasterUserPassword="with@sign1")
    no(value, "MasterUsername rdsadmin cannot be used as it is a reserved word used by the engine",
       MasterUsername="rdsadmin")
    no(value, "Invalid master user name", MasterUsername="x" * 33)
    no(value, "Invalid DB engine", Engine="nosql", EngineVersion=None)
    no(combination, "Cannot find version 5.1 for mysql", EngineVersion="5.1")
    no(combination, "RDS does not support creating a DB instance with the following combination: "
       "DBInstanceClass=db.t2.micro, Engine=mysql, EngineVersion=8.4.7, LicenseModel=general-public-license. For "
       "supported combinations of instance class and database engine version, see the documentation.",
       DBInstanceClass="db.t2.micro")
    no(value, None, DBInstanceClass="db.t9.huge")
    no(combination, "Invalid storage size for engine name mysql and storage type gp2: 4", AllocatedStorage=4)
    no(combination, "Max storage size must be greater than storage size", MaxAllocatedStorage=20)
    no(combination, "The maximum allocated storage must be increased by at least 10 percent.", MaxAllocatedStorage=21)
    no(value, "Retention period must be between 0 and 35.", BackupRetentionPeriod=36)
    no(combination, "The parameter group default.mysql8.0 with DBParameterGroupFamily mysql8.0 can't be used for this "
       "instance. Use a parameter group with DBParameterGroupFamily mysql8.4.", DBParameterGroupName="default.mysql8.0")
    no("DBParameterGroupNotFound", None, 404, DBParameterGroupName="nobody")
    no("DBSubnetGroupNotFoundFault", "DB subnet group 'nobody' does not exist.", 404, DBSubnetGroupName="nobody")
    no("InvalidVPCNetworkStateFault", None, AvailabilityZone="us-east-1z")
    no(value, None, VpcSecurityGroupIds=["sg-0123456789abcdef0"])
    no(value, None, StorageType="nonsense")
    no(value, "The parameter DBInstanceClass must be provided and must not be blank.", DBInstanceClass=None)


def instances(t, rds):
    made = rds.ok("CreateDBInstance", **INSTANCE, DBName="shop", StorageEncrypted=True, BackupRetentionPeriod=0,
                  DeletionProtection=True, Tags=TAGS)["DBInstance"]
    rds.wait("db_instance_available", DBInstanceIdentifier="shop")
    found = rds.ok("DescribeDBInstances", DBInstanceIdentifier="shop")["DBInstances"][0]
    t.same(found["Endpoint"]["Port"], 3306, "the port")
    arn = made["DBInstanceArn"]
    rds.ok("AddTagsToResource", ResourceName=arn, Tags=[{"Key": "more", "Value": "1"}])
    t.same(len(rds.ok("ListTagsForResource", ResourceName=arn)["TagList"]), 2, "tags")
    rds.ok("RemoveTagsFromResource", ResourceName=arn, TagKeys=["more"])

    rds.no("DBInstanceAlreadyExists", 400, "CreateDBInstance", **INSTANCE, says="DB instance already exists")
    absent = "DBInstance nobody not found."
    rds.no("DBInstanceNotFound", 404, "DescribeDBInstances", DBInstanceIdentifier="nobody", says=absent)
    rds.no("InvalidParameterValue", 400, "DescribeDBInstances", Filters=[{"Name": "db-instance-id", "Values": ["1x"]}],
           says=f"The parameter Filter: db-instance-id {IDENTIFIER}")
    rds.no("DBInstanceNotFound", 404, "DeleteDBInstance", DBInstanceIdentifier="nobody", SkipFinalSnapshot=True,
           says=absent)
    rds.no("DBInstanceNotFound", 404, "ModifyDBInstance", DBInstanceIdentifier="nobody")
    rds.no("InvalidDBSubnetGroupStateFault", 400, "DeleteDBSubnetGroup", DBSubnetGroupName="subnets",
           says="Cannot delete the subnet group 'subnets' because at least one database instance: shop is still using "
                "it.")
    rds.no("InvalidParameterCombination", 400, "DeleteDBInstance", DBInstanceIdentifier="shop",
           says="FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.")
    rds.no("InvalidParameterCombination", 400, "DeleteDBInstance", DBInstanceIdentifier="shop", SkipFinalSnapshot=True,
           FinalDBSnapshotIdentifier="last",
           says="You cannot specify both FinalDBSnapshotIdentifier and SkipFinalSnapshot")
    rds.no("InvalidParameterCombination", 400, "DeleteDBInstance", DBInstanceIdentifier="shop", SkipFinalSnapshot=True,
           says="Cannot delete protected DB Instance, please disable deletion protection and try again.")
    head = arn.rsplit(":", 2)[0]
    for operation, more in [("ListTagsForResource", {}), ("AddTagsToResource", {"Tags": TAGS}),
                            ("RemoveTagsFromResource", {"TagKeys": ["class"]})]:
        rds.no("DBInstanceNotFound", 404, operation, ResourceName=f"{head}:db:nobody", **more)
        rds.no("InvalidParameterValue", 400, operation, ResourceName="nonsense", **more)

    rds.ok("ModifyDBInstance", DBInstanceIdentifier="shop", DeletionProtection=False, ApplyImmediately=True)
    rds.wait("db_instance_available", DBInstanceIdentifier="shop")
    rds.no("InvalidParameterValue", 400, "ModifyDBInstance", DBInstanceIdentifier="shop", BackupRetentionPeriod=36,
           says="Retention period must be between 0 and 35.")
    rds.no("InvalidParameterValue", 400, "ModifyDBInstance", DBInstanceIdentifier="shop", MasterUserPassword="short",
           says="The parameter MasterUserPassword is not a valid password because it is shorter than 8 characters.")
    rds.ok("DeleteDBInstance", DBInstanceIdentifier="shop", SkipFinalSnapshot=True, DeleteAutomatedBackups=True)
    rds.wait("db_instance_deleted", DBInstanceIdentifier="shop")


def lists(t, rds):
    if t.driver is not t.boto:
        return
    ids = subnets(t)
    names = [f"page-{n:02}" for n in range(21)]
    for name in names:
        rds.ok("CreateDBSubnetGroup", DBSubnetGroupName=name, DBSubnetGroupDescription="d", SubnetIds=ids)
        rds.ok("CreateDBInstance", **{**INSTANCE, "DBInstanceIdentifier": name})
    for name in names:
        rds.wait("db_instance_available", DBInstanceIdentifier=name)
    for operation, more in [("DescribeDBInstances", {}), ("DescribeDBSubnetGroups", {}), ("DescribeEvents", {}),
                            ("DescribeOrderableDBInstanceOptions", {"Engine": "mysql"})]:
        rds.pages(operation, 20, **more)
    for name in names:
        rds.ok("DeleteDBInstance", DBInstanceIdentifier=name, SkipFinalSnapshot=True)
