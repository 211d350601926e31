"""The Resource Groups Tagging API."""


def run(t):
    ssm, tagging = t.service("ssm"), t.service("tagging")
    tags = [{"Key": "class", "Value": "autumn"}]
    for number in range(3):
        ssm.ok("PutParameter", Name=f"/tagged/{number}", Value="v", Type="String", Tags=tags)
    found = tagging.ok("GetResources", TagFilters=[{"Key": "class", "Values": ["autumn"]}])
    t.same(len(found["ResourceTagMappingList"]), 3, "tagged resources")
    t.same(tagging.ok("GetResources", ResourceTypeFilters=["ec2:instance"])["ResourceTagMappingList"], [])
    tagging.pages("GetResources", 2, TagFilters=[{"Key": "class"}])
    tagging.no("InvalidParameterException", 400, "GetResources", ResourcesPerPage=0)
    tagging.no("InvalidParameterException", 400, "GetResources", ResourceARNList=["arn:aws:ssm:us-east-1:1:parameter/x"],
               ResourceTypeFilters=["ssm"])
    tagging.no("PaginationTokenExpiredException", 400, "GetResources", PaginationToken="cGFnZTp4")
