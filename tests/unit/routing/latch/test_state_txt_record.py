"""The pair of records by which a latch's check is seen to follow, and the latch that asks for it."""

import pytest

from cognito_failover.common.errors import LeverUnavailableError
from cognito_failover.common.latch_name import LatchName
from cognito_failover.common.region import RegionRole
from cognito_failover.core.model.records import DnsWatch
from cognito_failover.routing.latch.health_check_latch import HealthCheckLatch, RequestOutcome
from cognito_failover.routing.latch.state_txt_record import (
    LatchStateRecord,
    build_latch_state_record,
    build_settling_record,
)
from cognito_failover_testing.memory_hosted_zone import MemoryZone
from cognito_failover_testing.memory_switch import MemoryLatchSwitch
from tests.unit.routing.latch.attachment_harness import (
    DOMAIN_CHECK,
    RECORDS_CHECK,
    SETTINGS,
    TOKYO,
    VIRGINIA,
    HealthCheckedNameServers,
)

STATE_RECORD = build_latch_state_record(LatchName.RECORDS, SETTINGS)


class UnreadableSwitch(MemoryLatchSwitch):
    """One that nobody can read, and that may not be set by looking at it."""

    def read(self) -> None:
        return None

    def set(self, *, thrown: bool) -> None:
        raise AssertionError(f"it was set to {thrown}")


class AttachedLatchHarness:
    """A latch whose beacon stands in a zone."""

    def __init__(
        self,
        beacon: LatchStateRecord = STATE_RECORD,
        passage: RequestOutcome | None = None,
        switch: MemoryLatchSwitch | None = None,
    ) -> None:
        self.zone = MemoryZone("example.com", beacon.record_sets)
        self.name_servers = HealthCheckedNameServers(self.zone)
        self.switch = switch or MemoryLatchSwitch()
        self.request_outcome = passage
        self.latch = HealthCheckLatch(
            name=LatchName.RECORDS,
            switch=self.switch,
            state_record=beacon,
            zone=self.zone,
            authority=self.name_servers,
            check_domain=(lambda: passage) if passage else None,
        )

    @property
    def dns_watch(self) -> DnsWatch:
        sight = self.latch.find_state_record()
        assert sight
        return sight


def test_each_latch_has_its_own_state_record() -> None:
    assert STATE_RECORD.name == "_latch.auth.example.com."
    assert STATE_RECORD.check_id == RECORDS_CHECK
    of_domain = build_latch_state_record(LatchName.DOMAIN, SETTINGS)
    assert of_domain.name == "_region.login.example.com."
    assert of_domain.check_id == DOMAIN_CHECK


def test_check_settles_under_unused_name() -> None:
    assert build_settling_record(LatchName.RECORDS, SETTINGS).name == "_latch-settling.auth.example.com."
    assert build_settling_record(LatchName.DOMAIN, SETTINGS).name == "_latch-settling.login.example.com."


def test_state_record_resolves_to_role_of_its_check() -> None:
    world = AttachedLatchHarness()
    assert world.name_servers.get_served_region(STATE_RECORD.name) == TOKYO
    world.name_servers.unhealthy = {RECORDS_CHECK}
    assert world.name_servers.get_served_region(STATE_RECORD.name) == VIRGINIA


def test_latch_is_attached_while_state_record_exists() -> None:
    world = AttachedLatchHarness()
    assert world.dns_watch.record_sets == STATE_RECORD.record_sets
    assert world.dns_watch.name_servers == world.zone.get_info().name_servers
    world.zone.remove_by_hand(*STATE_RECORD.record_sets)
    assert world.latch.find_state_record() is None


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"HealthCheckId": "another"}, id="another check"),
        pytest.param({"Weight": 0}, id="another weight"),
        pytest.param({"ResourceRecords": [{"Value": '"eu-west-1"'}]}, id="another Region"),
    ],
)
def test_foreign_record_is_not_a_state_record(change: dict[str, object]) -> None:
    world = AttachedLatchHarness()
    world.zone.set_by_hand({**STATE_RECORD.pair.primary, **change})
    assert world.latch.find_state_record() is None


