"""Hooks for schemathesis.

It sends the same few idempotency keys with ever other bodies, and the API rightly refuses that. So
each valid key is made unique; invalid ones stay as they are. It also likes passwords that others
like, which the API refuses as well: valid ones are made hard to guess.
"""

import re
import uuid

import schemathesis

VALID_KEY = re.compile(r"[!#-+\--~]{1,255}")
VALID_PASSWORD = range(8, 257)


@schemathesis.hook
def before_call(context, case, kwargs):
    key = (case.headers or {}).get("Idempotency-Key")
    if isinstance(key, str) and VALID_KEY.fullmatch(key):
        unique = str(uuid.uuid4())
        case.headers["Idempotency-Key"] = unique + key[len(unique) :]
    password = case.body.get("password") if isinstance(case.body, dict) else None
    if case.operation.path == "/users" and isinstance(password, str) and len(password) in VALID_PASSWORD:
        case.body["password"] = uuid.uuid4().hex[:8] + password[8:]
