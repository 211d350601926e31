"""IAM: roles, their policies, instance profiles. docs/aws-errors.md, "IAM and STS"."""
import json

TRUST = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]})
POLICY = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": "ssm:GetParameter", "Resource": "*"}]})
MANAGED = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
TAGS = [{"Key": "class", "Value": "autumn"}]
NO_ROLE = "The role with name nobody cannot be found."
NO_PROFILE = "Instance Profile nobody cannot be found."


def run(t):
    iam = t.service("iam")
    roles(t, iam)
    policies(t, iam)
    boundaries(t, iam)
    profiles(t, iam)
    pages(iam)
    clean_up(t, iam)


def roles(t, iam):
    made = iam.ok("CreateRole", RoleName="app", AssumeRolePolicyDocument=TRUST, Description="d", Tags=TAGS)["Role"]
    role = iam.ok("GetRole", RoleName="app")["Role"]
    t.same((role["Arn"], role["Tags"]), (made["Arn"], TAGS), "the role")
    iam.ok("ListRoles", PathPrefix="/")
    counts = iam.ok("GetAccountSummary")["SummaryMap"]
    t.same((counts["RolesQuota"], counts["InstanceProfilesQuota"]), (1000, 1000), "the quotas")
    t.same(counts["Roles"], len(iam.ok("ListRoles")["Roles"]), "the roles")
    iam.ok("TagRole", RoleName="app", Tags=[{"Key": "more", "Value": "1"}])
    t.same(len(iam.ok("ListRoleTags", RoleName="app")["Tags"]), 2, "tags")

    iam.no("EntityAlreadyExists", 409, "CreateRole", says="Role with name app already exists.", RoleName="app",
           AssumeRolePolicyDocument=TRUST)
    iam.no("ValidationError", 400, "CreateRole", RoleName="bad name", AssumeRolePolicyDocument=TRUST)
    iam.no("ValidationError", 400, "CreateRole", RoleName="r" * 65, AssumeRolePolicyDocument=TRUST,
           says="1 validation error detected: Value at 'roleName' failed to satisfy constraint: Member must have length "
                "less than or equal to 64")
    iam.no("ValidationError", 400, "CreateRole", RoleName="x",
           says="1 validation error detected: Value null at 'assumeRolePolicyDocument' failed to satisfy constraint: "
                "Member must not be null")
    iam.no("MalformedPolicyDocument", 400, "CreateRole", RoleName="x", AssumeRolePolicyDocument="{",
           says="This policy contains invalid Json")
    with_resource = json.loads(TRUST)
    with_resource["Statement"][0]["Resource"] = "*"
    iam.no("MalformedPolicyDocument", 400, "CreateRole", RoleName="x", says="Has prohibited field Resource",
           AssumeRolePolicyDocument=json.dumps(with_resource))
    iam.no("InvalidInput", 400, "CreateRole", RoleName="x", AssumeRolePolicyDocument=TRUST, Tags=TAGS + TAGS)
    iam.no("NoSuchEntity", 404, "GetRole", RoleName="nobody", says=NO_ROLE)
    iam.no("NoSuchEntity", 404, "TagRole", RoleName="nobody", Tags=TAGS, says=NO_ROLE)
    iam.no("InvalidInput", 400, "TagRole", RoleName="app", Tags=[{"Key": "aws:x", "Value": "1"}])
    iam.no("NoSuchEntity", 404, "ListRoleTags", RoleName="nobody", says=NO_ROLE)
    iam.no("NoSuchEntity", 404, "DeleteRole", RoleName="nobody", says=NO_ROLE)
    iam.no("ValidationError", 400, "ListRoles", MaxItems=1001)
    iam.no("ValidationError", 400, "ListRoles", Marker="no marker")

    linked = iam.ok("CreateServiceLinkedRole", AWSServiceName="elasticache.amazonaws.com")["Role"]
    t.check(str(linked["Path"]).startswith("/aws-service-role/"), str(linked))
    iam.no("InvalidInput", 400, "CreateServiceLinkedRole", AWSServiceName="elasticache.amazonaws.com",
           says="Service role name AWSServiceRoleForElastiCache has been taken in this account, please try a different "
                "suffix.")
    iam.no("InvalidInput", 400, "CreateServiceLinkedRole", AWSServiceName="rds.amazonaws.com", CustomSuffix="x",
           says="Custom suffix is not allowed for rds.amazonaws.com")


