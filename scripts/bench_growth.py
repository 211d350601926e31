"""What a change and a look cost while the sandbox fills, on the control plane alone; see scripts/bench."""
import datetime, hashlib, hmac, http.client, json, statistics, urllib.parse
from pathlib import Path

import bench_door

SIZES = [10, 100, 1_000, 5_000]
# Each figure is the median of so many batches of calls: what else runs on the machine disturbs some of them.
BATCHES, CALLS = 12, 20
# How much more the last may cost than the first.
MOST = 1.5
VERSIONS = {"ec2": "2016-11-15", "elasticache": "2015-02-02"}
TARGETS = {"ssm": "AmazonSSM", "tagging": "ResourceGroupsTaggingAPI_20170126", "recipe-walk-sandbox": "RecipeWalkSandbox"}


class Client:
    """Signed calls over one kept connection; AWS's signature, version 4."""

    def __init__(self, access):
        self.access = access
        self.host = access["endpoint"].split("//")[1]
        self.connection = http.client.HTTPConnection(self.host)

    def request(self, service, operation, parameters):
        headers = {"host": self.host, "x-amz-date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")}
        if service in TARGETS:
            headers["content-type"] = "application/x-amz-json-1.1"
            headers["x-amz-target"] = f"{TARGETS[service]}.{operation}"
            body = json.dumps(parameters)
        else:
            headers["content-type"] = "application/x-www-form-urlencoded"
            body = urllib.parse.urlencode({"Action": operation, "Version": VERSIONS[service], **parameters})
        stamp = headers["x-amz-date"]
        scope = f"{stamp[:8]}/{self.access['region']}/{service}/aws4_request"
        names = ";".join(sorted(headers))
        lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
        canonical = f"POST\n/\n\n{lines}\n{names}\n{hashlib.sha256(body.encode()).hexdigest()}"
        text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        key = ("AWS4" + self.access["secret_access_key"]).encode()
        for part in scope.split("/"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
        headers["authorization"] = (f"AWS4-HMAC-SHA256 Credential={self.access['access_key_id']}/{scope}, "
                                    f"SignedHeaders={names}, Signature={signature}")
        return body, headers

    def call(self, service, operation, parameters, refused=None):
        """Makes a call; returns the answer, or nothing where it is the refusal that may come."""
        body, headers = self.request(service, operation, parameters)
        self.connection.request("POST", "/", body, headers)
        response = self.connection.getresponse()
        text = response.read().decode()
        if response.status == 200:
            return text
        if refused and refused in text:
            return None
        raise SystemExit(f"{operation}: {response.status} {text}")


def spent(pid):
    """Milliseconds of processor time of all threads, which a busy machine does not change."""
    total = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            total += int((task / "schedstat").read_text().split()[0])
        except FileNotFoundError:
            pass
    return total / 1e6


def between(text, name):
    return text.split(f"<{name}>", 1)[1].split(f"</{name}>", 1)[0]


class Groups:
    name = "security group"

    def __init__(self):
        self.ids = []

    def create(self, client):
        n = len(self.ids)
        text = client.call("ec2", "CreateSecurityGroup", {
            "GroupName": f"g{n}", "GroupDescription": "d", "TagSpecification.1.ResourceType": "security-group",
            "TagSpecification.1.Tag.1.Key": "session", "TagSpecification.1.Tag.1.Value": f"s{n}"},
            refused="SecurityGroupLimitExceeded")
        if text is not None:
            self.ids.append(between(text, "groupId"))
        return text

    def looks(self, client):
        n, token = len(self.ids) // 2, {}
        # The page in the middle: half of the groups come before it.
        for before in [1_000] * (n // 1_000) + [max(5, n % 1_000)]:
            text = client.call("ec2", "DescribeSecurityGroups", {"MaxResults": str(before), **token})
            token = {"NextToken": between(text, "nextToken")}
        return {"by id": ("ec2", "DescribeSecurityGroups", {"GroupId.1": self.ids[n]}),
                "by tag": ("ec2", "DescribeSecurityGroups", {"Filter.1.Name": "tag:session", "Filter.1.Value.1": f"s{n}"}),
                "a page": ("ec2", "DescribeSecurityGroups", {"MaxResults": "5"}),
                "a late page": ("ec2", "DescribeSecurityGroups", {"MaxResults": "5", **token})}


class Parameters:
    name = "SSM parameter"

    def __init__(self):
        self.count = 0

    def create(self, client):
        self.count += 1
        return client.call("ssm", "PutParameter", {
            "Name": f"/p/{self.count}/x", "Value": "v" * 100, "Type": "String", "Tags": [{"Key": "session", "Value": "s"}]})

    def looks(self, _client):
        return {"by name": ("ssm", "GetParameter", {"Name": f"/p/{self.count // 2}/x"}),
                "a path": ("ssm", "GetParametersByPath", {"Path": f"/p/{self.count // 2}"}),
                "a page": ("ssm", "DescribeParameters", {"MaxResults": 5})}


class Tags:
    name = "tag"

    def __init__(self, groups):
        self.groups, self.count = groups, 0

    def create(self, client):
        self.count += 1
        group = self.groups.ids[self.count % len(self.groups.ids)]
        return client.call("ec2", "CreateTags", {"ResourceId.1": group, "Tag.1.Key": "mark", "Tag.1.Value": f"t{self.count}"})

    def looks(self, _client):
        group = self.groups.ids[self.count % len(self.groups.ids)]
        return {"of one": ("ec2", "DescribeTags", {"Filter.1.Name": "resource-id", "Filter.1.Value.1": group}),
                "by value": ("tagging", "GetResources", {"TagFilters": [{"Key": "mark", "Values": [f"t{self.count}"]}]})}


class Caches:
    name = "replication group"
    # The shortest page that ElastiCache gives is to be full from the beginning.
    least = 20

    def __init__(self):
        self.count = 0

    def create(self, client):
        text = client.call("elasticache", "CreateReplicationGroup", {
            "ReplicationGroupId": f"rg{self.count + 1}", "ReplicationGroupDescription": "d", "CacheNodeType": "cache.t3.micro",
            "NumCacheClusters": "1", "Tags.Tag.1.Key": "session", "Tags.Tag.1.Value": "s"},
            refused="NodeQuotaForCustomerExceeded")
        self.count += text is not None
        return text

    def looks(self, _client):
        return {"by id": ("elasticache", "DescribeReplicationGroups", {"ReplicationGroupId": f"rg{(self.count + 1) // 2}"}),
                "a page": ("elasticache", "DescribeReplicationGroups", {"MaxRecords": "20"})}


def cost(pid, call):
    """The median milliseconds of processor time of a call, and how many calls were not refused."""
    batches, good = [], 0
    for _ in range(BATCHES):
        before = spent(pid)
        good += sum(call() is not None for _ in range(CALLS))
        batches.append((spent(pid) - before) / CALLS)
    return statistics.median(batches), good


def growth(program, home_class):
    """Creates and describes with 10, 100, 1,000 and 5,000 of each kind there: the sandbox's processor time."""
    print(f"{'ms of processor time a call, with so many there':44}" + "".join(f"{size:>10,}" for size in SIZES) + "   last/first")
    worst = 0
    with home_class() as home:
        child, access, _ = bench_door.serve(program, home)
        client = Client(access)
        for service, code in [("vpc", "L-E79EC296"), ("elasticache", "L-DFE45DF3")]:
            client.call("recipe-walk-sandbox", "SetQuota", {"ServiceCode": service, "QuotaCode": code, "Value": 1_000_000},
                        refused="UnknownOperationException")
        groups = Groups()
        for kind in [groups, Parameters(), Tags(groups), Caches()]:
            rows, there = {}, 0
            for size in SIZES:
                while there < max(size, getattr(kind, "least", 0)) and kind.create(client) is not None:
                    there += 1
                if there < size:
                    break
                # Describes first: creating makes more of them.
                for name, call in kind.looks(client).items():
                    rows.setdefault(f"describe {kind.name} {name}", []).append(cost(child.pid, lambda: client.call(*call))[0])
                each, made = cost(child.pid, lambda: kind.create(client))
                there += made
                rows.setdefault(f"create {kind.name}", []).append(each)
            for name, row in sorted(rows.items()):
                whole = len(row) == len(SIZES)
                ratio = row[-1] / row[0]
                worst = max(worst, ratio if whole else 0)
                print(f"{name:44}" + "".join(f"{value:10.2f}" for value in row) + "         -" * (len(SIZES) - len(row))
                      + (f"   {ratio:10.2f}" if whole else "   refused by a quota"))
        home.run("sandbox", "stop")
        child.wait()
    print(f"the worst is {worst:.2f} times its first; the aim is {MOST}")
