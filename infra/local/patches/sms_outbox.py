"""Texts that `Publish` sends to a phone number.

AWS stores the words of a text nowhere. MiniStack writes the number and the first 80
characters to its log, where a sign-in code would stay readable for as long as the log
is kept. Here the log only says that there was a text.

MiniStack shows what was sent at `/_ministack/sns/sms-messages`, by number and without
the time, so texts to several numbers could not be put in order. Here each has a
`Timestamp` in seconds since 1970, as the mails at `/_ministack/ses/messages` have.
"""

import time

from ministack.services import sns

LOGGED = "SNS SMS to %s: %s"


def without_words(record):
    """A log filter that keeps the line and drops the number and the text."""
    if record.msg == LOGGED:
        record.msg, record.args = "SNS SMS to a phone number", ()
    return True


def apply():
    sns.logger.addFilter(without_words)

    publish = sns._publish

    def publish_noting_time(params):
        answer = publish(params)
        number = sns._p(params, "PhoneNumber")
        if number and answer[0] == 200 and sns._sms_messages.get(number):
            sns._sms_messages[number][-1].setdefault("Timestamp", time.time())
        return answer

    sns._publish = publish_noting_time
