"""AWS::ApiGatewayV2::Api `Body`: routes, integrations, authorizers and CORS.

SAM turns an AWS::Serverless::HttpApi into an API with an OpenAPI document as its
`Body`, and AWS imports that document. MiniStack 1.5.33 ignores it: the stack
deploys and every request answers 404.

The import replaces what was there, as AWS's ReimportApi does. New routes exist
before old ones go, so a request during an update always finds one. Throttling
and access logs belong to the stage; MiniStack stores and ignores them.
"""

from ministack.services import apigateway

from .engine import after_provision, call

METHODS = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}
ANY_METHOD = "x-amazon-apigateway-any-method"


def import_body(api_id, body):
    _set_description(apigateway._apis[api_id], body)
    stores = [s.setdefault(api_id, {}) for s in
              (apigateway._routes, apigateway._integrations, apigateway._authorizers)]
    before = [set(store) for store in stores]

    authorizers = _import_authorizers(api_id, body)
    for path, operations in (body.get("paths") or {}).items():
        for name, operation in operations.items():
            if name == ANY_METHOD or name in METHODS:
                _import_route(api_id, _route_key(name, path), operation,
                              operation.get("security", body.get("security") or []), authorizers)

    for store, old_ids in zip(stores, before):
        for old_id in old_ids:
            store.pop(old_id, None)


def _set_description(api, body):
    cors = body.get("x-amazon-apigateway-cors")
    if cors:
        api["corsConfiguration"] = cors
    else:
        api.pop("corsConfiguration", None)
    info = body.get("info") or {}
    api["name"] = info.get("title") or api["name"]
    api["version"] = info.get("version") or api.get("version", "")


def _route_key(method, path):
    if path.lstrip("/") == "$default":
        return "$default"
    return f"{'ANY' if method == ANY_METHOD else method.upper()} {path}"


def _import_route(api_id, route_key, operation, security, authorizers):
    asked = operation.get("x-amazon-apigateway-integration") or {}
    integration = call(apigateway._create_integration, api_id, {
        "integrationType": (asked.get("type") or "AWS_PROXY").upper(),
        "integrationUri": asked.get("uri", ""),
        "integrationMethod": asked.get("httpMethod", "POST"),
        "payloadFormatVersion": str(asked.get("payloadFormatVersion", "2.0")),
        "timeoutInMillis": int(asked.get("timeoutInMillis", 30_000)),
    })
    call(apigateway._create_route, api_id, {
        "routeKey": route_key,
        "target": f"integrations/{integration['integrationId']}",
        **_authorization(security, authorizers),
    })


def _authorization(security, authorizers):
    for requirement in security:
        for name, scopes in requirement.items():
            if name in authorizers:
                return {**authorizers[name], "authorizationScopes": scopes or []}
            if name == "AWS_IAM":
                return {"authorizationType": "AWS_IAM"}
    return {}


def _import_authorizers(api_id, body):
    """Create the authorizers; answer what a route needs to name each of them."""
    schemes = (body.get("components") or {}).get("securitySchemes") or {}
    created = {}
    for name, scheme in schemes.items():
        asked = scheme.get("x-amazon-apigateway-authorizer")
        if not asked:
            continue
        sources = asked.get("identitySource") or []
        if isinstance(sources, str):
            sources = [source.strip() for source in sources.split(",")]
        is_jwt = str(asked.get("type", "")).lower() == "jwt"
        settings = {"name": name, "identitySource": sources}
        if is_jwt:
            settings.update(authorizerType="JWT", jwtConfiguration=asked.get("jwtConfiguration") or {})
        else:
            settings.update(
                authorizerType="REQUEST",
                authorizerUri=asked.get("authorizerUri", ""),
                authorizerPayloadFormatVersion=str(asked.get("authorizerPayloadFormatVersion", "2.0")),
                authorizerResultTtlInSeconds=int(asked.get("authorizerResultTtlInSeconds") or 0),
                enableSimpleResponses=str(asked.get("enableSimpleResponses", "")).lower() == "true",
            )
        authorizer = call(apigateway._create_authorizer, api_id, settings)
        created[name] = {
            "authorizerId": authorizer["authorizerId"],
            "authorizationType": "JWT" if is_jwt else "CUSTOM",
        }
    return created


def apply():
    def imported(api_id, props, _old):
        # Also when the body is the same: MiniStack's update drops the CORS
        # configuration whenever the `CorsConfiguration` property is absent.
        if isinstance(props.get("Body"), dict):
            import_body(api_id, props["Body"])

    after_provision("AWS::ApiGatewayV2::Api", imported)
