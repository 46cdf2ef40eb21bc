import json
import time
import unittest

from harness import Engine, eventually, function

from test_resources import TABLE

STACK = "batch-test"
BATCHED = {"FunctionResponseTypes": ["ReportBatchItemFailures"], "Enabled": True}


def setUpModule():
    global engine
    engine = Engine()
    unittest.addModuleCleanup(engine.stop)
    engine.deploy(STACK, {
        "Dead": {"Type": "AWS::SQS::Queue"},
        "Queue": {"Type": "AWS::SQS::Queue", "Properties": {
            "VisibilityTimeout": 1, "RedrivePolicy": {
                "deadLetterTargetArn": {"Fn::GetAtt": ["Dead", "Arn"]}, "maxReceiveCount": 2}}},
        "Table": {"Type": "AWS::DynamoDB::Table", "Properties": {
            **TABLE, "StreamSpecification": {"StreamViewType": "NEW_IMAGE"}}},
        "FromQueue": function(Events={"Queue": {"Type": "SQS", "Properties": {
            **BATCHED, "Queue": {"Fn::GetAtt": ["Queue", "Arn"]}}}}),
        "FromStream": function(Events={"Stream": {"Type": "DynamoDB", "Properties": {
            **BATCHED, "StartingPosition": "TRIM_HORIZON", "Stream": {"Fn::GetAtt": ["Table", "StreamArn"]}}}}),
    })


def deliveries(logical_id, text):
    """How often the function has been given a record that contains the text."""
    group = f"/aws/lambda/{engine.physical_id(STACK, logical_id)}"
    logs = engine.client("logs")
    try:
        events = logs.filter_log_events(logGroupName=group, filterPattern="")["events"]
    except logs.exceptions.ResourceNotFoundException:
        return 0
    return sum(text in e["message"] for e in events if e["message"].startswith("batch"))


class Queue(unittest.TestCase):
    def dead_letters(self):
        found = engine.client("sqs").receive_message(
            QueueUrl=engine.physical_id(STACK, "Dead"), MaxNumberOfMessages=10, VisibilityTimeout=0)
        return [message["Body"] for message in found.get("Messages", [])]

    def send(self, text):
        engine.client("sqs").send_message(QueueUrl=engine.physical_id(STACK, "Queue"), MessageBody=text)

    def test_answers_that_fail_the_batch_lead_to_the_dead_letter_queue(self):
        answers = [json.dumps(answer) for answer in (
            {"batchItemFailures": [{"itemIdentifier": ""}]},
            {"batchItemFailures": [{"itemIdentifier": None}]},
            {"batchItemFailures": [{"itemIdentifier": "unknown"}]},
            {"batchItemFailures": [{"identifier": "$id"}]},
            {"batchItemFailures": [{"itemIdentifier": "$id"}]},  # valid: fails this message
            ["no object"],
            {"otherKey": []},
        )]
        for answer in answers:
            self.send(answer)
            # Alone in its batch, or the others would answer for it.
            eventually(lambda: answer in self.dead_letters(), 30)

    def test_answers_that_mean_success_delete_the_message(self):
        for answer in ("null", "{}", '{"batchItemFailures": null}', '{"batchItemFailures": []}'):
            self.send(answer)
            eventually(lambda: deliveries("FromQueue", json.dumps(answer)))
        time.sleep(3)  # three times the visibility timeout
        for answer in ("null", "{}", '{"batchItemFailures": null}', '{"batchItemFailures": []}'):
            self.assertNotIn(answer, self.dead_letters())


class Stream(unittest.TestCase):
    def put(self, key, answer):
        engine.client("dynamodb").put_item(
            TableName=engine.physical_id(STACK, "Table"), Item={"id": {"S": key}, "answer": {"S": answer}})

    def test_a_failed_record_comes_again_and_a_fine_one_does_not(self):
        self.put("first", "fine")
        eventually(lambda: deliveries("FromStream", '"first"'))
        self.put("failed", '{"batchItemFailures": [{"itemIdentifier": "$id"}]}')
        eventually(lambda: deliveries("FromStream", '"failed"') >= 2, 30)
        self.assertEqual(deliveries("FromStream", '"first"'), 1)


if __name__ == "__main__":
    unittest.main()
