"""What `ses:SendEmail` is asked for, under IAM.

AWS asks a policy for the identity that a mail comes from, with the address in the
condition key `ses:FromAddress`. MiniStack asks for the resource `*`, without the key, so
that a policy for identities, or for one sender, allows nothing.

The configuration set, which AWS asks for too, is not asked for here.
"""

import json
from email.utils import parseaddr

from ministack import app
from ministack.core.responses import get_account_id
from ministack.core.router import extract_region

SENDING = "/v2/email/outbound-emails"


def sender(path, body):
    """The address that a mail comes from; nothing if the request sends none."""
    if path.rstrip("/") != SENDING:
        return ""
    try:
        return parseaddr(json.loads(body or b"{}").get("FromEmailAddress") or "")[1]
    except (ValueError, AttributeError):
        return ""


def apply():
    enforce = app._enforce_ses_v2

    def enforce_for_sender(method, path, headers, body, query_params, request_id):
        address = sender(path, body)
        if not address:
            return enforce(method, path, headers, body, query_params, request_id)
        region = extract_region(headers, query_params)
        arn = f"arn:aws:ses:{region}:{get_account_id()}:identity/{address}"
        return app._enforce_data_plane(
            "sesv2", "ses:SendEmail", headers, query_params, request_id, resource_arn=arn,
            named_resource=arn, service_context={"ses:FromAddress": address})

    app._enforce_ses_v2 = enforce_for_sender
