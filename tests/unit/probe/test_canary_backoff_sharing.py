"""An additional observer never doubles the canary's risk of a lockout."""

from dataclasses import replace

import pytest

from cognito_failover.common.region import PerRole, RegionRole
from cognito_failover.core.canary_backoff import ALL_CLOSED, CLOSED, Backoff, Backoffs
from cognito_failover.core.observation import Observation
from cognito_failover.core.probe_result import SkipReason
from cognito_failover.core.verdict import Verdict
from cognito_failover.probe.canary_backoff_sharing import compute_effective_backoffs, merge_backoffs
from tests.support.multi_observer import make_observation
from tests.support.settings import VIRGINIA

NOW = 1_800_000_000.0
REFUSED = Backoff(consecutive_rejections=1, blocked_until=NOW + 60)


def make_controller_observation(primary: Verdict, resting: SkipReason | None = None) -> Observation:
    observation = make_observation(VIRGINIA, (primary, Verdict.HEALTHY, True), NOW)
    reading = replace(observation.readings.primary, resting_reason=resting)
    return replace(observation, readings=observation.readings.replace(RegionRole.PRIMARY, reading))


def make_primary_backoff(backoff: Backoff) -> Backoffs:
    return ALL_CLOSED.replace(RegionRole.PRIMARY, backoff)


@pytest.mark.parametrize("verdict", [Verdict.CANARY_BROKEN, Verdict.NOT_READY, Verdict.SICK, Verdict.THROTTLED])
@pytest.mark.parametrize("reason", [SkipReason.CANARY_REFUSED, SkipReason.NOT_REPLICATED, SkipReason.CHALLENGED])
def test_resting_canary_of_controller_pauses_observer(verdict: Verdict, reason: SkipReason) -> None:
    effective = compute_effective_backoffs(ALL_CLOSED, make_controller_observation(verdict, reason), now=NOW)
    assert effective.primary.is_half_open
    assert effective.primary.reason is reason
    assert effective.standby == CLOSED


@pytest.mark.parametrize("verdict", [Verdict.HEALTHY, Verdict.UNVERIFIED, Verdict.SICK, Verdict.CANARY_BROKEN])
def test_controller_without_refusal_permits_observer_to_sign_in(verdict: Verdict) -> None:
    assert compute_effective_backoffs(ALL_CLOSED, make_controller_observation(verdict), now=NOW) == ALL_CLOSED


def test_refused_observer_waits_despite_successful_controller() -> None:
    own = make_primary_backoff(REFUSED)
    assert (
        compute_effective_backoffs(own, make_controller_observation(Verdict.HEALTHY), now=NOW + 59).primary == REFUSED
    )
    assert compute_effective_backoffs(own, make_controller_observation(Verdict.HEALTHY), now=NOW + 60).primary == CLOSED


@pytest.mark.parametrize("controller", [None, make_controller_observation(Verdict.SICK)])
def test_refused_observer_waits_for_controller_success(controller: Observation | None) -> None:
    assert compute_effective_backoffs(make_primary_backoff(REFUSED), controller, now=NOW + 1000).primary == REFUSED


def test_refusals_back_off_one_then_two_minutes() -> None:
    rejected = make_primary_backoff(Backoff(consecutive_rejections=1, blocked_until=NOW + 60))
    first = merge_backoffs(ALL_CLOSED, ALL_CLOSED, rejected, now=NOW)
    assert (first.primary.consecutive_rejections, first.primary.blocked_until) == (1, NOW + 60)
    second = merge_backoffs(first, ALL_CLOSED, rejected, now=NOW + 100)
    assert (second.primary.consecutive_rejections, second.primary.blocked_until) == (2, NOW + 220)


def test_success_clears_backoff() -> None:
    assert merge_backoffs(make_primary_backoff(REFUSED), ALL_CLOSED, ALL_CLOSED, now=NOW) == ALL_CLOSED


def test_skipped_attempt_changes_nothing() -> None:
    resting = make_controller_observation(Verdict.CANARY_BROKEN, SkipReason.CANARY_REFUSED)
    effective = compute_effective_backoffs(ALL_CLOSED, resting, now=NOW)
    assert merge_backoffs(ALL_CLOSED, effective, effective, now=NOW) == ALL_CLOSED
    own = make_primary_backoff(replace(REFUSED, consecutive_rejections=3))
    assert merge_backoffs(own, own, own, now=NOW) == PerRole(primary=own.primary, standby=CLOSED)
