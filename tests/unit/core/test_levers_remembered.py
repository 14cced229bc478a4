"""What is remembered of each lever from one advance to the next, and what follows from it."""

from dataclasses import replace
from typing import Any

import pytest

from failover.decision.adoption import Found, FoundLatch, regarded
from failover.decision.advance import (
    ended,
    hastened,
    overtaken,
    reverting,
    step_text,
    submitted,
    untraceable,
    withdrawn,
)
from failover.decision.announcement import Announcement, Kind
from failover.decision.latch_advance import has_arrived, intended
from failover.decision.latching import awaited, suffices, why_weights_wait, with_those_left_behind
from failover.decision.move import IN_ONE, IN_STEPS, REVERTED, THERE_AND_BACK, LeverName, Move, Progress
from failover.decision.state import Hold, LatchState, State, Surveyed, Trailing
from failover.levers.latch import LatchName
from failover.levers.lever import Confirmation, Intent, Sight
from failover.region import Side, all_to, share_to
from tests.support.settings import settings

NOW = 1_800_000_000.0
SETTINGS = settings()
ONLY_COGNITOS_DOMAIN = settings(
    domain_name="",
    primary_target="",
    standby_target="",
    managed_login_domain="login.example.com",
    domain_latch_check_id="a1b2",
    latch_bucket="latch-us-east-1",
)
RECORDS, DOMAIN = LatchName.RECORDS, LatchName.DOMAIN
HERE = Sight(record_sets=({"Name": "_latch.auth.example.com."},), name_servers=("ns-1.example.net",))
THERE = replace(HERE, name_servers=("ns-2.example.net",))
ATTACHED = LatchState(thrown=False, set_at=NOW - 60, sight=HERE)
THROWN = replace(ATTACHED, thrown=True)
CHANGE = Intent(before=({"Weight": 0},), after=({"Weight": 255},), weights=all_to(Side.PRIMARY))


def move(source: Side = Side.STANDBY, steps: tuple[int, ...] = IN_ONE, **changes: Any) -> Move:
    usual: dict[str, Any] = {
        "id": "m",
        "source": source,
        "target": source.other,
        "automatic": False,
        "reason": "well again",
        "requested_by": "Aiko",
        "suspected_at": NOW - 30,
        "decided_at": NOW - 30,
        "step_began_at": NOW - 30,
        "steps": steps,
        "in_steps": steps == IN_STEPS,
    }
    return Move(**{**usual, **changes})


def state(active: Side = Side.STANDBY, **changes: Any) -> State:
    usual: dict[str, Any] = {
        "born_at": NOW - 9_000,
        "active": active,
        "active_since": NOW - 9_000,
        "weights": all_to(active),
        "surveyed": Surveyed(at=NOW - 10, weights=all_to(active), ttl_seconds=60),
    }
    return State(**{**usual, **changes})


def looked_at(found: FoundLatch, before: LatchState, **changes: Any) -> LatchState:
    """Return what is remembered of Cognito's domain's latch after a look at it."""
    remembered = state(Side.PRIMARY, latches={DOMAIN: before}, **changes)
    looked, _ = regarded(remembered, Found(survey=None, latches={DOMAIN: found}), ONLY_COGNITOS_DOMAIN, NOW)
    return looked.latches[DOMAIN]


def test_a_latch_that_is_still_to_be_set_remains_so_however_it_is_found() -> None:
    to_be_set = LatchState(thrown=True, unread_since=NOW - 20, trouble="SlowDown", tried_at=NOW - 20, sight=HERE)
    after = looked_at(FoundLatch(thrown=False, sight=THERE), to_be_set)
    assert after == replace(to_be_set, unread_since=None, sight=THERE)


def test_a_latch_that_is_still_to_be_set_is_taken_as_it_is_found_while_automation_waits_for_a_person() -> None:
    to_be_set = LatchState(thrown=True, sight=HERE)
    after = looked_at(FoundLatch(thrown=False, sight=HERE), to_be_set, hold=Hold(since=NOW - 60, reason="edited"))
    assert after == LatchState(thrown=False, set_at=NOW, sight=HERE)


