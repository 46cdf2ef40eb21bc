#!/usr/bin/env python3
"""Starts the local AWS: MiniStack with the patches of this directory, on 127.0.0.1.

    .tools/engine/bin/python infra/local/launcher.py [--port 4566] [--state DIR]

Then, in another terminal (any credentials do):

    export AWS_ENDPOINT_URL=http://127.0.0.1:4566 AWS_REGION=us-east-1
    export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test
    sam deploy ...

AUTH=true in the environment makes it enforce IAM, for callers and functions. Ready
when `/_ministack/health` answers. SIGINT or SIGTERM stops it and all functions;
`--state` keeps what is stored for the next start. Exit codes: 0 stopped, 2 cannot
start. Functions run as you, without a sandbox: deploy only code you trust. Web pages
of other sites may call the APIs, and nothing else.
"""

import argparse
import asyncio
import os
import shutil
import signal
import socket
import sys
from importlib import metadata
from pathlib import Path

# infra/tools/engine.in pins the same.
MINISTACK_VERSION = "1.5.33"

HOST = "127.0.0.1"
CANNOT_START = 2


def main():
    options = parse(sys.argv[1:])
    refuse_other_version()
    refuse_taken_port(options.port)
    prepare_environment(options)
    # Only now: MiniStack reads its settings when it is imported.
    import patches

    patches.apply_all()
    asyncio.run(serve(options.port))


def parse(arguments):
    parser = argparse.ArgumentParser(description="Local AWS for this repository's stack.")
    parser.add_argument("--port", type=int, default=os.environ.get("GATEWAY_PORT", "4566"),
                        help="default: GATEWAY_PORT, or 4566")
    parser.add_argument("--state", type=Path, metavar="DIR",
                        help="load stored state from here and save it when stopped")
    return parser.parse_args(arguments)


def cannot_start(reason):
    print(f"local AWS cannot start: {reason}", file=sys.stderr)
    raise SystemExit(CANNOT_START)


def refuse_other_version():
    try:
        found = metadata.version("ministack")
    except metadata.PackageNotFoundError:
        found = None
    if found != MINISTACK_VERSION:
        cannot_start(f"the patches are written for ministack {MINISTACK_VERSION}, "
                     f"but {found or 'none'} is installed; install infra/tools/engine.txt")


def refuse_taken_port(port):
    with socket.socket() as probe:
        # As the server will: a port in TIME_WAIT is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            cannot_start(f"port {port} on {HOST} is taken ({error.strerror}); choose another with --port")


def prepare_environment(options):
    """MiniStack's settings; and nothing of a real AWS account for it or the functions."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ.update(
        GATEWAY_PORT=str(options.port),
        BIND_HOST=HOST,
        AWS_ENDPOINT_URL=f"http://{HOST}:{options.port}",  # for the functions
        # These two would listen on all interfaces.
        SFTP_ENABLED="0",
        IOT_MTLS_ENABLED="0",
    )
    os.environ.setdefault("MINISTACK_REGION", "us-east-1")
    if options.state:
        state = options.state.resolve()
        os.environ.update(PERSIST_STATE="1", STATE_DIR=str(state),
                          S3_PERSIST="1", S3_DATA_DIR=str(state / "s3"))


async def serve(port):
    from hypercorn.asyncio import serve as hypercorn
    from hypercorn.config import Config
    from ministack import app as gateway

    from other_sites import refusing

    config = Config()
    config.bind = [f"{HOST}:{port}"]
    config.keep_alive_timeout = 75  # longer than clients keep connections
    config.graceful_timeout = 1
    config.loglevel = os.environ.get("LOG_LEVEL", "INFO").upper()

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    try:
        await hypercorn(refusing(gateway.app), config, shutdown_trigger=stop.wait)
    finally:
        await asyncio.to_thread(stop_functions)


def stop_functions():
    """MiniStack leaves its function processes running, and their unpacked code, when it ends."""
    from ministack.core import lambda_runtime
    from ministack.services import lambda_svc

    def refuse(*_args, **_named):
        raise RuntimeError("the local AWS is stopping")

    # The queue pollers still run and would start functions again.
    lambda_runtime.ProvidedWorker._spawn = refuse
    lambda_runtime.reset()
    shutil.rmtree(lambda_svc._PROVIDED_CODE_CACHE, ignore_errors=True)


if __name__ == "__main__":
    main()
