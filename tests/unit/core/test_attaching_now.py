"""Why a latch may not be attached or detached now, as the person who asked is told."""

from dataclasses import replace
from typing import Any

import pytest

from failover.decision.announcement import Announcement, Kind
from failover.decision.attaching import NO_LATCH, why_not_now, why_not_thrown
from failover.decision.knowledge import Knowledge, Known
from failover.decision.manual import respond
from failover.decision.request import Action, Request
from failover.decision.response import Response
from failover.decision.state import LatchState, State, Trailing
from failover.levers.latch import LatchName
from failover.levers.lever import Sight
from failover.probe.verdict import Verdict
from failover.region import PerSide, Side, all_to, share_to
from tests.support.settings import settings

NOW = 1_800_000_000.0
SETTINGS = settings(records_latch_check_id="a1b2", latch_bucket="latch-us-east-1", standby_check_id="c3d4")
CALM = State(born_at=NOW, active=Side.PRIMARY, active_since=NOW, weights=all_to(Side.PRIMARY))
RECORDS, DOMAIN = LatchName.RECORDS, LatchName.DOMAIN
ATTACHED = Sight(record_sets=(), name_servers=())


def test_while_all_users_are_on_the_primary_and_nothing_moves_a_latch_may_be_attached() -> None:
    assert why_not_now(CALM, SETTINGS) is None


def test_without_a_latch_there_is_nothing_to_attach() -> None:
    assert why_not_now(CALM, settings()) == NO_LATCH


@pytest.mark.parametrize(
    ("found", "why"),
    [
        (
            {"trailing": Trailing()},
            "The weights of the records still have to follow the last move; wait until they have.",
        ),
        (
            {"weights": share_to(Side.STANDBY, 10)},
            "All users must be on ap-northeast-1, and they are not: ap-northeast-1 229, us-east-1 26. Fail back first.",
        ),
        (
            {"active": Side.STANDBY, "latches": {RECORDS: LatchState(thrown=True, sight=ATTACHED)}},
            (
                "All users must be on ap-northeast-1, and they are not: ap-northeast-1 255, us-east-1 0, "
                "the latch of the records thrown. Fail back first."
            ),
        ),
        (
            {"latches": {RECORDS: LatchState(thrown=True)}},
            "The latch of the records is thrown; fail back first, which releases it.",
        ),
    ],
)
def test_while_users_are_or_may_be_moved_it_may_not(found: dict[str, Any], why: str) -> None:
    assert why_not_now(replace(CALM, **found), SETTINGS) == why


def asked(action: Action, **found: Any) -> Response:
    request = Request(action=action, reason="set-up", requested_by="Aiko", token="t")
    known = Known(verdict=Verdict.HEALTHY, observed_at=NOW, detail="Well.")
    knowledge = Knowledge(sides=PerSide(primary=known, standby=known), cut_off=False)
    return respond(replace(CALM, **found), knowledge, request, SETTINGS, NOW)


@pytest.mark.parametrize("action", [Action.ATTACH, Action.DETACH])
def test_it_is_told_who_asked_for_it_and_why(action: Action) -> None:
    response = asked(action)
    sentence = f"Aiko asked to {action} the latch: set-up."
    told = Announcement(kind=Kind.ATTACHMENT, at=NOW, sentence=sentence, requested_by="Aiko", reason="set-up")
    assert (response.done, response.sentence, response.announcements) == (True, sentence, (told,))


def test_it_is_refused_with_the_reason_and_told_of_once() -> None:
    response = asked(Action.ATTACH, trailing=Trailing())
    why = "The weights of the records still have to follow the last move; wait until they have."
    assert (response.done, response.rule) == (False, "at-rest")
    assert response.sentence == f"Refused, nothing was changed: {why}"
    assert [each.kind for each in response.announcements] == [Kind.REFUSED]
    again = asked(Action.ATTACH, trailing=Trailing(), refused=response.state.refused)
    assert (again.done, again.sentence, again.announcements) == (False, response.sentence, ())


def test_every_latch_that_is_thrown_is_named() -> None:
    assert why_not_thrown({RECORDS: True, DOMAIN: True}) == (
        "The latch of the records and the domain is thrown; fail back first, which releases it."
    )
    assert why_not_thrown({RECORDS: False, DOMAIN: True}) == (
        "The latch of the domain is thrown; fail back first, which releases it."
    )
    assert why_not_thrown({RECORDS: False, DOMAIN: False}) is None