@pytest.mark.parametrize(
    ("before", "sight", "mended"),
    [
        (replace(ATTACHED, unread_since=NOW - 400), HERE, "can be read again"),
        (replace(ATTACHED, unread_since=NOW - 400), None, "can be read again"),
        (LatchState(thrown=True, unread_since=NOW - 400), HERE, "can be read again"),
        (ATTACHED, HERE, "is attached again"),
        (ATTACHED, None, ""),
        (LatchState(thrown=True), HERE, ""),
    ],
    ids=["unread", "unread and loose", "unread and to be set", "loose", "still loose", "to be set"],
)
def test_it_is_told_when_a_latch_in_trouble_can_be_read_again_or_is_attached_again(
    before: LatchState, sight: Sight | None, mended: str
) -> None:
    remembered = state(Side.PRIMARY, latches={DOMAIN: replace(before, trouble="as was told")})
    found = Found(survey=None, latches={DOMAIN: FoundLatch(thrown=before.thrown, sight=sight)})
    _, told = regarded(remembered, found, ONLY_COGNITOS_DOMAIN, NOW)
    sentences = [each.sentence for each in told if each.kind is Kind.LATCH_MENDED]
    assert sentences == ([f"The latch of the domain {mended}."] if mended else [])


def test_of_two_latches_that_cant_be_read_each_is_remembered_that_ever_was() -> None:
    remembered = state(Side.PRIMARY, latches={DOMAIN: ATTACHED})
    unread = Found(survey=None, unread={RECORDS: "S3 is silent", DOMAIN: "S3 is silent"})
    looked, _ = regarded(remembered, unread, ONLY_COGNITOS_DOMAIN, NOW)
    assert looked.latches == {DOMAIN: replace(ATTACHED, unread_since=NOW)}


def test_a_latch_that_is_found_as_it_was_left_has_been_so_since_then() -> None:
    left = replace(ATTACHED, arrived_at=NOW - 40, unread_since=NOW - 20, trouble="SlowDown")
    after = looked_at(FoundLatch(thrown=False, sight=THERE), left)
    assert after == replace(left, unread_since=None, trouble="", sight=THERE)


def test_a_latch_that_is_found_otherwise_is_so_since_now_and_not_seen_to_be_followed() -> None:
    after = looked_at(FoundLatch(thrown=True, sight=HERE), replace(ATTACHED, arrived_at=NOW - 40))
    assert after == replace(ATTACHED, thrown=True, set_at=NOW, arrived_at=None)


def test_a_domain_whose_latch_was_never_read_is_taken_to_be_on_the_primary() -> None:
    remembered = state(Side.PRIMARY, weights=all_to(Side.PRIMARY))
    looked, _ = regarded(remembered, Found(survey=None, unread={DOMAIN: "S3 is silent"}), ONLY_COGNITOS_DOMAIN, NOW)
    assert looked.weights == all_to(Side.PRIMARY)
    assert looked.latches == {}


def test_what_a_latch_is_going_to_be_can_be_saved_before_it_was_ever_read() -> None:
    assert intended(state(), DOMAIN, thrown=True).latches == {DOMAIN: LatchState(thrown=True)}
    assert intended(state(latches={DOMAIN: ATTACHED}), DOMAIN, thrown=True).latches == {
        DOMAIN: LatchState(thrown=True, sight=HERE)
    }


def test_a_move_that_was_overtaken_leaves_no_weights_to_follow() -> None:
    after, _, _ = overtaken(state(move=move(), trailing=Trailing(intent=CHANGE)), "somebody else", NOW)
    assert after.trailing is None


def test_users_whose_records_somebody_else_changed_are_brought_back_by_nobody_but_a_person() -> None:
    to_return = state(move=move(), trailing=Trailing(intent=CHANGE), to_return=True)
    moving, _, _ = overtaken(to_return, "somebody else", NOW)
    trailed, _, _ = untraceable(replace(to_return, move=None), "somebody else", NOW)
    assert moving.to_return is False
    assert trailed.to_return is False


def test_whatever_a_move_does_next_is_neither_late_nor_confirmed_yet() -> None:
    done = move(steps=IN_STEPS, delay_announced=True, records_confirmed_at=NOW - 60, levers=(LeverName.WEIGHTS,))
    anew = replace(done, step_began_at=NOW, delay_announced=False, records_confirmed_at=None)
    assert done.next_step(NOW) == replace(anew, steps=(50, 100))
    assert done.hastened(NOW) == replace(anew, steps=IN_ONE, in_steps=False)
    assert done.reverted(NOW, "wrong day") == replace(anew, steps=REVERTED, turned_back="wrong day")
    assert done.reverted(NOW) == replace(anew, steps=REVERTED, turned_back="")
    assert done.staying(NOW) == replace(anew, steps=IN_ONE, levers=tuple(LeverName))


