"""The contract of every store, for the ledger in memory and the one in DynamoDB."""

from dataclasses import replace

import pytest

from cognito_failover.common.errors import LedgerConflictError
from cognito_failover.common.region import PerRole, RegionRole, route_all_to
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.core.model.event import Event, EventKind
from cognito_failover.core.model.location import AnswerCounts
from cognito_failover.core.model.state import ControllerState
from cognito_failover.core.observation import Observation, Reading
from cognito_failover.core.ports.stores import MAX_LEASE_SECONDS
from cognito_failover.core.preflight_result import CheckOutcome, CheckSeverity, PreflightFinding, PreflightResult
from cognito_failover.core.verdict import Verdict
from cognito_failover.probe.jwks_cache import EMPTY_JWKS, CachedJwks, CachedKey
from cognito_failover.timeline.sample import LatchSample, SignInSample, UserView
from tests.integration.storage.conftest import Ledger
from tests.support.controller_harness import ControllerHarness
from tests.unit.timeline.examples import make_sample

NOW = 1_800_000_000.0
STATE = ControllerState(
    created_at=NOW, active_role=RegionRole.PRIMARY, active_since=NOW, weights=route_all_to(RegionRole.PRIMARY)
)


def make_event(number: int, at: float = NOW) -> Event:
    return Event(kind=EventKind.PAUSED, at=at, message=f"number {number}")


def read_messages(ledger: Ledger, limit: int = 100) -> list[str]:
    return [entry.message for entry in ledger.load_history(limit=limit).events]


def make_observation(observer: str, at: float, verdict: Verdict = Verdict.HEALTHY) -> Observation:
    reading = Reading(verdict=verdict, detail="seen", login_verdict=verdict, login_latency_seconds=0.25)
    return Observation(
        observer=observer,
        observed_at=at,
        readings=PerRole(primary=reading, standby=reading),
        witness_answered=True,
    )


def test_empty_ledger_loads_nothing(ledger: Ledger) -> None:
    assert ledger.load() is None
    assert ledger.load_observations(("us-east-1", "eu-west-1")) == ()
    assert ledger.load_history(limit=10).events == ()
    assert ledger.load_keys() == EMPTY_JWKS


def test_saved_state_is_loaded_unchanged(ledger: Ledger) -> None:
    saved = ledger.save(STATE, expected=None)
    assert ledger.load() == saved
    assert saved.state == STATE


def test_each_save_creates_a_new_version(ledger: Ledger) -> None:
    first = ledger.save(STATE, expected=None)
    second = ledger.save(replace(STATE, round_message="more"), expected=first.version)
    assert second.version > first.version
    assert ledger.load() == second


def test_save_on_old_version_conflicts_and_saves_nothing(ledger: Ledger) -> None:
    first = ledger.save(STATE, expected=None)
    second = ledger.save(replace(STATE, round_message="theirs"), expected=first.version)
    with pytest.raises(LedgerConflictError):
        ledger.save(replace(STATE, round_message="ours"), expected=first.version)
    assert ledger.load() == second


def test_first_save_over_existing_state_conflicts(ledger: Ledger) -> None:
    ledger.save(STATE, expected=None)
    with pytest.raises(LedgerConflictError):
        ledger.save(replace(STATE, round_message="ours"), expected=None)


def test_save_on_lost_state_conflicts(ledger: Ledger) -> None:
    with pytest.raises(LedgerConflictError):
        ledger.save(STATE, expected=7)
    assert ledger.load() is None


def test_state_and_history_are_saved_atomically(ledger: Ledger) -> None:
    first = ledger.save(STATE, expected=None, events=[make_event(1), make_event(2)])
    with pytest.raises(LedgerConflictError):
        ledger.save(STATE, expected=first.version + 1, events=[make_event(3)])
    with pytest.raises(LedgerConflictError):
        ledger.save(STATE, expected=None, events=[make_event(4)])
    assert ledger.load() == first
    assert read_messages(ledger) == ["number 2", "number 1"]


