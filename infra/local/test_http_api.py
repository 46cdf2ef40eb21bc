import base64
import json
import time
import unittest

from harness import Engine, function, route

STACK = "http-test"


def resources(path="/{proxy+}", **api):
    return {
        "Api": {"Type": "AWS::Serverless::HttpApi", "Properties": {
            "CorsConfiguration": {"AllowOrigins": ["https://example.org"], "AllowMethods": ["GET"]},
            "DefaultRouteSettings": {"ThrottlingBurstLimit": 1, "ThrottlingRateLimit": 1},
            "Auth": {"EnableIamAuthorizer": True}, **api}},
        "Function": function(Events={
            "Every": route(path),
            "Slow": route("/slow", "GET", TimeoutInMillis=1000),
            "Signed": route("/signed", "GET", Auth={"Authorizer": "AWS_IAM"}),
        }, LoggingConfig={"LogGroup": "/my/logs"}),
        "Stopped": function(ReservedConcurrentExecutions=0, Events={"Stopped": route("/stopped", "GET")}),
    }


def setUpModule():
    global engine
    # A variable of the engine's own, which functions must not see.
    engine = Engine(ONLY_THE_ENGINE="1")
    unittest.addModuleCleanup(engine.stop)
    engine.deploy(STACK, resources())


def call(method, path, body=None, headers=()):
    return engine.api(STACK, method, path, body, headers)


def event_of(method, path, body=None, headers=()):
    return call(method, path, body, headers).json()


class Import(unittest.TestCase):
    def test_routes_lead_to_the_function(self):
        self.assertEqual(event_of("GET", "/a/b")["routeKey"], "ANY /{proxy+}")

    def test_the_known_host_name_leads_to_the_same_api(self):
        host = [("Host", f"httptestapi.execute-api.localhost:{engine.port}")]
        self.assertEqual(engine.request("GET", "/a/b", headers=host).json()["rawPath"], "/a/b")

    def test_paths_that_cognito_has_too_lead_to_the_api(self):
        host = [("Host", f"httptestapi.execute-api.localhost:{engine.port}")]
        for method, path in (("POST", "/login"), ("GET", "/logout"), ("GET", "/oauth2/authorize")):
            answer = engine.request(method, path, b"{}" if method == "POST" else None, host)
            self.assertEqual(answer.json()["rawPath"], path)

    def test_a_line_break_is_part_of_a_path(self):
        event = event_of("GET", "/a/b%0Ac")
        self.assertEqual((event["rawPath"], event["pathParameters"]), ("/a/b\nc", {"proxy": "a/b\nc"}))

    def test_preflight_is_answered_from_the_cors_configuration(self):
        answer = call("OPTIONS", "/a", headers=[("Origin", "https://example.org")])
        self.assertEqual(answer.headers["access-control-allow-origin"], "https://example.org")
        self.assertEqual(answer.headers["access-control-allow-methods"], "GET")
        answer = call("OPTIONS", "/a", headers=[("Origin", "https://example.com")])
        self.assertNotIn("access-control-allow-origin", answer.headers)

    def test_a_route_with_an_authorizer_is_closed(self):
        self.assertEqual(call("GET", "/signed").status, 403)

    def test_an_update_replaces_routes_and_keeps_id_and_cors(self):
        engine.deploy("update-test", resources("/old"))
        self.assertEqual(engine.api("update-test", "GET", "/old").status, 200)
        engine.deploy("update-test", resources("/new"), "UPDATE_COMPLETE")
        self.assertEqual(engine.api("update-test", "GET", "/old").status, 404)
        self.assertEqual(engine.api("update-test", "GET", "/new").status, 200)
        # An update that leaves the body alone must not lose anything either.
        engine.deploy("update-test", resources("/new", Tags={"a": "b"}), "UPDATE_COMPLETE")
        answer = engine.api("update-test", "GET", "/new", headers=[("Origin", "https://example.org")])
        self.assertEqual(answer.headers["access-control-allow-origin"], "https://example.org")


