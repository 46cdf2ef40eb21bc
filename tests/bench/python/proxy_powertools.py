"""The decorator with Powertools: routes, logs, and a JSON Schema that also fills in defaults."""

import os
import random

import requests
from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.utilities.validation import validate

API = os.environ["WIDGETS_URL"]
NAMES = ["calm-pearl", "brave-otter", "quiet-maple", "swift-heron"]
SCHEMA = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 100},
        "color": {"type": "string", "minLength": 1, "maxLength": 40, "default": "blue"},
    },
    "additionalProperties": False,
}

app = APIGatewayHttpResolver()
logger = Logger(service="proxy")
session = requests.Session()


@app.post("/decorated/widgets")
def create():
    widget = app.current_event.json_body
    if widget.get("name") is None:
        widget["name"] = f"{random.choice(NAMES)}-{random.randrange(10_000)}"
    widget = validate(event=widget, schema=SCHEMA)
    answer = session.post(f"{API}/widgets", json=widget, timeout=8)
    logger.info("request answered", status=answer.status_code)
    return Response(
        status_code=answer.status_code,
        content_type=answer.headers["content-type"],
        body=answer.text,
    )


@logger.inject_lambda_context
def handler(event, context):
    return app.resolve(event, context)
