"""AWS::SNS::Topic `FifoTopic` and `ContentBasedDeduplication`.

AWS makes an ordered, deduplicating topic. MiniStack does so for topics made
through the API; from a template it makes a standard topic with a .fifo name.
"""

from ministack.services import sns

from .engine import after_provision


def _set_fifo(arn, props, old):
    if str(props.get("FifoTopic", "")).lower() != "true":
        return
    attributes = sns._topics[arn]["attributes"]
    attributes["FifoTopic"] = "true"
    attributes["ContentBasedDeduplication"] = str(props.get("ContentBasedDeduplication", False)).lower()


def apply():
    after_provision("AWS::SNS::Topic", _set_fifo)
