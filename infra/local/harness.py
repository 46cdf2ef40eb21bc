"""For the tests: a really started engine on a free port, and stacks deployed to it."""

import http.client
import io
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import boto3
from botocore.config import Config

HERE = Path(__file__).parent
LAUNCHER = HERE / "launcher.py"
BOOTSTRAP = HERE / "fixture_bootstrap.py"
CODE_BUCKET = "code"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def eventually(check, seconds=20):
    """Repeat `check` until it answers something true; that is the result."""
    deadline = time.monotonic() + seconds
    while True:
        found = check()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {check}")
        time.sleep(0.1)


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    def json(self):
        return json.loads(self.body)


class Engine:
    """Starts with the object; `stop()` ends it."""

    def __init__(self, *flags, **environment):
        self.port = free_port()
        self.log = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(
            [sys.executable, str(LAUNCHER), "--port", str(self.port), *flags],
            env={**os.environ, **environment}, stdout=self.log, stderr=subprocess.STDOUT)
        try:
            eventually(self._is_ready, 30)
        except BaseException:
            self.stop()
            raise
        self.client("s3").create_bucket(Bucket=CODE_BUCKET)

    def _is_ready(self):
        if self.process.poll() is not None:
            raise AssertionError(f"the engine ended: {self.read_log()}")
        try:
            return self.request("GET", "/_ministack/health").status == 200
        except OSError:
            return False

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(20)
        self.log.close()

    def read_log(self):
        self.log.seek(0)
        return self.log.read()

    def client(self, service, keys=None):
        """A client of a service; with the `keys` of an assumed role, as that role."""
        keys = keys or {"AccessKeyId": "test", "SecretAccessKey": "test"}
        return boto3.client(
            service, endpoint_url=f"http://127.0.0.1:{self.port}", region_name="us-east-1",
            aws_access_key_id=keys["AccessKeyId"], aws_secret_access_key=keys["SecretAccessKey"],
            aws_session_token=keys.get("SessionToken"),
            config=Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}))

    def request(self, method, path, body=None, headers=()):
        """One HTTP call; `headers` are pairs, so that a name may repeat."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        pairs = list(headers)
        names = {name.lower() for name, _ in pairs}
        connection.putrequest(method, path, skip_host="host" in names, skip_accept_encoding=True)
        for name, value in pairs:
            connection.putheader(name, value)
        if body is not None:
            connection.putheader("content-length", str(len(body)))
        connection.endheaders(body)
        try:
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def api(self, stack, method, path, body=None, headers=(), logical_id="Api"):
        api_id = f"{stack}{logical_id}".replace("-", "").lower()
        return self.request(method, f"/_aws/execute-api/{api_id}/$default{path}", body, headers)

    def upload_code(self, source=BOOTSTRAP):
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as package:
            entry = zipfile.ZipInfo("bootstrap")
            entry.external_attr = 0o755 << 16
            # This interpreter: the one on the PATH may be a slow wrapper.
            package.writestr(entry, f"#!{sys.executable}\n{source.read_text()}")
        self.client("s3").put_object(Bucket=CODE_BUCKET, Key="function.zip", Body=archive.getvalue())

    def deploy(self, stack, resources, wanted="CREATE_COMPLETE"):
        """Create or update a SAM stack and wait for it."""
        self.upload_code()
        cloudformation = self.client("cloudformation")
        change = cloudformation.update_stack if wanted.startswith("UPDATE") else cloudformation.create_stack
        change(StackName=stack, Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
               TemplateBody=json.dumps({"Transform": "AWS::Serverless-2016-10-31", "Resources": resources}))

        def finished():
            found = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"]
            return None if found.endswith("IN_PROGRESS") else found

        status = eventually(finished, 60)
        if status != wanted:
            raise AssertionError(f"{stack}: {status}\n{self.read_log()[-3000:]}")

    def physical_id(self, stack, logical_id):
        return self.client("cloudformation").describe_stack_resource(
            StackName=stack, LogicalResourceId=logical_id)["StackResourceDetail"]["PhysicalResourceId"]


def function(**properties):
    return {"Type": "AWS::Serverless::Function", "Properties": {
        "Runtime": "provided.al2023", "Handler": "bootstrap", "Timeout": 20,
        "CodeUri": f"s3://{CODE_BUCKET}/function.zip", **properties}}


def route(path, method="ANY", **properties):
    return {"Type": "HttpApi", "Properties": {
        "ApiId": {"Ref": "Api"}, "Path": path, "Method": method, **properties}}
