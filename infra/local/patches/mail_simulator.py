"""Addresses that cannot be mailed. A test aid, not a gap of MiniStack.

The mailbox simulator of SES takes every mail and reports what became of it later. What a
function does when `SendEmail` itself fails could not be tried out. Addresses of our own
simulator (see `simulator`) answer it so:

    refused.…@simulator.example    400 MessageRejected
    limited.…@simulator.example    429 TooManyRequestsException
    broken.…@simulator.example     500 InternalServiceErrorException
"""

import json

from ministack.services import ses_v2

from .simulator import Simulator

ERRORS = {
    "refused": ("MessageRejected", "Email address is on the suppression list", 400),
    "limited": ("TooManyRequestsException", "Maximum sending rate exceeded", 429),
    "broken": ("InternalServiceErrorException", "Internal Error", 500),
}


def recipients(request):
    destination = request.get("Destination") or {}
    return [address for name in ("ToAddresses", "CcAddresses", "BccAddresses")
            for address in destination.get(name) or []]


def apply():
    handle = ses_v2.handle_request
    simulator = Simulator(*ERRORS)

    async def handle_or_fail(method, path, headers, body, query_params):
        if method == "POST" and path.rstrip("/").endswith("/outbound-emails"):
            for address in recipients(json.loads(body or b"{}")):
                behaviour = simulator.behaviour(address)
                if behaviour:
                    return ses_v2._json_err(*ERRORS[behaviour])
        return await handle(method, path, headers, body, query_params)

    ses_v2.handle_request = handle_or_fail
