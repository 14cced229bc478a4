"""What a person is answered who asks to attach or detach, before anything is done."""

from cognito_failover.common.latch_name import LatchName
from cognito_failover.common.region import RegionRole
from cognito_failover.core.model.event import EventKind
from cognito_failover.core.verdict import Verdict
from tests.support.controller_harness import ControllerHarness
from tests.unit.routing.latch.attachment_harness import BOTH_LATCHES


def make_world() -> ControllerHarness:
    return ControllerHarness(latches=(LatchName.RECORDS, LatchName.DOMAIN), **BOTH_LATCHES).settle()


def test_attach_without_latch_is_refused() -> None:
    answer = ControllerHarness().settle().request("attach", reason="r", token="t")
    assert not answer["done"]
    assert answer["refused_by"] == "at-rest"
    assert "deploy with latchtype=object" in answer["message"].lower()


def test_initiator_and_reason_are_notified_and_stored() -> None:
    asked = make_world()
    assert asked.request("attach", reason="drill", token="t", requested_by="Aiko")["done"]
    asked.run()
    assert asked.get_latest_message(EventKind.ATTACHMENT) == "Aiko asked to attach the latch: drill."


def test_repeated_token_is_notified_once() -> None:
    asked = make_world()
    for _ in range(2):
        assert asked.request("detach", reason="drill", token="t")["done"]
    asked.run()
    assert asked.event_kinds.count(EventKind.ATTACHMENT) == 1


def test_attach_is_refused_during_move_and_after_failover() -> None:
    moving = make_world().set_primary(Verdict.SICK).fail_route_53()
    moving.run(3)
    assert moving.state.move
    assert "is under way" in moving.request("attach", reason="r", token="t")["message"]
    moving.restore_all().run(6)
    assert moving.state.active_role is RegionRole.STANDBY
    moving.run(6)
    answer = moving.request("detach", reason="r", token="u")
    assert answer["refused_by"] == "at-rest"
    assert "All users must be on ap-northeast-1" in answer["message"]
