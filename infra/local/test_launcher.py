import socket
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from harness import LAUNCHER, Engine, eventually, function, route

STACK = "launch-test"
RESOURCES = {
    "Api": {"Type": "AWS::Serverless::HttpApi"},
    "Function": function(Events={"Every": route("/{proxy+}")}),
}


def function_processes(port):
    """The processes that run code which the engine on this port has unpacked."""
    listing = subprocess.run(["ps", "-Ao", "pid,args"], capture_output=True, text=True, check=True).stdout
    return [line for line in listing.splitlines() if f"ministack-provided-code-{port}/" in line]


def try_to_start(*arguments):
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, timeout=30)


class Refusals(unittest.TestCase):
    def test_a_taken_port_is_named(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = str(taken.getsockname()[1])
            ended = try_to_start(str(LAUNCHER), "--port", port)
        self.assertEqual(ended.returncode, 2)
        self.assertIn(f"port {port}", ended.stderr)
        self.assertEqual(len(ended.stderr.splitlines()), 1)

    def test_another_version_is_refused(self):
        ended = try_to_start("-c", f"""
import runpy, sys
from importlib import metadata
metadata.version = lambda name: "1.5.34"
sys.argv = ["launcher.py"]
runpy.run_path({str(LAUNCHER)!r}, run_name="__main__")
""")
        self.assertEqual(ended.returncode, 2)
        self.assertIn("1.5.33", ended.stderr)
        self.assertIn("1.5.34", ended.stderr)


class Life(unittest.TestCase):
    def test_functions_end_with_their_stack_and_with_the_engine(self):
        engine = Engine()
        self.addCleanup(engine.stop)
        for end in ("stack", "engine"):
            engine.deploy(STACK, RESOURCES)
            self.assertEqual(engine.api(STACK, "GET", "/a").status, 200)
            self.assertEqual(len(function_processes(engine.port)), 1)
            if end == "stack":
                engine.client("cloudformation").delete_stack(StackName=STACK)
                eventually(lambda: not function_processes(engine.port))
            else:
                engine.stop()
                self.assertEqual(engine.process.returncode, 0)
                self.assertEqual(function_processes(engine.port), [])

    def test_an_old_version_ends_when_its_alias_moves_on(self):
        engine = Engine()
        self.addCleanup(engine.stop)
        processes = []
        for wanted, value in (("CREATE_COMPLETE", "1"), ("UPDATE_COMPLETE", "2")):
            resources = {**RESOURCES, "Function": function(
                AutoPublishAlias="live", AutoPublishAliasAllProperties=True,
                Environment={"Variables": {"VALUE": value}}, Events={"Every": route("/{proxy+}")})}
            engine.deploy(STACK, resources, wanted)
            environment = engine.api(STACK, "GET", "/environment").json()
            self.assertEqual(environment["VALUE"], value)
            processes.append(function_processes(engine.port))
            self.assertEqual(len(processes[-1]), 1, processes)
        self.assertNotEqual(*processes)

    def test_it_listens_on_the_loopback_interface_only(self):
        engine = Engine(BIND_HOST="0.0.0.0")
        self.addCleanup(engine.stop)
        with socket.socket() as other:
            other.settimeout(2)
            self.assertNotEqual(other.connect_ex(("127.0.0.2", engine.port)), 0)

    def test_web_pages_of_other_sites_reach_the_apis_only(self):
        engine = Engine()
        self.addCleanup(engine.stop)
        engine.deploy(STACK, RESOURCES)
        port = engine.port
        pages = [("Origin", "https://example.com"), ("Origin", "null"), ("Origin", f"http://localhost:{port}"),
                 ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Site", "same-site")]
        for page in pages:
            api = engine.api(STACK, "GET", "/a", headers=[page])
            self.assertEqual(api.status, 200, page)
            health = "/_ministack/health"
            for path in (health, "/", "/_aws/execute-api/a"):
                for method in ("GET", "POST", "OPTIONS"):
                    self.assertEqual(engine.request(method, path, headers=[page]).status, 403, (path, page))
            # Here the engine's own paths would be reachable too.
            api_host = ("Host", f"launchtestapi.execute-api.localhost:{port}")
            self.assertEqual(engine.request("GET", health, headers=[api_host, page]).status, 403, page)
        for mark in ("none", "same-origin"):
            answer = engine.request("GET", "/_ministack/health", headers=[("Sec-Fetch-Site", mark)])
            self.assertEqual(answer.status, 200, mark)

    def test_a_form_may_be_sent_to_where_it_came_from(self):
        engine = Engine()
        self.addCleanup(engine.stop)
        engine.deploy(STACK, RESOURCES)
        name = "launchtestapi.execute-api.localhost"
        own, none = ("Origin", f"http://{name}:{engine.port}"), ("Origin", "null")
        same = ("Sec-Fetch-Site", "same-origin")
        forms = [(200, [own, same]), (200, [own]), (200, [none, same]), (403, [none]),
                 (403, [own, ("Sec-Fetch-Site", "same-site")]),
                 (403, [("Origin", f"https://{name}:{engine.port}")]),
                 (403, [("Origin", f"http://{name}")]),
                 (403, [("Origin", f"http://other.execute-api.localhost:{engine.port}")])]
        for status, marks in forms:
            headers = [("Host", f"{name}:{engine.port}"), *marks]
            self.assertEqual(engine.request("POST", "/a", b"", headers=headers).status, status, marks)

    def test_a_name_of_another_machine_is_refused(self):
        engine = Engine()
        self.addCleanup(engine.stop)
        own = ["127.0.0.1", "localhost", "LOCALHOST", "[::1]", "bucket.s3.localhost"]
        others = ["example.com", "127.0.0.1.example.com", "localhost.example.com", "notlocalhost",
                  "0.0.0.0", "10.0.0.1", "localhost@example.com", ""]
        for status, hosts in ((200, own), (403, others)):
            for host in hosts:
                for port in ("", f":{engine.port}"):
                    answer = engine.request("GET", "/_ministack/health", headers=[("Host", host + port)])
                    self.assertEqual(answer.status, status, host + port)
        api = engine.request("GET", "/_aws/execute-api/a/b", headers=[("Host", "example.com")])
        self.assertEqual(api.status, 403)

    def test_state_is_kept(self):
        with tempfile.TemporaryDirectory() as directory:
            for start in range(2):
                engine = Engine("--state", str(Path(directory) / "state"))
                self.addCleanup(engine.stop)
                if start == 0:
                    engine.deploy(STACK, RESOURCES)
                self.assertEqual(engine.api(STACK, "GET", "/a").status, 200)
                engine.stop()


if __name__ == "__main__":
    unittest.main()
