"""A further observer never doubles the canary's risk of being locked out."""

from dataclasses import replace

import pytest

from failover.probe.answer import Untried
from failover.probe.backoff import AT_REST, NONE, Backoff, Backoffs
from failover.probe.deference import permitted, remembered
from failover.probe.observation import Observation
from failover.probe.verdict import Verdict
from failover.region import PerSide, Side
from tests.support.observers import seen
from tests.support.settings import VIRGINIA

NOW = 1_800_000_000.0
REFUSED = Backoff(strikes=1, until=NOW + 60)


def controller(primary: Verdict) -> Observation:
    return seen(VIRGINIA, (primary, Verdict.HEALTHY, True), NOW)


def on_the_primary(backoff: Backoff) -> Backoffs:
    return NONE.replace(Side.PRIMARY, backoff)


@pytest.mark.parametrize(
    ("verdict", "reason"),
    [(Verdict.CANARY_BROKEN, Untried.CANARY_REFUSED), (Verdict.NOT_READY, Untried.NOT_REPLICATED)],
)
def test_where_the_controller_is_refused_it_does_not_try(verdict: Verdict, reason: Untried) -> None:
    allowed = permitted(NONE, controller(verdict), now=NOW)
    assert allowed.primary.on_trial
    assert allowed.primary.reason is reason
    assert allowed.standby == AT_REST


@pytest.mark.parametrize("verdict", [Verdict.HEALTHY, Verdict.UNVERIFIED, Verdict.SICK, Verdict.UNKNOWN])
def test_where_the_controller_is_not_refused_it_tries(verdict: Verdict) -> None:
    assert permitted(NONE, controller(verdict), now=NOW) == NONE


def test_refused_itself_it_waits_for_its_pause_though_the_controller_is_let_in() -> None:
    own = on_the_primary(REFUSED)
    assert permitted(own, controller(Verdict.HEALTHY), now=NOW + 59).primary == REFUSED
    assert permitted(own, controller(Verdict.HEALTHY), now=NOW + 60).primary == AT_REST


@pytest.mark.parametrize("lately", [None, controller(Verdict.SICK)])
def test_refused_itself_it_waits_until_the_controller_is_let_in(lately: Observation | None) -> None:
    assert permitted(on_the_primary(REFUSED), lately, now=NOW + 1000).primary == REFUSED


def test_a_first_refusal_is_remembered_for_a_minute_and_the_next_for_two() -> None:
    struck = on_the_primary(Backoff(strikes=1, until=NOW + 60))
    first = remembered(NONE, NONE, struck, now=NOW)
    assert (first.primary.strikes, first.primary.until) == (1, NOW + 60)
    second = remembered(first, NONE, struck, now=NOW + 100)
    assert (second.primary.strikes, second.primary.until) == (2, NOW + 220)


def test_being_let_in_again_clears_it() -> None:
    assert remembered(on_the_primary(REFUSED), NONE, NONE, now=NOW) == NONE


def test_not_trying_changes_nothing() -> None:
    held = permitted(NONE, controller(Verdict.CANARY_BROKEN), now=NOW)
    assert remembered(NONE, held, held, now=NOW) == NONE
    own = on_the_primary(replace(REFUSED, strikes=3))
    assert remembered(own, own, own, now=NOW) == PerSide(primary=own.primary, standby=AT_REST)
