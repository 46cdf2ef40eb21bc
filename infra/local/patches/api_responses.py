"""What an HTTP API answers when its function does not.

AWS tells a caller nothing about what went wrong: 500 `{"message":"Internal Server
Error"}` if the function failed, timed out, crashed or answered nonsense, and 503
`{"message":"Service Unavailable"}` if it was throttled or had not answered within
the integration's timeout (at most 30 seconds; the function runs on). MiniStack
shows the function's error with a 502, throttling as 429, Python's message about
nonsense, and waits as long as the function may run.
"""

import asyncio
import json

from ministack.services import apigateway

from .api_requests import is_api_event

LONGEST_TIMEOUT_MS = 30_000


def gateway_error(status, message):
    return status, {"Content-Type": "application/json"}, json.dumps({"message": message}).encode()


def _as_function_result(status, message):
    status, headers, body = gateway_error(status, message)
    return {"body": {"statusCode": status, "headers": headers, "body": body.decode()}}


def apply():
    run = apigateway.run_reentrant

    async def run_hiding_failures(function, record, event, *rest, **named):
        result = await run(function, record, event, *rest, **named)
        if not is_api_event(event) or event.get("type") == "REQUEST":
            return result
        if result.get("throttle"):
            return _as_function_result(503, "Service Unavailable")
        if result.get("error"):
            return _as_function_result(500, "Internal Server Error")
        return result

    apigateway.run_reentrant = run_hiding_failures

    invoke = apigateway._invoke_lambda_proxy
    running = set()

    async def invoke_in_time(integration, *args, **named):
        limit = min(int(integration.get("timeoutInMillis") or LONGEST_TIMEOUT_MS), LONGEST_TIMEOUT_MS)
        # Not `wait_for`: cancelling would wait for the function to end.
        task = asyncio.ensure_future(invoke(integration, *args, **named))
        running.add(task)
        task.add_done_callback(running.discard)
        await asyncio.wait({task}, timeout=limit / 1000)
        if not task.done():
            return gateway_error(503, "Service Unavailable")
        if task.exception() is not None:
            return gateway_error(500, "Internal Server Error")
        return task.result()

    apigateway._invoke_lambda_proxy = invoke_in_time