def test_a_move_that_is_turned_round_remembers_why() -> None:
    after, _, _ = reverting(state(move=move()), "wrong day", SETTINGS, NOW)
    assert after.move
    assert after.move.turned_back == "wrong day"


def test_what_is_told_of_a_move_whose_steps_become_one_shows_it_as_it_is_from_then_on() -> None:
    after, sentence, told = hastened(state(move=move(steps=IN_STEPS)), "us-east-1 fell sick", SETTINGS, NOW)
    assert after.move
    assert (after.move.steps, after.move.step_began_at) == (IN_ONE, NOW)
    assert told == (Announcement(kind=Kind.MOVE_HASTENED, at=NOW, sentence=sentence, move=after.move),)


@pytest.mark.parametrize(
    ("levers", "alone"),
    [
        ((LeverName.WEIGHTS,), ", by the weights alone"),
        ((LeverName.WEIGHTS, LeverName.RECORDS_LATCH), ", by the weights and the records-latch alone"),
        (tuple(LeverName), ""),
    ],
)
def test_a_step_by_some_of_the_levers_names_them(levers: tuple[LeverName, ...], alone: str) -> None:
    assert step_text(move(levers=levers), SETTINGS) == f"all users on ap-northeast-1{alone}"


def test_a_change_that_route_53_took_has_begun_the_move_though_it_changes_nothing() -> None:
    as_they_are = replace(CHANGE, before=CHANGE.after)
    begun, _, _ = submitted(state(move=move(progress=Progress(intent=as_they_are))), "C1", SETTINGS, NOW)
    assert begun.move
    assert begun.move.first_submitted_at == NOW


@pytest.mark.parametrize(
    ("progress", "trailing"),
    [(None, Trailing(intent=CHANGE, tried_at=NOW - 5)), (Progress(intent=CHANGE), None)],
    ids=["of an earlier move", "of this move"],
)
def test_weights_that_may_be_changed_any_moment_follow_by_that_very_change(
    progress: Progress | None, trailing: Trailing | None
) -> None:
    moved_by_latch = move(first_submitted_at=NOW - 20, progress=progress)
    after, _, _ = ended(state(move=moved_by_latch, trailing=trailing), "Seen.", SETTINGS, NOW)
    assert after.trailing == Trailing(intent=CHANGE)


def test_cognitos_domain_is_not_awaited_before_the_turn_of_its_latch() -> None:
    released_by_hand = {DOMAIN: ATTACHED}
    first_step = move(steps=IN_STEPS)
    assert awaited(state(move=first_step, latches=released_by_hand), DOMAIN) is None
    assert awaited(state(move=move(), latches=released_by_hand), DOMAIN) == HERE


@pytest.mark.parametrize(
    ("latch", "waits"),
    [
        (replace(THROWN, arrived_at=NOW - 40), True),
        (replace(ATTACHED, set_at=None, arrived_at=NOW - 40), True),
        (ATTACHED, True),
        (replace(ATTACHED, arrived_at=NOW - 40), False),
    ],
    ids=["thrown", "not released yet", "not seen to be followed", "settled"],
)
def test_the_first_step_waits_until_the_latch_is_released_and_its_check_has_settled(
    latch: LatchState, *, waits: bool
) -> None:
    why = "The first step waits until the latch of the records is released and its health check has settled."
    moving = state(move=move(steps=IN_STEPS), latches={RECORDS: latch})
    assert why_weights_wait(moving) == (why if waits else "")


