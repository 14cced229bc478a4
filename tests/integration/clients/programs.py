"""The client programs as processes. They read an order per line, and answer with a line."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from sandbox.client import SandboxClient

ROOT = Path(__file__).parents[3]
NODE_CLIENT = ROOT / "build" / "clients" / "typescript"


class ClientProgram:
    """A running client program."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def send(self, order: Mapping[str, object]) -> dict[str, Any]:
        """Send an order, and return the next answer."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer


@contextmanager
def start_python_program(sandbox: SandboxClient, config: Mapping[str, object]) -> Iterator[ClientProgram]:
    """Run the Python client on the sandbox's network, with AWS's real host names."""
    environment = sandbox.build_environment()
    environment["PYTHONPATH"] += f":{ROOT / 'clients' / 'python'}"
    driver = ROOT / "tests" / "clients" / "python" / "driver.py"
    with _start_process([sys.executable, str(driver), json.dumps(config)], environment) as program:
        yield program


@contextmanager
def start_node_program(sandbox: SandboxClient, config: Mapping[str, object]) -> Iterator[ClientProgram]:
    """Run the compiled TypeScript client on the sandbox's network."""
    command = [require_node(), str(NODE_CLIENT / "dist" / "driver.js"), json.dumps(config)]
    with _start_process(command, sandbox.build_environment()) as program:
        yield program


def require_node() -> str:
    """Return the path of Node. Skip the test without Node or the compiled client."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node is not installed")
    if not (NODE_CLIENT / ".built").exists():
        pytest.skip("the TypeScript client is not built: make test builds it, given npm")
    return node


@contextmanager
def _start_process(command: list[str], environment: Mapping[str, str]) -> Iterator[ClientProgram]:
    process = subprocess.Popen(  # noqa: S603 - our own programs
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with process:
        yield ClientProgram(process)
        process.kill()
