"""Without managed records, no message mentions records."""

import re
from typing import Any

import pytest

from cognito_failover.common.steered_name import SteeredName
from cognito_failover.core.model.event import Event, EventKind
from cognito_failover.core.rules import Rule
from cognito_failover.core.verdict import Verdict
from cognito_failover.notifications.message import compose_message
from cognito_failover.settings.controller import Settings
from tests.support.controller_harness import ControllerHarness
from tests.support.settings import COGNITO_DOMAIN_ONLY, make_settings

RECORD_WORDS = {EventKind.WEIGHTS_SYNCED, EventKind.STEP_CONFIRMED, EventKind.MOVE_SUBMITTED, EventKind.MOVE_DELAYED}
"""Events that need records, or whose message is about Route 53 in general."""


def compose_text(kind: EventKind, usual: Settings, **fields: Any) -> str:
    world = ControllerHarness((255, 0), latches=(SteeredName.DOMAIN,), **COGNITO_DOMAIN_ONLY)
    world.run(1)
    announcement = Event(kind=kind, at=world.clock.now, message="It was so.", **fields)
    composed = compose_message(announcement, usual, world.state)
    return f"{composed.subject}\n{composed.body}"


@pytest.mark.parametrize("kind", sorted(set(EventKind) - RECORD_WORDS))
def test_message_does_not_mention_records(kind: EventKind) -> None:
    message = compose_text(kind, make_settings(**COGNITO_DOMAIN_ONLY), rule=Rule.ROUTING_READABLE)
    assert not re.search(r"\brecords?\b|break_glass\.py", message), message


def test_bucket_latch_message_offers_its_break_glass_script() -> None:
    message = compose_text(EventKind.LEVER_PROBLEM, make_settings(**COGNITO_DOMAIN_ONLY))
    assert "scripts/break_glass_latch.py --bucket latch-bucket --region us-east-1" in message


def test_metric_latch_message_says_how_to_publish_the_metric() -> None:
    form = {"latch_bucket": "", "latch_metric_namespace": "CognitoFailover/Latch/stack"}
    message = compose_text(EventKind.LEVER_PROBLEM, make_settings(**{**COGNITO_DOMAIN_ONLY, **form}))
    assert "publish 1 every minute as its metric in CognitoFailover/Latch/stack" in message


def test_refusals_mention_the_latch() -> None:
    world = ControllerHarness((255, 0), latches=(SteeredName.DOMAIN,), **COGNITO_DOMAIN_ONLY).settle()
    world.patch_state(records=None)
    world.latches[SteeredName.DOMAIN].is_available = False
    assert "The latch has not been read yet." in world.request("failover", reason="drill", token="f1")["message"]


def test_rolled_back_move_does_not_mention_records() -> None:
    world = ControllerHarness((255, 0), latches=(SteeredName.DOMAIN,), **COGNITO_DOMAIN_ONLY).settle()
    world.lose_response("latch-domain.set").set_primary(Verdict.SICK).run(3)
    world.restore_all().set_primary(Verdict.HEALTHY).run(8)
    assert not [event.message for event in world.notifier.events if "records" in event.message]


def test_initialization_with_detached_latch_reports_it() -> None:
    world = ControllerHarness(latches=tuple(SteeredName))
    world.latches[SteeredName.DOMAIN].is_attached = False
    world.run(1)
    assert world.get_latest_message(EventKind.STATE_INITIALIZED).endswith(
        "The latch of the domain is not attached, and does not move users until you invoke the operator action attach."
    )
