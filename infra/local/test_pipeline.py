"""What runs of pipelines lean on: a table's stream and index, a topic and its queues, a schedule,
mails, webhooks; under IAM."""

import json
import time
import unittest

from harness import Engine, eventually, function

STACK = "pipe-test"
TOPIC = {"Ref": "Topic"}
TLS_ONLY = {"Effect": "Deny", "Principal": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
FROM_TOPIC = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage",
              "Condition": {"ArnEquals": {"aws:SourceArn": TOPIC}}}
SENDER = "no-reply@example.com"


def attribute(logical_id, name):
    return {"Fn::GetAtt": [logical_id, name]}


def policy(*statements):
    return {"Version": "2012-10-17", "Statement": list(statements)}


def queue_of(step, allows):
    """A queue and its subscription; it gets what the topic sends only if it `allows` that."""
    name = step.title()
    statements = [{**TLS_ONLY, "Action": "sqs:*", "Resource": "*"}]
    if allows:
        statements.append({**FROM_TOPIC, "Resource": attribute(f"{name}Queue", "Arn")})
    return {
        f"{name}Queue": {"Type": "AWS::SQS::Queue"},
        f"{name}Policy": {"Type": "AWS::SQS::QueuePolicy", "Properties": {
            "Queues": [{"Ref": f"{name}Queue"}], "PolicyDocument": policy(*statements)}},
        f"{name}Subscription": {"Type": "AWS::SNS::Subscription", "Properties": {
            "TopicArn": TOPIC, "Protocol": "sqs", "Endpoint": attribute(f"{name}Queue", "Arn"),
            "RawMessageDelivery": True, "FilterPolicy": {"step": [step]},
            "RedrivePolicy": {"deadLetterTargetArn": attribute("Undelivered", "Arn")}}},
    }


def resources():
    return {
        "Runs": {"Type": "AWS::DynamoDB::Table", "Properties": {
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"}
                                     for name in ("pk", "sk", "state", "created")],
            "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            "GlobalSecondaryIndexes": [{
                "IndexName": "by-state",
                "KeySchema": [{"AttributeName": "state", "KeyType": "HASH"},
                              {"AttributeName": "created", "KeyType": "RANGE"}],
                "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["pipeline"]}}],
            "StreamSpecification": {"StreamViewType": "KEYS_ONLY"}}},
        "Advance": function(
            AutoPublishAlias="live",
            EventInvokeConfig={"MaximumRetryAttempts": 0},
            Events={"Sweep": {"Type": "Schedule", "Properties": {
                "Schedule": "rate(1 minute)",
                "RetryPolicy": {"MaximumEventAgeInSeconds": 300, "MaximumRetryAttempts": 3},
                "DeadLetterConfig": {"Arn": attribute("Undelivered", "Arn")}}}},
            Policies=[policy({"Effect": "Allow", "Resource": attribute("Runs", "StreamArn"), "Action": [
                "dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator",
                "dynamodb:ListStreams"]})]),
        "Mapping": {"Type": "AWS::Lambda::EventSourceMapping", "Properties": {
            "EventSourceArn": attribute("Runs", "StreamArn"), "FunctionName": {"Ref": "Advance.Alias"},
            "StartingPosition": "TRIM_HORIZON", "BatchSize": 100, "ParallelizationFactor": 4,
            "FunctionResponseTypes": ["ReportBatchItemFailures"], "BisectBatchOnFunctionError": True,
            "FilterCriteria": {"Filters": [{"Pattern": '{"eventName":["INSERT","MODIFY"]}'}]},
            "MaximumRetryAttempts": 10, "MaximumRecordAgeInSeconds": 900,
            "DestinationConfig": {"OnFailure": {"Destination": attribute("Undelivered", "Arn")}}}},
        "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"KmsMasterKeyId": "alias/aws/sns"}},
        "TopicPolicy": {"Type": "AWS::SNS::TopicPolicy", "Properties": {
            "Topics": [TOPIC], "PolicyDocument": policy({**TLS_ONLY, "Action": "sns:Publish", "Resource": TOPIC})}},
        "Undelivered": {"Type": "AWS::SQS::Queue"},
        **queue_of("mail", True),
        **queue_of("call", True),
        **queue_of("closed", False),
    }


