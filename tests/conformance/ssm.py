"""SSM: parameters and Run Command. docs/aws-errors.md, "Systems Manager"."""
import re

from ec2 import image_id
from iam import TRUST

TAGS = [{"Key": "class", "Value": "autumn"}]
UNKNOWN = "i-0123456789abcdef0"
NO_COMMAND = "01234567-89ab-cdef-0123-456789abcdef"
SCRIPT = "AWS-RunShellScript"


def run(t):
    ssm = t.service("ssm")
    parameters(t, ssm)
    refused_parameters(ssm)
    instance = online(t, ssm)
    commands(t, ssm, instance)
    refused_commands(ssm, instance)
    pages(ssm, instance)


def parameters(t, ssm):
    ssm.ok("PutParameter", Name="/shop/plain", Value="one", Type="String", Tags=TAGS, Description="d")
    ssm.ok("PutParameter", Name="/shop/plain", Value="two", Overwrite=True)
    ssm.ok("PutParameter", Name="/shop/secret", Value="hush", Type="SecureString")
    found = ssm.ok("GetParameter", Name="/shop/plain")["Parameter"]
    t.same((found["Value"], found["Version"]), ("two", 2), "the parameter")
    hidden = ssm.ok("GetParameter", Name="/shop/secret")["Parameter"]["Value"]
    shown = ssm.ok("GetParameter", Name="/shop/secret", WithDecryption=True)["Parameter"]["Value"]
    t.check(hidden != "hush" and shown == "hush", "a SecureString without decryption")
    many = ssm.ok("GetParameters", Names=["/shop/plain", "/shop/nobody"])
    t.same((len(many["Parameters"]), many["InvalidParameters"]), (1, ["/shop/nobody"]), "parameters")
    ssm.ok("GetParametersByPath", Path="/shop", Recursive=True)
    ssm.ok("DescribeParameters", ParameterFilters=[{"Key": "tag:class", "Values": ["autumn"]}])
    ssm.ok("AddTagsToResource", ResourceType="Parameter", ResourceId="/shop/plain", Tags=[{"Key": "k", "Value": "v"}])
    t.same(len(ssm.ok("ListTagsForResource", ResourceType="Parameter", ResourceId="/shop/plain")["TagList"]), 2)
    ssm.ok("RemoveTagsFromResource", ResourceType="Parameter", ResourceId="/shop/plain", TagKeys=["k"])
    ssm.ok("PutParameter", Name="/gone/1", Value="v", Type="String")
    ssm.ok("DeleteParameter", Name="/gone/1")
    gone = ssm.ok("DeleteParameters", Names=["/gone/1"])
    t.same(gone["InvalidParameters"], ["/gone/1"], "parameters that were not there")


def refused_parameters(ssm):
    def put(code, says=None, **more):
        ssm.no(code, 400, "PutParameter", says=says, **{"Name": "/x", "Value": "v", "Type": "String", **more})

    validation = "ValidationException"
    put("ParameterAlreadyExists", None, Name="/shop/plain")
    put(validation, "Parameter name must be a fully qualified name.", Name="shop/plain")
    put(validation, 'Parameter name: can\'t be prefixed with "aws" or "ssm" (case-insensitive).', Name="ssm-x")
    put(validation, re.compile('Parameter name: can\'t be prefixed with "ssm" .*'), Name="/ssm/x")
    put("AccessDeniedException", "No access to reserved parameter name: /aws/x.", Name="/aws/x")
    put(validation, "Parameter name must not end with slash.", Name="/x/")
    put(validation, 'Parameter value can\'t nest another parameter. Do not use "{{}}" in the value.', Value="{{x}}")
    put(validation, re.compile("Standard tier parameters support a maximum parameter value of 4096 characters. .*"),
        Value="v" * 4097)
    put(validation, "1 validation error detected: Value '' at 'value' failed to satisfy constraint: Member must have "
        "length greater than or equal to 1.", Value="")
    put(validation, None, Type="Nonsense")
    put("HierarchyLevelLimitExceededException", None, Name="/x" * 16)
    put("InvalidKeyId", None, Type="SecureString", KeyId="alias/nobody")
    ssm.no("ParameterNotFound", 400, "GetParameter", Name="/nobody")
    ssm.no("ParameterVersionNotFound", 400, "GetParameter", Name="/shop/plain:9", says="Systems Manager could not find "
           "version 9 of /shop/plain. Verify the version and try again.")
    ssm.no("ParameterNotFound", 400, "DeleteParameter", Name="/nobody")
    eleven = [f"/n/{n}" for n in range(11)]
    too_many = (f"1 validation error detected: Value '[{', '.join(eleven)}]' at 'names' failed to satisfy constraint: "
                "Member must have length less than or equal to 10.")
    ssm.no(validation, 400, "GetParameters", Names=eleven, says=too_many)
    ssm.no(validation, 400, "DeleteParameters", Names=eleven)
    ssm.no("InvalidFilterKey", 400, "DescribeParameters", ParameterFilters=[{"Key": "Nonsense", "Values": ["x"]}])
    ssm.no("InvalidFilterOption", 400, "DescribeParameters",
           ParameterFilters=[{"Key": "Type", "Option": "Contains", "Values": ["x"]}])
    ssm.no("InvalidFilterKey", 400, "GetParametersByPath", Path="/shop",
           ParameterFilters=[{"Key": "Nonsense", "Values": ["x"]}])
    ssm.no("InvalidFilterOption", 400, "GetParametersByPath", Path="/shop",
           ParameterFilters=[{"Key": "Type", "Option": "Contains", "Values": ["x"]}])
    ssm.no("InvalidNextToken", 400, "DescribeParameters", NextToken="nonsense")
    ssm.no("InvalidNextToken", 400, "GetParametersByPath", Path="/shop", NextToken="nonsense")
    for operation, more in [("AddTagsToResource", {"Tags": TAGS}), ("RemoveTagsFromResource", {"TagKeys": ["k"]}),
                            ("ListTagsForResource", {})]:
        ssm.no("InvalidResourceId", 400, operation, ResourceType="Parameter", ResourceId="/nobody", **more)
        ssm.no("InvalidResourceType", 400, operation, ResourceType="Nonsense", ResourceId="/shop/plain", **more)
    ssm.no("TooManyTagsError", 400, "AddTagsToResource", ResourceType="Parameter", ResourceId="/shop/plain",
           Tags=[{"Key": f"k{n}", "Value": "v"} for n in range(51)])


