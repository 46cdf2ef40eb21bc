"""The widget API in plain Python: one write with boto3."""

import json
import os
import uuid
from datetime import datetime, timezone

import boto3

TABLE = os.environ["WIDGETS_TABLE"]

dynamodb = boto3.client("dynamodb")


def handler(event, context):
    wanted = json.loads(event["body"])
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
    return {
        "statusCode": 201,
        "headers": {"content-type": "application/json", "location": f"/widgets/{widget['id']}"},
        "body": json.dumps(widget),
    }
