"""Presigned requests, as `generate_presigned_url` of boto3 makes them: docs/aws.md, "Presigned requests"."""
import hashlib
import http.client
import json
import time
import urllib.parse

import boto3
from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from cases import Bench, Record
from drivers import CONFIG, Boto
from sandbox import Sandbox

# A read of each service that is spoken to by forms, its parameters, and code and status of a wrong signature.
READS = {
    "ec2": ("describe_vpcs", {"Filters": [{"Name": "is-default", "Values": ["true"]}]}, ("AuthFailure", 401)),
    "rds": ("describe_db_instances", {"MaxRecords": 20}, ("SignatureDoesNotMatch", 403)),
    "elasticache": ("describe_cache_clusters", {"MaxRecords": 20}, ("SignatureDoesNotMatch", 403)),
    "iam": ("list_roles", {"PathPrefix": "/a b+c/ü~"}, ("SignatureDoesNotMatch", 403)),
    "sts": ("get_caller_identity", {}, ("SignatureDoesNotMatch", 403)),
}
CHANGES = {
    "a parameter more": lambda url: url + "&DryRun=true",
    "a parameter changed": lambda url: url.replace("Version=20", "Version=21", 1),
    "another life": lambda url: url.replace("X-Amz-Expires=900", "X-Amz-Expires=901"),
    "another date": lambda url: url.replace("X-Amz-Date=2", "X-Amz-Date=1"),
    "another signature": lambda url: url[:-1] + ("0" if url[-1] != "0" else "1"),
    "another region": lambda url: url.replace("us-east-1", "eu-west-1"),
}


def run():
    record = Record()
    with Sandbox() as sandbox:
        t = Bench(sandbox, Boto, record)
        clients = {name: _client(sandbox, name, sandbox.keys[1]) for name in READS}
        for name, (operation, params, wrong) in READS.items():
            reads(t, clients[name], name, operation, params, wrong)
        writes(t, clients)
        structured(t, sandbox)
        life(t, clients)
        malformed(t, clients)
        logins(t, sandbox, clients)
    return record


def _client(sandbox, name, secret):
    return boto3.client(name, region_name=sandbox.region, endpoint_url=sandbox.endpoint,
                        aws_access_key_id=sandbox.keys[0], aws_secret_access_key=secret, config=CONFIG)


def ask(url, method="GET", body=b"", headers=None):
    """Status and text of an answer."""
    parsed = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(parsed.netloc)
    connection.request(method, f"/?{parsed.query}", body, headers or {})
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text


def refused(t, wanted, answer, what):
    code, status = wanted
    t.check(answer[0] == status and code in answer[1], f"{what}: {answer[0]} {answer[1][:300]}, wanted {code} ({status})")


def reads(t, client, name, operation, params, wrong):
    url = client.generate_presigned_url(operation, Params=params, ExpiresIn=900, HttpMethod="GET")
    for _ in range(2):
        status, text = ask(url)
        t.same(status, 200, f"{name} {operation}, presigned: {text[:300]}")
    posted = client.generate_presigned_url(operation, Params=params, ExpiresIn=900, HttpMethod="POST")
    t.same(ask(posted, "POST")[0], 200, f"{name} {operation}, presigned as POST")
    for what, change in CHANGES.items():
        refused(t, wrong, ask(change(url)), f"{name}: {what}")
    for method in ["POST", "PUT", "DELETE"]:
        refused(t, wrong, ask(url, method), f"{name}: sent as {method}")
    refused(t, wrong, ask(posted), f"{name}: a POST sent as GET")
    refused(t, wrong, ask(posted, "POST", b"MaxRecords=21"), f"{name}: with a body")
    other = _client(t.sandbox, name, "0" * 40).generate_presigned_url(operation, Params=params, ExpiresIn=900,
                                                                         HttpMethod="GET")
    refused(t, wrong, ask(other), f"{name}: with another secret")


def writes(t, clients):
    url = clients["ec2"].generate_presigned_url("create_security_group", Params={
        "GroupName": "presigned", "Description": "a b_c+="}, ExpiresIn=60, HttpMethod="GET")
    t.same(ask(url)[0], 200, "a presigned write")
    # A replay is judged by what is there: the signature is as good as before.
    refused(t, ("InvalidGroup.Duplicate", 400), ask(url), "a presigned write again")
    found = t.service("ec2").ok("DescribeSecurityGroups", GroupNames=["presigned"])["SecurityGroups"]
    t.same(found[0]["Description"], "a b_c+=", "the description")


