"""Paths of an API, called by its host.

On AWS everything below `https://<id>.execute-api.<region>.amazonaws.com` belongs to
the API. MiniStack looks for the pages of Cognito first, on any host: it answers
`POST /login`, `GET /logout` and `/oauth2/…` of an API itself.
"""

import ministack.app as gateway


async def nothing():
    return None


def unless_for_an_api(handle):
    def guarded(method, path, headers, *more):
        if gateway._parse_execute_api_url(headers.get("host", ""), path) is not None:
            return nothing()
        return handle(method, path, headers, *more)

    return guarded


def apply():
    gateway._handle_cognito_get_request = unless_for_an_api(gateway._handle_cognito_get_request)
    gateway._handle_cognito_body_request = unless_for_an_api(gateway._handle_cognito_body_request)
