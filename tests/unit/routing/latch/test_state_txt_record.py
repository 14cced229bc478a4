"""The state TXT record of a latch's check, and the latch that queries it."""

import pytest

from cognito_failover.common.errors import LeverUnavailableError
from cognito_failover.common.region import RegionRole
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.core.model.records import DnsWatch
from cognito_failover.routing.dns.user_locator import DnsUserLocator
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

STATE_RECORD = build_latch_state_record(SteeredName.RECORDS, SETTINGS)


class UnreadableSwitch(MemoryLatchSwitch):
    """A write-only switch. Reading the latch must not set it."""

    def read(self) -> None:
        return None

    def set(self, *, thrown: bool, revision: str | None, version: int) -> None:  # noqa: ARG002 - refuses every call
        raise AssertionError(f"The switch was set to {thrown}.")


class AttachedLatchHarness:
    """A latch whose state TXT record is in a zone."""

    def __init__(
        self,
        state_record: LatchStateRecord = STATE_RECORD,
        request_outcome: RequestOutcome | None = None,
        switch: MemoryLatchSwitch | None = None,
    ) -> None:
        self.zone = MemoryZone("example.com", state_record.record_sets)
        self.name_servers = HealthCheckedNameServers(self.zone)
        self.switch = switch or MemoryLatchSwitch()
        self.request_outcome = request_outcome
        self.latch = HealthCheckLatch(
            name=SteeredName.RECORDS,
            switch=self.switch,
            state_record=state_record,
            zone=self.zone,
            locator=DnsUserLocator(SETTINGS, authority=self.name_servers),
            check_domain=(lambda: request_outcome) if request_outcome else None,
        )

    @property
    def dns_watch(self) -> DnsWatch:
        watch = self.latch.find_state_record()
        assert watch
        return watch


def test_each_latch_has_its_own_state_record() -> None:
    assert STATE_RECORD.name == "_latch.auth.example.com."
    assert STATE_RECORD.check_id == RECORDS_CHECK
    domain_record = build_latch_state_record(SteeredName.DOMAIN, SETTINGS)
    assert domain_record.name == "_region.login.example.com."
    assert domain_record.check_id == DOMAIN_CHECK


def test_settling_record_has_its_own_name() -> None:
    assert build_settling_record(SteeredName.RECORDS, SETTINGS).name == "_latch-settling.auth.example.com."
    assert build_settling_record(SteeredName.DOMAIN, SETTINGS).name == "_latch-settling.login.example.com."


def test_state_record_answers_with_region_of_its_check() -> None:
    harness = AttachedLatchHarness()
    assert harness.name_servers.get_served_region(STATE_RECORD.name) == TOKYO
    harness.name_servers.unhealthy = {RECORDS_CHECK}
    assert harness.name_servers.get_served_region(STATE_RECORD.name) == VIRGINIA


def test_latch_without_state_record_is_not_attached() -> None:
    harness = AttachedLatchHarness()
    assert harness.dns_watch.record_sets == STATE_RECORD.record_sets
    assert harness.dns_watch.name_servers == harness.zone.get_info().name_servers
    harness.zone.remove_by_hand(*STATE_RECORD.record_sets)
    assert harness.latch.find_state_record() is None


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"HealthCheckId": "another"}, id="another check"),
        pytest.param({"Weight": 0}, id="another weight"),
        pytest.param({"ResourceRecords": [{"Value": '"eu-west-1"'}]}, id="another Region"),
    ],
)
def test_foreign_record_is_not_a_state_record(change: dict[str, object]) -> None:
    harness = AttachedLatchHarness()
    harness.zone.set_by_hand({**STATE_RECORD.pair.primary, **change})
    assert harness.latch.find_state_record() is None


def test_incomplete_state_record_pair_is_not_attached() -> None:
    harness = AttachedLatchHarness()
    harness.zone.remove_by_hand(STATE_RECORD.pair.standby)
    assert harness.latch.find_state_record() is None


