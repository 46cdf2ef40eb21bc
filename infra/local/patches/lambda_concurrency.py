"""AWS::Lambda::Function `ReservedConcurrentExecutions`.

AWS reserves (and so limits) the function's concurrency; 0 stops it. MiniStack
enforces the limit when it is set through the API, and ignores the property.
"""

from ministack.services import lambda_svc

from .engine import after_provision, call

PROPERTY = "ReservedConcurrentExecutions"


def _reserve(name, props, old):
    if props.get(PROPERTY) is not None:
        call(lambda_svc._put_function_concurrency, name, {PROPERTY: int(props[PROPERTY])})
    elif old.get(PROPERTY) is not None:
        call(lambda_svc._delete_function_concurrency, name)


def apply():
    after_provision("AWS::Lambda::Function", _reserve)
