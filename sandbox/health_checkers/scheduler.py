"""The health checkers at work: each makes its own requests for every check, at moments of its own."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from typing import Protocol

from sandbox.health_checkers.endpoint_check import CheckedEndpoint, CheckerNetwork, HealthCheckResult, check_endpoint
from sandbox.health_checkers.locations import Checker, list_checkers
from sandbox.route53.health import HealthCheckStatuses
from sandbox.route53.health_checks import HealthCheck, HealthChecks

_logger = logging.getLogger(__name__)

_RESCHEDULE_INTERVAL_SECONDS = 0.5
"""How often new and deleted checks are looked for."""


class Sleep(Protocol):
    """Waits, as `asyncio.sleep` does."""

    def __call__(self, seconds: float, /) -> Awaitable[None]:
        """Wait for so many seconds."""


class EndpointChecker(Protocol):
    """Makes one request, as `ask` does."""

    async def __call__(
        self, endpoint: CheckedEndpoint, network: CheckerNetwork, /, *, checked_at: float
    ) -> HealthCheckResult:
        """Ask an endpoint."""


class HealthCheckerFleet:
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
        health: HealthCheckStatuses,
        find_network: Callable[[Checker], CheckerNetwork],
        clock: Callable[[], float],
        speed_factor: float = 1.0,
        seed: int = 0,
        sleep: Sleep = asyncio.sleep,
        check_endpoint: EndpointChecker = check_endpoint,
    ) -> None:
        self._checks = checks
        self._health = health
        self._find_network = find_network
        self._clock = clock
        self._speed_factor = speed_factor
        self._sleep = sleep
        self._check_endpoint = check_endpoint
        self._start_offsets = random.Random(f"checkers {seed}")  # noqa: S311 -- a moment, not a secret
        self._tasks: dict[tuple[str, Checker], asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Work until cancelled."""
        try:
            async with asyncio.TaskGroup() as at_work:
                while True:
                    self._reschedule(at_work)
                    self._health.refresh()
                    await self._sleep(_RESCHEDULE_INTERVAL_SECONDS)
        except Exception:
            _logger.exception("the health checkers have stopped")
            raise

    def _reschedule(self, tasks: asyncio.TaskGroup) -> None:
        """Have every checker of every check at work, and no other."""
        wanted = {
            (check.id, checker)
            for check in self._checks.iterate_all()
            if check.has_endpoint
            for checker in list_checkers(check.config.get("Regions", ()))
        }
        for key in self._tasks.keys() - wanted:
            self._tasks.pop(key).cancel()
        for check_id, checker in sorted(wanted - self._tasks.keys(), key=lambda key: (key[0], key[1].number)):
            self._tasks[check_id, checker] = tasks.create_task(self._run_checker(check_id, checker))

    async def _run_checker(self, check_id: str, checker: Checker) -> None:
        check = self._checks.find_any(check_id)
        interval_seconds = check.config["RequestInterval"] / self._speed_factor if check else 0.0
        await self._sleep(self._start_offsets.random() * interval_seconds)
        while (check := self._checks.find_any(check_id)) is not None:
            if not check.config["Disabled"] and self._health.is_reporting(checker):
                await self._check_once(check, checker)
            # From an answer to the next request (AWS documentation, RequestInterval).
            await self._sleep(interval_seconds)

    async def _check_once(self, check: HealthCheck, checker: Checker) -> None:
        asked = check.version
        endpoint = CheckedEndpoint.from_config(check.id, check.config)
        finding = await self._check_endpoint(endpoint, self._find_network(checker), checked_at=self._clock())
        # What was found with other settings says nothing of the present ones, and from a silent checker nothing comes.
        present = check.version == asked and self._checks.find_any(check.id) is check
        if present and self._health.is_reporting(checker):
            self._health.record_result(check, checker, finding)
