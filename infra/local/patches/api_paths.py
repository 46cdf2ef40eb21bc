"""Paths of an API.

On AWS everything below `https://<id>.execute-api.<region>.amazonaws.com` belongs to
the API. MiniStack looks for the pages of Cognito first, on any host: it answers
`POST /login`, `GET /logout` and `/oauth2/…` of an API itself.

On AWS `{proxy+}` takes every path. MiniStack does not take those with a line break in
them (`%0A`), and answers 404 itself.
"""

import ministack.app as gateway
from ministack.services import apigateway

# Stands for a line break where routes are compared; for private use, so in no path.
LINE_BREAK = "\ue00a"


async def nothing():
    return None


def unless_for_an_api(handle):
    def guarded(method, path, headers, *more):
        if gateway._parse_execute_api_url(headers.get("host", ""), path) is not None:
            return nothing()
        return handle(method, path, headers, *more)

    return guarded


def with_line_breaks(extract):
    def extracted(route_path, request_path):
        found = extract(route_path, request_path.replace("\n", LINE_BREAK))
        return found and {name: value.replace(LINE_BREAK, "\n") for name, value in found.items()}

    return extracted


def apply():
    apigateway._extract_path_params = with_line_breaks(apigateway._extract_path_params)
    gateway._handle_cognito_get_request = unless_for_an_api(gateway._handle_cognito_get_request)
    gateway._handle_cognito_body_request = unless_for_an_api(gateway._handle_cognito_body_request)
