"""Free Tier: the plan of the account, which the preflight tells."""


def run(t):
    plan = t.service("freetier").ok("GetAccountPlanState")
    t.same((plan["accountPlanType"], plan["accountPlanStatus"]), ("PAID", "ACTIVE"), "the plan")
