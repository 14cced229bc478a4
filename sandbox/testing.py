"""A sandbox of a test's own: a process on a free network, and boto3 clients of its Regions.

In a test suite::

    from sandbox.client import Sandbox
    from sandbox.testing import running

    @pytest.fixture(scope="session")
    def sandbox() -> Iterator[Sandbox]:
        with running("--lag-seconds", "0.2") as sandbox:
            yield sandbox
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sandbox.addresses import CONTROL_PORT
from sandbox.client import SandboxClient, get_state_folder

ROOT = Path(__file__).parent.parent

_FIRST_NETWORK, _LAST_NETWORK = 20, 250
_STOP_TIMEOUT_SECONDS = 30


@contextmanager
def run_sandbox(*arguments: str) -> Iterator[SandboxClient]:
    """Run a sandbox on a free network, with further arguments of ``serve``, and end it afterwards.

    Raises
    ------
    RuntimeError
        If it doesn't start: with what it said.

    """
    process, sandbox = _start_process(arguments)
    with process:
        try:
            yield sandbox
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(_STOP_TIMEOUT_SECONDS)
            finally:
                process.kill()
    shutil.rmtree(get_state_folder(sandbox.network.prefix))  # its state and its log are of no use without it


def _start_process(arguments: Sequence[str]) -> tuple[subprocess.Popen[str], SandboxClient]:
    said = "no network is free"
    for prefix in _iterate_free_networks():
        command = [sys.executable, "-m", "sandbox", "serve", "--network", prefix]
        process = subprocess.Popen(  # noqa: S603 - our own module
            [*command, *arguments], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        assert process.stdout is not None  # noqa: S101 - PIPE was asked for
        output = ""
        for line in process.stdout:
            output += line
            if line.startswith("Ctrl-C"):
                return process, SandboxClient.connect(prefix)
        process.communicate()
        said = f"sandbox on network {prefix} ended with {process.returncode}:\n{output}"
        if "can't listen" not in output:
            break
    raise RuntimeError(said)


def _iterate_free_networks() -> Iterator[str]:
    """Yield networks that nobody uses now, each test process beginning elsewhere."""
    count = _LAST_NETWORK - _FIRST_NETWORK + 1
    for step in range(count):
        prefix = f"127.{_FIRST_NETWORK + (os.getpid() + step) % count}"
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((f"{prefix}.0.1", CONTROL_PORT))
            except OSError:
                continue
        yield prefix
