"""What a service says on a bad day, on demand: throttled, broken, refused by policy, out of capacity.

docs/aws-errors.md, "Common errors".
"""
from cases import Bench, Record
from drivers import Boto
from ec2 import image_id
from elasticache import GROUP
from rds import INSTANCE
from sandbox import Sandbox

QUERY = {"throttle": ("Throttling", 400), "server-error": ("InternalFailure", 500), "refuse": ("AccessDenied", 403)}
JSON = {"throttle": ("ThrottlingException", 400), "server-error": ("InternalServerError", 500),
        "refuse": ("AccessDeniedException", 400)}
# A call of each service, and what it says where it differs from its protocol's way.
BAD_DAYS = {
    ("ec2", "DescribeVpcs"): {"throttle": ("RequestLimitExceeded", 503), "server-error": ("InternalError", 500),
                              "refuse": ("UnauthorizedOperation", 403)},
    ("elasticache", "DescribeReplicationGroups"): QUERY,
    ("rds", "DescribeDBInstances"): QUERY,
    ("iam", "ListRoles"): {**QUERY, "server-error": ("ServiceFailure", 500)},
    ("iam", "GetAccountSummary"): {**QUERY, "server-error": ("ServiceFailure", 500)},
    ("sts", "GetCallerIdentity"): QUERY,
    ("ssm", "DescribeParameters"): JSON,
    ("tagging", "GetResources"): {**JSON, "throttle": ("ThrottledException", 400),
                                  "server-error": ("InternalServiceException", 500)},
    ("servicequotas", "GetServiceQuota"): {"throttle": ("TooManyRequestsException", 400)},
    ("secretsmanager", "GetRandomPassword"): {**JSON, "server-error": ("InternalServiceError", 500)},
}


PARAMETERS = {"GetServiceQuota": {"ServiceCode": "rds", "QuotaCode": "L-7B6409FD"}}


def run():
    record = Record()
    with Sandbox() as sandbox:
        t = Bench(sandbox, Boto, record)

        def fault(service, operation, kind):
            done = sandbox.run("sandbox", "fault", "add", f"{service}:{operation}", kind)
            t.check(done.returncode == 0, done.stderr)

        for (service, operation), kinds in BAD_DAYS.items():
            for kind, (code, status) in kinds.items():
                fault(service, operation, kind)
                t.service(service).no(code, status, operation, **PARAMETERS.get(operation, {}))
            t.service(service).ok(operation, **PARAMETERS.get(operation, {}))
        launch = {"ImageId": image_id(t), "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1}
        for service, operation, code, status, params in [
            ("ec2", "RunInstances", "InsufficientInstanceCapacity", 500, launch),
            ("elasticache", "CreateReplicationGroup", "InsufficientCacheClusterCapacity", 400, GROUP),
            ("rds", "CreateDBInstance", "InsufficientDBInstanceCapacity", 400, INSTANCE),
        ]:
            fault(service, operation, "no-capacity")
            t.service(service).no(code, status, operation, **params)
    return record
