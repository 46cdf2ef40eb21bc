"""A function for the tests: does what the path of the request, or the message, tells it to.

Deployed as `bootstrap`; speaks the Lambda Runtime API.
"""

import base64
import http.client
import json
import os
import time

connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])


def runtime(method, path, body=None):
    connection.request(method, f"/2018-06-01/runtime/invocation/{path}", body)
    response = connection.getresponse()
    return response.status, response.headers, response.read()


def answer_request(path, event):
    if path == "/fail":
        raise RuntimeError("a secret detail")
    if path == "/exit":
        os._exit(1)
    if path == "/nonsense":
        return {"statusCode": 200, "headers": "none"}
    if path == "/slow":
        time.sleep(3)
    if path == "/large":
        return {"statusCode": 200, "body": "x" * 6_400_000}
    if path == "/size":
        return {"statusCode": 200, "body": str(len(event.get("body") or ""))}
    if path == "/binary":
        return {"statusCode": 200, "isBase64Encoded": True, "cookies": ["a=1", "b=2; HttpOnly"],
                "headers": {"content-type": "image/png"},
                "body": base64.b64encode(b"\x89PNG\xff").decode()}
    if path == "/secret":
        import boto3  # slow to load, and only this one needs it
        found = boto3.client("secretsmanager").get_secret_value(SecretId=event["queryStringParameters"]["id"])
        return {"statusCode": 200, "body": found["SecretString"]}
    if path == "/environment":
        return {"statusCode": 200, "body": json.dumps(dict(os.environ))}
    return {"statusCode": 200, "body": json.dumps(event)}


def answer_records(records):
    """The answer to a batch is what its records ask for, as JSON in $id's place their identifier."""
    print("batch", json.dumps(records), flush=True)
    for record in records:
        image = record.get("dynamodb", {}).get("NewImage", {"answer": {"S": "fine"}})
        text = record.get("body") or image["answer"]["S"]
        if text == "slow":
            time.sleep(3)
        elif text != "fine":
            identifier = record.get("messageId") or record["dynamodb"]["SequenceNumber"]
            return json.loads(text.replace("$id", identifier))
    return {"batchItemFailures": []}


while True:
    status, headers, payload = runtime("GET", "next")
    if status != 200:
        break
    request_id = headers["Lambda-Runtime-Aws-Request-Id"]
    event = json.loads(payload)
    try:
        if "Records" in event:
            result = answer_records(event["Records"])
        elif "detail-type" in event:
            print("event", json.dumps(event), flush=True)
            result = None
        else:
            result = answer_request(event.get("rawPath", ""), event)
        runtime("POST", f"{request_id}/response", json.dumps(result))
    except RuntimeError as error:
        runtime("POST", f"{request_id}/error",
                json.dumps({"errorType": "Error", "errorMessage": str(error)}))
