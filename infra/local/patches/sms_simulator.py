"""Phone numbers that cannot be texted. A test aid, not a gap of MiniStack.

AWS has numbers that simulate failures for its newer text messaging service, and none
for `Publish` of SNS, so what a function does when a text fails could not be tried out.
These numbers, of the range that is set aside for fiction, answer `Publish` so:

    +15550106dd    400 InvalidParameter: the owner has opted out of texts
    +15550107dd    500 InternalError the first two times, then texts are delivered
    +15550108dd    500 InternalError always
"""

import re

from ministack.services import sns

OPTED_OUT = re.compile(r"\+15550106\d\d")
SLOW_TO_RECOVER = re.compile(r"\+15550107\d\d")
BROKEN = re.compile(r"\+15550108\d\d")

FAILURES_BEFORE_RECOVERY = 2


def simulated_answer(number, failures):
    """The error this number answers, or `None`. `failures` counts those of each number."""
    if OPTED_OUT.fullmatch(number):
        return sns._error("InvalidParameter", "Invalid parameter: PhoneNumber Reason: is opted out", 400)
    recovers = SLOW_TO_RECOVER.fullmatch(number)
    if BROKEN.fullmatch(number) or (recovers and failures.get(number, 0) < FAILURES_BEFORE_RECOVERY):
        failures[number] = failures.get(number, 0) + 1
        return sns._error("InternalError", "Internal Error", 500)
    return None


def apply():
    publish = sns._publish
    failures = {}

    def publish_or_fail(params):
        return simulated_answer(sns._p(params, "PhoneNumber"), failures) or publish(params)

    sns._publish = publish_or_fail
