"""The pair of records by which a latch's check is seen to follow, and the latch that asks for it."""

import pytest

from failover.errors import LeverUnavailableError
from failover.levers.health_check_latch import HealthCheckLatch, Passage
from failover.levers.latch import LatchName
from failover.levers.latch_beacon import LatchBeacon, latch_beacon, settling_beacon
from failover.levers.latch_memory import MemorySwitch
from failover.levers.lever import Sight
from failover.levers.zone_memory import MemoryZone
from failover.region import Side
from tests.unit.latch.stage import DOMAIN_CHECK, RECORDS_CHECK, SETTINGS, TOKYO, VIRGINIA, CheckedServers

BEACON = latch_beacon(LatchName.RECORDS, SETTINGS)


class UnreadableSwitch(MemorySwitch):
    """One that nobody can read, and that may not be set by looking at it."""

    def read(self) -> None:
        return None

    def set(self, *, thrown: bool) -> None:
        raise AssertionError(f"it was set to {thrown}")


class Attached:
    """A latch whose beacon stands in a zone."""

    def __init__(
        self, beacon: LatchBeacon = BEACON, passage: Passage | None = None, switch: MemorySwitch | None = None
    ) -> None:
        self.zone = MemoryZone("example.com", beacon.record_sets)
        self.servers = CheckedServers(self.zone)
        self.switch = switch or MemorySwitch()
        self.passage = passage
        self.latch = HealthCheckLatch(
            name=LatchName.RECORDS,
            switch=self.switch,
            beacon=beacon,
            zone=self.zone,
            authority=self.servers,
            pass_through=(lambda: passage) if passage else None,
        )

    @property
    def sight(self) -> Sight:
        sight = self.latch.sight()
        assert sight
        return sight


def test_each_latch_has_a_beacon_of_its_own() -> None:
    assert BEACON.name == "_latch.auth.example.com."
    assert BEACON.check_id == RECORDS_CHECK
    of_domain = latch_beacon(LatchName.DOMAIN, SETTINGS)
    assert of_domain.name == "_region.login.example.com."
    assert of_domain.check_id == DOMAIN_CHECK


def test_a_check_settles_under_a_name_that_nobody_reads() -> None:
    assert settling_beacon(LatchName.RECORDS, SETTINGS).name == "_latch-settling.auth.example.com."
    assert settling_beacon(LatchName.DOMAIN, SETTINGS).name == "_latch-settling.login.example.com."


def test_a_beacon_answers_with_the_side_its_check_sends_users_to() -> None:
    world = Attached()
    assert world.servers.region_of(BEACON.name) == TOKYO
    world.servers.unhealthy = {RECORDS_CHECK}
    assert world.servers.region_of(BEACON.name) == VIRGINIA


def test_a_latch_is_attached_while_its_beacon_stands() -> None:
    world = Attached()
    assert world.sight.record_sets == BEACON.record_sets
    assert world.sight.name_servers == world.zone.facts().name_servers
    world.zone.remove(*BEACON.record_sets)
    assert world.latch.sight() is None


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"HealthCheckId": "another"}, id="another check"),
        pytest.param({"Weight": 0}, id="another weight"),
        pytest.param({"ResourceRecords": [{"Value": '"eu-west-1"'}]}, id="another Region"),
    ],
)
def test_a_beacon_of_something_else_is_none(change: dict[str, object]) -> None:
    world = Attached()
    world.zone.edit({**BEACON.pair.primary, **change})
    assert world.latch.sight() is None


def test_half_a_beacon_is_none() -> None:
    world = Attached()
    world.zone.remove(BEACON.pair.standby)
    assert world.latch.sight() is None


def test_a_beacon_whose_ttl_somebody_has_changed_is_still_one() -> None:
    world = Attached()
    world.zone.edit(*({**each, "TTL": 5} for each in BEACON.record_sets))
    assert world.latch.sight() is not None


def test_a_latch_has_arrived_when_every_name_server_answers_its_side() -> None:
    world = Attached()
    assert world.latch.answers(world.sight, Side.PRIMARY).moved
    assert not world.latch.answers(world.sight, Side.STANDBY).moved
    world.servers.unhealthy = {RECORDS_CHECK}
    confirmation = world.latch.answers(world.sight, Side.STANDBY)
    assert confirmation.moved
    assert confirmation.detail == "2 of 2 name servers answer with us-east-1 only."


def test_a_silent_name_server_is_named() -> None:
    world = Attached()
    world.servers.silent = {"ns-1.example.net"}
    assert world.latch.answers(world.sight, Side.PRIMARY).silent == ("ns-1.example.net",)


def test_cognitos_domain_has_arrived_only_if_a_request_through_it_is_served() -> None:
    served = Attached(passage=Passage(passed=True, sentence="It was answered 200."))
    confirmation = served.latch.answers(served.sight, Side.PRIMARY)
    assert confirmation.moved
    assert confirmation.detail.endswith("only. It was answered 200.")
    unserved = Attached(passage=Passage(passed=False, sentence="It was answered 503."))
    confirmation = unserved.latch.answers(unserved.sight, Side.PRIMARY)
    assert not confirmation.moved
    assert confirmation.detail.endswith("only. It was answered 503.")


def test_a_request_served_by_the_side_that_the_beacon_has_left_proves_nothing() -> None:
    world = Attached(passage=Passage(passed=True, sentence="It was answered 200."))
    assert not world.latch.answers(world.sight, Side.STANDBY).moved


def test_a_latch_is_kept_and_set_by_its_switch() -> None:
    world = Attached()
    world.latch.set(thrown=True)
    assert world.switch.thrown
    assert world.latch.keep(thrown=False)
    world.switch.trouble = "It is stuck."
    with pytest.raises(LeverUnavailableError, match=r"It is stuck\."):
        world.latch.keep(thrown=True)


def test_a_latch_of_which_nothing_is_known_goes_by_its_switch() -> None:
    world = Attached()
    world.switch.thrown = True
    assert world.latch.found(world.sight)
    assert world.latch.found(None)
    world.switch.trouble = "It is stuck."
    with pytest.raises(LeverUnavailableError, match=r"It is stuck\."):
        world.latch.found(world.sight)


def test_one_that_can_not_be_read_goes_by_what_its_beacon_shows_and_is_left_as_it_is() -> None:
    world = Attached(switch=UnreadableSwitch())
    assert not world.latch.found(world.sight)
    world.servers.unhealthy = {RECORDS_CHECK}
    assert world.latch.found(world.sight)


def test_one_that_can_not_be_read_and_is_not_attached_moves_nobody() -> None:
    assert not Attached(switch=UnreadableSwitch()).latch.found(None)


def test_that_name_servers_disagree_leaves_open_whether_a_latch_is_thrown() -> None:
    world = Attached(switch=UnreadableSwitch())
    world.servers.silent = {*world.zone.facts().name_servers}
    with pytest.raises(LeverUnavailableError, match=r"do not agree on what _latch\.auth\.example\.com\. says of it"):
        world.latch.found(world.sight)