def structured(t, sandbox):
    """JSON is posted, with its operation in a header and its members in the body; all of that is signed."""
    def url(operation, body):
        request = AWSRequest("POST", sandbox.endpoint + "/", headers=headers(operation))
        signer = SignedBody(Credentials(*sandbox.keys), "ssm", sandbox.region, expires=900)
        signer.body = body
        signer.add_auth(request)
        return request.url

    def headers(operation):
        return {"X-Amz-Target": f"AmazonSSM.{operation}", "Content-Type": "application/x-amz-json-1.1"}

    body = json.dumps({"Name": "/presigned", "Value": "v", "Type": "String"}).encode()
    signed = url("PutParameter", body)
    t.same(ask(signed, "POST", body, headers("PutParameter"))[0], 200, "a presigned PutParameter")
    wrong = ("InvalidSignatureException", 400)
    refused(t, wrong, ask(signed, "POST", body.replace(b'"v"', b'"w"'), headers("PutParameter")), "another body")
    refused(t, wrong, ask(signed, "POST", body, headers("DeleteParameter")), "another operation")
    refused(t, wrong, ask(signed, "GET", b"", headers("PutParameter")), "sent as GET")
    # boto3 writes the members of JSON into the query, where no service reads them: nothing was asked for.
    client = _client(sandbox, "ssm", sandbox.keys[1])
    link = client.generate_presigned_url("get_parameter", Params={"Name": "/presigned"}, ExpiresIn=900)
    refused(t, ("ValidationException", 400), ask(link, "POST", b"", headers("GetParameter")), "members in the query")


class SignedBody(SigV4QueryAuth):
    """SigV4QueryAuth would write the members of a JSON body into the query; this one signs the body where it is."""

    def payload(self, request):
        return hashlib.sha256(self.body).hexdigest()


def life(t, clients):
    urls = {name: clients[name].generate_presigned_url(READS[name][0], Params=READS[name][1], ExpiresIn=1,
                                                       HttpMethod="GET")
            for name in READS}
    time.sleep(2.1)  # the shortest life there is has to end
    for name, url in urls.items():
        code = ("RequestExpired", 400) if name == "ec2" else ("SignatureDoesNotMatch", 403)
        refused(t, code, ask(url), f"{name} after its time")
    status, text = ask(urls["sts"])
    t.check("Signature expired: " in text, f"{status} {text}")


def malformed(t, clients):
    url = clients["sts"].generate_presigned_url("get_caller_identity", ExpiresIn=900, HttpMethod="GET")
    incomplete = ("IncompleteSignature", 400)
    t.same(ask(url)[0], 200, "what is spoilt below")
    for what, changed in {
        "a life of over a week": clients["sts"].generate_presigned_url("get_caller_identity", ExpiresIn=604_801,
                                                                        HttpMethod="GET"),
        "no date": url.replace("X-Amz-Date", "X-Amz-Dat"),
        "another algorithm": url.replace("HMAC-SHA256", "HMAC-SHA512"),
        "no scope": url.replace("%2Faws4_request", ""),
        "a life that is no number": url.replace("Expires=900", "Expires=soon"),
        "a parameter twice": url + "&Action=GetCallerIdentity",
    }.items():
        refused(t, incomplete, ask(changed), what)
    both = ask(url, headers={"Authorization": "AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request"})
    refused(t, ("SignatureDoesNotMatch", 403), both, "a header's signature besides")
    t.check("Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header." in both[1], both[1])
    refused(t, ("MissingAuthenticationToken", 403), ask(url.replace("X-Amz-Algorithm", "Algorithm")), "no algorithm")
    refused(t, ("InvalidClientTokenId", 403), ask(url.replace("X-Amz-Credential=", "X-Amz-Credential=X")), "nobody's key")
    token = ask(url + "&X-Amz-Security-Token=x")
    refused(t, ("InvalidClientTokenId", 403), token, "a token that is nobody's")


def logins(t, sandbox, clients):
    """A token for a database looks like a presigned URL, and is a password."""
    host, port = sandbox.endpoint.removeprefix("http://").rsplit(":", 1)
    token = clients["rds"].generate_db_auth_token(host, int(port), "admin")
    refused(t, ("InvalidAction", 400), ask(f"http://{token}"), "a token of generate-db-auth-token")
