"""A version of a function that no alias points to any more ends its idle processes.

AWS takes back what nobody calls. MiniStack keeps the first process of each version
for as long as it runs, so every deployment leaves one behind.
"""

from ministack.core import lambda_runtime
from ministack.core.responses import get_account_id, get_region

from .engine import after_provision


def end_idle_processes(_alias, new, old):
    version = old.get("FunctionVersion")
    if version is None or version == new.get("FunctionVersion"):
        return
    name = old["FunctionName"].rpartition(":function:")[2]
    with lambda_runtime._lock:
        workers = lambda_runtime._workers.get(f"{get_account_id()}:{get_region()}:{name}:{version}", [])
        idle = [worker for worker in workers if not worker.in_use]
        workers[:] = [worker for worker in workers if worker.in_use]
    lambda_runtime.kill_workers(idle)


def apply():
    after_provision("AWS::Lambda::Alias", end_idle_processes)