def policies(t, iam):
    iam.ok("PutRolePolicy", RoleName="app", PolicyName="inline", PolicyDocument=POLICY)
    inline = iam.ok("GetRolePolicy", RoleName="app", PolicyName="inline")
    if t.driver is t.boto:
        t.same(inline["PolicyDocument"], json.loads(POLICY), "the policy")
    t.same(iam.ok("ListRolePolicies", RoleName="app")["PolicyNames"], ["inline"])
    iam.ok("AttachRolePolicy", RoleName="app", PolicyArn=MANAGED)
    attached = iam.ok("ListAttachedRolePolicies", RoleName="app")["AttachedPolicies"]
    t.same([policy["PolicyArn"] for policy in attached], [MANAGED])
    source = iam.ok("GetRole", RoleName="app")["Role"]["Arn"]
    answer = iam.ok("SimulatePrincipalPolicy", PolicySourceArn=source,
                    ActionNames=["ssm:GetParameter", "ec2:RunInstances"])
    decisions = [result["EvalDecision"] for result in answer["EvaluationResults"]]
    t.same(decisions, ["allowed", "implicitDeny"], "decisions")

    iam.no("NoSuchEntity", 404, "PutRolePolicy", RoleName="nobody", PolicyName="p", PolicyDocument=POLICY, says=NO_ROLE)
    iam.no("MalformedPolicyDocument", 400, "PutRolePolicy", RoleName="app", PolicyName="p", PolicyDocument="{",
           says="This policy contains invalid Json")
    no_resource = json.loads(POLICY)
    del no_resource["Statement"][0]["Resource"]
    iam.no("MalformedPolicyDocument", 400, "PutRolePolicy", RoleName="app", PolicyName="p",
           PolicyDocument=json.dumps(no_resource), says="Policy statement must contain resources.")
    long = json.loads(POLICY)
    long["Statement"][0]["Resource"] = ["arn:aws:ssm:*:*:parameter/" + "x" * 10_240]
    iam.no("LimitExceeded", 409, "PutRolePolicy", RoleName="app", PolicyName="p", PolicyDocument=json.dumps(long))
    missing = "The role policy with name none cannot be found."
    iam.no("NoSuchEntity", 404, "GetRolePolicy", RoleName="app", PolicyName="none", says=missing)
    iam.no("NoSuchEntity", 404, "DeleteRolePolicy", RoleName="app", PolicyName="none", says=missing)
    iam.no("NoSuchEntity", 404, "ListRolePolicies", RoleName="nobody", says=NO_ROLE)
    unknown = "arn:aws:iam::aws:policy/NoSuchPolicy"
    iam.no("NoSuchEntity", 404, "AttachRolePolicy", RoleName="app", PolicyArn=unknown,
           says=f"Policy {unknown} does not exist or is not attachable.")
    iam.no("ValidationError", 400, "AttachRolePolicy", RoleName="app", PolicyArn="x" * 20,
           says="Invalid ARN:  Could not be parsed!")
    iam.no("NoSuchEntity", 404, "DetachRolePolicy", RoleName="app", PolicyArn=unknown)
    iam.no("NoSuchEntity", 404, "ListAttachedRolePolicies", RoleName="nobody", says=NO_ROLE)
    iam.no("NoSuchEntity", 404, "SimulatePrincipalPolicy", PolicySourceArn=f"{source}-nobody",
           ActionNames=["ssm:GetParameter"])
    iam.no("InvalidInput", 400, "SimulatePrincipalPolicy", PolicySourceArn="not-an-arn-of-anybody",
           ActionNames=["ssm:GetParameter"])


