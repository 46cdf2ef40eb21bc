"""What IAM calls the operations of SQS and SNS that take several messages at once.

On AWS `sqs:ChangeMessageVisibility` allows `ChangeMessageVisibilityBatch` too, and so
on for `DeleteMessage`, `SendMessage` and `sns:Publish`: policies know no batches.
MiniStack asks for an action of the operation's own name.
"""

from ministack.core import iam_actions


def apply():
    extract = iam_actions.extract_iam_action

    def without_batch(service, *request):
        action = extract(service, *request)
        if action and service in ("sqs", "sns"):
            return action.removesuffix("Batch")
        return action

    iam_actions.extract_iam_action = without_batch
