"""Fills and validates a document again and again: bytes in, bytes out.

`fill.py SCHEMA DOCUMENT TIMES RESULT` prints nanoseconds a time, the median of ten parts.
"""

import json
import statistics
import sys
import time

import fastjsonschema

PARTS = 10

schema, document, times, result = sys.argv[1:5]
with open(schema, "rb") as file:
    validate = fastjsonschema.compile(json.load(file))
with open(document, "rb") as file:
    document = file.read()
times = -(-int(times) // PARTS)


def fill():
    return json.dumps(validate(json.loads(document)), separators=(",", ":")).encode()


parts = []
for _ in range(PARTS):
    started = time.perf_counter_ns()
    for _ in range(times):
        filled = fill()
    parts.append((time.perf_counter_ns() - started) // times)
print(int(statistics.median(parts)))
with open(result, "wb") as file:
    file.write(filled)
