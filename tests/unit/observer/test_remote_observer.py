"""An observer: its invocations, its observations and its settings."""

import io
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from cognito_failover.common.deadlines import Deadline
from cognito_failover.common.errors import LedgerUnavailableError, SettingsError
from cognito_failover.common.region import RegionRole
from cognito_failover.controller.bounded_calls import RoundBudget
from cognito_failover.core.canary_backoff import ALL_CLOSED, Backoff, Backoffs
from cognito_failover.core.observation import Observation
from cognito_failover.core.probe_result import SkipReason
from cognito_failover.core.verdict import Verdict
from cognito_failover.observer.observer import (
    ObservationResult,
    ObserverInvocation,
    RemoteObserver,
    compute_next_observation_at,
)
from cognito_failover.observer.telemetry import EmfObserverTelemetry
from cognito_failover_testing.memory_ledger import MemoryLedger
from tests.support.controller_harness import VirtualClock
from tests.support.multi_observer import (
    ALL_HEALTHY,
    IRELAND,
    PRIMARY_SICK,
    ScriptedState,
    make_observation,
    make_observer_settings,
)
from tests.support.settings import TOKYO, VIRGINIA

SETTINGS = make_observer_settings(IRELAND)
BEAT_OFFSET_SECONDS = 1_800_000_000.0  # a multiple of nine