def test_incomplete_state_record_pair_is_not_attached() -> None:
    world = AttachedLatchHarness()
    world.zone.remove_by_hand(STATE_RECORD.pair.standby)
    assert world.latch.find_state_record() is None


def test_state_record_with_changed_ttl_is_attached() -> None:
    world = AttachedLatchHarness()
    world.zone.set_by_hand(*({**each, "TTL": 5} for each in STATE_RECORD.record_sets))
    assert world.latch.find_state_record() is not None


def test_latch_is_effective_when_every_name_server_agrees() -> None:
    world = AttachedLatchHarness()
    assert world.latch.confirm(world.dns_watch, RegionRole.PRIMARY).moved
    assert not world.latch.confirm(world.dns_watch, RegionRole.STANDBY).moved
    world.name_servers.unhealthy = {RECORDS_CHECK}
    confirmation = world.latch.confirm(world.dns_watch, RegionRole.STANDBY)
    assert confirmation.moved
    assert confirmation.detail == "2 of 2 name servers answer with us-east-1 only."


def test_silent_name_server_is_named() -> None:
    world = AttachedLatchHarness()
    world.name_servers.silent = {"ns-1.example.net"}
    assert world.latch.confirm(world.dns_watch, RegionRole.PRIMARY).unresponsive == ("ns-1.example.net",)


def test_domain_latch_is_effective_only_after_served_request() -> None:
    served = AttachedLatchHarness(passage=RequestOutcome(succeeded=True, message="It was answered 200."))
    confirmation = served.latch.confirm(served.dns_watch, RegionRole.PRIMARY)
    assert confirmation.moved
    assert confirmation.detail.endswith("only. It was answered 200.")
    unserved = AttachedLatchHarness(passage=RequestOutcome(succeeded=False, message="It was answered 503."))
    confirmation = unserved.latch.confirm(unserved.dns_watch, RegionRole.PRIMARY)
    assert not confirmation.moved
    assert confirmation.detail.endswith("only. It was answered 503.")


def test_request_served_by_previous_region_is_no_confirmation() -> None:
    world = AttachedLatchHarness(passage=RequestOutcome(succeeded=True, message="It was answered 200."))
    assert not world.latch.confirm(world.dns_watch, RegionRole.STANDBY).moved


def test_latch_state_is_read_from_and_set_by_switch() -> None:
    world = AttachedLatchHarness()
    world.latch.set(thrown=True)
    assert world.switch.thrown
    assert world.latch.refresh(thrown=False)
    world.switch.failure_message = "It is stuck."
    with pytest.raises(LeverUnavailableError, match=r"It is stuck\."):
        world.latch.refresh(thrown=True)


def test_unknown_latch_uses_its_switch() -> None:
    world = AttachedLatchHarness()
    world.switch.thrown = True
    assert world.latch.read_initial_state(world.dns_watch)
    assert world.latch.read_initial_state(None)
    world.switch.failure_message = "It is stuck."
    with pytest.raises(LeverUnavailableError, match=r"It is stuck\."):
        world.latch.read_initial_state(world.dns_watch)


def test_unreadable_switch_uses_state_record_unchanged() -> None:
    world = AttachedLatchHarness(switch=UnreadableSwitch())
    assert not world.latch.read_initial_state(world.dns_watch)
    world.name_servers.unhealthy = {RECORDS_CHECK}
    assert world.latch.read_initial_state(world.dns_watch)


def test_unreadable_detached_latch_moves_no_users() -> None:
    assert not AttachedLatchHarness(switch=UnreadableSwitch()).latch.read_initial_state(None)


def test_disagreeing_name_servers_leave_latch_state_unknown() -> None:
    world = AttachedLatchHarness(switch=UnreadableSwitch())
    world.name_servers.silent = {*world.zone.get_info().name_servers}
    with pytest.raises(LeverUnavailableError, match=r"do not agree on what _latch\.auth\.example\.com\. says of it"):
        world.latch.read_initial_state(world.dns_watch)
