"""What a function does with the messages of its queue, and the queue with them."""

import json
import os
import signal
import subprocess
import time
import unittest
from pathlib import Path

from harness import Engine, eventually, function

STACK = "queue-test"
VISIBILITY = 4


def setUpModule():
    global engine
    engine = Engine()
    unittest.addModuleCleanup(engine.stop)
    engine.deploy(STACK, {
        "Dead": {"Type": "AWS::SQS::Queue"},
        "Queue": {"Type": "AWS::SQS::Queue", "Properties": {
            "VisibilityTimeout": VISIBILITY, "RedrivePolicy": {
                "deadLetterTargetArn": {"Fn::GetAtt": ["Dead", "Arn"]}, "maxReceiveCount": 5}}},
        "Consumer": function(Events={"Queue": {"Type": "SQS", "Properties": {
            "BatchSize": 1, "FunctionResponseTypes": ["ReportBatchItemFailures"],
            "Queue": {"Fn::GetAtt": ["Queue", "Arn"]}}}}),
    })


class Queue(unittest.TestCase):
    def setUp(self):
        self.sqs = engine.client("sqs")
        self.url = engine.physical_id(STACK, "Queue")

    def send(self, text):
        return self.sqs.send_message(QueueUrl=self.url, MessageBody=text)["MessageId"]

    def deliveries(self, message):
        """The records with which the function was given the message, in order."""
        logs = engine.client("logs")
        group = f"/aws/lambda/{engine.physical_id(STACK, 'Consumer')}"
        try:
            events = logs.filter_log_events(logGroupName=group, filterPattern="")["events"]
        except logs.exceptions.ResourceNotFoundException:
            return []
        batches = [json.loads(e["message"][len("batch "):]) for e in events if e["message"].startswith("batch ")]
        return [record for batch in batches for record in batch if record["messageId"] == message]

    def delivered(self, message, times):
        return eventually(lambda: (found := self.deliveries(message))[times - 1:] and found, 30)

    def count(self, name):
        return int(self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=[name])["Attributes"][name])

    def is_empty(self):
        return not (self.count("ApproximateNumberOfMessages") + self.count("ApproximateNumberOfMessagesNotVisible"))

    def mapping(self):
        name = engine.physical_id(STACK, "Consumer")
        return engine.client("lambda").list_event_source_mappings(FunctionName=name)["EventSourceMappings"][0]["UUID"]

    def enable(self, enabled):
        engine.client("lambda").update_event_source_mapping(UUID=self.mapping(), Enabled=enabled)

    FAILS = '{"batchItemFailures": [{"itemIdentifier": "$id"}]}'

    def test_a_failed_message_is_counted_and_ends_in_the_dead_letter_queue(self):
        before = int(time.time() * 1000)
        message = self.send(self.FAILS)
        for times in range(1, 6):
            record = self.delivered(message, times)[-1]
            self.assertEqual(record["attributes"]["ApproximateReceiveCount"], str(times))
            self.assertTrue(before <= int(record["attributes"]["SentTimestamp"]) <= int(time.time() * 1000))
            # As the function does it, to come back sooner.
            self.sqs.change_message_visibility(
                QueueUrl=self.url, ReceiptHandle=record["receiptHandle"], VisibilityTimeout=0)
        dead = engine.physical_id(STACK, "Dead")
        [letter] = eventually(lambda: self.sqs.receive_message(
            QueueUrl=dead, MessageSystemAttributeNames=["All"]).get("Messages"))
        self.assertEqual((letter["MessageId"], letter["Body"]), (message, self.FAILS))
        self.assertEqual(len(self.deliveries(message)), 5)

    def test_a_function_sets_when_its_message_comes_back(self):
        for change in (self.one_by_one, self.as_a_batch):
            message = self.send(self.FAILS)
            [first] = self.delivered(message, 1)
            started = time.monotonic()
            change(first["receiptHandle"], 2)
            second = self.delivered(message, 2)[-1]
            self.assertTrue(1.5 < time.monotonic() - started < VISIBILITY, change)
            change(second["receiptHandle"], 0)
            started = time.monotonic()
            third = self.delivered(message, 3)[-1]
            self.assertLess(time.monotonic() - started, 2)
            self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=third["receiptHandle"])

    def one_by_one(self, handle, seconds):
        self.sqs.change_message_visibility(QueueUrl=self.url, ReceiptHandle=handle, VisibilityTimeout=seconds)

    def as_a_batch(self, handle, seconds):
        answer = self.sqs.change_message_visibility_batch(QueueUrl=self.url, Entries=[
            {"Id": "known", "ReceiptHandle": handle, "VisibilityTimeout": seconds},
            {"Id": "unknown", "ReceiptHandle": "no such handle", "VisibilityTimeout": seconds}])
        self.assertEqual([entry["Id"] for entry in answer["Successful"]], ["known"])
        self.assertEqual([entry["Id"] for entry in answer["Failed"]], ["unknown"])

    @unittest.skipUnless(Path("/proc").is_dir(), "the processes of a function are found in /proc")
    def test_a_killed_function_gets_its_message_again(self):
        for _ in range(2):
            message = self.send("slow")
            started = time.monotonic()
            eventually(self.is_running)
            time.sleep(0.5)
            killed = self.processes()
            for process in killed:
                os.kill(process, signal.SIGKILL)
            self.delivered(message, 2)
            self.assertGreater(time.monotonic() - started, VISIBILITY)
            self.assertFalse(killed & self.processes())
            eventually(self.is_empty)

    def is_running(self):
        return self.count("ApproximateNumberOfMessagesNotVisible") == 1 and self.processes()

    def processes(self):
        listing = subprocess.run(["ps", "-Ao", "pid=,args="], capture_output=True, text=True, check=True).stdout
        running = [line.split(None, 1) for line in listing.splitlines()
                   if f"ministack-provided-code-{engine.port}/" in line]
        name = engine.physical_id(STACK, "Consumer")
        return {int(pid) for pid, _ in running if f"AWS_LAMBDA_FUNCTION_NAME={name}" in environment_of(pid)}

    def test_a_disabled_mapping_leaves_messages_waiting(self):
        self.enable(False)
        time.sleep(1.5)  # a look at the queue may be under way
        message = self.send("fine")
        time.sleep(3)
        self.assertEqual(self.deliveries(message), [])
        self.enable(True)
        self.delivered(message, 1)

    def test_any_address_of_the_queue_leads_to_it(self):
        name = self.url.rpartition("/")[2]
        for url in (self.url, f"http://127.0.0.1:{engine.port}/000000000000/{name}",
                    f"https://sqs.us-east-1.amazonaws.com/000000000000/{name}"):
            message = self.sqs.send_message(QueueUrl=url, MessageBody="fine")["MessageId"]
            self.delivered(message, 1)


def environment_of(pid):
    try:
        return Path(f"/proc/{pid}/environ").read_text(errors="replace")
    except OSError:
        return ""  # it has just ended


if __name__ == "__main__":
    unittest.main()
