"""Keeps web pages of other sites away from the local AWS.

It runs code as the user, and its credentials are public: whoever may call it may do
anything here. A page in the user's browser can reach it on the loopback interface, so
it answers 403 to

- calls that a page of another site makes, which browsers mark with `Origin` or
  `Sec-Fetch-Site`. Only the stack's own APIs take them, and answer as their CORS
  settings say, at `/_aws/execute-api/…`. At `….execute-api.localhost` the engine's own
  paths would be open too. There a page may call the place it came from, as forms do,
  and these are marked as well;
- calls by a name that is not of this machine (DNS rebinding).
"""

import re

OWN_ADDRESS = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:\d+)?", re.IGNORECASE)
OWN_NAME = re.compile(r"([a-z0-9_-]+\.)+localhost(:\d+)?", re.IGNORECASE)
API = re.compile(r"/_aws/execute-api/[^/]+/.*", re.DOTALL)


def reason_to_refuse(scope):
    headers = [(name.lower(), value.decode("latin-1")) for name, value in scope["headers"]]
    hosts = [value for name, value in headers if name == b"host"]
    host = hosts[0] if len(hosts) == 1 else ""
    if not (OWN_ADDRESS.fullmatch(host) or OWN_NAME.fullmatch(host)):
        return "the local AWS is called 127.0.0.1 or localhost"
    if OWN_ADDRESS.fullmatch(host) and API.fullmatch(scope["path"]):
        return None
    if comes_from_another_site(headers, own_origin=f"{scope['scheme']}://{host}"):
        return "the local AWS takes no calls from web pages"
    return None


def comes_from_another_site(headers, own_origin):
    sites = {value.lower() for name, value in headers if name == b"sec-fetch-site"}
    if sites:
        # Says more than `Origin`, which a page that sends no referrer makes "null".
        return not sites <= {"same-origin", "none"}
    return any(name == b"origin" and value != own_origin for name, value in headers)


def refusing(app):
    """The ASGI application `app`, for callers of this machine only."""

    async def guarded(scope, receive, send):
        reason = reason_to_refuse(scope) if scope["type"] in ("http", "websocket") else None
        if reason is None:
            await app(scope, receive, send)
        elif scope["type"] == "websocket":
            # Before it was accepted: the server makes it a 403.
            await send({"type": "websocket.close"})
        else:
            await send({"type": "http.response.start", "status": 403,
                        "headers": [(b"content-type", b"text/plain")]})
            await send({"type": "http.response.body", "body": f"{reason}\n".encode()})

    return guarded
