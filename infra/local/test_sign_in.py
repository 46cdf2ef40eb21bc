"""What signing in with a password and a texted code leans on, under IAM."""

import json
import time
import unittest
from concurrent.futures import ThreadPoolExecutor

from harness import Engine, eventually, function, route

from test_resources import TABLE

STACK = "sign-test"
# Not `Ref`, which gives the ARN on AWS and the name here.
SECRET_ARN = {"Fn::GetAtt": ["Secret", "Id"]}


def resources():
    return {
        "Api": {"Type": "AWS::Serverless::HttpApi"},
        "Users": {"Type": "AWS::DynamoDB::Table", "Properties": TABLE},
        "Limits": {"Type": "AWS::DynamoDB::Table", "Properties": TABLE},
        "Secret": {"Type": "AWS::SecretsManager::Secret", "Properties": {"GenerateSecretString": {
            "PasswordLength": 64, "ExcludePunctuation": True}}},
        "Allowed": function(
            Policies=[{"AWSSecretsManagerGetSecretValuePolicy": {"SecretArn": SECRET_ARN}}],
            Environment={"Variables": {"SECRET": SECRET_ARN}},
            Events={"Secret": route("/secret", "GET"), "Environment": route("/environment", "GET")}),
        "Queue": {"Type": "AWS::SQS::Queue"},
        "OnlyOverTls": {"Type": "AWS::SQS::QueuePolicy", "Properties": {
            "Queues": [{"Ref": "Queue"}], "PolicyDocument": {"Version": "2012-10-17", "Statement": [{
                "Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": "*",
                "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]}}},
        "Denied": function(Events={"Denied": route("/denied/{proxy+}", "GET")}),
    }


def setUpModule():
    global engine
    engine = Engine(AUTH="true")
    unittest.addModuleCleanup(engine.stop)
    engine.deploy(STACK, resources())


def refused(operation, **arguments):
    """The error that an operation answers: its code, and the whole answer."""
    with unittest.TestCase().assertRaises(Exception) as caught:
        operation(**arguments)
    answer = caught.exception.response
    return answer["Error"]["Code"], answer


class Texts(unittest.TestCase):
    def sent_to(self, number):
        messages = engine.request("GET", "/_ministack/sns/sms-messages").json()["sms_messages"]
        return messages.get(number, [])

    def test_a_text_can_be_read_with_its_time_and_is_not_logged(self):
        before = time.time()
        engine.client("sns").publish(PhoneNumber="+15550100", Message="Your code is 864209.")
        [sent] = self.sent_to("+15550100")
        self.assertEqual(sent["Message"], "Your code is 864209.")
        self.assertTrue(before <= sent["Timestamp"] <= time.time())
        log = engine.read_log()
        self.assertNotIn("864209", log)
        self.assertNotIn("+15550100", log)

    def test_numbers_of_the_simulator_fail(self):
        sns = engine.client("sns")
        for _ in range(3):
            code, answer = refused(sns.publish, PhoneNumber="+1555010601", Message="a")
            self.assertEqual((code, answer["ResponseMetadata"]["HTTPStatusCode"]), ("InvalidParameter", 400))
            code, answer = refused(sns.publish, PhoneNumber="+1555010801", Message="a")
            self.assertEqual((code, answer["ResponseMetadata"]["HTTPStatusCode"]), ("InternalError", 500))
        for number in ("+1555010701", "+1555010702"):
            for _ in range(2):
                self.assertEqual(refused(sns.publish, PhoneNumber=number, Message="a")[0], "InternalError")
            sns.publish(PhoneNumber=number, Message="a")
            sns.publish(PhoneNumber=number, Message="a")
            self.assertEqual(len(self.sent_to(number)), 2)
        self.assertEqual(self.sent_to("+1555010601") + self.sent_to("+1555010801"), [])


class Secrets(unittest.TestCase):
    def secret(self):
        arn = engine.api(STACK, "GET", "/environment").json()["SECRET"]
        return arn, engine.client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"]

    def test_it_is_generated_as_asked_and_stays(self):
        arn, first = self.secret()
        self.assertRegex(first, "^[A-Za-z0-9]{64}$")
        self.assertTrue(arn.startswith("arn:aws:secretsmanager:"))
        engine.deploy(STACK, {**resources(), "More": {"Type": "AWS::SQS::Queue"}}, "UPDATE_COMPLETE")
        self.assertEqual(self.secret(), (arn, first))

    def test_only_a_function_with_the_policy_reads_it(self):
        arn, secret = self.secret()
        self.assertEqual(engine.api(STACK, "GET", f"/secret?id={arn}").body.decode(), secret)
        name = engine.physical_id(STACK, "Denied")
        event = {"rawPath": "/secret", "queryStringParameters": {"id": arn}}
        answer = engine.client("lambda").invoke(FunctionName=name, Payload=json.dumps(event))
        self.assertIn("Unhandled", answer.get("FunctionError", ""))


class Queues(unittest.TestCase):
    def role(self, *actions):
        """The queues as somebody sees them who may do only this."""
        iam = engine.client("iam")
        name = f"role{time.monotonic_ns()}"
        trust = {"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "*"}}]}
        role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
        policy = {"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Action": list(actions), "Resource": "*"}]}
        iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=json.dumps(policy))
        keys = engine.client("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
        return engine.client("sqs", keys)

    def test_an_action_allows_its_batch(self):
        url = engine.physical_id(STACK, "Queue")
        entries = [{"Id": "1", "MessageBody": "a"}]
        sent = self.role("sqs:SendMessage").send_message_batch(QueueUrl=url, Entries=entries)
        self.assertEqual(len(sent["Successful"]), 1)
        denied = self.role("sqs:ReceiveMessage")
        self.assertEqual(refused(denied.send_message_batch, QueueUrl=url, Entries=entries)[0], "AccessDenied")

    def test_a_queue_for_tls_only_takes_calls_of_this_machine(self):
        # The policy of the queue denies what is not encrypted, whoever asks.
        url = engine.physical_id(STACK, "Queue")
        self.role("sqs:SendMessage").send_message(QueueUrl=url, MessageBody="a")


class Transactions(unittest.TestCase):
    def setUp(self):
        self.dynamodb = engine.client("dynamodb")
        self.users, self.limits = (engine.physical_id(STACK, name) for name in ("Users", "Limits"))

    def item(self, table, key):
        return self.dynamodb.get_item(TableName=table, Key={"id": {"S": key}}).get("Item")

    def count(self, key, limit, user):
        """Count one more, if the limit allows it and the user is not there yet."""
        return self.dynamodb.transact_write_items(TransactItems=[
            {"Update": {"TableName": self.limits, "Key": {"id": {"S": key}},
                        "UpdateExpression": "ADD used :one SET expires = :later",
                        "ConditionExpression": "attribute_not_exists(used) OR used < :limit",
                        "ExpressionAttributeValues": {":one": {"N": "1"}, ":limit": {"N": str(limit)},
                                                      ":later": {"N": "1"}},
                        "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}},
            {"Put": {"TableName": self.users, "Item": {"id": {"S": user}},
                     "ConditionExpression": "attribute_not_exists(id)",
                     "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}}])

    def test_a_cancelled_transaction_says_why_and_writes_nothing(self):
        self.count("cancelled", 1, "first")
        code, answer = refused(self.count, key="cancelled", limit=1, user="second")
        self.assertEqual(code, "TransactionCanceledException")
        full, fine = answer["CancellationReasons"]
        self.assertEqual((full["Code"], fine["Code"]), ("ConditionalCheckFailed", "None"))
        self.assertEqual(full["Item"]["used"], {"N": "1"})
        self.assertNotIn("Item", fine)
        self.assertIsNone(self.item(self.users, "second"))

        _code, answer = refused(self.count, key="other", limit=1, user="first")
        self.assertEqual([reason["Code"] for reason in answer["CancellationReasons"]],
                         ["None", "ConditionalCheckFailed"])
        self.assertEqual(answer["CancellationReasons"][1]["Item"], {"id": {"S": "first"}})
        self.assertIsNone(self.item(self.limits, "other"))

    def test_a_failed_condition_shows_the_item(self):
        code, answer = refused(
            self.dynamodb.update_item, TableName=self.limits, Key={"id": {"S": "absent"}},
            UpdateExpression="SET a = :a", ConditionExpression="attribute_exists(id)",
            ExpressionAttributeValues={":a": {"N": "1"}}, ReturnValuesOnConditionCheckFailure="ALL_OLD")
        self.assertEqual(code, "ConditionalCheckFailedException")
        self.assertNotIn("Item", answer)
        self.dynamodb.put_item(TableName=self.limits, Item={"id": {"S": "used up"}, "left": {"N": "0"}})
        code, answer = refused(
            self.dynamodb.update_item, TableName=self.limits, Key={"id": {"S": "used up"}},
            UpdateExpression="ADD #left :less", ConditionExpression="#left > :none",
            ExpressionAttributeNames={"#left": "left"},
            ExpressionAttributeValues={":less": {"N": "-1"}, ":none": {"N": "0"}},
            ReturnValuesOnConditionCheckFailure="ALL_OLD")
        self.assertEqual(answer["Item"], {"id": {"S": "used up"}, "left": {"N": "0"}})

    def test_a_limit_holds_whatever_arrives_at_once(self):
        def try_one(number):
            try:
                self.count("parallel", 5, f"parallel-{number}")
                return 1
            except self.dynamodb.exceptions.TransactionCanceledException:
                return 0

        with ThreadPoolExecutor(10) as threads:
            self.assertEqual(sum(threads.map(try_one, range(100))), 5)
        self.assertEqual(self.item(self.limits, "parallel")["used"], {"N": "5"})
        written = [self.item(self.users, f"parallel-{number}") for number in range(100)]
        self.assertEqual(sum(item is not None for item in written), 5)

    def test_a_batch_reads_two_tables(self):
        self.dynamodb.put_item(TableName=self.users, Item={"id": {"S": "a"}, "from": {"S": "users"}})
        self.dynamodb.put_item(TableName=self.limits, Item={"id": {"S": "b"}})
        keys = {"Keys": [{"id": {"S": "a"}}, {"id": {"S": "b"}}], "ConsistentRead": True}
        found = self.dynamodb.batch_get_item(RequestItems={self.users: keys, self.limits: keys})
        self.assertEqual(found["Responses"], {
            self.users: [{"id": {"S": "a"}, "from": {"S": "users"}}], self.limits: [{"id": {"S": "b"}}]})
        self.assertEqual(found["UnprocessedKeys"], {})


if __name__ == "__main__":
    unittest.main()
