"""The codes with Powertools: its batch processor and its logs around the same calls."""

import json

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from two_factor import issue

logger = Logger(service="codes")
processor = BatchProcessor(event_type=EventType.SQS)


def record_handler(record):
    issue(json.loads(record.body))
    logger.info("record handled", message_id=record.message_id)


@logger.inject_lambda_context
def handler(event, context):
    return process_partial_response(
        event=event, record_handler=record_handler, processor=processor, context=context
    )
