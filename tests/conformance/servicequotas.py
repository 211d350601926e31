"""Service Quotas: the quotas that a class may meet."""

QUOTAS = [("ec2", "L-1216C47A"), ("vpc", "L-E79EC296"), ("rds", "L-7B6409FD"), ("rds", "L-48C6BF61"),
          ("elasticache", "L-DFE45DF3"), ("elasticache", "L-3F15A733"), ("elasticache", "L-3E7F7726"),
          ("iam", "L-FE177D64")]

# No account has a value of its own for it until one is applied.
UNAPPLIED = "L-E79EC296"


def run(t):
    quotas = t.service("servicequotas")
    for service, code in QUOTAS:
        quota = quotas.ok("GetAWSDefaultServiceQuota", ServiceCode=service, QuotaCode=code)["Quota"]
        t.check(quota["QuotaCode"] == code and quota["Value"] > 0, f"{code} is {quota}")
        if code == UNAPPLIED:
            quotas.no("NoSuchResourceException", 400, "GetServiceQuota", ServiceCode=service, QuotaCode=code)
            continue
        quota = quotas.ok("GetServiceQuota", ServiceCode=service, QuotaCode=code)["Quota"]
        t.check(quota["QuotaCode"] == code and quota["Value"] > 0, f"{code} is {quota}")
    for operation in ("GetServiceQuota", "GetAWSDefaultServiceQuota"):
        quotas.no("NoSuchResourceException", 400, operation, ServiceCode="ec2", QuotaCode="L-00000000")
