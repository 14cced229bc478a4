"""The emulator in the tests' own process: one for all, since its state is the process's."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.client import SandboxClient
from tests.support import load_scaling

CALL_SECONDS = 60.0
"""How long a call to a sandbox may take, unless a test gives a limit of its own."""


@pytest.fixture(scope="session", autouse=True)
def _patient_calls() -> Iterator[None]:
    """Let calls to a sandbox take as long as this machine needs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sandbox.client._CONTROL_TIMEOUT_SECONDS", load_scaling.scale_seconds(CALL_SECONDS))
        usual = {
            **(SandboxClient.client.__kwdefaults__ or {}),
            "timeout_seconds": load_scaling.scale_seconds(CALL_SECONDS),
        }
        patch.setattr(SandboxClient.client, "__kwdefaults__", usual)
        yield


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[asyncio.Runner, Any]]:
    with pytest.MonkeyPatch.context() as environment:
        # The engine reads both as it is imported. With AUTH it checks tokens, too, as it does in the sandbox.
        environment.setenv("STATE_DIR", str(tmp_path_factory.mktemp("state")))
        environment.setenv("AUTH", "true")
        from ministack.app import app  # noqa: PLC0415
    with asyncio.Runner() as runner:
        yield runner, app
