import unittest

from harness import Engine, eventually, function

TABLE = {
    "BillingMode": "PAY_PER_REQUEST",
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
}


def setUpModule():
    global engine
    engine = Engine()
    unittest.addModuleCleanup(engine.stop)


class TimeToLive(unittest.TestCase):
    def status(self):
        name = engine.physical_id("ttl-test", "Table")
        found = engine.client("dynamodb").describe_time_to_live(TableName=name)["TimeToLiveDescription"]
        return found["TimeToLiveStatus"], found.get("AttributeName")

    def test_it_follows_the_template(self):
        def table(**ttl):
            spec = {"TimeToLiveSpecification": ttl} if ttl else {}
            return {"Table": {"Type": "AWS::DynamoDB::Table", "Properties": {**TABLE, **spec}}}

        engine.deploy("ttl-test", table(AttributeName="expires", Enabled=True))
        self.assertEqual(self.status(), ("ENABLED", "expires"))
        engine.deploy("ttl-test", table(AttributeName="expires", Enabled=False), "UPDATE_COMPLETE")
        self.assertEqual(self.status()[0], "DISABLED")
        engine.deploy("ttl-test", table(AttributeName="expires", Enabled="true"), "UPDATE_COMPLETE")
        engine.deploy("ttl-test", table(), "UPDATE_COMPLETE")
        self.assertEqual(self.status()[0], "DISABLED")


class ReservedConcurrency(unittest.TestCase):
    def reserved(self):
        name = engine.physical_id("reserved-test", "Function")
        answer = engine.client("lambda").get_function_concurrency(FunctionName=name)
        return answer.get("ReservedConcurrentExecutions")

    def test_it_follows_the_template(self):
        engine.deploy("reserved-test", {"Function": function(ReservedConcurrentExecutions=2)})
        self.assertEqual(self.reserved(), 2)
        engine.deploy("reserved-test", {"Function": function(ReservedConcurrentExecutions=0)}, "UPDATE_COMPLETE")
        self.assertEqual(self.reserved(), 0)
        engine.deploy("reserved-test", {"Function": function()}, "UPDATE_COMPLETE")
        self.assertIsNone(self.reserved())


class FifoTopic(unittest.TestCase):
    def test_it_deduplicates(self):
        engine.deploy("fifo-test", {
            "Topic": {"Type": "AWS::SNS::Topic", "Properties": {
                "TopicName": "orders.fifo", "FifoTopic": True, "ContentBasedDeduplication": True}},
            "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "orders.fifo", "FifoQueue": True}},
            "Subscription": {"Type": "AWS::SNS::Subscription", "Properties": {
                "TopicArn": {"Ref": "Topic"}, "Protocol": "sqs", "RawMessageDelivery": True,
                "Endpoint": {"Fn::GetAtt": ["Queue", "Arn"]}}},
        })
        topic = engine.physical_id("fifo-test", "Topic")
        sns, sqs = engine.client("sns"), engine.client("sqs")
        self.assertEqual(sns.get_topic_attributes(TopicArn=topic)["Attributes"]["FifoTopic"], "true")
        for text in ("one", "one", "two"):
            sns.publish(TopicArn=topic, Message=text, MessageGroupId="g")
        queue = engine.physical_id("fifo-test", "Queue")

        def received():
            found = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, VisibilityTimeout=0)
            texts = [message["Body"] for message in found.get("Messages", [])]
            return texts if len(texts) > 1 else None

        self.assertEqual(eventually(received), ["one", "two"])


class ApiIds(unittest.TestCase):
    def api(self):
        return {"HttpApi": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {
            "Name": "x", "ProtocolType": "HTTP", "Tags": {"team": "a"}}}}

    def test_the_id_is_known_before_and_survives_deletion(self):
        cloudformation = engine.client("cloudformation")
        for _ in range(2):
            engine.deploy("Id-Test-1", self.api())
            self.assertEqual(engine.physical_id("Id-Test-1", "HttpApi"), "idtest1httpapi")
            found = engine.client("apigatewayv2").get_api(ApiId="idtest1httpapi")
            own = {name: value for name, value in found["Tags"].items() if not name.startswith("aws:")}
            self.assertEqual(own, {"team": "a"})
            cloudformation.delete_stack(StackName="Id-Test-1")
            eventually(lambda: not engine.client("apigatewayv2").get_apis()["Items"])


if __name__ == "__main__":
    unittest.main()