def test_history_is_newest_first_and_limited(ledger: Ledger) -> None:
    version = None
    for number in range(5):
        at = NOW + number // 2  # two events in each second
        version = ledger.save(STATE, expected=version, events=[make_event(number, at)]).version
    assert read_messages(ledger) == [f"number {number}" for number in (4, 3, 2, 1, 0)]
    assert read_messages(ledger, limit=2) == ["number 4", "number 3"]


def test_history_range_is_exact_and_oldest_first(ledger: Ledger) -> None:
    version = None
    for number in range(5):
        version = ledger.save(STATE, expected=version, events=[make_event(number, NOW + number + 0.5)]).version
    entries = ledger.load_history_between(since=NOW + 1.9, until=NOW + 3)
    assert [entry.message for entry in entries] == ["number 1", "number 2", "number 3"]
    assert ledger.load_history_between(since=NOW + 100, until=NOW + 200) == ()


def test_lease_belongs_to_one_owner_until_it_expires(ledger: Ledger) -> None:
    assert ledger.acquire_lease("first", now=NOW, seconds=20)
    assert not ledger.acquire_lease("second", now=NOW + 19.9, seconds=20)
    assert ledger.acquire_lease("second", now=NOW + 20, seconds=20)
    assert not ledger.acquire_lease("first", now=NOW + 21, seconds=20)


def test_owner_renews_lease(ledger: Ledger) -> None:
    ledger.acquire_lease("first", now=NOW, seconds=20)
    assert ledger.acquire_lease("first", now=NOW + 10, seconds=20)
    assert not ledger.acquire_lease("second", now=NOW + 25, seconds=20)


def test_lease_of_a_host_whose_clock_is_ahead_is_not_believed(ledger: Ledger) -> None:
    ledger.acquire_lease("ahead", now=NOW + 86_400, seconds=20)
    assert ledger.acquire_lease("first", now=NOW, seconds=20)
    assert not ledger.acquire_lease("second", now=NOW + 1, seconds=20)


def test_lease_of_a_host_within_the_clock_skew_is_kept(ledger: Ledger) -> None:
    ledger.acquire_lease("ahead", now=NOW + 5, seconds=MAX_LEASE_SECONDS)
    assert not ledger.acquire_lease("first", now=NOW, seconds=20)


def test_released_lease_is_free_immediately(ledger: Ledger) -> None:
    ledger.acquire_lease("first", now=NOW, seconds=20)
    ledger.release_lease("first")
    assert ledger.acquire_lease("second", now=NOW, seconds=20)


def test_lease_of_another_owner_is_not_released(ledger: Ledger) -> None:
    ledger.release_lease("unknown")
    ledger.acquire_lease("first", now=NOW, seconds=20)
    ledger.release_lease("second")
    assert not ledger.acquire_lease("second", now=NOW + 1, seconds=20)


def test_latest_observation_of_each_observer_is_stored(ledger: Ledger) -> None:
    ledger.save_observation(make_observation("us-east-1", NOW))
    ledger.save_observation(make_observation("eu-west-1", NOW))
    latest = make_observation("us-east-1", NOW + 10, Verdict.SICK)
    ledger.save_observation(latest)
    assert ledger.load_observations(("us-east-1", "eu-west-1")) == (latest, make_observation("eu-west-1", NOW))


def test_requested_observations_are_read_in_order(ledger: Ledger) -> None:
    for observer in ("us-east-1", "eu-west-1", "us-west-2"):
        ledger.save_observation(make_observation(observer, NOW))
    read = ledger.load_observations(("us-west-2", "ap-south-1", "us-east-1"))
    assert [each.observer for each in read] == ["us-west-2", "us-east-1"]


