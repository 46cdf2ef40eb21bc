"""The two ways patches talk to MiniStack's CloudFormation and services."""

import json

from ministack.services.cloudformation import provisioners


def call(operation, *args):
    """Call one of MiniStack's API operations as a client would; fail as CloudFormation would."""
    status, _headers, body = operation(*args)
    if status >= 400:
        raise ValueError(f"{operation.__name__} answered {status}: {body!r}")
    return json.loads(body) if body else {}


def after_provision(resource_type, hook):
    """Run `hook(physical_id, new_properties, old_properties)` after each create and update.

    `old_properties` is empty for a create. A hook that raises fails the resource.
    """
    handler = provisioners._RESOURCE_HANDLERS[resource_type]
    create, update, delete = handler["create"], handler["update"], handler["delete"]

    def created(logical_id, props, stack_name):
        result = create(logical_id, props, stack_name)
        try:
            hook(result[0], props, {})
        except Exception:
            # CloudFormation has not heard of the resource yet, so it would not
            # roll it back, and the next deployment would find its name taken.
            delete(result[0], props)
            raise
        return result

    def updated(physical_id, old, new, *rest, **named):
        result = update(physical_id, old, new, *rest, **named)
        hook(result[0], new, old)
        return result

    handler["create"], handler["update"] = created, updated
