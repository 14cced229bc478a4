"""What a person is answered who asks to attach or detach, before anything is done."""

from failover.decision.announcement import Kind
from failover.levers.latch import LatchName
from failover.probe.verdict import Verdict
from failover.region import Side
from tests.support.world import World
from tests.unit.latch.stage import BOTH


def world() -> World:
    return World(latches=(LatchName.RECORDS, LatchName.DOMAIN), **BOTH).settle()


def test_without_a_latch_there_is_nothing_to_attach() -> None:
    answer = World().settle().request("attach", reason="r", token="t")
    assert not answer["done"]
    assert answer["refused_by"] == "at-rest"
    assert "deploy with latchform=object" in answer["message"].lower()


def test_who_asks_and_why_is_told_and_kept() -> None:
    asked = world()
    assert asked.request("attach", reason="drill", token="t", requested_by="Aiko")["done"]
    asked.run()
    assert asked.said(Kind.ATTACHMENT) == "Aiko asked to attach the latch: drill."


def test_asking_again_with_the_same_token_is_told_once() -> None:
    asked = world()
    for _ in range(2):
        assert asked.request("detach", reason="drill", token="t")["done"]
    asked.run()
    assert asked.kinds.count(Kind.ATTACHMENT) == 1


def test_during_a_move_and_after_a_failover_it_is_refused() -> None:
    moving = world().primary(Verdict.SICK).route_53_fails()
    moving.run(3)
    assert moving.state.move
    assert "is under way" in moving.request("attach", reason="r", token="t")["message"]
    moving.all_works().run(6)
    assert moving.state.active is Side.STANDBY
    moving.run(6)
    answer = moving.request("detach", reason="r", token="u")
    assert answer["refused_by"] == "at-rest"
    assert "All users must be on ap-northeast-1" in answer["message"]
