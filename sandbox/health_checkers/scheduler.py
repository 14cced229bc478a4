"""The scheduler of the health checkers. Each checker makes requests for every check, at its own times."""

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
"""Interval between searches for new and deleted checks."""


class Sleep(Protocol):
    """Waits, as `asyncio.sleep` does."""

    def __call__(self, seconds: float, /) -> Awaitable[None]:
        """Wait for a number of seconds."""


class EndpointChecker(Protocol):
    """Makes one request, as `check_endpoint` does."""

    async def __call__(
        self, endpoint: CheckedEndpoint, network: CheckerNetwork, /, *, checked_at: float
    ) -> HealthCheckResult:
        """Check an endpoint."""


class HealthCheckerFleet:
    """All health checkers.

    Parameters
    ----------
    checks
        The configured health checks.
    health
        Records the results, and whether a checker counts.
    find_network
        Returns the network of a checker.
    clock
        Seconds since the epoch.
    speed_factor
        Speed of the requests relative to AWS. Timeouts do not change.
    seed
        Seed of the request times of each checker.
    sleep, check_endpoint
        Functions that wait, and that make one request.

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
        self._start_offsets = random.Random(f"checkers {seed}")  # noqa: S311 -- a time, not a secret
        self._tasks: dict[tuple[str, Checker], asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Run until cancelled."""
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
        """Start a task for every checker of every check, and cancel the others."""
        expected = {
            (check.id, checker)
            for check in self._checks.iterate_all()
            if check.has_endpoint
            for checker in list_checkers(check.config.get("Regions", ()))
        }
        for key in self._tasks.keys() - expected:
            self._tasks.pop(key).cancel()
        for check_id, checker in sorted(expected - self._tasks.keys(), key=lambda key: (key[0], key[1].number)):
            self._tasks[check_id, checker] = tasks.create_task(self._run_checker(check_id, checker))

    async def _run_checker(self, check_id: str, checker: Checker) -> None:
        check = self._checks.find_any(check_id)
        interval_seconds = check.config["RequestInterval"] / self._speed_factor if check else 0.0
        await self._sleep(self._start_offsets.random() * interval_seconds)
        while (check := self._checks.find_any(check_id)) is not None:
            if not check.config["Disabled"] and self._health.is_reporting(checker):
                await self._check_once(check, checker)
            # RequestInterval is the time from an answer to the next request (AWS documentation).
            await self._sleep(interval_seconds)

    async def _check_once(self, check: HealthCheck, checker: Checker) -> None:
        version = check.version
        endpoint = CheckedEndpoint.from_config(check.id, check.config)
        finding = await self._check_endpoint(endpoint, self._find_network(checker), checked_at=self._clock())
        # Drop a result of other settings, and the results of a checker that does not report.
        present = check.version == version and self._checks.find_any(check.id) is check
        if present and self._health.is_reporting(checker):
            self._health.record_result(check, checker, finding)