def test_state_record_with_changed_ttl_is_attached() -> None:
    harness = AttachedLatchHarness()
    harness.zone.set_by_hand(*({**record_set, "TTL": 5} for record_set in STATE_RECORD.record_sets))
    assert harness.latch.find_state_record() is not None


def test_latch_is_effective_when_all_name_servers_agree() -> None:
    harness = AttachedLatchHarness()
    assert harness.latch.confirm(harness.dns_watch, RegionRole.PRIMARY).moved
    assert not harness.latch.confirm(harness.dns_watch, RegionRole.STANDBY).moved
    harness.name_servers.unhealthy = {RECORDS_CHECK}
    confirmation = harness.latch.confirm(harness.dns_watch, RegionRole.STANDBY)
    assert confirmation.moved
    assert confirmation.detail == "2 of 2 name servers answer with us-east-1 only."


def test_silent_name_server_is_named() -> None:
    harness = AttachedLatchHarness()
    harness.name_servers.silent = {"ns-1.example.net"}
    assert harness.latch.confirm(harness.dns_watch, RegionRole.PRIMARY).unresponsive == ("ns-1.example.net",)


def test_domain_latch_is_effective_only_after_served_request() -> None:
    served = AttachedLatchHarness(request_outcome=RequestOutcome(succeeded=True, message="It was answered 200."))
    confirmation = served.latch.confirm(served.dns_watch, RegionRole.PRIMARY)
    assert confirmation.moved
    assert confirmation.detail.endswith("only. It was answered 200.")
    unserved = AttachedLatchHarness(request_outcome=RequestOutcome(succeeded=False, message="It was answered 503."))
    confirmation = unserved.latch.confirm(unserved.dns_watch, RegionRole.PRIMARY)
    assert not confirmation.moved
    assert confirmation.detail.endswith("only. It was answered 503.")


def test_request_served_by_previous_region_is_no_confirmation() -> None:
    harness = AttachedLatchHarness(request_outcome=RequestOutcome(succeeded=True, message="It was answered 200."))
    assert not harness.latch.confirm(harness.dns_watch, RegionRole.STANDBY).moved


def test_latch_state_is_read_from_and_set_by_switch() -> None:
    harness = AttachedLatchHarness()
    harness.latch.set(thrown=True, revision="", version=1)
    assert harness.switch.thrown
    assert harness.latch.refresh(thrown=False)
    harness.switch.failure_message = "PutObject failed."
    with pytest.raises(LeverUnavailableError, match=r"PutObject failed\."):
        harness.latch.refresh(thrown=True)


def test_initial_state_is_read_from_switch() -> None:
    harness = AttachedLatchHarness()
    harness.switch.thrown = True
    assert harness.latch.read_initial_state(harness.dns_watch)
    assert harness.latch.read_initial_state(None)
    harness.switch.failure_message = "PutObject failed."
    with pytest.raises(LeverUnavailableError, match=r"PutObject failed\."):
        harness.latch.read_initial_state(harness.dns_watch)


def test_initial_state_of_write_only_switch_is_read_from_dns() -> None:
    harness = AttachedLatchHarness(switch=UnreadableSwitch())
    assert not harness.latch.read_initial_state(harness.dns_watch)
    harness.name_servers.unhealthy = {RECORDS_CHECK}
    assert harness.latch.read_initial_state(harness.dns_watch)


def test_write_only_detached_latch_is_not_thrown() -> None:
    assert not AttachedLatchHarness(switch=UnreadableSwitch()).latch.read_initial_state(None)


def test_silent_name_servers_leave_initial_state_unknown() -> None:
    harness = AttachedLatchHarness(switch=UnreadableSwitch())
    harness.name_servers.silent = {*harness.zone.get_info().name_servers}
    with pytest.raises(LeverUnavailableError, match=r"do not agree on _latch\.auth\.example\.com\."):
        harness.latch.read_initial_state(harness.dns_watch)
