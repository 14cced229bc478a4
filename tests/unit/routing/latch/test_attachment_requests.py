"""Answers to requests to attach or detach, before anything is changed."""

from cognito_failover.common.region import RegionRole
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.core.model.event import EventKind
from cognito_failover.core.verdict import Verdict
from tests.support.controller_harness import ControllerHarness
from tests.unit.routing.latch.attachment_harness import BOTH_LATCHES


def make_harness() -> ControllerHarness:
    return ControllerHarness(latches=(SteeredName.RECORDS, SteeredName.DOMAIN), **BOTH_LATCHES).settle()


def test_attach_without_latch_is_refused() -> None:
    answer = ControllerHarness().settle().request("attach", reason="r", token="t")
    assert not answer["done"]
    assert answer["refused_by"] == "at-rest"
    assert "deploy with latchtype=object" in answer["message"].lower()


def test_initiator_and_reason_are_notified_and_stored() -> None:
    harness = make_harness()
    assert harness.request("attach", reason="test", token="t", requested_by="Aiko")["done"]
    harness.run()
    assert harness.get_latest_message(EventKind.ATTACHMENT) == "Aiko asked to attach the latch: test."


def test_repeated_token_is_notified_once() -> None:
    harness = make_harness()
    for _ in range(2):
        assert harness.request("detach", reason="test", token="t")["done"]
    harness.run()
    assert harness.event_kinds.count(EventKind.ATTACHMENT) == 1


def test_attach_is_refused_during_move_and_after_failover() -> None:
    harness = make_harness().set_primary(Verdict.SICK).fail_route_53()
    harness.run(3)
    assert harness.state.move
    assert "is under way" in harness.request("attach", reason="r", token="t")["message"]
    harness.restore_all().run(6)
    assert harness.state.active_role is RegionRole.STANDBY
    harness.run(6)
    answer = harness.request("detach", reason="r", token="u")
    assert answer["refused_by"] == "at-rest"
    assert "All users must be on ap-northeast-1" in answer["message"]
