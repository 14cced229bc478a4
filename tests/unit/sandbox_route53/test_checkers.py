"""The locations of the health checkers, and the times of their requests."""

import asyncio
import heapq
import ipaddress
import itertools
from collections import defaultdict
from collections.abc import Callable

import pytest

from sandbox.health_checkers.endpoint_check import CheckedEndpoint, CheckerNetwork, HealthCheckResult
from sandbox.health_checkers.locations import CHECKERS, PUBLISHED_RANGES, REGIONS, Checker
from sandbox.health_checkers.scheduler import HealthCheckerFleet
from tests.unit.sandbox_route53.harness import Route53Harness

CHECK = {"Type": "HTTPS", "FullyQualifiedDomainName": "a.example.net", "RequestInterval": 10, "FailureThreshold": 1}


def test_every_region_of_the_service_model_has_two_checkers(harness: Route53Harness) -> None:
    modelled = harness.client.meta.service_model.shape_for("HealthCheckRegion").enum  # type: ignore[attr-defined] # of a string
    assert sorted(REGIONS) == sorted(modelled)
    assert sorted(checker.region for checker in CHECKERS) == sorted([*modelled, *modelled])


def test_checkers_have_distinct_addresses_in_published_ranges(harness: Route53Harness) -> None:
    published = [ipaddress.ip_network(cidr) for cidr in harness.client.get_checker_ip_ranges()["CheckerIpRanges"]]
    assert [str(network) for network in published] == list(PUBLISHED_RANGES)
    addresses = {ipaddress.ip_address(checker.address) for checker in CHECKERS}
    assert len(addresses) == len(CHECKERS)
    assert all(any(address in network for network in published) for address in addresses)


class CheckerTime:
    """A clock that advances when all tasks wait."""

    def __init__(self, harness: Route53Harness, until: float) -> None:
        self._harness = harness
        self._until = until
        self._waiting: list[tuple[float, int, asyncio.Future[None]]] = []
        self._count = 0

    async def sleep(self, seconds: float) -> None:
        woken = asyncio.get_running_loop().create_future()
        self._count += 1
        heapq.heappush(self._waiting, (self._harness.clock.now + seconds, self._count, woken))
        await woken

    async def run_until_end(self) -> None:
        for _ in range(3):
            await asyncio.sleep(0)
        while self._waiting and self._waiting[0][0] <= self._until:
            self._harness.clock.now, _, woken = heapq.heappop(self._waiting)
            woken.set_result(None)
            for _ in range(3):  # let awakened tasks sleep again
                await asyncio.sleep(0)


def run_checkers(
    harness: Route53Harness,
    *,
    seconds: float,
    passed: bool = True,
    speed_factor: float = 1.0,
    meanwhile: Callable[[], object] = lambda: None,
) -> dict[str, list[float]]:
    """Run the checkers for a time. Return the times of each address's requests, from the start.

    ``meanwhile`` is called between every request and its answer.
    """
    requests: dict[str, list[float]] = defaultdict(list)
    started = harness.clock.now
    unreachable: dict[str, Checker] = {}

    def find_network(checker: Checker) -> CheckerNetwork:
        unreachable[checker.address] = checker
        return CheckerNetwork(
            source_address=checker.address, resolve=_resolve_nothing, route=lambda _address, _port: None
        )

    async def check_endpoint(
        _endpoint: CheckedEndpoint, network: CheckerNetwork, *, checked_at: float
    ) -> HealthCheckResult:
        requests[network.source_address].append(checked_at - started)
        meanwhile()
        return HealthCheckResult(passed=passed, report="so", checked_at=checked_at)

    async def work() -> None:
        time = CheckerTime(harness, started + seconds)
        route53 = harness.route53
        fleet = HealthCheckerFleet(
            checks=route53.health_checks,
            health=route53.health_statuses,
            find_network=find_network,
            clock=harness.clock,
            speed_factor=speed_factor,
            sleep=time.sleep,
            check_endpoint=check_endpoint,
        )
        working = asyncio.create_task(fleet.run())
        await time.run_until_end()
        working.cancel()
        with pytest.raises(asyncio.CancelledError):
            await working

    asyncio.run(work())
    return requests


