"""The process a `provided` function runs in, and the Runtime API it talks to.

Environment. AWS gives a function its own variables and Lambda's, among them
`AWS_LAMBDA_LOG_GROUP_NAME`. MiniStack leaves that one out and adds everything the
engine itself was started with, so a function could read a variable that its
template forgets, and pass here only.

Answers. Lambda refuses answers over 6 MB plus a little (6,291,556 bytes) with
`Function.ResponseSizeTooLarge`. MiniStack takes them.

End. Deleting a function ends its processes. MiniStack leaves them running when a
stack deletes it.

Speed. MiniStack writes an event's headers and body in two small packets. With
Nagle's algorithm the second waits for the function's delayed ACK, 40 ms for each
invocation. And it waits 50 ms for output of a function that prints nothing; what a
function prints is in the pipe before its answer is sent, so a fraction will do.
"""

import json
import os

from ministack.core.lambda_runtime import ProvidedWorker
from ministack.core.responses import get_account_id, get_region
from ministack.services import lambda_svc
from ministack.services.cloudformation import provisioners

LARGEST_ANSWER = 6_291_556

OUTPUT_WAIT_SECONDS = 0.01

# What a process needs to run at all, and what coverage tools set for it.
KEPT = {"PATH", "LANG", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR", "LD_LIBRARY_PATH", "LLVM_PROFILE_FILE"}


def own_environment(environment, config):
    """The function's and Lambda's variables, without the engine's."""
    own = {name: value for name, value in environment.items()
           if name in KEPT or os.environ.get(name) != value}
    own.update(lambda_svc._runtime_env_vars(config))
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID",
                 "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        if name in environment:
            own[name] = environment[name]
    group = (config.get("LoggingConfig") or {}).get("LogGroup")
    own.setdefault("AWS_LAMBDA_LOG_GROUP_NAME", group or f"/aws/lambda/{config['FunctionName']}")
    own.setdefault("TZ", ":UTC")
    return own


def _too_large(size):
    return json.dumps({
        "errorType": "Function.ResponseSizeTooLarge",
        "errorMessage": f"Response payload size ({size} bytes) exceeded "
                        f"maximum allowed payload size ({LARGEST_ANSWER} bytes).",
    }).encode()


def apply():
    environment_of = lambda_svc._provided_worker_env

    def with_own_environment(config, *rest):
        return own_environment(environment_of(config, *rest), config)

    lambda_svc._provided_worker_env = with_own_environment

    handler = provisioners._RESOURCE_HANDLERS["AWS::Lambda::Function"]
    delete = handler["delete"]

    def delete_with_processes(name, props):
        delete(name, props)
        lambda_svc.invalidate_worker(name, account=get_account_id(), region=get_region())

    handler["delete"] = delete_with_processes

    build = ProvidedWorker._build_handler_class

    def build_handler(self, *args):
        class Handler(build(self, *args)):
            disable_nagle_algorithm = True

            def _read_body(self):
                body = super()._read_body()
                self.refused = self.path.endswith("/response") and len(body) > LARGEST_ANSWER
                if self.refused:
                    self.path = self.path.removesuffix("response") + "error"
                    return _too_large(len(body))
                return body

            def _respond(self, code, *rest):
                refused, self.refused = getattr(self, "refused", False), False
                super()._respond(413 if refused and code == 202 else code, *rest)

        return Handler

    ProvidedWorker._build_handler_class = build_handler

    drain = ProvidedWorker._drain_stderr_bounded

    def drain_soon(self, first_line_wait=OUTPUT_WAIT_SECONDS, **named):
        return drain(self, first_line_wait, **named)

    ProvidedWorker._drain_stderr_bounded = drain_soon
