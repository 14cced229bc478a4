"""Where the health checkers are, and when each of them asks."""

import asyncio
import heapq
import ipaddress
import itertools
from collections import defaultdict
from collections.abc import Callable

import pytest

from sandbox.checkers.fleet import Fleet
from sandbox.checkers.places import CHECKERS, PUBLISHED_RANGES, REGIONS, Checker
from sandbox.checkers.request import Endpoint, Finding, Network
from tests.unit.sandbox_route53.world import World

CHECK = {"Type": "HTTPS", "FullyQualifiedDomainName": "a.example.net", "RequestInterval": 10, "FailureThreshold": 1}


def test_every_region_of_the_service_model_has_two_checkers(world: World) -> None:
    modelled = world.client.meta.service_model.shape_for("HealthCheckRegion").enum  # type: ignore[attr-defined] # of a string
    assert sorted(REGIONS) == sorted(modelled)
    assert sorted(checker.region for checker in CHECKERS) == sorted([*modelled, *modelled])


def test_every_checker_calls_from_a_published_range_and_no_two_from_one_address(world: World) -> None:
    published = [ipaddress.ip_network(cidr) for cidr in world.client.get_checker_ip_ranges()["CheckerIpRanges"]]
    assert [str(network) for network in published] == list(PUBLISHED_RANGES)
    addresses = {ipaddress.ip_address(checker.address) for checker in CHECKERS}
    assert len(addresses) == len(CHECKERS)
    assert all(any(address in network for network in published) for address in addresses)


class Time:
    """Time that passes when everybody waits for it."""

    def __init__(self, world: World, until: float) -> None:
        self._world = world
        self._until = until
        self._waiting: list[tuple[float, int, asyncio.Future[None]]] = []
        self._count = 0

    async def sleep(self, seconds: float) -> None:
        woken = asyncio.get_running_loop().create_future()
        self._count += 1
        heapq.heappush(self._waiting, (self._world.clock.now + seconds, self._count, woken))
        await woken

    async def pass_by(self) -> None:
        for _ in range(3):
            await asyncio.sleep(0)
        while self._waiting and self._waiting[0][0] <= self._until:
            self._world.clock.now, _, woken = heapq.heappop(self._waiting)
            woken.set_result(None)
            for _ in range(3):  # whoever wakes goes to sleep again
                await asyncio.sleep(0)


def run(
    world: World,
    *,
    seconds: float,
    passed: bool = True,
    pace: float = 1.0,
    meanwhile: Callable[[], object] = lambda: None,
) -> dict[str, list[float]]:
    """Have the checkers at work for so long; gives the moments at which each address asked, counted from the start.

    Something may happen meanwhile, between every question and its answer.
    """
    asked: dict[str, list[float]] = defaultdict(list)
    started = world.clock.now
    unreachable: dict[str, Checker] = {}

    def network_of(checker: Checker) -> Network:
        unreachable[checker.address] = checker
        return Network(source=checker.address, resolve=_no_name, route=lambda _address, _port: None)

    async def ask(_endpoint: Endpoint, network: Network, *, at: float) -> Finding:
        asked[network.source].append(at - started)
        meanwhile()
        return Finding(passed=passed, report="so", at=at)

    async def work() -> None:
        time = Time(world, started + seconds)
        route53 = world.route53
        fleet = Fleet(
            checks=route53.health_checks, health=route53.health, network_of=network_of, clock=world.clock, pace=pace,
            sleep=time.sleep, ask=ask,
        )  # fmt: skip
        working = asyncio.create_task(fleet.run())
        await time.pass_by()
        working.cancel()
        with pytest.raises(asyncio.CancelledError):
            await working

    asyncio.run(work())
    return asked


async def _no_name(_name: str) -> None:
    return None


def create(world: World, reference: str = "one", **more: object) -> str:
    config: dict[str, object] = {**CHECK, **more}
    return world.client.create_health_check(CallerReference=reference, HealthCheckConfig=config)["HealthCheck"]["Id"]  # type: ignore[arg-type] # a variable


@pytest.mark.parametrize("interval_seconds", [10, 30])
def test_each_checker_asks_at_the_interval_and_at_moments_of_its_own(world: World, interval_seconds: int) -> None:
    create(world, RequestInterval=interval_seconds)
    asked = run(world, seconds=3.5 * interval_seconds)
    assert set(asked) == {checker.address for checker in CHECKERS}
    for moments in asked.values():
        assert 0 <= moments[0] <= interval_seconds
        assert {round(later - sooner, 6) for sooner, later in itertools.pairwise(moments)} == {interval_seconds}
    assert len({moments[0] for moments in asked.values()}) == len(CHECKERS)


def test_a_faster_pace_shortens_the_interval(world: World) -> None:
    create(world)
    [moments, *_] = run(world, seconds=5, pace=10).values()
    assert moments[1] - moments[0] == pytest.approx(1)


def test_an_endpoint_that_fails_everywhere_is_unhealthy_within_the_interval(world: World) -> None:
    check = create(world)
    run(world, seconds=10.5, passed=False)
    assert not world.route53.healthy(check)


def test_nobody_asks_for_a_disabled_check(world: World) -> None:
    create(world, Disabled=True)
    assert run(world, seconds=30) == {}


def test_nobody_asks_for_a_check_without_an_endpoint(world: World) -> None:
    world.client.create_health_check(
        CallerReference="parent",
        HealthCheckConfig={
            "Type": "CALCULATED", "HealthThreshold": 1, "ChildHealthChecks": [create(world, Disabled=True)]
        },
    )  # fmt: skip
    assert run(world, seconds=30) == {}


def test_a_checker_that_can_not_report_does_not_ask(world: World) -> None:
    create(world)
    world.route53.health.reports = lambda checker: checker.region != "us-east-1"
    asked = run(world, seconds=30)
    assert set(asked) == {checker.address for checker in CHECKERS if checker.region != "us-east-1"}


def test_a_check_made_while_the_checkers_work_is_taken_up_and_a_deleted_one_dropped(world: World) -> None:
    first = create(world)
    assert run(world, seconds=10.5)
    world.client.delete_health_check(HealthCheckId=first)
    assert run(world, seconds=30) == {}
    create(world, "two")
    assert run(world, seconds=10.5)


def test_what_was_asked_before_a_change_says_nothing_after_it(world: World) -> None:
    check = create(world)
    health_checks = world.route53.health_checks

    def change() -> None:
        known = health_checks.known(check)
        assert known is not None
        known.version += 1

    assert run(world, seconds=10.5, passed=False, meanwhile=change)
    assert world.client.get_health_check_status(HealthCheckId=check)["HealthCheckObservations"] == []


def test_what_is_found_while_falling_silent_does_not_arrive(world: World) -> None:
    check = create(world)

    def fall_silent() -> None:
        world.route53.health.reports = lambda _checker: False

    assert run(world, seconds=10.5, passed=False, meanwhile=fall_silent)
    assert world.client.get_health_check_status(HealthCheckId=check)["HealthCheckObservations"] == []
