"""AWS::DynamoDB::Table `TimeToLiveSpecification`.

AWS turns expiry on when the table is created, and follows later changes.
MiniStack ignores the property.
"""

from ministack.services import dynamodb

from .engine import after_provision, call


def _set_ttl(table, props, old):
    asked = props.get("TimeToLiveSpecification") or {}
    enabled = str(asked.get("Enabled", "")).lower() == "true"
    now = dynamodb._ttl_settings.get(table) or {}
    attribute = asked.get("AttributeName") or now.get("AttributeName")
    if not attribute:
        return
    status = "ENABLED" if enabled else "DISABLED"
    if now.get("TimeToLiveStatus") == status and now.get("AttributeName") == attribute:
        return
    call(dynamodb._update_ttl, {
        "TableName": table,
        "TimeToLiveSpecification": {"AttributeName": attribute, "Enabled": enabled},
    })


def apply():
    after_provision("AWS::DynamoDB::Table", _set_ttl)
