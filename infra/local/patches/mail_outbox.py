"""Mails that `SendEmail` of SES v2 sends.

AWS sends the headers of a mail, such as `List-Unsubscribe`, with it, and counts it under
its tags. MiniStack drops both, so what `/_ministack/ses/messages` shows could not be told
from a mail without. Here it has `Headers` and `Tags`, as lists of `Name` and `Value`, and
the `ConfigurationSetName`. And `?to=` picks the mails to one address.

MiniStack writes to its log who a mail goes to. Here the log only says that there was one.
"""

import json

from ministack import app
from ministack.services import ses_v2

SENDING = "/outbound-emails"


def without_people(record):
    """A log filter that keeps the line and drops the addresses."""
    if isinstance(record.msg, str) and record.msg.startswith("SESv2 SendEmail"):
        record.msg, record.args = "SES mail to an address", ()
    return True


def details(request):
    """What MiniStack does not keep of a request."""
    simple = (request.get("Content") or {}).get("Simple") or {}
    found = {"Headers": simple.get("Headers") or [], "Tags": request.get("EmailTags") or []}
    if request.get("ConfigurationSetName"):
        found["ConfigurationSetName"] = request["ConfigurationSetName"]
    return found


def shown(messages, known, to):
    """The mails of each account with their details; only those to an address, if there is one."""
    return {account: [{**mail, **known.get(mail["MessageId"], {})} for mail in mails
                      if to is None or to in mail["To"]]
            for account, mails in messages.items()}


def apply():
    ses_v2.logger.addFilter(without_people)
    handle, show = ses_v2.handle_request, app._handle_ses_messages_request
    known = {}

    async def handle_keeping_details(method, path, headers, body, query_params):
        answer = await handle(method, path, headers, body, query_params)
        if method == "POST" and path.rstrip("/").endswith(SENDING) and answer[0] == 200:
            known[json.loads(answer[2])["MessageId"]] = details(json.loads(body))
        return answer

    async def show_with_details(method, path, headers, query_params):
        answer = await show(method, path, headers, query_params)
        if answer is None or answer[0] != 200:
            return answer
        [to] = query_params.get("to", [None])
        document = {"messages": shown(json.loads(answer[2])["messages"], known, to)}
        return 200, answer[1], json.dumps(document).encode()

    ses_v2.handle_request = handle_keeping_details
    app._handle_ses_messages_request = show_with_details