class ScriptedObserver:
    """Returns scripted verdicts, and records the backoffs that it gets."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        self.sight: ScriptedState = ALL_HEALTHY
        self.takes_seconds = 0.5
        self.observed_at: list[float] = []
        self.received_backoffs: list[Backoffs] = []
        self.is_refused = False

    def observe(self, backoffs: Backoffs) -> tuple[Observation, Backoffs]:
        self.observed_at.append(self._clock.now - BEAT_OFFSET_SECONDS)
        self.received_backoffs.append(backoffs)
        self._clock.now += self.takes_seconds
        after = (
            ALL_CLOSED.replace(RegionRole.PRIMARY, Backoff(consecutive_rejections=1)) if self.is_refused else backoffs
        )
        return make_observation(IRELAND, self.sight, self._clock.now), after


class UnreliableLedger(MemoryLedger):
    """A ledger that can be made unavailable."""

    def __init__(self) -> None:
        super().__init__()
        self.is_available = True

    def save_observation(self, observation: Observation) -> None:
        self._ensure_available()
        super().save_observation(observation)

    def load_observations(self, observers: Sequence[str]) -> tuple[Observation, ...]:
        self._ensure_available()
        return super().load_observations(observers)

    def _ensure_available(self) -> None:
        if not self.is_available:
            raise LedgerUnavailableError("The table ledger is unavailable")


class ObserverTelemetryRecorder:
    """Records observations and refreshes."""

    def __init__(self) -> None:
        self.observations: list[ObservationResult] = []
        self.warm_up_count = 0

    def record_observation(self, result: ObservationResult, *, took_seconds: float) -> None:  # noqa: ARG002 - not needed here
        self.observations.append(result)

    def warm_up(self, deadline: Deadline) -> None:  # noqa: ARG002 - it takes no time
        self.warm_up_count += 1

    def refresh(self, deadline: Deadline) -> None:  # noqa: ARG002 - it takes no time
        self.warm_up_count += 1


class ObserverInvocationHarness:
    """Invocations of an observer."""

    def __init__(self, began_after: float = 1.0) -> None:
        self.clock = VirtualClock(BEAT_OFFSET_SECONDS + began_after)
        self.table = UnreliableLedger()
        self.observer = ScriptedObserver(self.clock)
        self.telemetry = ObserverTelemetryRecorder()
        self.invocation = ObserverInvocation(
            settings=SETTINGS,
            observer=RemoteObserver(settings=SETTINGS, store=self.table, prober=self.observer, clock=self.clock),
            telemetry=self.telemetry,
            refresher=self.telemetry,
            round_budget=RoundBudget(),
            clock=self.clock,
            sleep=self.clock.sleep,
        )

    def run(self, allowed_seconds: float = 120) -> tuple[str, ...]:
        until = self.clock.now + allowed_seconds
        return self.invocation.run(lambda: until - self.clock.now)


def test_observations_are_nine_seconds_apart() -> None:
    harness = ObserverInvocationHarness()
    assert harness.run() == ()
    assert harness.observer.observed_at == [9, 18, 27, 36, 45, 54]
    assert harness.telemetry.warm_up_count == 2


@pytest.mark.parametrize("late_seconds", [0.0, 1.3, 4.0])
def test_invocations_follow_without_gap(late_seconds: float) -> None:
    harness = ObserverInvocationHarness()
    harness.run()
    harness.clock.now = BEAT_OFFSET_SECONDS + 61 + late_seconds
    harness.run()
    gaps = [
        later - earlier
        for earlier, later in zip(harness.observer.observed_at, harness.observer.observed_at[1:], strict=False)
    ]
    assert set(gaps) <= {9} | ({18} if late_seconds > 2 else set())


def test_suspicion_shortens_interval() -> None:
    harness = ObserverInvocationHarness()
    harness.observer.sight = PRIMARY_SICK
    harness.run()
    assert harness.observer.observed_at == [9, 14, 18, 23, 27, 32, 36, 45, 54]


def test_slow_observation_is_followed_at_the_next_interval() -> None:
    assert (
        compute_next_observation_at(BEAT_OFFSET_SECONDS, BEAT_OFFSET_SECONDS + 10, 0, SETTINGS)
        == BEAT_OFFSET_SECONDS + 18
    )
    assert (
        compute_next_observation_at(BEAT_OFFSET_SECONDS, BEAT_OFFSET_SECONDS + 6, 1, SETTINGS)
        == BEAT_OFFSET_SECONDS + 6
    )


def test_observation_without_enough_time_is_not_started() -> None:
    harness = ObserverInvocationHarness()
    harness.run(allowed_seconds=30)
    assert harness.observer.observed_at == [9, 18]


def test_observation_is_stored_and_heartbeat_age_is_reported() -> None:
    harness = ObserverInvocationHarness()
    harness.table.save_observation(make_observation(VIRGINIA, ALL_HEALTHY, BEAT_OFFSET_SECONDS))
    harness.run()
    assert [each.observer for each in harness.table.load_observations((IRELAND,))] == [IRELAND]
    assert [result.heartbeat_age_seconds for result in harness.telemetry.observations] == [9, 18, 27, 36, 45, 54]


def test_unknown_controller_has_no_heartbeat() -> None:
    harness = ObserverInvocationHarness()
    assert harness.run() == ()
    assert {result.heartbeat_age_seconds for result in harness.telemetry.observations} == {None}


def test_unavailable_ledger_fails_observations_without_stopping_them() -> None:
    harness = ObserverInvocationHarness()
    harness.table.is_available = False
    assert harness.run() == 6 * ("The table ledger is unavailable",)
    assert len(harness.observer.observed_at) == 6


@pytest.mark.parametrize("at", ["warm_up", "refresh"])
def test_early_failure_keeps_all_observations_and_is_returned(at: str, monkeypatch: pytest.MonkeyPatch) -> None:
    harness = ObserverInvocationHarness()
    monkeypatch.setattr(harness.telemetry, at, _raise_error)
    [failure] = harness.run()
    assert "failed with an internal error: KeyError in tests.unit.observer.test_remote_observer, line" in failure
    assert harness.observer.observed_at == [9, 18, 27, 36, 45, 54]


def test_internal_error_in_one_observation_does_not_stop_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    harness = ObserverInvocationHarness()
    monkeypatch.setattr(harness.telemetry, "record_observation", _raise_error)
    failures = harness.run()
    assert [failure.partition(":")[0] for failure in failures] == ["An observation failed with an internal error"] * 6
    assert harness.observer.observed_at == [9, 18, 27, 36, 45, 54]


def _raise_error(*_: object, **__: object) -> None:
    raise KeyError("whatever")


def test_only_a_recent_heartbeat_pauses_the_canary() -> None:
    harness = ObserverInvocationHarness()
    heartbeat = make_observation(VIRGINIA, (Verdict.CANARY_BROKEN, Verdict.HEALTHY, True), BEAT_OFFSET_SECONDS)
    resting = replace(heartbeat.readings.primary, resting_reason=SkipReason.CANARY_REFUSED)
    readings = heartbeat.readings.replace(RegionRole.PRIMARY, resting)
    harness.table.save_observation(replace(heartbeat, readings=readings))
    harness.run()
    assert [backoffs.primary.is_half_open for backoffs in harness.observer.received_backoffs] == [
        True,
        True,
        False,
        False,
        False,
        False,
    ]


def test_refusal_pauses_canary() -> None:
    harness = ObserverInvocationHarness()
    harness.observer.is_refused = True
    harness.run()
    assert [backoffs.primary.is_half_open for backoffs in harness.observer.received_backoffs] == [False] + 5 * [True]


def test_observation_is_logged_and_heartbeat_measured() -> None:
    stream = io.StringIO()
    result = ObservationResult(
        observation=make_observation(IRELAND, PRIMARY_SICK, BEAT_OFFSET_SECONDS), heartbeat_age_seconds=7.5
    )
    EmfObserverTelemetry(SETTINGS, service="observer-healthy", stream=stream).record_observation(
        result, took_seconds=0.5
    )
    line, metrics = map(json.loads, stream.getvalue().splitlines())
    assert (line["level"], line["heartbeat_age_seconds"]) == ("INFO", 7.5)
    assert line["regions"][TOKYO]["verdict"] == "sick"
    assert (metrics["service"], metrics["HeartbeatAge"], metrics["LookErrors"]) == (
        "observer-healthy",
        [7.5],
        [0.0],
    )


def test_missing_heartbeat_has_no_age_and_failure_is_an_error() -> None:
    stream = io.StringIO()
    result = ObservationResult(
        observation=make_observation(IRELAND, ALL_HEALTHY, BEAT_OFFSET_SECONDS),
        heartbeat_age_seconds=None,
        failure="unavailable",
    )
    EmfObserverTelemetry(SETTINGS, service="observer-in-error", stream=stream).record_observation(
        result, took_seconds=0.5
    )
    line, metrics = map(json.loads, stream.getvalue().splitlines())
    assert (line["level"], line["failure"]) == ("ERROR", "unavailable")
    assert "HeartbeatAge" not in metrics
    assert metrics["LookErrors"] == [1.0]


REFUSED_SETTINGS: list[tuple[dict[str, Any], str]] = [
    ({"observer_region": TOKYO}, f"This is {TOKYO}, the primary Region"),
    ({"observer_region": VIRGINIA}, f"This is {VIRGINIA}, the standby Region"),
    ({"canary_secret_arn": f"arn:aws:secretsmanager:{VIRGINIA}:1:secret:c"}, f"names a secret in {VIRGINIA}"),
    ({"witness_regions": (IRELAND,)}, "WITNESS_REGIONS is empty"),
    ({"witness_regions": (TOKYO,)}, f"WITNESS_REGIONS names {TOKYO}"),
    ({"witness_regions": ("Ireland",)}, "WITNESS_REGIONS is 'Ireland'"),
    ({"round_interval_seconds": 25}, "ROUND_INTERVAL_SECONDS is 25"),
    ({"suspect_rounds": 1}, "SUSPECT_ROUNDS is 1; it must be from 2 to 30"),
]


@pytest.mark.parametrize(("changes", "message"), REFUSED_SETTINGS)
def test_contradictory_settings_are_rejected_with_names_and_numbers(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        make_observer_settings(IRELAND, **changes)


def test_own_region_is_no_witness() -> None:
    assert SETTINGS.probed_witness_regions == ("us-west-2", "ap-southeast-1")