async def _resolve_nothing(_name: str) -> None:
    return None


def create_check(harness: Route53Harness, reference: str = "one", **more: object) -> str:
    config: dict[str, object] = {**CHECK, **more}
    return harness.client.create_health_check(CallerReference=reference, HealthCheckConfig=config)["HealthCheck"]["Id"]  # type: ignore[arg-type] # a variable


@pytest.mark.parametrize("interval_seconds", [10, 30])
def test_each_checker_requests_at_interval_with_its_own_offset(harness: Route53Harness, interval_seconds: int) -> None:
    create_check(harness, RequestInterval=interval_seconds)
    requests = run_checkers(harness, seconds=3.5 * interval_seconds)
    assert set(requests) == {checker.address for checker in CHECKERS}
    for moments in requests.values():
        assert 0 <= moments[0] <= interval_seconds
        assert {round(later - sooner, 6) for sooner, later in itertools.pairwise(moments)} == {interval_seconds}
    assert len({moments[0] for moments in requests.values()}) == len(CHECKERS)


def test_faster_pace_shortens_the_interval(harness: Route53Harness) -> None:
    create_check(harness)
    [moments, *_] = run_checkers(harness, seconds=5, speed_factor=10).values()
    assert moments[1] - moments[0] == pytest.approx(1)


def test_endpoint_that_fails_everywhere_is_unhealthy_within_the_interval(harness: Route53Harness) -> None:
    check = create_check(harness)
    run_checkers(harness, seconds=10.5, passed=False)
    assert not harness.route53.is_healthy(check)


def test_disabled_check_makes_no_requests(harness: Route53Harness) -> None:
    create_check(harness, Disabled=True)
    assert run_checkers(harness, seconds=30) == {}


def test_check_without_endpoint_makes_no_requests(harness: Route53Harness) -> None:
    harness.client.create_health_check(
        CallerReference="parent",
        HealthCheckConfig={
            "Type": "CALCULATED", "HealthThreshold": 1, "ChildHealthChecks": [create_check(harness, Disabled=True)]
        },
    )  # fmt: skip
    assert run_checkers(harness, seconds=30) == {}


def test_checker_unable_to_report_makes_no_requests(harness: Route53Harness) -> None:
    create_check(harness)
    harness.route53.health_statuses.is_reporting = lambda checker: checker.region != "us-east-1"
    requests = run_checkers(harness, seconds=30)
    assert set(requests) == {checker.address for checker in CHECKERS if checker.region != "us-east-1"}


def test_running_checkers_pick_up_new_checks_and_drop_deleted_ones(harness: Route53Harness) -> None:
    first = create_check(harness)
    assert run_checkers(harness, seconds=10.5)
    harness.client.delete_health_check(HealthCheckId=first)
    assert run_checkers(harness, seconds=30) == {}
    create_check(harness, "two")
    assert run_checkers(harness, seconds=10.5)


def test_result_requested_before_a_change_is_ignored(harness: Route53Harness) -> None:
    check = create_check(harness)
    health_checks = harness.route53.health_checks

    def change() -> None:
        known = health_checks.find_any(check)
        assert known is not None
        known.version += 1

    assert run_checkers(harness, seconds=10.5, passed=False, meanwhile=change)
    assert harness.client.get_health_check_status(HealthCheckId=check)["HealthCheckObservations"] == []


def test_result_of_silenced_checker_is_ignored(harness: Route53Harness) -> None:
    check = create_check(harness)

    def fall_silent() -> None:
        harness.route53.health_statuses.is_reporting = lambda _checker: False

    assert run_checkers(harness, seconds=10.5, passed=False, meanwhile=fall_silent)
    assert harness.client.get_health_check_status(HealthCheckId=check)["HealthCheckObservations"] == []
