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

    def test_it_listens_on_the_loopback_interface_only(self):
        engine = Engine(BIND_HOST="0.0.0.0")
        self.addCleanup(engine.stop)
        with socket.socket() as other:
            other.settimeout(2)
            self.assertNotEqual(other.connect_ex(("127.0.0.2", engine.port)), 0)

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
