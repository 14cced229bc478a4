"""A sandbox process for tests, on a free network.

In a test suite::

    from sandbox.client import SandboxClient
    from sandbox.testing import run_sandbox

    @pytest.fixture(scope="session")
    def sandbox() -> Iterator[SandboxClient]:
        with run_sandbox("--lag-seconds", "0.2") as sandbox:
            yield sandbox
"""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sandbox.addresses import CONTROL_PORT
from sandbox.client import SandboxClient

ROOT = Path(__file__).parent.parent

_FIRST_NETWORK, _LAST_NETWORK = 20, 250
_STOP_TIMEOUT_SECONDS = 120


@contextmanager
def run_sandbox(*arguments: str) -> Iterator[SandboxClient]:
    """Run a sandbox on a free network, with further arguments of ``serve``, and stop it afterwards.

    Raises
    ------
    RuntimeError
        If it does not start. The message contains its output.

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


def _start_process(arguments: Sequence[str]) -> tuple[subprocess.Popen[str], SandboxClient]:
    problem = "no network is free"
    for prefix in _iterate_free_networks():
        command = [sys.executable, "-m", "sandbox", "serve", "--temporary", "--network", prefix]
        process = subprocess.Popen(  # noqa: S603 - a module of this repository
            [*command, *arguments], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        assert process.stdout is not None  # noqa: S101 - stdout is PIPE
        output = ""
        for line in process.stdout:
            output += line
            if line.startswith("Ctrl-C"):
                return process, SandboxClient.connect(prefix)
        process.communicate()
        problem = f"sandbox on network {prefix} ended with {process.returncode}:\n{output}"
        if "can't listen" not in output:
            break
    raise RuntimeError(problem)


def _iterate_free_networks() -> Iterator[str]:
    """Yield free networks. Each test process starts at another one."""
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
