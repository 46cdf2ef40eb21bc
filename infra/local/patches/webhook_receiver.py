"""A receiver of webhooks. A test aid, not a gap of MiniStack: AWS has none.

The local stack posts its sign-ups here, so they can be looked at without a server of
one's own. `POST /_ministack/webhooks` takes a JSON object. `GET` shows what came,
oldest first: its time in seconds since 1970, headers, body as it was, and the status
it was answered; `?run=` picks the calls of one run.

The address in the body's context (see `simulator`) may say what is answered instead
of 204:

    gone.…@simulator.example    410, for good
    busy-2.…@simulator.example  503 with `Retry-After: 1`, the first 2 times
"""

import json
import time
from urllib.parse import parse_qs

import ministack.app as gateway

from .simulator import Simulator

PATH = "/_ministack/webhooks"
STATUSES = {"gone": 410, "busy": 503}


async def read(receive):
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    return body


async def answer(send, status, headers=(), body=b""):
    await send({"type": "http.response.start", "status": status,
                "headers": [(b"content-length", str(len(body)).encode()), *headers]})
    await send({"type": "http.response.body", "body": body})


def run_of(call):
    return json.loads(call["Body"]).get("run")


def apply():
    served = gateway.app
    simulator = Simulator(*STATUSES)
    calls = []

    async def take(scope, receive, send):
        body = await read(receive)
        address = json.loads(body).get("context", {}).get("email", "")
        status = STATUSES.get(simulator.behaviour(address), 204)
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        calls.append({"Timestamp": time.time(), "Headers": headers, "Body": body.decode(), "Status": status})
        await answer(send, status, [(b"retry-after", b"1")] if status == 503 else [])

    async def show(scope, send):
        wanted = parse_qs(scope["query_string"].decode()).get("run", [None])[0]
        shown = [call for call in calls if wanted is None or run_of(call) == wanted]
        await answer(send, 200, [(b"content-type", b"application/json")],
                     json.dumps({"webhooks": shown}).encode())

    async def app(scope, receive, send):
        if scope["type"] != "http" or scope["path"] != PATH:
            await served(scope, receive, send)
        elif scope["method"] == "POST":
            await take(scope, receive, send)
        else:
            await show(scope, send)

    gateway.app = app
