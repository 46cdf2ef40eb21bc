"""The sign-in in plain Python, after the password: the page, the code, the session, with boto3."""

import hashlib
import hmac
import json
import os
import re
import secrets
import time
from datetime import datetime, timezone

import boto3

TABLE = os.environ["SIGN_IN_TABLE"]
MAX_ATTEMPTS = int(os.environ["MAX_CODE_ATTEMPTS"])
SESSION_TTL = 28_800
CONVERTED = -5
DAY = 86_400
PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Sign in</title>
<link rel="stylesheet" href="/login/assets/style.css"></head>
<body><main><h1>Sign in</h1><form id="sign-in" method="post" action="/login">
<label for="username">User name</label>
<input id="username" name="username" autocomplete="username" required>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required>
<button id="submit">Sign in</button></form></main></body></html>
"""
CODE = re.compile("/login/([0-9a-f]{32})/code")
PREFIX = re.compile(r"\+(1\d{3}|7|[2-9]\d)")

dynamodb = boto3.client("dynamodb")
secret = boto3.client("secretsmanager").get_secret_value(SecretId=os.environ["SIGN_IN_KEY_ARN"])
key = secret["SecretString"].encode()


def mac(*parts):
    digest = hmac.new(key, digestmod=hashlib.sha256)
    for part in parts:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part.encode())
    return digest.hexdigest()


def answer(status, body):
    return {
        "statusCode": status,
        "headers": {"content-type": "application/json", "cache-control": "no-store"},
        "body": json.dumps(body),
    }


def verify(challenge, code):
    now = int(time.time())
    pk = {"pk": {"S": f"challenge#{challenge}"}}
    try:
        taken = dynamodb.update_item(
            TableName=TABLE,
            Key=pk,
            UpdateExpression="SET attempts = attempts + :one",
            ConditionExpression="expires > :now AND code_expires > :now AND attempts < :max",
            ExpressionAttributeValues={
                ":one": {"N": "1"},
                ":now": {"N": str(now)},
                ":max": {"N": str(MAX_ATTEMPTS)},
            },
            ReturnValues="ALL_NEW",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )["Attributes"]
    except dynamodb.exceptions.ConditionalCheckFailedException:
        return answer(404, {"type": "no-sign-in"})
    username, kept = taken["username"]["S"], taken["code_mac"]["S"]
    if not hmac.compare_digest(kept, mac("code", challenge, username, code)):
        return answer(401, {"type": "wrong-code"})
    token = secrets.token_hex(32)
    expires = now + SESSION_TTL
    country = PREFIX.match(taken["phone"]["S"]).group(1)
    session = {
        "pk": {"S": "session#" + hashlib.sha256(token.encode()).hexdigest()},
        "username": {"S": username},
        "expires": {"N": str(expires)},
    }
    delete = {
        "TableName": TABLE,
        "Key": pk,
        "ConditionExpression": "code_mac = :guessed",
        "ExpressionAttributeValues": {":guessed": {"S": kept}},
    }
    convert = {
        "TableName": TABLE,
        "Key": {"pk": {"S": f"country#{country}#{now // DAY}"}},
        "UpdateExpression": "SET expires = :ends ADD unconverted :converted",
        "ExpressionAttributeValues": {
            ":ends": {"N": str((now // DAY + 1) * DAY)},
            ":converted": {"N": str(CONVERTED)},
        },
    }
    try:
        dynamodb.transact_write_items(
            TransactItems=[
                {"Delete": delete},
                {"Put": {"TableName": TABLE, "Item": session}},
                {"Update": convert},
            ]
        )
    except dynamodb.exceptions.TransactionCanceledException:
        return answer(410, {"type": "code-expired"})
    until = datetime.fromtimestamp(expires, timezone.utc).isoformat()
    signed_in = answer(200, {"username": username, "token": token, "expiresAt": until})
    signed_in["cookies"] = [
        f"__Host-session={token}; Path=/; Max-Age={SESSION_TTL}; HttpOnly; Secure; SameSite=Lax"
    ]
    return signed_in


def me(event):
    token = event["headers"]["authorization"].removeprefix("Bearer ")
    pk = "session#" + hashlib.sha256(token.encode()).hexdigest()
    found = dynamodb.get_item(TableName=TABLE, Key={"pk": {"S": pk}}, ConsistentRead=True)
    session = found.get("Item")
    if session is None or int(session["expires"]["N"]) <= time.time():
        return answer(401, {"type": "not-signed-in"})
    until = datetime.fromtimestamp(int(session["expires"]["N"]), timezone.utc).isoformat()
    return answer(200, {"username": session["username"]["S"], "expiresAt": until})


def handler(event, context):
    path = event["rawPath"]
    if path == "/login":
        return {
            "statusCode": 200,
            "headers": {"content-type": "text/html; charset=utf-8", "cache-control": "no-store"},
            "body": PAGE,
        }
    if path == "/me":
        return me(event)
    guess = CODE.fullmatch(path)
    if guess is None:
        return answer(404, {"type": "no-route"})
    return verify(guess.group(1), json.loads(event["body"])["code"])
