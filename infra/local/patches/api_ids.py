"""HTTP APIs get an id that is known before they are deployed.

AWS makes up an opaque id of ten lower-case letters and digits. MiniStack makes
up eight hexadecimal digits. Neither can be known in advance, but a stack whose
function must call the stack's own API needs its local URL as a parameter.

Here an API that belongs to a CloudFormation stack gets this id:

    the stack name followed by the logical id,
    without everything that is not an ASCII letter or digit,
    in lower case, cut to its last 63 characters (the longest DNS label).

    faas-patterns + HttpApi  ->  faaspatternshttpapi
    http://faaspatternshttpapi.execute-api.localhost:4566/widgets
    http://127.0.0.1:4566/_aws/execute-api/faaspatternshttpapi/$default/widgets

Nothing but a local URL may depend on it: on AWS the id says nothing.
"""

import re

import ministack.app as gateway
from ministack.services import apigateway
from ministack.services.cloudformation import provisioners

LONGEST_DNS_LABEL = 63

# MiniStack's own way to ask for an id; the template need not know about it.
ID_TAG = "ms-custom-id"


def api_id(stack_name, logical_id):
    letters_and_digits = re.sub(r"[^a-z0-9]", "", (stack_name + logical_id).lower())
    return letters_and_digits[-LONGEST_DNS_LABEL:]


def apply():
    handler = provisioners._RESOURCE_HANDLERS["AWS::ApiGatewayV2::Api"]
    create = handler["create"]

    def created(logical_id, props, stack_name):
        tags = props.get("Tags") or {}
        if ID_TAG in tags:
            return create(logical_id, props, stack_name)
        tagged = {**props, "Tags": {**tags, ID_TAG: api_id(stack_name, logical_id)}}
        result = create(logical_id, tagged, stack_name)
        apigateway._apis[result[0]]["tags"].pop(ID_TAG, None)
        return result

    handler["create"] = created

    # MiniStack recognises only its own eight digits in a host name.
    if not gateway._EXECUTE_API_RE.match("faaspatternshttpapi.execute-api.localhost:1"):
        host = re.escape(gateway._MINISTACK_HOST)
        gateway._EXECUTE_API_RE = re.compile(rf"^([a-z0-9]+)\.execute-api\.{host}(?::\d+)?$")