def boundaries(t, iam):
    policy = iam.ok("CreatePolicy", PolicyName="bound", PolicyDocument=POLICY, Description="d", Tags=TAGS)["Policy"]
    arn = policy["Arn"]
    t.same(arn.split(":", 5)[5], "policy/bound")
    version = iam.ok("GetPolicyVersion", PolicyArn=arn, VersionId="v1")["PolicyVersion"]
    t.same(version["IsDefaultVersion"], True)
    iam.no("EntityAlreadyExists", 409, "CreatePolicy", PolicyName="bound", PolicyDocument=POLICY,
           says="A policy called bound already exists. Duplicate names are not allowed.")
    iam.no("MalformedPolicyDocument", 400, "CreatePolicy", PolicyName="x", PolicyDocument="{",
           says="This policy contains invalid Json")
    iam.no("ValidationError", 400, "CreatePolicy", PolicyName="bad name", PolicyDocument=POLICY)
    iam.no("InvalidInput", 400, "CreatePolicy", PolicyName="x", PolicyDocument=POLICY, Tags=TAGS + TAGS)
    long = json.loads(POLICY)
    long["Statement"][0]["Resource"] = ["arn:aws:ssm:*:*:parameter/" + "x" * 6_144]
    iam.no("LimitExceeded", 409, "CreatePolicy", PolicyName="x", PolicyDocument=json.dumps(long))

    iam.ok("CreateRole", RoleName="bounded", AssumeRolePolicyDocument=TRUST, PermissionsBoundary=arn)
    role = iam.ok("GetRole", RoleName="bounded")["Role"]
    t.same(role["PermissionsBoundary"], {"PermissionsBoundaryType": "PermissionsBoundaryPolicy", "PermissionsBoundaryArn": arn})
    everything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    iam.ok("PutRolePolicy", RoleName="bounded", PolicyName="all", PolicyDocument=json.dumps(everything))
    answer = iam.ok("SimulatePrincipalPolicy", PolicySourceArn=role["Arn"],
                    ActionNames=["ssm:GetParameter", "ec2:RunInstances"])
    decisions = [result["EvalDecision"] for result in answer["EvaluationResults"]]
    t.same(decisions, ["allowed", "implicitDeny"], "bounded decisions")
    iam.no("DeleteConflict", 409, "DeletePolicy", PolicyArn=arn, says="Cannot delete a policy attached to entities.")
    iam.ok("DeleteRolePermissionsBoundary", RoleName="bounded")
    iam.no("NoSuchEntity", 404, "DeleteRolePermissionsBoundary", RoleName="bounded")
    iam.ok("PutRolePermissionsBoundary", RoleName="bounded", PermissionsBoundary=arn)
    t.same(iam.ok("GetPolicy", PolicyArn=arn)["Policy"]["PermissionsBoundaryUsageCount"], 1)

    unknown = "arn:aws:iam::123456789012:policy/none"
    scope = f"Scope ARN: {unknown} does not exist or is not attachable."
    iam.no("NoSuchEntity", 404, "CreateRole", RoleName="x", AssumeRolePolicyDocument=TRUST,
           PermissionsBoundary=unknown, says=scope)
    iam.no("NoSuchEntity", 404, "PutRolePermissionsBoundary", RoleName="bounded", PermissionsBoundary=unknown,
           says=scope)
    for operation, more in [("GetPolicy", {}), ("DeletePolicy", {}), ("GetPolicyVersion", {"VersionId": "v1"})]:
        iam.no("NoSuchEntity", 404, operation, PolicyArn=unknown, says=f"Policy {unknown} was not found.", **more)
    iam.no("NoSuchEntity", 404, "GetPolicyVersion", PolicyArn=arn, VersionId="v2")
    iam.ok("DeleteRolePolicy", RoleName="bounded", PolicyName="all")
    iam.ok("DeleteRole", RoleName="bounded")
    iam.ok("DeletePolicy", PolicyArn=arn)


