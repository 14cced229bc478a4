"""Any call may hang: users still move within the promised time, by each lever that works."""

import math
import statistics
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cognito_failover.common.errors import LeverBusyError
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.common.time_budget import LEVER_BUDGET_SECONDS
from cognito_failover.controller.move_driver import BUSY_PAUSES_SECONDS
from cognito_failover.settings.validation import RANGES
from tests.support.virtual_time import LATCH_TIMEOUT_SECONDS, VirtualMinutes

SLOW = 1.5
"""Seconds of one slow call to Route 53's control plane."""

RECORDS, BOTH = (SteeredName.RECORDS,), tuple(SteeredName)
REMAINING_SECONDS = 0.5
"""Seconds that the ledger takes between a decision and the levers."""


def build_extreme_settings(interval: int) -> dict[str, Any]:
    """Return the longest probe deadline for an interval, and the settings that depend on it."""
    deadline = min(interval - LEVER_BUDGET_SECONDS, RANGES["probe_deadline_seconds"][1])
    return {
        "round_interval_seconds": interval,
        "probe_deadline_seconds": deadline,
        "connect_timeout_seconds": 1.0,
        "read_timeout_seconds": min(deadline - 1.0, 30.0),
        "cool_down_seconds": 900,
    }


INTERVALS = [10, 12, 15, 20, 30, 60]
PACES = [*({"round_interval_seconds": interval} for interval in INTERVALS), *map(build_extreme_settings, INTERVALS)]


def simulate_outage(
    *,
    changes: dict[str, Any],
    latches: tuple[SteeredName, ...],
    second: float,
    late: float,
    route_53: float,
    hangs: bool,
) -> VirtualMinutes:
    """Make the primary hang from this second of the minute on, with each probe at its deadline."""
    minutes = VirtualMinutes(latches=latches, **changes)
    minutes.invocation_delay_seconds = late
    minutes.sick_probe_seconds = minutes.world.settings.probe_deadline_seconds
    minutes.route_53_seconds = route_53
    minutes.settle()
    minutes.are_latches_hanging = hangs
    minutes.run(1)
    minutes.fault_at = minutes.next_minute_at + second
    bound_seconds = minutes.world.settings.max_detection_seconds
    return minutes.run_until("zone.submit", minutes=2 + math.ceil(bound_seconds / 60))


@given(
    changes=st.sampled_from(PACES),
    latches=st.sampled_from([(), RECORDS, BOTH]),
    second=st.floats(0.0, 59.9),
    late=st.floats(0.0, 2.0),
    route_53=st.sampled_from([0.05, 0.25, SLOW]),
    hangs=st.booleans(),
)
@example(changes=build_extreme_settings(10), latches=BOTH, second=0.3, late=0.0, route_53=SLOW, hangs=True)
@example(changes=build_extreme_settings(60), latches=BOTH, second=0.3, late=2.0, route_53=SLOW, hangs=True)
@example(changes=PACES[3], latches=(), second=40.3, late=0.0, route_53=0.25, hangs=False)
@settings(max_examples=40)
def test_any_accepted_interval_submits_weights_in_deciding_round_in_time(
    changes: dict[str, Any], latches: tuple[SteeredName, ...], second: float, late: float, route_53: float, hangs: bool
) -> None:
    minutes = simulate_outage(
        changes=changes, latches=latches, second=second, late=late, route_53=route_53, hangs=hangs
    )
    decided, submitted = minutes.decision_delay_seconds, minutes.get_call_delay("zone.submit")
    assert decided is not None
    assert submitted is not None
    assert decided <= minutes.world.settings.max_detection_seconds
    # One read of the records, the change, and latches that were not read before.
    assert submitted - decided <= 3 * route_53 + len(latches) * LATCH_TIMEOUT_SECONDS + REMAINING_SECONDS
    assert minutes.world.weights == (0, 255)


@pytest.mark.parametrize("latches", [RECORDS, BOTH])
def test_hanging_latch_does_not_delay_weights(latches: tuple[SteeredName, ...]) -> None:
    minutes = simulate_outage(changes={}, latches=latches, second=0.3, late=0.0, route_53=0.25, hangs=True)
    decided, submitted = minutes.decision_delay_seconds, minutes.get_call_delay("zone.submit")
    assert decided is not None
    assert submitted is not None
    assert submitted - decided < 1.0


@given(second=st.floats(0.0, 59.9), probe_seconds=st.sampled_from([1.1, 3.2, 5.0]), late=st.floats(0.0, 2.0))
@settings(max_examples=30)
def test_hanging_route_53_still_throws_latch_within_promised_time(
    second: float, probe_seconds: float, late: float
) -> None:
    minutes = VirtualMinutes(latches=BOTH)
    minutes.invocation_delay_seconds = late
    minutes.sick_probe_seconds = probe_seconds
    minutes.settle()
    minutes.is_route_53_hanging = True
    minutes.run(1)
    minutes.fault_at = minutes.next_minute_at + second
    minutes.run(3)
    for latch in BOTH:
        thrown = minutes.get_call_delay(f"latch-{latch}.set")
        assert thrown is not None
        assert thrown <= minutes.world.settings.max_detection_seconds


@pytest.mark.parametrize(("throttle_rate", "max_median_seconds"), [(0.5, 5), (0.8, 20), (0.9, 60)])
def test_throttled_route_53_takes_a_decided_move_soon(throttle_rate: float, max_median_seconds: float) -> None:
    delays = []
    for seed in range(31):
        minutes = VirtualMinutes(seed=seed).settle().run(1)
        minutes.fault_at = minutes.next_minute_at + 7.0
        minutes.throttle_rate = throttle_rate
        minutes.run_until("zone.submit", minutes=15)
        decided, submitted = minutes.decision_delay_seconds, minutes.get_call_delay("zone.submit")
        assert decided is not None
        assert submitted is not None
        delays.append(submitted - decided)
    assert statistics.median(delays) <= max_median_seconds, sorted(delays)


def test_saved_change_is_submitted_without_reading_again() -> None:
    minutes = VirtualMinutes().settle().run(1)
    minutes.fault_at = minutes.next_minute_at + 7.0
    calls = minutes.world.fault_injector
    advance = calls.before_call
    refused: list[float] = []

    def refuse_changes(call: str) -> None:
        advance(call)
        if call == "zone.submit" and len(refused) < 2 * len(BUSY_PAUSES_SECONDS):
            refused.append(minutes.world.clock.now)
            raise LeverBusyError("ChangeResourceRecordSets answered Throttling: Rate exceeded.")

    calls.before_call = refuse_changes
    minutes.run_until("zone.submit", minutes=3)
    submitted = minutes.get_call_delay("zone.submit")
    assert submitted is not None
    assert not [at for at in minutes.list_route_53_reads(refused[0]) if at <= minutes.fault_at + submitted], (
        "Route 53 compares the records itself"
    )
    assert minutes.world.weights == (0, 255)


def test_unavailable_records_are_read_about_once_a_minute() -> None:
    minutes = VirtualMinutes().settle()
    minutes.is_route_53_hanging = True
    began_at = minutes.next_minute_at
    minutes.run(5)
    assert len(minutes.list_route_53_reads(began_at)) in {5, 6}


def test_no_reconciliation_between_first_sick_round_and_decision() -> None:
    minutes = VirtualMinutes().settle()
    fault_at = minutes.fault_at = minutes.next_minute_at - 0.5
    minutes.run(1)
    decided = minutes.decision_delay_seconds
    assert decided is not None
    assert min(minutes.list_route_53_reads(fault_at)) >= fault_at + decided
