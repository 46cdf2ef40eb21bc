"""Hooks for schemathesis.

It sends the same few idempotency keys with ever other bodies, and the API rightly refuses that. So
each valid key is made unique; invalid ones stay as they are.
"""

import re
import uuid

import schemathesis

VALID_KEY = re.compile(r"[!#-+\--~]{1,255}")


@schemathesis.hook
def before_call(context, case, kwargs):
    key = (case.headers or {}).get("Idempotency-Key")
    if isinstance(key, str) and VALID_KEY.fullmatch(key):
        unique = str(uuid.uuid4())
        case.headers["Idempotency-Key"] = unique + key[len(unique) :]