def online(t, ssm):
    """An instance whose role lets its agent register."""
    ec2, iam = t.service("ec2"), t.service("iam")
    iam.ok("CreateRole", RoleName="app", AssumeRolePolicyDocument=TRUST)
    iam.ok("AttachRolePolicy", RoleName="app", PolicyArn="arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore")
    iam.ok("CreateInstanceProfile", InstanceProfileName="app")
    iam.ok("AddRoleToInstanceProfile", InstanceProfileName="app", RoleName="app")
    made = ec2.ok("RunInstances", ImageId=image_id(t), InstanceType="t3.micro", MinCount=1, MaxCount=1,
                  IamInstanceProfile={"Name": "app"})
    instance = made["Instances"][0]["InstanceId"]
    ec2.wait("instance_running", InstanceIds=[instance])
    from elasticache import until
    mine = [{"Key": "InstanceIds", "Values": [instance]}]
    until(t, lambda: ssm.ok("DescribeInstanceInformation", Filters=mine)["InstanceInformationList"],
          "the instance is online")
    return instance


def commands(t, ssm, instance):
    sent = ssm.ok("SendCommand", InstanceIds=[instance], DocumentName=SCRIPT,
                  Parameters={"commands": ["echo out; echo err >&2; exit 3"]})["Command"]["CommandId"]
    from elasticache import until
    until(t, lambda: ssm.ok("GetCommandInvocation", CommandId=sent, InstanceId=instance)["Status"] == "Failed",
          "the command fails")
    seen = ssm.ok("GetCommandInvocation", CommandId=sent, InstanceId=instance)
    t.same((seen["ResponseCode"], seen["StandardOutputContent"], seen["StandardErrorContent"].split("\n")[0]),
           (3, "out\n", "err"), "the command")
    good = ssm.ok("SendCommand", InstanceIds=[instance], DocumentName=SCRIPT, Parameters={"commands": ["true"]})
    ssm.wait("command_executed", CommandId=good["Command"]["CommandId"], InstanceId=instance)
    ssm.ok("ListCommands", CommandId=sent)
    ssm.ok("ListCommandInvocations", CommandId=sent, Details=True)
    found = ssm.ok("ListCommands", Filters=[{"key": "Status", "value": "Failed"}])["Commands"]
    failed = [command["CommandId"] for command in found]
    t.check(sent in failed and good["Command"]["CommandId"] not in failed, "commands are not told apart by status")
    ssm.ok("CancelCommand", CommandId=sent)


def refused_commands(ssm, instance):
    def send(code, says=None, **more):
        ssm.no(code, 400, "SendCommand", says=says, **{
            "InstanceIds": [instance], "DocumentName": SCRIPT, "Parameters": {"commands": ["true"]}, **more})

    send("InvalidInstanceId", re.compile(rf"Instances \[\[{UNKNOWN}\]\] not in a valid state for account \d{{12}}"),
         InstanceIds=[UNKNOWN])
    send("InvalidDocument", DocumentName="Nonsense")
    send("InvalidParameters", f"document {SCRIPT} does not support parameters.",
         Parameters={"commands": ["true"], "nonsense": ["x"]})
    send("InvalidParameters", Parameters={})
    send("MaxDocumentSizeExceeded", "The total size of your parameter(s) and document exceeds the 97KB limit.",
         Parameters={"commands": ["x" * 100_000]})
    send("DuplicateInstanceId", InstanceIds=[instance, instance])
    send("ValidationException", TimeoutSeconds=29)
    ssm.no("InvocationDoesNotExist", 400, "GetCommandInvocation", CommandId=NO_COMMAND, InstanceId=instance)
    for operation in ["CancelCommand", "ListCommands", "ListCommandInvocations"]:
        ssm.no("InvalidCommandId", 400, operation, CommandId=NO_COMMAND)
    ssm.no("InvalidFilterKey", 400, "DescribeInstanceInformation", Filters=[{"Key": "Nonsense", "Values": ["x"]}])
    for operation in ["ListCommands", "ListCommandInvocations"]:
        ssm.no("InvalidFilterKey", 400, operation, Filters=[{"key": "Nonsense", "value": "x"}])
    for operation in ["ListCommands", "ListCommandInvocations", "DescribeInstanceInformation"]:
        ssm.no("InvalidNextToken", 400, operation, NextToken="nonsense")
    sent = ssm.ok("ListCommands")["Commands"][0]["CommandId"]
    ssm.no("InvalidPluginName", 400, "GetCommandInvocation", CommandId=sent, InstanceId=instance, PluginName="nonsense")
    ssm.no("InvalidInstanceId", 400, "CancelCommand", CommandId=sent, InstanceIds=[UNKNOWN])


def pages(ssm, instance):
    ssm.pages("DescribeParameters", 1)
    ssm.pages("GetParametersByPath", 1, Path="/shop")
    ssm.pages("ListCommands", 1)
    ssm.pages("ListCommandInvocations", 1)
