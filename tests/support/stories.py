"""Stories of a controller, from which its chronicles are written.

By ``PYTHONPATH=layers/failover python -m tests.support.stories``.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from failover.probe.verdict import Verdict
from failover.settings import FailbackPolicy
from tests.support import drill_stories, latch_stories
from tests.support.chronicle import WrittenDown
from tests.support.world import NAME

SICK, HEALTHY = Verdict.SICK, Verdict.HEALTHY
CHRONICLES = Path(__file__).parents[1] / "unit" / "core" / "chronicles"

type Story = Callable[[], WrittenDown]


def failover_and_back() -> WrittenDown:
    """Let a Region die, users move, and a person bring them back in steps."""
    world = WrittenDown(recovery_rounds=6)
    world.run(7)
    world.heading("the primary falls sick")
    world.primary(SICK).run(4)
    world.heading("it recovers")
    world.primary(HEALTHY).run(7)
    world.heading("a person brings the users back")
    world.request("failback", reason="well again", token="back", requested_by="Aiko")
    world.run(18)
    world.request("failback", reason="well again", token="back", requested_by="Aiko")
    world.request("failover", reason="well again", token="back")
    world.request("failback", reason="once more", token="again")
    world.run(1)
    return world


def what_stands_in_the_way() -> WrittenDown:
    """Let every rule that keeps an automatic move from beginning say so."""
    world = WrittenDown(recovery_rounds=5, cool_down_seconds=150, max_automatic_moves_per_day=1)
    world.heading("sick from the beginning: the starting grace")
    world.primary(SICK).standby(SICK).run(8)
    world.heading("the other one is well, no third Region answers")
    world.probe.witness_answers = False
    world.standby(HEALTHY).run(2)
    world.probe.witness_answers = True
    world.heading("a pause")
    world.request("pause", reason="maintenance", minutes=1, requested_by="Aiko")
    world.run(2)
    world.show_status()
    world.request("resume", reason="done", requested_by="Aiko")
    world.heading("observe only")
    world.request("observe-only", reason="trial", requested_by="Aiko")
    world.run(2)
    world.request("resume", reason="over")
    world.request("resume", reason="over")
    world.heading("nothing is in the way")
    world.run(2)
    world.heading("back to a primary that has recovered only lately, within cool-down and bound")
    world.primary(HEALTHY).standby(SICK).run(7)
    world.wait(150).run(5)
    world.heading("an acknowledgement ends them")
    world.request("acknowledge", reason="it was us", requested_by="Aiko")
    world.run(3)
    world.heading("no move is wanted, and one is given up for being wanted no more")
    world.primary(Verdict.THROTTLED).standby(HEALTHY).run(4)
    world.primary(SICK).run(3)
    world.primary(HEALTHY).run(6)
    return world


def deployed_to_observe() -> WrittenDown:
    """Let a stack that is deployed observe-only say what it would do."""
    world = WrittenDown(observe_only=True)
    world.run(7)
    world.primary(SICK).run(3)
    world.request("observe-only", reason="trial")
    world.run(1)
    world.request("resume", reason="over")
    world.run(1)
    return world


def moves_that_do_not_come_off() -> WrittenDown:
    """Let moves be withdrawn, turned back, aborted, delayed."""
    world = WrittenDown()
    world.run(7)
    world.heading("the cause is gone before Route 53 answers at all")
    world.primary(SICK).run(2)
    world.route_53_fails(calls="zone.record_sets").run(2)
    world.primary(HEALTHY).run(3)
    world.all_works()
    world.heading("the cause is gone after an intent was saved")
    world.primary(SICK).run(2)
    world.route_53_fails(calls="zone.submit").run(2)
    world.primary(HEALTHY).run(3)
    world.all_works().run(3)
    world.heading("the target falls sick before anything was changed")
    world.primary(SICK).run(2)
    world.route_53_fails(calls="zone.record_sets").run(2)
    world.standby(Verdict.NOT_READY).run(3)
    world.all_works().primary(HEALTHY).standby(HEALTHY).run(3)
    world.heading("a person aborts before anything was changed")
    world.request("abort", reason="?", token="a0")
    world.request("failover", reason="drill", token="d1", requested_by="Aiko")
    world.request("abort", reason="wrong day", token="a1", requested_by="Aiko")
    world.heading("a person aborts a move that a name server holds up")
    world.servers.hold_back("ns-1.example.net")
    world.request("failover", reason="drill", token="d2", requested_by="Aiko")
    world.run(2)
    world.request("observe-only", reason="trial")
    world.request("pause", reason="wait", minutes=1)
    world.request("failover", reason="drill", token="d3")
    world.primary(SICK).run(1)
    world.request("abort", reason="wrong day", token="a2", requested_by="Aiko")
    world.primary(HEALTHY).run(1)
    world.request("abort", reason="wrong day", token="a2", requested_by="Aiko")
    world.request("abort", reason="wrong day", token="a3")
    world.servers.behind.clear()
    world.run(2)
    world.heading("a name server holds a move up for longer than two minutes")
    world.request("resume", reason="over")
    world.servers.hold_back("ns-1.example.net")
    world.primary(SICK).run(17)
    world.servers.behind.clear()
    world.run(2)
    return world


def a_failback_that_turns_back() -> WrittenDown:
    """Let the target of a failback fall sick, and somebody edit the records in the next one."""
    world = WrittenDown(weights=(0, 255))
    world.run(7)
    world.request("failback", reason="well again", token="b1")
    world.run(2)
    world.primary(Verdict.THROTTLED).run(9)
    world.primary(SICK).run(5)
    world.heading("a failback to a sick primary is refused")
    world.request("failback", reason="well again", token="b2")
    world.request("failback", reason="I know", token="b2", override=["target-serves"], pace="in-one")
    world.run(2)
    world.primary(HEALTHY).run(3)
    world.heading("somebody edits the records between two steps")
    world.request("failover", reason="drill", token="f1")
    world.run(2)
    world.request("failback", reason="well again", token="b3")
    world.run(3)
    world.someone_sets(64, 191)
    world.run(5)
    world.request("acknowledge", reason="mine", requested_by="Aiko")
    world.run(1)
    world.request("acknowledge", reason="mine", requested_by="Aiko")
    world.run(1)
    return world


def users_who_are_brought_back() -> WrittenDown:
    """Let the controller bring users back in steps, and all that is left at once when the standby falls sick."""
    world = WrittenDown(
        recovery_rounds=6,
        failback_policy=FailbackPolicy.IN_STEPS,
        max_automatic_moves_per_day=3,
        cool_down_seconds=150,
    )
    world.run(7)
    world.heading("the primary falls sick, and recovers")
    world.primary(SICK).run(4)
    world.primary(HEALTHY).run(18)
    world.heading("the standby falls sick after the first step")
    world.standby(SICK).run(1)
    world.show_status()
    world.run(3)
    return world


def records_in_other_hands() -> WrittenDown:
    """Let records be shared out, edited, deleted, out of reach, and a change of them forgotten."""
    world = WrittenDown(weights=(100, 155))
    world.heading("users are shared out when the controller begins")
    world.run(7)
    world.request("acknowledge", reason="so be it")
    world.heading("somebody sends everybody to the standby")
    world.someone_sets(0, 255)
    world.run(7)
    world.request("acknowledge", reason="so be it")
    pair = world.zone.record_sets((NAME,))
    world.heading("somebody deletes the records")
    world.zone.remove(*pair)
    world.run(13)
    world.request("failback", reason="well", token="b1")
    world.heading("they are there again")
    world.zone.edit(*pair)
    world.run(7)
    world.heading("they are out of reach")
    world.route_53_fails("ServiceUnavailable").run(44)
    world.show_status()
    world.all_works().run(2)
    world.heading("Route 53 forgets a change on its way")
    world.spreads = False
    world.servers.hold_back("ns-1.example.net")
    world.request("failback", reason="well", token="b2", pace="in-one")
    world.run(2)
    world.zone.forget_changes()
    world.run(3)
    world.servers.behind.clear()
    world.spreads = True
    world.run(3)
    world.heading("a record is protected")
    world.zone.protect(NAME, "CNAME")
    world.request("failover", reason="drill", token="f1")
    world.run(2)
    return world


def wrong_requests() -> WrittenDown:
    """Let people ask for what can't be understood: each is told the field, what it allows, and an example."""
    world = WrittenDown()
    world.run(7)
    well: dict[str, dict[str, Any]] = {
        "failover": {"reason": "drill", "token": "t"},
        "failback": {"reason": "drill", "token": "t"},
        "drill": {"kind": "blind", "reason": "monthly", "token": "t"},
        "pause": {"reason": "deploy"},
    }
    wrong: tuple[tuple[str, dict[str, Any]], ...] = (
        ("fail-over", {}),
        ("failover", {"token": None}),
        ("failover", {"force": True, "pace": "in-one"}),
        ("failover", {"override": ["world-understood"]}),
        ("failback", {"pace": "slow"}),
        ("pause", {}),
        ("pause", {"minutes": 0}),
        ("drill", {"kind": "fire"}),
        ("drill", {"hold_seconds": -1}),
        ("drill", {"rounds": 0}),
        ("drill", {"dry_run": "yes"}),
        ("history", {"limit": 201}),
        ("report", {"id": "../secret"}),
    )
    for action, fields in wrong:
        world.request(action, **{**well.get(action, {}), **fields})
    return world


STORIES: dict[str, Story] = {
    story.__name__.replace("_", "-"): story
    for story in (
        failover_and_back,
        what_stands_in_the_way,
        deployed_to_observe,
        moves_that_do_not_come_off,
        a_failback_that_turns_back,
        users_who_are_brought_back,
        records_in_other_hands,
        wrong_requests,
        latch_stories.latches_beside_the_weights,
        latch_stories.latches_without_a_control_plane,
        latch_stories.latches_in_trouble,
        latch_stories.latches_not_attached,
        latch_stories.only_cognitos_domain,
        latch_stories.users_on_two_sides,
        drill_stories.drills_of_every_kind,
        drill_stories.each_lever_alone,
        drill_stories.drills_that_end_early,
    )
}


def chronicle_of(story: Story) -> str:
    """Return what the controller says and remembers in a story."""
    return "\n".join((f"# {story.__doc__}", *story().chronicle)) + "\n"


if __name__ == "__main__":
    for name, story in STORIES.items():
        (CHRONICLES / f"{name}.txt").write_text(chronicle_of(story), encoding="utf-8")
