"""The two clients under which every case runs: boto3 and the AWS CLI. Both are AWS's own; neither is told that this is no AWS."""
import contextlib
import io
import json
import os
import re

import boto3
import botocore.config
from awscli.clidriver import create_clidriver
from botocore import xform_name
from botocore.exceptions import ClientError

# What the sandbox must refuse, the client must first let through.
CONFIG = botocore.config.Config(parameter_validation=False, retries={"total_max_attempts": 1})
# botocore names these services otherwise than their signatures do.
NAMES = {"tagging": "resourcegroupstaggingapi", "servicequotas": "service-quotas"}


class Refusal(Exception):
    """A service's no."""

    def __init__(self, code, status, message, body=b""):
        super().__init__(f"{code} ({status}): {message}")
        self.code, self.status, self.message, self.body = code, status, message, body


class NotSent(Exception):
    """The client itself said no: nothing was asked of the service."""


class Boto:
    """boto3, with the bytes of the latest answer kept beside what it made of them."""

    name = "boto3"

    def __init__(self, sandbox):
        self.sandbox = sandbox
        self.session = boto3.Session(*sandbox.keys, region_name=sandbox.region)
        self.clients = {}
        self.body = b""
        self.headers = {}

    def client(self, service):
        service = NAMES.get(service, service)
        if service not in self.clients:
            client = self.session.client(service, endpoint_url=self.sandbox.endpoint, config=CONFIG)
            client.meta.events.register("before-parse.*.*", self._keep)
            self.clients[service] = client
        return self.clients[service]

    def _keep(self, response_dict, **_):
        self.body, self.headers = response_dict["body"], response_dict["headers"]

    def call(self, service, operation, params):
        try:
            answer = getattr(self.client(service), xform_name(operation))(**params)
        except ClientError as error:
            answer = error.response
            raise Refusal(answer["Error"].get("Code"), answer["ResponseMetadata"]["HTTPStatusCode"],
                          answer["Error"].get("Message"), self.body) from None
        answer.pop("ResponseMetadata")
        return answer


class Cli:
    """The AWS CLI's own driver in this process: a process for every call would take minutes."""

    name = "CLI"
    SAID = re.compile(r"An error occurred \((\S+)\) when calling the (\w+) operation(?: \(reached max retries: \d+\))?:? ?(.*)", re.DOTALL)

    def __init__(self, sandbox):
        self.sandbox = sandbox
        (sandbox.dir / "config").write_text("[default]\nparameter_validation = false\nmax_attempts = 1\ncli_pager =\n")
        self.environment = {k: v for k, v in sandbox.client_environment().items() if k.startswith("AWS_")}
        with self._environment():
            self.driver = create_clidriver()

    @contextlib.contextmanager
    def _environment(self):
        before = dict(os.environ)
        for name in list(os.environ):
            if name.startswith("AWS_") and name != "AWS_DATA_PATH":
                del os.environ[name]
        os.environ.update(self.environment)
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)

    def call(self, service, operation, params):
        arguments = ["--endpoint-url", self.sandbox.endpoint, "--output", "json", "--no-paginate",
                     NAMES.get(service, service), xform_name(operation, "-")]
        if params:
            arguments += ["--cli-input-json", json.dumps(params, default=lambda t: t.isoformat())]
        out, err = io.StringIO(), io.StringIO()
        with self._environment(), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                code = self.driver.main(arguments)
            except SystemExit as usage:
                raise NotSent(f"aws {' '.join(arguments)}: {err.getvalue().strip()}") from usage
        if code == 0:
            return json.loads(out.getvalue() or "{}")
        said = self.SAID.search(err.getvalue().strip())
        if not said or said[2] != operation:
            raise AssertionError(f"aws {' '.join(arguments)}: exit {code}: {err.getvalue().strip()}")
        raise Refusal(said[1], None, said[3])