def setUpModule():
    global engine, sqs, sns, dynamodb
    engine = Engine(AUTH="true")
    unittest.addModuleCleanup(engine.stop)
    engine.deploy(STACK, resources())
    sqs, sns, dynamodb = (engine.client(service) for service in ("sqs", "sns", "dynamodb"))


def as_role(service, *statements):
    """A client of a service that may do what the statements say."""
    iam = engine.client("iam")
    name = f"role{time.monotonic_ns()}"
    trust = policy({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "*"}})
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=json.dumps(policy(*statements)))
    keys = engine.client("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
    return engine.client(service, keys)


def refused(operation, **arguments):
    with unittest.TestCase().assertRaises(Exception) as caught:
        operation(**arguments)
    return caught.exception.response["Error"]["Code"]


def put(table, pk, sk, **attributes):
    dynamodb.put_item(TableName=table, Item={
        name: {"S": value} for name, value in {"pk": pk, "sk": sk, **attributes}.items()})


class Stream(unittest.TestCase):
    def lines(self):
        """What the function printed: one line a batch."""
        logs = engine.client("logs")
        group = f"/aws/lambda/{engine.physical_id(STACK, 'Advance')}"
        try:
            events = logs.filter_log_events(logGroupName=group, filterPattern="")["events"]
        except logs.exceptions.ResourceNotFoundException:
            return []
        return [event["message"] for event in events]

    def records(self, pk):
        batches = [json.loads(line[len("batch "):]) for line in self.lines() if line.startswith("batch ")]
        found = [record for batch in batches for record in batch]
        return [record for record in found if record["dynamodb"]["Keys"]["pk"]["S"] == pk]

    def test_each_write_of_a_transaction_is_told_by_its_keys_alone(self):
        table = engine.physical_id(STACK, "Runs")
        dynamodb.transact_write_items(TransactItems=[
            {"Put": {"TableName": table, "Item": {
                "pk": {"S": "run#1"}, "sk": {"S": sk}, "answer": {"S": "fine"}, "email": {"S": "ada"}}}}
            for sk in ("run", "step#mail")])
        dynamodb.update_item(
            TableName=table, Key={"pk": {"S": "run#1"}, "sk": {"S": "step#mail"}},
            UpdateExpression="SET #s = :done", ExpressionAttributeNames={"#s": "state"},
            ExpressionAttributeValues={":done": {"S": "done"}})
        # Neither what changes nothing nor what is deleted moves a run.
        dynamodb.delete_item(TableName=table, Key={"pk": {"S": "run#1"}, "sk": {"S": "run"}})
        put(table, "run#2", "run", answer="fine")
        eventually(lambda: self.records("run#2"))
        records = self.records("run#1")
        self.assertEqual([(r["eventName"], r["dynamodb"]["Keys"]["sk"]["S"]) for r in records],
                         [("INSERT", "run"), ("INSERT", "step#mail"), ("MODIFY", "step#mail")])
        for record in records:
            self.assertEqual(record["dynamodb"]["StreamViewType"], "KEYS_ONLY")
            self.assertFalse({"NewImage", "OldImage"} & set(record["dynamodb"]))
            self.assertTrue(record["dynamodb"]["SequenceNumber"])


class Schedule(unittest.TestCase):
    def test_the_function_is_told_the_time(self):
        group = f"/aws/lambda/{engine.physical_id(STACK, 'Advance')}"

        def sweeps():
            events = engine.client("logs").filter_log_events(logGroupName=group, filterPattern="")["events"]
            return [json.loads(e["message"][len("event "):]) for e in events if e["message"].startswith("event ")]

        [event, *_] = eventually(sweeps, 90)
        self.assertEqual((event["detail-type"], event["source"]), ("Scheduled Event", "aws.events"))


class Index(unittest.TestCase):
    def test_runs_are_listed_by_state_and_start_in_pages(self):
        table = engine.physical_id(STACK, "Runs")
        for number in range(5):
            put(table, f"run#i{number}", "run", state="failed", pipeline="sign-up",
                created=f"2026-01-01T00:00:0{number}.000Z", email="ada")
            put(table, f"run#i{number}", "step#mail", state="failed")
        query = {"TableName": table, "IndexName": "by-state", "KeyConditionExpression": "#s = :failed",
                 "ExpressionAttributeNames": {"#s": "state"}, "ScanIndexForward": False,
                 "ExpressionAttributeValues": {":failed": {"S": "failed"}}, "Limit": 3}
        first = dynamodb.query(**query)
        self.assertEqual([item["pk"]["S"] for item in first["Items"]], ["run#i4", "run#i3", "run#i2"])
        self.assertEqual(set(first["Items"][0]), {"pk", "sk", "state", "created", "pipeline"})
        self.assertEqual(set(first["LastEvaluatedKey"]), {"pk", "sk", "state", "created"})
        second = dynamodb.query(**query, ExclusiveStartKey=first["LastEvaluatedKey"])
        self.assertEqual([item["pk"]["S"] for item in second["Items"]], ["run#i1", "run#i0"])

        # The table and its index are allowed apart.
        arn = f"arn:aws:dynamodb:us-east-1:000000000000:table/{table}"
        may = {"Effect": "Allow", "Action": "dynamodb:Query"}
        as_role("dynamodb", {**may, "Resource": f"{arn}/index/by-state"}).query(**query)
        only_table = as_role("dynamodb", {**may, "Resource": arn})
        self.assertEqual(refused(only_table.query, **query), "AccessDeniedException")


class Topic(unittest.TestCase):
    def receive(self, logical_id):
        found = sqs.receive_message(
            QueueUrl=engine.physical_id(STACK, logical_id), MaxNumberOfMessages=10, VisibilityTimeout=0,
            MessageAttributeNames=["All"])
        return [(message["Body"], message["MessageAttributes"]["step"]["StringValue"])
                for message in found.get("Messages", [])]

    def entry(self, step, body):
        return {"Id": step, "Message": body,
                "MessageAttributes": {"step": {"DataType": "String", "StringValue": step}}}

    def test_each_queue_gets_its_steps_as_they_were_published(self):
        topic = engine.physical_id(STACK, "Topic")
        body = '{"data": {"run": "1"}}'
        may = as_role("sns", {"Effect": "Allow", "Action": "sns:Publish", "Resource": topic})
        entries = [self.entry(step, body) for step in ("mail", "call", "closed", "unknown")]
        answer = may.publish_batch(TopicArn=topic, PublishBatchRequestEntries=entries)
        self.assertEqual(len(answer["Successful"]), 4)
        self.assertEqual(eventually(lambda: self.receive("MailQueue")), [(body, "mail")])
        self.assertEqual(eventually(lambda: self.receive("CallQueue")), [(body, "call")])
        # Its policy does not let the topic send.
        self.assertEqual(self.receive("ClosedQueue"), [])

    def test_a_topic_takes_messages_of_those_who_may_send_them_only(self):
        topic = engine.physical_id(STACK, "Topic")
        other = as_role("sns", {"Effect": "Allow", "Action": "sns:Publish", "Resource": f"{topic}-other"})
        self.assertIn(refused(other.publish, TopicArn=topic, Message="a"), ("AuthorizationError", "AccessDenied"))


class Mails(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.ses = engine.client("sesv2")
        cls.ses.create_email_identity(EmailIdentity=SENDER)
        arn = "arn:aws:ses:us-east-1:000000000000:identity/*"
        cls.may = as_role("sesv2", {
            "Effect": "Allow", "Action": "ses:SendEmail", "Resource": arn,
            "Condition": {"StringEquals": {"ses:FromAddress": SENDER}}})

    def mail(self, to, sender=SENDER):
        return {
            "FromEmailAddress": sender, "Destination": {"ToAddresses": [to]},
            "Content": {"Simple": {
                "Subject": {"Data": "Hello"}, "Body": {"Text": {"Data": "text"}, "Html": {"Data": "<p>html</p>"}},
                "Headers": [{"Name": "List-Unsubscribe", "Value": "<https://example.com/u>"}]}},
            "EmailTags": [{"Name": "step", "Value": "email-user"}]}

    def sent_to(self, to):
        found = engine.request("GET", f"/_ministack/ses/messages?to={to}").json()["messages"]
        return [mail for mails in found.values() for mail in mails]

    def test_a_mail_can_be_read_with_its_headers_and_is_not_logged(self):
        answer = self.may.send_email(**self.mail("ada-mail@example.org"))
        [mail] = self.sent_to("ada-mail@example.org")
        self.assertEqual(mail["MessageId"], answer["MessageId"])
        self.assertEqual((mail["Subject"], mail["BodyText"], mail["BodyHtml"]), ("Hello", "text", "<p>html</p>"))
        self.assertEqual(mail["Headers"], [{"Name": "List-Unsubscribe", "Value": "<https://example.com/u>"}])
        self.assertEqual(mail["Tags"], [{"Name": "step", "Value": "email-user"}])
        self.assertEqual(self.sent_to("bob-mail@example.org"), [])
        self.assertNotIn("ada-mail", engine.read_log())

    def test_who_may_mail_from_one_address_may_not_from_others(self):
        other = self.mail("ada@example.org", sender="other@example.com")
        self.assertEqual(refused(self.may.send_email, **other), "AccessDeniedException")
        nobody = as_role("sesv2", {"Effect": "Allow", "Action": "ses:GetAccount", "Resource": "*"})
        self.assertEqual(refused(nobody.send_email, **self.mail("ada@example.org")), "AccessDeniedException")

    def test_an_address_that_is_not_verified_sends_nothing(self):
        other = self.mail("ada@example.org", sender="other@example.net")
        self.assertEqual(refused(self.ses.send_email, **other), "MessageRejected")

    def test_addresses_of_the_simulator_fail(self):
        for behaviour, code in (("refused", "MessageRejected"), ("limited", "TooManyRequestsException"),
                                ("broken", "InternalServiceErrorException")):
            always, twice = f"{behaviour}.ada@simulator.example", f"{behaviour}-2.ada@simulator.example"
            for address in (always, always, always, twice, twice):
                self.assertEqual(refused(self.ses.send_email, **self.mail(address)), code)
            self.ses.send_email(**self.mail(twice))
            self.assertEqual((len(self.sent_to(always)), len(self.sent_to(twice))), (0, 1))


class Webhooks(unittest.TestCase):
    def post(self, run, email):
        body = json.dumps({"run": run, "context": {"email": email}})
        return engine.request("POST", "/_ministack/webhooks", body.encode(), [("Webhook-Id", "7")]).status

    def calls(self, run):
        found = engine.request("GET", f"/_ministack/webhooks?run={run}").json()["webhooks"]
        return [(json.loads(call["Body"])["run"], call["Headers"]["webhook-id"], call["Status"]) for call in found]

    def test_what_is_posted_can_be_read(self):
        self.assertEqual(self.post("1", "ada@example.com"), 204)
        self.assertEqual(self.post("2", "ada@example.com"), 204)
        self.assertEqual(self.calls("1"), [("1", "7", 204)])

    def test_addresses_of_the_simulator_say_what_is_answered(self):
        self.assertEqual([self.post("3", "busy-2.ada@simulator.example") for _ in range(3)], [503, 503, 204])
        self.assertEqual([self.post("4", "gone.ada@simulator.example") for _ in range(3)], [410] * 3)
        self.assertEqual(len(self.calls("3")), 3)


if __name__ == "__main__":
    unittest.main()
