"""The waiters against real engines: what they wait for must really answer."""
import socket
import ssl
import urllib.request
import warnings

from cases import Bench, Record
from drivers import Boto
from rds import INSTANCE
from sandbox import Sandbox
from ssm import SCRIPT, online

TOKEN = "a" * 32


def run():
    record = Record()
    with Sandbox(engines=True) as sandbox:
        bench = Bench(sandbox, Boto, record)
        try:
            _run(bench)
        except Exception as error:
            bench.check(False, f"{type(error).__name__}: {error}")
    return record


def _run(t):
    cache, rds, ec2, ssm = (t.service(name) for name in ["elasticache", "rds", "ec2", "ssm"])
    subnets = [s["SubnetId"] for s in ec2.ok("DescribeSubnets")["Subnets"]]
    vpc = ec2.ok("DescribeVpcs")["Vpcs"][0]["VpcId"]
    group = ec2.ok("CreateSecurityGroup", GroupName="open", Description="d", VpcId=vpc)["GroupId"]
    ec2.ok("AuthorizeSecurityGroupIngress", GroupId=group, IpPermissions=[
        {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
        for port in (6379, 3306)])
    cache.ok("CreateCacheSubnetGroup", CacheSubnetGroupName="subnets", CacheSubnetGroupDescription="d",
             SubnetIds=subnets)
    rds.ok("CreateDBSubnetGroup", DBSubnetGroupName="subnets", DBSubnetGroupDescription="d", SubnetIds=subnets)
    cache.ok("CreateReplicationGroup", ReplicationGroupId="cache", ReplicationGroupDescription="d", Engine="redis",
             CacheNodeType="cache.t3.micro", NumCacheClusters=2, AutomaticFailoverEnabled=True, MultiAZEnabled=True,
             CacheSubnetGroupName="subnets", TransitEncryptionEnabled=True, AuthToken=TOKEN, SecurityGroupIds=[group])
    rds.ok("CreateDBInstance", **INSTANCE, VpcSecurityGroupIds=[group])
    instance = online(t, ssm)
    sent = ssm.ok("SendCommand", InstanceIds=[instance], DocumentName=SCRIPT, Parameters={"commands": ["true"]})
    ssm.wait("command_executed", CommandId=sent["Command"]["CommandId"], InstanceId=instance)
    cache.wait("replication_group_available", ReplicationGroupId="cache")
    rds.wait("db_instance_available", DBInstanceIdentifier=INSTANCE["DBInstanceIdentifier"])

    found = cache.ok("DescribeReplicationGroups", ReplicationGroupId="cache")["ReplicationGroups"][0]
    t.same(_redis(t, found["NodeGroups"][0]["PrimaryEndpoint"]), b"+OK\r\n+PONG\r\n", "the cache over TLS with its token")
    t.same(_offers(found["NodeGroups"][0]["PrimaryEndpoint"], ssl.TLSVersion.TLSv1_2), True, "the cache takes TLS 1.2")
    t.same(_offers(found["NodeGroups"][0]["PrimaryEndpoint"], ssl.TLSVersion.TLSv1_1), False, "and nothing older")
    found = rds.ok("DescribeDBInstances", DBInstanceIdentifier=INSTANCE["DBInstanceIdentifier"])["DBInstances"][0]
    t.same(_offers(found["Endpoint"], ssl.TLSVersion.TLSv1_2, _ask_for_tls), True, "the database takes TLS 1.2")
    t.same(_offers(found["Endpoint"], ssl.TLSVersion.TLSv1_1, _ask_for_tls), False, "and nothing older")
    with socket.create_connection((found["Endpoint"]["Address"], found["Endpoint"]["Port"]), 5) as database:
        t.same(database.recv(5)[4:], b"\x0a", "the database's greeting, protocol 10")

    cache.ok("DeleteReplicationGroup", ReplicationGroupId="cache")
    rds.ok("DeleteDBInstance", DBInstanceIdentifier=INSTANCE["DBInstanceIdentifier"], SkipFinalSnapshot=True)
    ec2.ok("TerminateInstances", InstanceIds=[instance])
    cache.wait("replication_group_deleted", ReplicationGroupId="cache")
    rds.wait("db_instance_deleted", DBInstanceIdentifier=INSTANCE["DBInstanceIdentifier"])
    ec2.wait("instance_terminated", InstanceIds=[instance])


def _redis(t, endpoint):
    with urllib.request.urlopen(f"{t.sandbox.endpoint}/ca.pem") as answer:
        trust = ssl.create_default_context(cadata=answer.read().decode())
    with socket.create_connection((endpoint["Address"], endpoint["Port"]), 5) as plain:
        with trust.wrap_socket(plain, server_hostname=endpoint["Address"]) as cache:
            cache.sendall(f"AUTH {TOKEN}\r\nPING\r\n".encode())
            answer = b""
            while answer.count(b"\r\n") < 2:
                answer += cache.recv(64) or b"\r\n\r\n"
            return answer


def _offers(endpoint, version, before=lambda plain: None):
    """Whether the engine agrees on this version of TLS, with a client that would take it from anybody."""
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname, client.verify_mode = False, ssl.CERT_NONE  # only the version is asked about here
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        client.set_ciphers("ALL:@SECLEVEL=0")
        client.minimum_version = client.maximum_version = version
    with socket.create_connection((endpoint["Address"], endpoint["Port"]), 5) as plain:
        before(plain)
        try:
            with client.wrap_socket(plain) as secured:
                return secured.version() == version.name.replace("_", ".")
        except ssl.SSLError:
            return False


def _ask_for_tls(plain):
    """MySQL talks in plain until the client asks for TLS: a packet of 32 bytes, number 1, with the capabilities PROTOCOL_41,
    SSL and SECURE_CONNECTION."""
    size = int.from_bytes(plain.recv(4)[:3], "little")
    while size > 0:
        size -= len(plain.recv(size))
    capabilities = 0x200 | 0x800 | 0x8000
    plain.sendall(bytes([32, 0, 0, 1]) + capabilities.to_bytes(4, "little") + (1 << 24).to_bytes(4, "little") + bytes([45]) + bytes(23))
