"""The event an HTTP API sends to a function, payload format 2.0.

AWS moves cookies out of the headers into `cookies`; joins repeated headers with a
bare comma; adds `x-forwarded-for`, `-proto`, `-port` and `x-amzn-trace-id`, and
`content-length` also when there is no body; keeps hop-by-hop headers to itself;
fills `requestContext.domainPrefix`; and leaves out what is empty. MiniStack
passes headers on as it got them, joined with ", ", and sends
`"pathParameters": null`.

Left as MiniStack has it, because it is what AWS does: `rawPath` is decoded except
for %25, bodies that are not text are base64, the query string is passed on.
The forwarded scheme and port are the true local ones, so that links which a
function builds from them work.
"""

import secrets
import time

import ministack.app as gateway
from ministack.services import apigateway

HOP_BY_HOP = {
    "connection", "keep-alive", "proxy-authenticate", "proxy-connection", "te",
    "trailer", "transfer-encoding", "upgrade",
}


def is_api_call(scope):
    """Whether a request is for an API, not for one of the AWS services themselves."""
    if scope["type"] != "http":
        return False
    host = next((v.decode("latin-1") for k, v in scope["headers"] if k.lower() == b"host"), "")
    return gateway._parse_execute_api_url(host, scope["path"]) is not None


def forwarded_headers(scope):
    """The request's headers as API Gateway passes them on."""
    headers = {}
    for name, value in scope["headers"]:
        name = name.lower()
        separator = b"; " if name == b"cookie" else b","
        headers[name] = headers[name] + separator + value if name in headers else value

    client = (scope.get("client") or ("127.0.0.1",))[0].encode()
    known = headers.get(b"x-forwarded-for")
    headers[b"x-forwarded-for"] = known + b", " + client if known else client
    headers[b"x-forwarded-proto"] = scope.get("scheme", "http").encode()
    headers[b"x-forwarded-port"] = gateway._resolve_port().encode()
    headers.setdefault(b"x-amzn-trace-id", f"Root=1-{int(time.time()):08x}-{secrets.token_hex(12)}".encode())
    return list(headers.items())


def complete_event(event):
    """Bring MiniStack's event into the shape of AWS's."""
    headers = event["headers"]
    for name in HOP_BY_HOP & set(headers):
        del headers[name]
    headers.setdefault("content-length", "0")

    # HTTP APIs drop cookies without a name, and never pass the header itself on.
    cookies = [c.strip() for c in headers.pop("cookie", "").split(";")]
    cookies = [c for c in cookies if c.partition("=")[0]]
    if cookies:
        event["cookies"] = cookies

    context = event["requestContext"]
    context.setdefault("domainPrefix", context["apiId"])
    if event.get("pathParameters") is None:
        event.pop("pathParameters", None)
    return event


def is_api_event(event):
    return isinstance(event, dict) and event.get("version") == "2.0" and "rawPath" in event


def apply():
    served = gateway.app

    async def app(scope, receive, send):
        if is_api_call(scope):
            scope = {**scope, "headers": forwarded_headers(scope)}
        await served(scope, receive, send)

    gateway.app = app

    run = apigateway.run_reentrant

    async def run_with_event(function, record, event, *rest, **named):
        if is_api_event(event) and event.get("type") != "REQUEST":
            event = complete_event(event)
        return await run(function, record, event, *rest, **named)

    apigateway.run_reentrant = run_with_event
