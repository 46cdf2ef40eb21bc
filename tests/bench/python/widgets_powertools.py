"""The widget API with Powertools: routes, logs, validation and idempotency.

Like the function in Rust it writes three times for a request with a key: the claim, the widget,
and the record of the result.
"""

import json
import os
import uuid
from datetime import datetime, timezone

import boto3
from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
    idempotent_function,
)
from aws_lambda_powertools.utilities.validation import validate

TABLE = os.environ["WIDGETS_TABLE"]
SCHEMA = {
    "type": "object",
    "required": ["name", "color"],
    "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 100},
        "color": {"type": "string", "minLength": 1, "maxLength": 40},
    },
    "additionalProperties": False,
}

app = APIGatewayHttpResolver()
logger = Logger(service="widgets")
dynamodb = boto3.client("dynamodb")
records = DynamoDBPersistenceLayer(table_name=os.environ["IDEMPOTENCY_TABLE"], key_attr="pk")
config = IdempotencyConfig(event_key_jmespath="key", payload_validation_jmespath="widget")


@idempotent_function(data_keyword_argument="request", persistence_store=records, config=config)
def insert(request):
    wanted = request["widget"]
    widget = {
        "id": uuid.uuid4().hex,
        "name": wanted["name"],
        "color": wanted["color"],
        "createdAt": datetime.now(timezone.utc).isoformat(),
    }
    dynamodb.put_item(
        TableName=TABLE,
        Item={key: {"S": value} for key, value in widget.items()},
        ConditionExpression="attribute_not_exists(id)",
    )
    return widget


@app.post("/widgets")
def create():
    event = app.current_event
    wanted = validate(event=event.json_body, schema=SCHEMA)
    widget = insert(request={"key": event.headers["idempotency-key"], "widget": wanted})
    logger.info("request answered", status=201)
    return Response(
        status_code=201,
        content_type="application/json",
        headers={"location": f"/widgets/{widget['id']}"},
        body=json.dumps(widget),
    )


@logger.inject_lambda_context
def handler(event, context):
    config.register_lambda_context(context)
    return app.resolve(event, context)
