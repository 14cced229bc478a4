"""Where only Cognito's own domain is moved there are no records, and nobody is told of any."""

import re
from typing import Any

import pytest

from failover.decision.announcement import Announcement, Kind
from failover.decision.rules import Rule
from failover.levers.latch import LatchName
from failover.probe.verdict import Verdict
from failover.settings import Settings
from failover.signals.messages import compose
from tests.support.settings import DOMAIN_ONLY, settings
from tests.support.world import World

OF_RECORDS = {Kind.WEIGHTS_FOLLOWED, Kind.STEP_CONFIRMED, Kind.MOVE_SUBMITTED, Kind.MOVE_DELAYED}
"""Messages that there are none of without records, or that speak of Route 53 in general."""


def message(kind: Kind, usual: Settings, **fields: Any) -> str:
    world = World((255, 0), latches=(LatchName.DOMAIN,), **DOMAIN_ONLY)
    world.run(1)
    announcement = Announcement(kind=kind, at=world.clock.now, sentence="It was so.", **fields)
    composed = compose(announcement, usual, world.state)
    return f"{composed.subject}\n{composed.body}"


@pytest.mark.parametrize("kind", sorted(set(Kind) - OF_RECORDS))
def test_no_message_speaks_of_records(kind: Kind) -> None:
    said = message(kind, settings(**DOMAIN_ONLY), rule=Rule.WORLD_UNDERSTOOD)
    assert not re.search(r"\brecords?\b|break_glass\.py", said), said


def test_the_way_out_without_a_controller_is_the_latchs_own_script() -> None:
    said = message(Kind.LEVER_PROBLEM, settings(**DOMAIN_ONLY))
    assert "scripts/break_glass_latch.py --bucket latch-bucket --region us-east-1" in said


def test_the_same_for_a_latch_that_is_a_metric() -> None:
    form = {"latch_bucket": "", "latch_metric_namespace": "CognitoFailover/Latch/stack"}
    said = message(Kind.LEVER_PROBLEM, settings(**{**DOMAIN_ONLY, **form}))
    assert "while 1 is published every minute as its metric in CognitoFailover/Latch/stack" in said


def test_refusals_speak_of_the_latch() -> None:
    world = World((255, 0), latches=(LatchName.DOMAIN,), **DOMAIN_ONLY).settle()
    world.remember(surveyed=None)
    world.latches[LatchName.DOMAIN].works = False
    assert "The latch has not been read yet." in world.request("failover", reason="drill", token="f1")["message"]


def test_a_move_turned_round_before_it_moved_anybody_ends_without_a_word_of_records() -> None:
    world = World((255, 0), latches=(LatchName.DOMAIN,), **DOMAIN_ONLY).settle()
    world.answer_is_lost("latch-domain.set").primary(Verdict.SICK).run(3)
    world.all_works().primary(Verdict.HEALTHY).run(8)
    assert not [each.sentence for each in world.told.announcements if "records" in each.sentence]


def test_a_controller_born_with_a_latch_that_is_not_attached_says_so() -> None:
    world = World(latches=tuple(LatchName))
    world.latches[LatchName.DOMAIN].attached = False
    world.run(1)
    assert world.said(Kind.ADOPTED).endswith(
        "The latch of the domain is not attached, and moves nobody until somebody invokes the operator's attach."
    )
