"""The health checkers at work: each makes its own requests for every check, at moments of its own."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from typing import Protocol

from sandbox.checkers.places import Checker, checkers_in
from sandbox.checkers.request import Endpoint, Finding, Network, ask
from sandbox.route53.health import Health
from sandbox.route53.health_checks import HealthCheck, HealthChecks

_logger = logging.getLogger(__name__)

_LOOK_SECONDS = 0.5
"""How often new and deleted checks are looked for."""


class Sleep(Protocol):
    """Waits, as `asyncio.sleep` does."""

    def __call__(self, seconds: float, /) -> Awaitable[None]:
        """Wait for so many seconds."""


class Ask(Protocol):
    """Makes one request, as `ask` does."""

    async def __call__(self, endpoint: Endpoint, network: Network, /, *, at: float) -> Finding:
        """Ask an endpoint."""


class Fleet:
    """All health checkers.

    Parameters
    ----------
    checks
        The checks there are.
    health
        Is told what is found, and whether a checker counts.
    network_of
        The network a checker is on.
    clock
        Seconds since the epoch.
    pace
        How many times faster than on AWS the checkers ask; their patience stays.
    seed
        Decides the moments of each checker.
    sleep, ask
        How to wait, and how to make one request.

    """

    def __init__(
        self,
        *,
        checks: HealthChecks,
        health: Health,
        network_of: Callable[[Checker], Network],
        clock: Callable[[], float],
        pace: float = 1.0,
        seed: int = 0,
        sleep: Sleep = asyncio.sleep,
        ask: Ask = ask,
    ) -> None:
        self._checks = checks
        self._health = health
        self._network_of = network_of
        self._clock = clock
        self._pace = pace
        self._sleep = sleep
        self._ask = ask
        self._moments = random.Random(f"checkers {seed}")  # noqa: S311 -- a moment, not a secret
        self._at_work: dict[tuple[str, Checker], asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Work until cancelled."""
        try:
            async with asyncio.TaskGroup() as at_work:
                while True:
                    self._send_out(at_work)
                    self._health.refresh()
                    await self._sleep(_LOOK_SECONDS)
        except Exception:
            _logger.exception("the health checkers have stopped")
            raise

    def _send_out(self, at_work: asyncio.TaskGroup) -> None:
        """Have every checker of every check at work, and no other."""
        wanted = {
            (check.id, checker)
            for check in self._checks.every()
            if check.of_endpoint
            for checker in checkers_in(check.config.get("Regions", ()))
        }
        for key in self._at_work.keys() - wanted:
            self._at_work.pop(key).cancel()
        for check_id, checker in sorted(wanted - self._at_work.keys(), key=lambda key: (key[0], key[1].number)):
            self._at_work[check_id, checker] = at_work.create_task(self._watch(check_id, checker))

    async def _watch(self, check_id: str, checker: Checker) -> None:
        check = self._checks.known(check_id)
        interval_seconds = check.config["RequestInterval"] / self._pace if check else 0.0
        await self._sleep(self._moments.random() * interval_seconds)
        while (check := self._checks.known(check_id)) is not None:
            if not check.config["Disabled"] and self._health.reports(checker):
                await self._check(check, checker)
            # From an answer to the next request (AWS documentation, RequestInterval).
            await self._sleep(interval_seconds)

    async def _check(self, check: HealthCheck, checker: Checker) -> None:
        asked = check.version
        endpoint = Endpoint.of(check.id, check.config)
        finding = await self._ask(endpoint, self._network_of(checker), at=self._clock())
        # What was found with other settings says nothing of the present ones, and from a silent checker nothing comes.
        present = check.version == asked and self._checks.known(check.id) is check
        if present and self._health.reports(checker):
            self._health.found(check, checker, finding)
