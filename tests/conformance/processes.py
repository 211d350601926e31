"""A few AWS CLI processes of their own, with arguments as a person types them."""
import json
import os
import subprocess
import sys
from pathlib import Path

from cases import Bench, Record
from drivers import Boto
from sandbox import Sandbox

AWS = os.environ.get("RECIPE_WALK_AWS", str(Path(sys.executable).with_name("aws")))


def run():
    record = Record()
    with Sandbox() as sandbox:
        bench = Bench(sandbox, Boto, record)

        def aws(*arguments):
            done = subprocess.run([AWS, *arguments, "--endpoint-url", sandbox.endpoint, "--output", "json"],
                                  env=sandbox.client_environment(), capture_output=True, text=True, timeout=60)
            return done.returncode, json.loads(done.stdout or "{}"), done.stderr

        code, me, _ = aws("sts", "get-caller-identity")
        bench.check(code == 0 and me["Arn"].startswith("arn:aws:iam::"), f"{code}: {me}")
        code, answer, _ = aws("rds", "describe-db-instances")
        bench.same((code, answer), (0, {"DBInstances": []}), "rds describe-db-instances")
        code, made, _ = aws("elasticache", "create-cache-parameter-group", "--cache-parameter-group-name", "lru",
                            "--cache-parameter-group-family", "redis7", "--description", "d",
                            "--tags", "Key=class,Value=autumn")
        bench.check(code == 0 and made["CacheParameterGroup"]["CacheParameterGroupName"] == "lru", f"{code}: {made}")
        code, _, said = aws("elasticache", "create-cache-parameter-group", "--cache-parameter-group-name", "lru",
                            "--cache-parameter-group-family", "redis7.x", "--description", "d")
        bench.check(code != 0 and "InvalidParameterValue" in said and "redis7.x is not a valid" in said, said)
    return record
