"""What the sandbox implements, asked of the sandbox itself: every operation of botocore's models, once.

An operation that AWS has and the sandbox does not is refused with words of its own. EC2 is asked with DryRun; the other
services are asked without parameters, on a sandbox that nothing else uses.
"""
import http.client
import urllib.parse

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from drivers import NAMES
from sandbox import ROOT

# The services behind the sandbox's front door, from its own table: one a line, by signing name.
SERVICES = [line.split(" ", 1)[0] for line in
            (ROOT / "crates/sandbox/src/model/account/operations.txt").read_text().splitlines() if line]


def models(boto):
    """botocore's service model by signing name."""
    return lambda name: boto.client(name).meta.service_model


def implemented(sandbox, boto):
    """Operation names by service; and what the sandbox does not know although botocore does."""
    keys = Credentials(*sandbox.keys)
    host = sandbox.endpoint.removeprefix("http://")
    connection = http.client.HTTPConnection(host)
    found, unknown = {}, []
    for name in SERVICES:
        model = models(boto)(name)
        found[name] = []
        for operation in model.operation_names:
            text = _ask(connection, host, keys, sandbox.region, model, operation)
            if "does not implement the operation" in text:
                continue
            if any(no in text for no in ("is not valid for this web service", "Could not find operation",
                                         '{"__type":"UnknownOperationException"}')):
                unknown.append(f"{name} {operation}")
            else:
                found[name].append(operation)
    connection.close()
    return found, unknown


def _ask(connection, host, keys, region, model, operation):
    metadata = model.metadata
    if metadata["protocol"] in ("ec2", "query"):
        form = {"Action": operation, "Version": metadata["apiVersion"]}
        if metadata["protocol"] == "ec2":
            form["DryRun"] = "true"
        body = urllib.parse.urlencode(form).encode()
        headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
    else:
        body = b"{}"
        headers = {"Content-Type": f"application/x-amz-json-{metadata.get('jsonVersion', '1.1')}",
                   "X-Amz-Target": f"{metadata['targetPrefix']}.{operation}"}
    request = AWSRequest("POST", f"http://{host}/", data=body, headers={**headers, "Host": host})
    SigV4Auth(keys, model.signing_name, region).add_auth(request)
    connection.request("POST", "/", body, dict(request.headers))
    return connection.getresponse().read().decode()
