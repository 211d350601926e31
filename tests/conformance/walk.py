"""The walk's own requests: a full walk on real engines, recorded on its way and judged by botocore's models.

With RECIPE_WALK_FULL the walk takes every optional step too.
"""
import json
import os

from cases import Bench, Record
from drivers import Boto
from listing import models
from recorder import Recorder
from requests_of import Request
from sandbox import Home, Sandbox

# What no full walk goes without.
MADE = {("ec2", "RunInstances"), ("ec2", "CreateSecurityGroup"), ("ec2", "AuthorizeSecurityGroupIngress"),
        ("elasticache", "CreateReplicationGroup"), ("elasticache", "ModifyCacheParameterGroup"),
        ("rds", "CreateDBInstance"), ("iam", "PutRolePolicy"), ("ssm", "SendCommand"), ("ssm", "PutParameter"),
        ("ec2", "TerminateInstances"), ("elasticache", "DeleteReplicationGroup"), ("rds", "DeleteDBInstance")}


def run():
    """Returns the record, and by operation how many requests were judged."""
    record, judged = Record(), {}
    with Sandbox(engines=True) as sandbox, Recorder(sandbox.endpoint) as recorder, Home() as home:
        bench = Bench(sandbox, Boto, record)
        place = {k: v for k, v in sandbox.client_environment().items() if k.startswith("AWS_")}
        place.update(AWS_ENDPOINT_URL=recorder.endpoint, AWS_CONFIG_FILE=os.devnull,
                     AWS_SHARED_CREDENTIALS_FILE=os.devnull)
        everything = ["--all"] if os.environ.get("RECIPE_WALK_FULL") else []
        walked = home.run("--aws", "--yes", *everything, **place)
        bench.check(walked.returncode == 0, f"the walk ended with {walked.returncode}: {walked.stderr[-2000:]}")
        listed = home.run("sessions", "--remote", "--aws", "--json", **place)
        bench.check(listed.returncode == 0, f"sessions --remote: {listed.stderr[-1000:]}")
        calls = json.loads(sandbox.run("sandbox", "calls", "--json").stdout)
        for sent in recorder.requests():
            if "authorization" not in sent.headers:
                bench.same(sent.path, "/ca.pem", "the only unsigned request")
                continue
            request = Request(sent, models(bench.boto))
            key = request.service, request.operation
            judged[key] = judged.get(key, 0) + 1
            bench.check(True, "")
            for fault in request.faults():
                bench.check(False, fault)
        bench.check(judged and _judge_is_awake(recorder, bench), "no distorted request of the walk is noticed")
        # Nothing went past the recorder: the sandbox has seen as many calls of this key as were judged.
        own = [call for call in calls if ":user/" in call["principal"]]
        bench.same(sum(judged.values()), len(own), "requests judged, against calls that the sandbox has seen")
        bench.check(MADE <= judged.keys(), f"never seen: {MADE - judged.keys()}")
    return record, judged


def _judge_is_awake(recorder, bench):
    """Distorts the walk's own launch in every way that a model speaks of, and sees each one noticed."""
    launch = next(s for s in recorder.requests() if b"Action=RunInstances" in s.body and b"DryRun" not in s.body)
    token = next(s for s in recorder.requests() if s.headers.get("x-amz-target") == "AmazonSSM.PutParameter")

    def noticed(sent, *changes):
        body = sent.body
        for old, new in changes:
            if old not in body and old:
                return False
            body = body.replace(old, new, 1) if old else body + new
        return any(Request(sent._replace(body=body), models(bench.boto)).faults())

    return not noticed(launch) and not noticed(token) and all([
        noticed(launch, (b"", b"&Nonsense=1")),
        noticed(launch, (b"MinCount=", b"Mincount=")),
        noticed(launch, (b"MinCount=1", b"MinCount=one")),
        noticed(launch, (b"MetadataOptions.HttpTokens=required", b"MetadataOptions.HttpTokens=maybe")),
        noticed(launch, (b"Version=2016-11-15", b"Version=2015-01-01")),
        noticed(token, (b'"Name"', b'"Nam"')),
        noticed(token, (b'"Name":"', b'"Name":"' + b"x" * 2048)),
        noticed(token, (b'"Type":"', b'"Type":"Very')),
    ])
