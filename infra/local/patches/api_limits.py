"""How large a request may be.

An HTTP API takes bodies of up to 10 MB, and Lambda events of up to 6 MB, in which
a binary body counts as base64. AWS answers both with 413 and a JSON message whose
wording it does not document. MiniStack takes everything.

(The limit of a function's answer is in `function_process`: Lambda sets it for all
callers, not only for APIs.)
"""

import json

from ministack.services import apigateway

from .api_requests import is_api_event
from .api_responses import gateway_error

LARGEST_BODY = 10 * 1024 * 1024
LARGEST_EVENT = 6 * 1024 * 1024
MESSAGE = "Request Too Long"


def apply():
    execute = apigateway.handle_execute

    async def execute_within_limit(api_id, stage, path, method, headers, body, *rest, **named):
        if body and len(body) > LARGEST_BODY:
            return gateway_error(413, MESSAGE)
        return await execute(api_id, stage, path, method, headers, body, *rest, **named)

    apigateway.handle_execute = execute_within_limit

    run = apigateway.run_reentrant

    async def run_within_limit(function, record, event, *rest, **named):
        # Only a body can be that large, and measuring every event would cost time.
        if is_api_event(event) and len(event.get("body") or "") > LARGEST_EVENT // 2:
            if len(json.dumps(event, ensure_ascii=False).encode()) > LARGEST_EVENT:
                status, headers, answer = gateway_error(413, MESSAGE)
                return {"body": {"statusCode": status, "headers": headers, "body": answer.decode()}}
        return await run(function, record, event, *rest, **named)

    apigateway.run_reentrant = run_within_limit
