"""The codes in plain Python: a partial batch response of our own, and boto3."""

import hashlib
import hmac
import json
import os
import secrets
import time

import boto3

TABLE = os.environ["SIGN_IN_TABLE"]
HOST = os.environ["SIGN_IN_HOST"]
COUNTRIES = tuple("+" + code for code in os.environ["ALLOWED_COUNTRY_CODES"].split(","))
CODE_TTL = 300
PER_PHONE, PER_DAY, PER_COUNTRY, UNCONVERTED = 10, 1000, 200, 50
LEASE = 4
DAY = 86_400

dynamodb = boto3.client("dynamodb")
sns = boto3.client("sns")
secret = boto3.client("secretsmanager").get_secret_value(SecretId=os.environ["SIGN_IN_KEY_ARN"])
key = secret["SecretString"].encode()


def mac(*parts):
    digest = hmac.new(key, digestmod=hashlib.sha256)
    for part in parts:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part.encode())
    return digest.hexdigest()


def counter(pk, now, most):
    return {
        "TableName": TABLE,
        "Key": {"pk": {"S": pk}},
        "UpdateExpression": "SET expires = :ends ADD codes :one",
        "ConditionExpression": "attribute_not_exists(codes) OR codes < :max",
        "ExpressionAttributeValues": {
            ":ends": {"N": str((now // DAY + 1) * DAY)},
            ":one": {"N": "1"},
            ":max": {"N": str(most)},
        },
    }


def register(pk, challenge, kept, now):
    phone, day = challenge["phone"]["S"], now // DAY
    country = phone[1:5] if phone.startswith("+1") else phone[1:3]
    take_up = {
        "TableName": TABLE,
        "Key": pk,
        "UpdateExpression": "SET delivery = :sending, lease_ends = :lease_ends, code_mac = :mac, "
        "code_expires = :code_expires, counted = :number",
        "ConditionExpression": "#number = :number AND expires > :now AND (delivery = :requested "
        "OR (delivery = :sending AND lease_ends <= :now_millis)) AND counted < :number",
        "ExpressionAttributeNames": {"#number": "number"},
        "ExpressionAttributeValues": {
            ":number": challenge["number"],
            ":now": {"N": str(now)},
            ":now_millis": {"N": str(now * 1000)},
            ":requested": {"S": "requested"},
            ":sending": {"S": "sending"},
            ":lease_ends": {"N": str((now + LEASE) * 1000)},
            ":mac": {"S": kept},
            ":code_expires": {"N": str(now + CODE_TTL)},
        },
    }
    of_country = counter(f"country#{country}#{day}", now, PER_COUNTRY)
    of_country["UpdateExpression"] += ", unconverted :one"
    of_country["ConditionExpression"] = (
        "(attribute_not_exists(codes) OR codes < :max) "
        "AND (attribute_not_exists(unconverted) OR unconverted < :max_unconverted)"
    )
    of_country["ExpressionAttributeValues"][":max_unconverted"] = {"N": str(UNCONVERTED)}
    of_country["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
    pseudonym = mac("counter", "phone", phone)[:32]
    dynamodb.transact_write_items(
        TransactItems=[
            {"Update": take_up},
            {"Update": counter(f"limit#phone#{pseudonym}#{day}", now, PER_PHONE)},
            {"Update": counter(f"limit#day#all#{day}", now, PER_DAY)},
            {"Update": of_country},
        ]
    )


def issue(event):
    """Makes a code, registers it, texts it, and writes down that it was sent."""
    name, number = event["data"]["challenge"], event["data"]["number"]
    now = int(time.time())
    pk = {"pk": {"S": f"challenge#{name}"}}
    found = dynamodb.get_item(TableName=TABLE, Key=pk, ConsistentRead=True)
    challenge = found.get("Item")
    if challenge is None or int(challenge["expires"]["N"]) <= now:
        return
    if int(challenge["number"]["N"]) != number or challenge["delivery"]["S"] != "requested":
        return
    phone = challenge["phone"]["S"]
    if not phone.startswith(COUNTRIES):
        return
    code = f"{secrets.randbelow(1_000_000):06}"
    kept = mac("code", name, challenge["username"]["S"], code)
    register(pk, challenge, kept, now)
    sns.publish(
        PhoneNumber=phone,
        Message=f"Your sign-in code is {code}. It is valid for {CODE_TTL // 60} min. "
        f"Never share it.\n\n@{HOST} #{code}",
        MessageAttributes={
            "AWS.SNS.SMS.SMSType": {"DataType": "String", "StringValue": "Transactional"}
        },
    )
    dynamodb.update_item(
        TableName=TABLE,
        Key=pk,
        UpdateExpression="SET delivery = :sent REMOVE lease_ends",
        ConditionExpression="#number = :number AND delivery <> :sent AND code_mac = :mac",
        ExpressionAttributeNames={"#number": "number"},
        ExpressionAttributeValues={
            ":number": challenge["number"],
            ":sent": {"S": "sent"},
            ":mac": {"S": kept},
        },
    )


def handler(event, context):
    failures = []
    for record in event["Records"]:
        try:
            issue(json.loads(record["body"]))
        except Exception as error:
            print(json.dumps({"message": "record failed", "cause": type(error).__name__}))
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}
