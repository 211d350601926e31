"""EC2's filters: every name that botocore's documentation has, taken or refused as crates/sandbox/src/services/ec2/filters.txt says."""
from html.parser import HTMLParser

from sandbox import ROOT

FILE = ROOT / "crates/sandbox/src/services/ec2/filters.txt"


class Names(HTMLParser):
    """The first `code` of each item of the outermost list."""

    def __init__(self):
        super().__init__()
        self.depth, self.wanted, self.inside, self.names = 0, False, False, []

    def handle_starttag(self, tag, _):
        if tag == "ul":
            self.depth += 1
        elif tag == "li":
            self.wanted = self.depth == 1
        elif tag == "code" and self.wanted:
            self.inside = True
            self.names.append("")

    def handle_endtag(self, tag):
        if tag == "ul":
            self.depth -= 1
        elif tag == "code" and self.inside:
            self.wanted = self.inside = False

    def handle_data(self, text):
        if self.inside:
            self.names[-1] += text


def table():
    """By operation: its names that are taken, those that the sandbox does not implement, and those not documented."""
    known, operation = {}, None
    for line in FILE.read_text().splitlines():
        if not line or line.startswith("#"):
            continue
        if not line.startswith("  "):
            operation = line
            known[operation] = (set(), set(), set())
            continue
        first, *rest = line.split()
        taken, refused, extra = known[operation]
        if first == "?":
            refused.update(rest)
        elif first == "-":
            taken.update(rest)
        elif first == "tag:":
            taken.update(["tag-key", "tag:k"])
        else:
            taken.add(first.removeprefix("~"))
            extra.update({first[1:]} if first.startswith("~") else ())
    return known


def run(t):
    ec2 = t.service("ec2")
    for operation, (taken, refused, extra) in table().items():
        names = Names()
        names.feed(ec2._operation(operation).input_shape.members["Filters"].documentation)
        documented = {name for name in names.names if name != "tag" and not name.startswith("tag")}
        listed = {name for name in taken | refused if not name.startswith("tag")}
        t.same(listed - extra, documented, f"filters of {operation}")
        t.same("tag-key" in taken, any(name.startswith("tag") for name in names.names), f"tags of {operation}")
        for name in sorted(taken):
            ec2.ok(operation, Filters=[{"Name": name, "Values": ["no such value"]}])
        for name in sorted(refused):
            ec2.no("InvalidParameterValue", 400, operation, Filters=[{"Name": name, "Values": ["x"]}],
                   says=f"The recipe-walk sandbox does not implement the filter '{name}'")
    # What is there is found by each of its values.
    for operation, result in [("DescribeVpcs", "Vpcs"), ("DescribeSubnets", "Subnets"), ("DescribeImages", "Images"),
                              ("DescribeRouteTables", "RouteTables"), ("DescribeSecurityGroups", "SecurityGroups"),
                              ("DescribeInstanceTypes", "InstanceTypes")]:
        for name in sorted(_with_values(operation)):
            found = ec2.ok(operation, Filters=[{"Name": name, "Values": ["*"]}])
            t.check(found[result], f"{operation}: nothing has a value for {name}")


def _with_values(operation):
    """Names whose path leads to something that all of these have in a new account."""
    empty = {"ip-permission", "egress.ip-permission", "association.subnet-id"}
    names, current = set(), None
    for line in FILE.read_text().splitlines():
        if line and not line.startswith((" ", "#")):
            current = line
        elif current == operation and line and not line.startswith(("  - ", "  ? ", "  tag:")):
            name = line.split()[0].removeprefix("~")
            if not any(name.startswith(prefix) for prefix in empty):
                names.add(name)
    return names
