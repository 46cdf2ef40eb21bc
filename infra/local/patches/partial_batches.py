"""`ReportBatchItemFailures`: what a function may answer, and what else fails the batch.

SQS. AWS takes null, {}, and a null or empty `batchItemFailures` as success. An
answer that is no object, or an item with a missing, null, empty or unknown
`itemIdentifier`, fails the whole batch: everything is delivered again. MiniStack
skips such items, and so deletes messages nobody has processed.

DynamoDB streams. AWS goes back to the first failed record. MiniStack never reads
the answer and moves on, so failed records are lost. Here any reported failure
makes the whole batch fail: nothing is lost, but records before the first failed
one come again, which AWS would spare them.

An object with other keys only is refused too. AWS does not say what it does with
it; locally it is better to see the mistake.
"""

import contextvars

from ministack.services import lambda_svc

_mapping = contextvars.ContextVar("event_source_mapping", default=None)


def verdict(answer, identifiers):
    """`True` if the engine may read the answer, `False` if it fails the batch."""
    if answer is None or answer == {}:
        return True
    if not isinstance(answer, dict) or "batchItemFailures" not in answer:
        return False
    failures = answer["batchItemFailures"]
    if failures is None:
        return True
    return isinstance(failures, list) and all(
        isinstance(item, dict) and item.get("itemIdentifier") in identifiers for item in failures)


def _failed(result, message):
    return {**result, "error": True,
            "body": {"errorType": "InvalidBatchResponse", "errorMessage": message}}


def _judge(result, records):
    if result.get("error"):
        return result
    answer = result.get("body")
    from_stream = "dynamodb" in records[0]
    identifiers = {r["dynamodb"]["SequenceNumber"] if from_stream else r.get("messageId") for r in records}
    if not verdict(answer, identifiers):
        return _failed(result, f"invalid partial batch response: {answer!r}")
    failures = (answer or {}).get("batchItemFailures") or []
    if failures and from_stream:
        return _failed(result, f"{len(failures)} of {len(records)} records failed")
    # MiniStack cannot iterate over null.
    return {**result, "body": {"batchItemFailures": failures}}


def apply():
    # Each poller asks for the filter right before it runs the function, and
    # that is the only place where both see the mapping.
    filter_records, execute = lambda_svc._apply_filter_criteria, lambda_svc._execute_function
    run_sqs_batch = lambda_svc._run_sqs_batch

    def filter_noting_mapping(records, mapping):
        _mapping.set(mapping)
        return filter_records(records, mapping)

    def run_sqs_batch_noting_mapping(mapping, *rest):
        _mapping.set(mapping)  # runs on a thread of its own
        return run_sqs_batch(mapping, *rest)

    def execute_and_judge(function, event):
        mapping = _mapping.get()
        _mapping.set(None)
        result = execute(function, event)
        if mapping is None or "ReportBatchItemFailures" not in (mapping.get("FunctionResponseTypes") or []):
            return result
        records = event.get("Records") if isinstance(event, dict) else None
        if not records or not ("messageId" in records[0] or "dynamodb" in records[0]):
            return result
        return _judge(result, records)

    lambda_svc._apply_filter_criteria = filter_noting_mapping
    lambda_svc._run_sqs_batch = run_sqs_batch_noting_mapping
    lambda_svc._execute_function = execute_and_judge