def profiles(t, iam):
    iam.ok("CreateInstanceProfile", InstanceProfileName="app", Tags=TAGS)
    iam.ok("AddRoleToInstanceProfile", InstanceProfileName="app", RoleName="app")
    profile = iam.ok("GetInstanceProfile", InstanceProfileName="app")["InstanceProfile"]
    t.same([role["RoleName"] for role in profile["Roles"]], ["app"])
    iam.ok("ListInstanceProfiles")
    mine = iam.ok("ListInstanceProfilesForRole", RoleName="app")["InstanceProfiles"]
    t.same([p["InstanceProfileName"] for p in mine], ["app"])
    iam.ok("TagInstanceProfile", InstanceProfileName="app", Tags=[{"Key": "more", "Value": "1"}])
    t.same(len(iam.ok("ListInstanceProfileTags", InstanceProfileName="app")["Tags"]), 2, "tags")

    iam.no("EntityAlreadyExists", 409, "CreateInstanceProfile", InstanceProfileName="app",
           says="Instance Profile app already exists.")
    iam.no("ValidationError", 400, "CreateInstanceProfile", InstanceProfileName="bad name")
    iam.no("InvalidInput", 400, "CreateInstanceProfile", InstanceProfileName="x", Tags=TAGS + TAGS)
    for operation in ["GetInstanceProfile", "DeleteInstanceProfile", "ListInstanceProfileTags"]:
        iam.no("NoSuchEntity", 404, operation, InstanceProfileName="nobody", says=NO_PROFILE)
    iam.no("NoSuchEntity", 404, "TagInstanceProfile", InstanceProfileName="nobody", Tags=TAGS, says=NO_PROFILE)
    iam.no("InvalidInput", 400, "TagInstanceProfile", InstanceProfileName="app", Tags=[{"Key": "aws:x", "Value": "1"}])
    iam.no("NoSuchEntity", 404, "AddRoleToInstanceProfile", InstanceProfileName="nobody", RoleName="app",
           says=NO_PROFILE)
    iam.no("NoSuchEntity", 404, "AddRoleToInstanceProfile", InstanceProfileName="app", RoleName="nobody", says=NO_ROLE)
    iam.ok("CreateRole", RoleName="second", AssumeRolePolicyDocument=TRUST)
    iam.no("LimitExceeded", 409, "AddRoleToInstanceProfile", InstanceProfileName="app", RoleName="second",
           says="Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1")
    iam.no("NoSuchEntity", 404, "RemoveRoleFromInstanceProfile", InstanceProfileName="nobody", RoleName="app",
           says=NO_PROFILE)
    iam.no("NoSuchEntity", 404, "RemoveRoleFromInstanceProfile", InstanceProfileName="app", RoleName="second")
    iam.no("NoSuchEntity", 404, "ListInstanceProfilesForRole", RoleName="nobody", says=NO_ROLE)
    iam.no("ValidationError", 400, "ListInstanceProfiles", MaxItems=1001)


def pages(iam):
    iam.ok("PutRolePolicy", RoleName="app", PolicyName="other", PolicyDocument=POLICY)
    iam.ok("CreateInstanceProfile", InstanceProfileName="second")
    iam.ok("AddRoleToInstanceProfile", InstanceProfileName="second", RoleName="app")
    for operation, more in [
        ("ListRoles", {}), ("ListInstanceProfiles", {}), ("ListInstanceProfilesForRole", {"RoleName": "app"}),
        ("ListRolePolicies", {"RoleName": "app"}),
        ("ListRoleTags", {"RoleName": "app"}), ("ListInstanceProfileTags", {"InstanceProfileName": "app"}),
    ]:
        iam.pages(operation, 1, **more)
    if iam.bench.driver is iam.bench.boto:
        source = iam.ok("GetRole", RoleName="app")["Role"]["Arn"]
        iam.pages("SimulatePrincipalPolicy", 1, PolicySourceArn=source,
                  ActionNames=["ssm:GetParameter", "ec2:RunInstances"])


def clean_up(t, iam):
    profile_first = "Cannot delete entity, must remove roles from instance profile first."
    iam.no("DeleteConflict", 409, "DeleteInstanceProfile", InstanceProfileName="app", says=profile_first)
    iam.no("DeleteConflict", 409, "DeleteRole", RoleName="app", says=profile_first)
    for name in ["app", "second"]:
        iam.ok("RemoveRoleFromInstanceProfile", InstanceProfileName=name, RoleName="app")
        iam.ok("DeleteInstanceProfile", InstanceProfileName=name)
    iam.no("DeleteConflict", 409, "DeleteRole", RoleName="app",
           says="Cannot delete entity, must detach all policies first.")
    iam.ok("DetachRolePolicy", RoleName="app", PolicyArn=MANAGED)
    iam.no("DeleteConflict", 409, "DeleteRole", RoleName="app", says="Cannot delete entity, must delete policies first.")
    for name in ["inline", "other"]:
        iam.ok("DeleteRolePolicy", RoleName="app", PolicyName=name)
    for name in ["app", "second"]:
        iam.ok("DeleteRole", RoleName=name)
    linked = iam.ok("ListRoles", PathPrefix="/aws-service-role/")["Roles"][0]["RoleName"]
    iam.ok("CreateInstanceProfile", InstanceProfileName="linked")
    for operation, more in [
        ("DeleteRole", {}), ("PutRolePolicy", {"PolicyName": "p", "PolicyDocument": POLICY}),
        ("DeleteRolePolicy", {"PolicyName": "p"}), ("AttachRolePolicy", {"PolicyArn": MANAGED}),
        ("DetachRolePolicy", {"PolicyArn": MANAGED}), ("AddRoleToInstanceProfile", {"InstanceProfileName": "linked"}),
    ]:
        iam.no("UnmodifiableEntity", 400, operation, RoleName=linked, **more)