class Requests(unittest.TestCase):
    def test_cookies_are_moved_out_of_the_headers(self):
        event = event_of("GET", "/a", headers=[("Cookie", "a=1; b=2;"), ("Cookie", "=nameless; c=3")])
        self.assertEqual(event["cookies"], ["a=1", "b=2", "c=3"])
        self.assertNotIn("cookie", event["headers"])
        self.assertNotIn("cookies", event_of("GET", "/a"))

    def test_repeated_headers_are_joined_with_a_bare_comma(self):
        event = event_of("GET", "/a", headers=[("X-Many", "1"), ("x-many", "2, 3")])
        self.assertEqual(event["headers"]["x-many"], "1,2, 3")

    def test_forwarding_headers_name_the_client(self):
        event = event_of("GET", "/a", headers=[("X-Forwarded-For", "9.9.9.9"), ("X-Forwarded-Proto", "gopher")])
        headers = event["headers"]
        self.assertEqual(headers["x-forwarded-for"], "9.9.9.9, 127.0.0.1")
        self.assertEqual(headers["x-forwarded-proto"], "http")
        self.assertEqual(headers["x-forwarded-port"], str(engine.port))
        self.assertRegex(headers["x-amzn-trace-id"], "^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$")
        self.assertEqual(event["requestContext"]["http"]["sourceIp"], "127.0.0.1")

    def test_hop_by_hop_headers_stay_behind(self):
        event = event_of("GET", "/a", headers=[("Connection", "close"), ("TE", "trailers")])
        self.assertFalse({"connection", "te"} & set(event["headers"]))
        self.assertEqual(event["headers"]["content-length"], "0")

    def test_the_context_names_the_domain(self):
        context = event_of("GET", "/a")["requestContext"]
        self.assertEqual(context["domainPrefix"], "httptestapi")
        self.assertTrue(context["domainName"].startswith("httptestapi.execute-api."))

    def test_the_raw_path_is_decoded_except_for_the_percent_sign(self):
        event = event_of("GET", "/a%20b/%C3%A9%252F?q=a%20b&q=c")
        self.assertEqual(event["rawPath"], "/a b/é%252F")
        self.assertEqual(event["rawQueryString"], "q=a%20b&q=c")
        self.assertEqual(event["queryStringParameters"], {"q": "a b,c"})

    def test_what_is_empty_is_left_out(self):
        event = event_of("GET", "/a")
        self.assertFalse({"body", "queryStringParameters", "stageVariables"} & set(event))
        self.assertNotIn(None, event.values())

    def test_bodies_that_are_not_text_are_base64(self):
        event = event_of("POST", "/a", b"\xff\x00", [("Content-Type", "image/png")])
        self.assertTrue(event["isBase64Encoded"])
        self.assertEqual(base64.b64decode(event["body"]), b"\xff\x00")
        event = event_of("POST", "/a", b"a=b&c=d%20e", [("Content-Type", "application/x-www-form-urlencoded")])
        self.assertTrue(event["isBase64Encoded"])
        self.assertEqual(base64.b64decode(event["body"]), b"a=b&c=d%20e")
        event = event_of("POST", "/a", b"{}", [("Content-Type", "application/json; charset=utf-8")])
        self.assertEqual((event["isBase64Encoded"], event["body"]), (False, "{}"))


class Responses(unittest.TestCase):
    def test_binary_bodies_are_decoded_and_each_cookie_is_a_header(self):
        answer = call("GET", "/binary")
        self.assertEqual(answer.body, b"\x89PNG\xff")
        self.assertEqual(answer.headers.get_all("set-cookie"), ["a=1", "b=2; HttpOnly"])

    def test_failures_are_hidden(self):
        for path in ("/fail", "/exit", "/nonsense", "/large"):
            with self.subTest(path):
                answer = call("GET", path)
                self.assertEqual((answer.status, answer.json()), (500, {"message": "Internal Server Error"}))

    def test_a_throttled_function_is_unavailable(self):
        answer = call("GET", "/stopped")
        self.assertEqual((answer.status, answer.json()), (503, {"message": "Service Unavailable"}))

    def test_the_integration_timeout_is_kept(self):
        started = time.monotonic()
        answer = call("GET", "/slow")
        self.assertEqual((answer.status, answer.json()), (503, {"message": "Service Unavailable"}))
        self.assertLess(time.monotonic() - started, 2.5)


class Limits(unittest.TestCase):
    def test_large_bodies_are_refused(self):
        text = [("Content-Type", "text/plain")]
        binary = [("Content-Type", "application/octet-stream")]
        for size, headers, status in [
            (6_000_000, text, 200),
            (6_300_000, text, 413),
            (5_000_000, binary, 413),  # as base64 it is larger than an event may be
            (10 * 1024 * 1024 + 1, binary, 413),
        ]:
            with self.subTest(size=size):
                self.assertEqual(call("POST", "/size", b"x" * size, headers).status, status)


class FunctionProcess(unittest.TestCase):
    def test_a_function_sees_its_own_environment_only(self):
        environment = json.loads(call("GET", "/environment").body)
        self.assertEqual(environment["AWS_LAMBDA_LOG_GROUP_NAME"], "/my/logs")
        self.assertEqual(environment["AWS_ENDPOINT_URL"], f"http://127.0.0.1:{engine.port}")
        self.assertEqual(environment["AWS_REGION"], "us-east-1")
        self.assertFalse({"ONLY_THE_ENGINE", "GATEWAY_PORT", "HOME"} & set(environment))

    def test_an_answer_that_is_too_large_names_its_error(self):
        name = engine.physical_id(STACK, "Function")
        answer = engine.client("lambda").invoke(FunctionName=name, Payload=b'{"rawPath": "/large"}')
        self.assertEqual(json.load(answer["Payload"])["errorType"], "Function.ResponseSizeTooLarge")

    def test_an_invocation_takes_no_fixed_waits(self):
        call("GET", "/a")
        times = []
        for _ in range(15):
            started = time.monotonic()
            call("GET", "/a")
            times.append(time.monotonic() - started)
        self.assertLess(min(times), 0.035)


if __name__ == "__main__":
    unittest.main()
