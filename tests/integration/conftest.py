"""The emulator in the tests' own process: one for all, since its state is the process's."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[asyncio.Runner, Any]]:
    with pytest.MonkeyPatch.context() as environment:
        # The engine reads both as it is imported. With AUTH it checks tokens, too, as it does in the sandbox.
        environment.setenv("STATE_DIR", str(tmp_path_factory.mktemp("state")))
        environment.setenv("AUTH", "true")
        from ministack.app import app  # noqa: PLC0415
    with asyncio.Runner() as runner:
        yield runner, app