def test_last_preflight_is_stored_with_every_finding(ledger: Ledger) -> None:
    finding = PreflightFinding(
        check="tokens-equal",
        severity=CheckSeverity.HIGH,
        outcome=CheckOutcome.FAILED,
        message="The iss differs.",
        remedy="Fix it.",
        blocks_failover=True,
        table=(("claim", "ap-northeast-1", "us-east-1"), ("iss", "one", "another")),
    )
    assert ledger.load_preflight() is None
    ledger.save_preflight(PreflightResult(at=NOW, findings=()))
    latest = PreflightResult(at=NOW + 3600, findings=(finding,))
    ledger.save_preflight(latest)
    assert ledger.load_preflight() == latest
    assert ledger.load() is None


def test_timeline_range_is_oldest_first(ledger: Ledger) -> None:
    for seconds in (0, 10.5, 20, 30):
        ledger.save_sample(make_sample(NOW + seconds))
    assert [each.at - NOW for each in ledger.load_samples(since=NOW + 10.5, until=NOW + 20)] == [10.5, 20]
    assert [each.at - NOW for each in ledger.load_samples(since=0, until=NOW + 100, limit=2)] == [20, 30]
    assert ledger.load_samples(since=NOW + 31, until=NOW + 100) == ()
    assert ledger.load_history(limit=10).events == ()


def test_sample_is_read_back_unchanged(ledger: Ledger) -> None:
    user_view = UserView(
        at=NOW + 1,
        duration_seconds=0.4,
        name_servers={"ns-1.example.net": AnswerCounts(primary=1, standby=2)},
        resolvers={"1.1.1.1": AnswerCounts(unclear=1, missing=1)},
        sign_in=SignInSample(at=NOW + 1, ok=False, code="connect-timeout"),
    )
    latches = {SteeredName.RECORDS: LatchSample(thrown=True, is_effective=False)}
    kept = make_sample(
        NOW,
        user_view=user_view,
        latches=latches,
        observed_weights=route_all_to(RegionRole.PRIMARY),
        move_id="m1",
        settings_fingerprint="c0",
    )
    ledger.save_sample(kept)
    assert ledger.load_samples(since=NOW, until=NOW) == (kept,)


def test_sample_saved_twice_is_stored_once(ledger: Ledger) -> None:
    ledger.save_sample(make_sample(NOW))
    ledger.save_sample(make_sample(NOW, reason="again"))
    assert [each.reason for each in ledger.load_samples(since=NOW, until=NOW)] == ["again"]


def test_long_timeline_is_read_over_many_pages(ledger: Ledger) -> None:
    for number in range(300):
        ledger.save_sample(make_sample(NOW + number, reason="x" * 5000))
    assert len(ledger.load_samples(since=NOW, until=NOW + 1000)) == 300
    assert [each.at - NOW for each in ledger.load_samples(since=NOW, until=NOW + 1000, limit=3)] == [297, 298, 299]


def test_key_set_is_stored(ledger: Ledger) -> None:
    kept = CachedJwks(fetched_at=NOW, keys={"k1": CachedKey(jwk={"kty": "RSA", "kid": "k1"}, listed_at=NOW)})
    ledger.save_keys(kept)
    assert ledger.load_keys() == kept
    assert ledger.load() is None


def test_every_state_of_failover_and_failback_round_trips(ledger: Ledger) -> None:
    version = None
    for state in _list_states_of_a_day():
        saved = ledger.save(state, expected=version, events=state.undelivered_events)
        version = saved.version
        assert ledger.load() == saved


def _list_states_of_a_day() -> list[ControllerState]:
    world = ControllerHarness().settle().set_primary(Verdict.SICK)
    states = []
    for action in ("", "", "", "failback", "", "", "", "abort", "pause"):
        world.notifier.is_available = False
        if action == "failback":
            world.set_primary(Verdict.HEALTHY).run(1)
        if action:
            minutes = {"minutes": 5} if action == "pause" else {}
            world.request(action, reason="busy", token=action, **minutes)
        world.run(1)
        states.append(world.state)
    return states
