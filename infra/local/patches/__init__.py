"""What MiniStack 1.5.33 does differently from AWS, put right in memory.

One gap per module. Each says in its docstring what AWS does and what MiniStack
does, and has one `apply()`. They set what AWS would set and leave alone what is
right already, so a patch changes nothing the day the engine behaves; then delete
the module and its test.

The patches reach into names MiniStack does not promise to keep. That is why the
launcher starts with exactly one version of it.
"""

from . import (
    api_ids,
    api_import,
    api_limits,
    api_paths,
    api_requests,
    api_responses,
    batch_actions,
    dynamodb_ttl,
    function_process,
    function_versions,
    generated_secrets,
    lambda_concurrency,
    mail_outbox,
    mail_permissions,
    mail_simulator,
    partial_batches,
    secure_transport,
    sms_outbox,
    sms_simulator,
    sns_fifo,
    webhook_receiver,
)

ALL = (
    api_ids,
    api_import,
    api_requests,
    api_responses,
    api_limits,
    api_paths,
    dynamodb_ttl,
    lambda_concurrency,
    sns_fifo,
    partial_batches,
    function_process,
    function_versions,
    generated_secrets,
    sms_outbox,
    sms_simulator,
    mail_outbox,
    mail_simulator,
    mail_permissions,
    webhook_receiver,
    secure_transport,
    batch_actions,
)


def apply_all():
    for patch in ALL:
        patch.apply()
