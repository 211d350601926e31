"""STS, and what every service refuses before it looks at an operation: bad keys and bad signatures."""
import boto3

from drivers import CONFIG, NAMES
from listing import SERVICES

# docs/aws-errors.md, "Common errors", by protocol: code and status for an unknown key, then for a wrong secret.
EC2 = ("AuthFailure", 401), ("AuthFailure", 401)
QUERY = ("InvalidClientTokenId", 403), ("SignatureDoesNotMatch", 403)
JSON = ("UnrecognizedClientException", 400), ("InvalidSignatureException", 400)
REFUSALS = {"ec2": EC2, "elasticache": QUERY, "rds": QUERY, "iam": QUERY, "sts": QUERY, "ssm": JSON, "tagging": JSON,
            "secretsmanager": JSON, "servicequotas": JSON, "freetier": JSON}
# One call of each service that needs no parameters.
PLAIN = {"ec2": "describe_vpcs", "elasticache": "describe_cache_clusters", "rds": "describe_db_instances",
         "iam": "list_roles", "sts": "get_caller_identity", "ssm": "list_commands", "tagging": "get_resources",
         "secretsmanager": "get_random_password", "servicequotas": "list_services",
         "freetier": "get_account_plan_state"}
# Operations that nothing else can make refuse.
ONLY = {"sts": "GetCallerIdentity", "freetier": "GetAccountPlanState"}


def run(t):
    sts = t.service("sts")
    me = sts.ok("GetCallerIdentity")
    t.check(str(me["Arn"]).startswith(f"arn:aws:iam::{me['Account']}:"), f"the caller is {me}")
    if t.driver is not t.boto:
        return
    for service in SERVICES:
        unknown, wrong = REFUSALS[service]
        _refused(t, service, unknown, "AKIAUNKNOWNUNKNOWN12", t.sandbox.keys[1])
        _refused(t, service, wrong, t.sandbox.keys[0], "0" * 40)


def _refused(t, service, wanted, key, secret):
    from botocore.exceptions import ClientError
    client = boto3.client(NAMES.get(service, service), region_name=t.sandbox.region, endpoint_url=t.sandbox.endpoint,
                          aws_access_key_id=key, aws_secret_access_key=secret, config=CONFIG)
    try:
        getattr(client, PLAIN[service])()
    except ClientError as error:
        found = error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]
        if t.same(found, wanted, f"{service} with a bad key or signature") and service in ONLY:
            t.record.errors.setdefault((service, ONLY[service]), set()).add(wanted[0])
    else:
        t.check(False, f"{service} took a bad key or signature")
