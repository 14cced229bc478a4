"""What keeps a drill from beginning, exactly at its limit, and what it then says."""

from dataclasses import replace
from typing import Any

import pytest

from failover.decision.drill_plan import levers_there
from failover.decision.drill_rules import DrillQuestion, obstacles_to_a_drill, why_preflight_is_unknown
from failover.decision.knowledge import Knowledge
from failover.decision.move import LeverName
from failover.decision.state import Hold, LatchState, Preflighted, Streak, Trailing
from failover.decision.suspicion import Suspicion
from failover.levers.latch import LatchName
from failover.region import PerSide, Side, all_to
from failover.settings import Settings
from tests.support.drill_values import (
    GOING,
    HEALTHY,
    HERE,
    NOW,
    SETTINGS,
    SICK,
    UNKNOWN,
    drill,
    knowledge,
    state,
    streak,
)
from tests.support.settings import DOMAIN_ONLY, settings


def in_its_way(known: Knowledge | None = None, policy: Settings = SETTINGS, **changes: Any) -> dict[str, str]:
    """Return what keeps a drill from beginning, by the rule's name, on a day that is calm but for what is changed."""
    question = whether_it_may_begin(known, policy, **changes)
    return {str(each.rule): each.sentence for each in obstacles_to_a_drill(question)}


def whether_it_may_begin(known: Knowledge | None = None, policy: Settings = SETTINGS, **changes: Any) -> DrillQuestion:
    asked = drill(stage=GOING, moves=())
    calm: dict[str, Any] = {"drill": None, "last_round_at": NOW - 10, "preflight": Preflighted(at=NOW - 60)}
    remembered = replace(state(asked), **{**calm, **changes})
    return DrillQuestion(drill=asked, state=remembered, knowledge=known or knowledge(), settings=policy, now=NOW)


def test_only_what_moves_users_here_takes_part() -> None:
    latches = {name: LatchState(thrown=False, sight=HERE) for name in LatchName}
    calm = replace(state(drill()), latches={**latches, LatchName.RECORDS: LatchState(thrown=False)})
    assert levers_there(calm, SETTINGS) == (LeverName.WEIGHTS, LeverName.DOMAIN_LATCH)
    assert levers_there(calm, settings(**DOMAIN_ONLY)) == (LeverName.DOMAIN_LATCH,)
    assert levers_there(replace(calm, latches={}), SETTINGS) == (LeverName.WEIGHTS,)


def test_nothing_is_in_the_way_of_a_drill_on_a_calm_day() -> None:
    assert in_its_way() == {}


@pytest.mark.parametrize(
    ("remembered", "silence"),
    [
        ({"last_round_at": NOW - 30}, ""),
        ({"last_round_at": NOW - 30.5}, "30 s"),
        ({"last_round_at": None, "born_at": NOW - 120}, "2 min"),
    ],
)
def test_rounds_run_while_the_last_one_was_at_most_three_intervals_ago(
    remembered: dict[str, Any], silence: str
) -> None:
    said = f"The controller's last round was {silence} ago, and its rounds carry a drill."
    assert in_its_way(**remembered).get("rounds-run", "") == (said if silence else "")


@pytest.mark.parametrize(
    ("remembered", "found"),
    [
        ({"active": Side.STANDBY}, "ap-northeast-1 255, us-east-1 0"),
        ({"weights": all_to(Side.STANDBY)}, "ap-northeast-1 0, us-east-1 255"),
        ({"trailing": Trailing()}, "ap-northeast-1 255, us-east-1 0"),
        (
            {"latches": {LatchName.RECORDS: LatchState(thrown=True, sight=HERE)}},
            "ap-northeast-1 255, us-east-1 0, the latch of the records thrown",
        ),
        ({"latches": {LatchName.RECORDS: LatchState(thrown=True)}}, ""),
        ({"latches": {LatchName.RECORDS: LatchState(thrown=False, sight=HERE)}}, ""),
    ],
)
def test_users_are_at_home_only_by_every_lever(remembered: dict[str, Any], found: str) -> None:
    said = f"All users must be on ap-northeast-1 by every lever, and they are not: {found}."
    assert in_its_way(**remembered).get("users-at-home", "") == (said if found else "")


@pytest.mark.parametrize(
    ("standby", "evidence", "why"),
    [
        (streak(HEALTHY, 3), 0, ""),
        (streak(HEALTHY, 2), 0, "us-east-1 was healthy in 2 rounds in a row; it must be healthy for 3."),
        (streak(UNKNOWN, 30), 0, "us-east-1 was unknown in 30 rounds in a row; it must be healthy for 3."),
        (streak(HEALTHY, 3), 1, "ap-northeast-1 is suspect."),
    ],
)
def test_both_regions_serve_once_each_was_healthy_for_as_long_as_a_suspicion_takes_and_none_stands(
    standby: Streak, evidence: int, why: str
) -> None:
    streaks = PerSide(primary=streak(HEALTHY, 3), standby=standby)
    suspicion = Suspicion(side=Side.PRIMARY, evidence=evidence)
    assert in_its_way(streaks=streaks, suspicion=suspicion).get("both-serve", "") == why


@pytest.mark.parametrize(
    ("ago", "failing", "counts"), [(9_000, True, True), (9_000.5, True, False), (60, False, False)]
)
def test_a_preflight_that_failed_is_in_the_way_for_two_and_a_half_hours(
    ago: float, failing: bool, counts: bool
) -> None:
    found = Preflighted(at=NOW - ago, failing=("replica-active", "token-keys") if failing else ())
    said = (
        "The preflight of 2027-01-15T05:30:00Z has failed: replica-active, token-keys. "
        "Run failoverctl preflight, which says what to do."
    )
    assert in_its_way(preflight=found).get("preflight-clean", "") == (said if counts else "")


@pytest.mark.parametrize(
    ("found", "note"),
    [
        (Preflighted(at=NOW - 9_000), ""),
        (Preflighted(at=NOW - 9_000.5), "Note: the last preflight was 2 h 30 min ago, too long to count."),
        (None, "Note: no preflight is known yet (rounds learn of one within a minute), nor what it would find."),
    ],
)
def test_a_preflight_that_is_not_known_or_too_old_is_said(found: Preflighted | None, note: str) -> None:
    assert why_preflight_is_unknown(whether_it_may_begin(preflight=found)) == note


def test_the_drill_that_is_on_and_every_rule_of_an_automatic_move_are_in_its_way() -> None:
    found = in_its_way(knowledge(SICK, cut_off=True), drill=drill(), hold=Hold(since=NOW, reason="edited."))
    assert found["one-drill-at-a-time"] == "The drill drill-1 is on; wait for its end, or abort it."
    assert found["both-serve"] == "ap-northeast-1 is not known to be healthy and ready (sick): As seen."
    assert found["not-cut-off"]
    assert found["acknowledged"] == "Automation waits for an acknowledgement since 2027-01-15T08:00:00Z: edited."


@pytest.mark.parametrize(
    ("window", "why"),
    [
        ("Fri 07:00-08:10 UTC", ""),
        ("Fri 07:00-08:09 UTC", ", which ends in 9 min; users would stay on the standby for 10 min."),
        ("Fri 07:00-08:00 UTC", "."),
        ("Thu 07:00-09:00 UTC", "."),
    ],
)
def test_a_drill_begins_only_in_its_window_and_with_time_to_hold(window: str, why: str) -> None:
    said = f"Drills are allowed only {window} (parameter DrillWindow){why}"
    assert in_its_way(policy=settings(drill_window=window)).get("drill-window", "") == (said if why else "")