@pytest.mark.parametrize(
    ("remembered", "alone"),
    [
        ({"active": Side.PRIMARY, "move": move(Side.PRIMARY), "latches": {RECORDS: THROWN}}, True),
        ({"active": Side.PRIMARY, "move": move(Side.PRIMARY), "latches": {RECORDS: ATTACHED}}, False),
        ({"move": move(), "latches": {RECORDS: ATTACHED}}, False),
        ({"move": move(), "latches": {RECORDS: ATTACHED}, "weights": all_to(Side.PRIMARY)}, True),
        ({"move": move(), "latches": {RECORDS: THROWN}, "weights": all_to(Side.PRIMARY)}, False),
        ({"move": move(), "latches": {RECORDS: ATTACHED}, "weights": share_to(Side.STANDBY, 10)}, False),
        (
            {
                "move": move(progress=Progress(intent=CHANGE)),
                "latches": {RECORDS: ATTACHED},
                "weights": all_to(Side.PRIMARY),
            },
            False,
        ),
        (
            {
                "move": move(),
                "latches": {RECORDS: ATTACHED},
                "weights": all_to(Side.PRIMARY),
                "trailing": Trailing(intent=CHANGE),
            },
            False,
        ),
        (
            {
                "move": move(),
                "latches": {RECORDS: ATTACHED},
                "weights": all_to(Side.PRIMARY),
                "trailing": Trailing(),
            },
            True,
        ),
    ],
)
def test_the_latch_alone_moves_everybody_to_the_standby_and_back_only_by_weights_that_never_left(
    remembered: dict[str, Any], *, alone: bool
) -> None:
    assert suffices(state(**remembered)) is alone


def test_every_rule_that_a_person_has_moved_against_is_named_in_what_waits_for_an_acknowledgement() -> None:
    against_two = move(first_submitted_at=NOW - 20, overridden=("target-serves", "replica-fresh"))
    after, _, _ = ended(state(move=against_two), "Seen.", SETTINGS, NOW)
    assert after.hold
    assert after.hold.reason == "Aiko moved against the rule target-serves, replica-fresh."


@pytest.mark.parametrize(
    ("steps", "latch", "there_at"),
    [(THERE_AND_BACK, DOMAIN, NOW), (THERE_AND_BACK, RECORDS, None), (IN_ONE, DOMAIN, None)],
)
def test_users_are_known_to_be_there_by_cognitos_domain_alone_and_only_where_they_are_to_come_back(
    steps: tuple[int, ...], latch: LatchName, there_at: float | None
) -> None:
    seen = Confirmation(moved=True, silent=(), stale=(), detail="Seen.")
    moving = state(Side.PRIMARY, move=move(Side.PRIMARY, steps), latches={latch: THROWN})
    after, _, _ = has_arrived(moving, latch, seen, SETTINGS, NOW)
    assert after.move
    assert after.move.there_at == there_at


@pytest.mark.parametrize(("target", "thrown"), [(Side.STANDBY, True), (Side.PRIMARY, False)])
def test_at_a_moves_end_a_latch_that_moves_nobody_is_remembered_as_users_are_to_be(target: Side, thrown: bool) -> None:
    remembered = state(latches={RECORDS: LatchState(thrown=not thrown)})
    after = with_those_left_behind(remembered, move(target.other), target)
    assert after == {RECORDS: LatchState(thrown=thrown)}


@pytest.mark.parametrize("side", Side)
def test_one_that_could_not_be_set_is_to_be_set_as_the_moves_end_asks_and_no_other_is_touched(side: Side) -> None:
    thrown = side is Side.STANDBY
    left = replace(ATTACHED, thrown=not thrown, set_at=None)
    against, with_it = replace(ATTACHED, thrown=not thrown), replace(ATTACHED, thrown=thrown, set_at=None)
    for before, after in (
        (left, LatchState(thrown=thrown, sight=HERE)),
        (against, against),
        (with_it, with_it),
    ):
        assert with_those_left_behind(state(latches={RECORDS: before}), move(), side) == {RECORDS: after}
    alone = move(levers=(LeverName.WEIGHTS,))
    assert with_those_left_behind(state(latches={RECORDS: left}), alone, side) == {RECORDS: left}


def test_a_withdrawn_move_leaves_no_latch_to_be_thrown_after_it_and_touches_none_that_is_as_it_was() -> None:
    to_be_thrown, unread = replace(THROWN, set_at=None), replace(ATTACHED, set_at=None, tried_at=NOW - 5)
    given_up = state(Side.PRIMARY, move=move(Side.PRIMARY), latches={RECORDS: to_be_thrown, DOMAIN: unread})
    after, _, _ = withdrawn(given_up, "the primary is well again.", NOW)
    assert after.latches == {RECORDS: LatchState(thrown=False, sight=HERE), DOMAIN: unread}
