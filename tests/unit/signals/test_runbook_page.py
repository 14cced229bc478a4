"""Where a message leads whoever is woken by it."""

from typing import Any

import pytest

from failover.decision.announcement import Kind
from failover.decision.state import State, Surveyed
from failover.probe.verdict import Verdict
from failover.region import Side, all_to
from failover.signals.runbook_page import runbook_page
from failover.signals.situation import Situation
from tests.unit.docs.pages import ROOT
from tests.unit.signals.examples import NOW, announcement, drill, move, settings, state, with_move

UNREAD = state(surveyed=Surveyed(at=NOW, weights=all_to(Side.PRIMARY), out_of_reach="It timed out."))


def page(kind: Kind = Kind.MOVE_CONFIRMED, known: State | None = None, **changes: Any) -> str:
    told = announcement(kind, **changes)
    return runbook_page(Situation(announcement=told, settings=settings(), state=known or state()))


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("verdict", [None, *Verdict])
@pytest.mark.parametrize("side", Side)
def test_every_page_it_names_is_there(kind: Kind, verdict: Verdict | None, side: Side) -> None:
    named = page(kind, side=side, verdict=verdict)
    assert not named or (ROOT / "docs" / "runbooks" / f"{named}.md").is_file()


def test_users_who_were_moved_away_are_brought_back_by_a_page_and_those_who_are_back_need_none() -> None:
    assert page() == "moved"
    assert page(move=move(source=Side.STANDBY, target=Side.PRIMARY)) == ""


def test_a_drill_brings_its_users_home_without_a_page() -> None:
    rehearsed = with_move(announcement(), drill=drill().id)
    assert runbook_page(Situation(announcement=rehearsed, settings=settings(), state=state())) == ""


def test_records_that_are_wrong_have_another_page_than_those_that_can_not_be_read() -> None:
    assert page(Kind.LEVER_PROBLEM) == "drift"
    assert page(Kind.LEVER_PROBLEM, UNREAD) == "levers-out-of-reach"


def test_a_sick_region_has_the_page_of_its_side() -> None:
    assert page(Kind.CONCERN, side=Side.PRIMARY, verdict=Verdict.SICK) == "primary-sick"
    assert page(Kind.CONCERN, side=Side.STANDBY, verdict=Verdict.SICK) == "standby-not-ready"
