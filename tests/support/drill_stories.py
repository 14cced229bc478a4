"""Stories of drills, for `tests.support.stories`."""

from failover.levers.latch import LatchName
from failover.probe.verdict import Verdict
from tests.support.chronicle import WrittenDown

SICK, HEALTHY = Verdict.SICK, Verdict.HEALTHY


def drills_of_every_kind() -> WrittenDown:
    """Let each kind of drill go as planned."""
    world = WrittenDown(recovery_rounds=6)
    world.run(7)
    world.heading("what a switchover would be, and a tabletop")
    asked = {"reason": "monthly", "requested_by": "Aiko", "hold_seconds": 20}
    world.request("drill", kind="switchover", token="1", dry_run=True, **asked)
    world.request("drill", kind="tabletop", token="2", **asked)
    world.run(1)
    world.heading("a switchover, asked for twice")
    world.request("drill", kind="switchover", token="3", **asked)
    world.run(2)
    world.request("drill", kind="switchover", token="3", **asked)
    world.request("drill", kind="blind", token="4", **asked)
    world.run(20)
    world.heading("detection too, and a blip that moves nobody")
    world.request("drill", kind="blind", token="5", pace="in-one", **asked)
    world.run(9)
    world.request("drill", kind="blind", token="6", rounds=2, **asked)
    world.run(4)
    return world


def each_lever_alone() -> WrittenDown:
    """Let each lever take its users there and back, and the primary die during one."""
    world = WrittenDown(latches=tuple(LatchName), recovery_rounds=6)
    world.run(7)
    world.request("drill", kind="switchover", reason="monthly", token="0", pace="in-one", dry_run=True)
    world.heading("as planned")
    world.request("drill", kind="lever-test", reason="monthly", token="1")
    world.run(27)
    world.heading("the primary dies while the weights alone have moved users")
    world.request("drill", kind="lever-test", reason="monthly", token="2")
    world.run(2)
    world.primary(SICK).run(7)
    return world


def drills_that_end_early() -> WrittenDown:
    """Let drills be aborted by a broken standby and by a person, and ended by an outage."""
    world = WrittenDown(recovery_rounds=6)
    world.run(7)
    asked = {"reason": "monthly, by plan X.", "pace": "in-one"}
    world.heading("the standby breaks while users are there")
    world.request("drill", kind="switchover", token="1", **asked)
    world.run(3)
    world.standby(SICK).run(5)
    world.standby(HEALTHY).run(6)
    world.heading("a person ends one")
    world.request("drill", kind="switchover", token="2", **asked)
    world.run(3)
    world.show_status()
    world.request("abort", reason="enough of plan X.", token="3", requested_by="Aiko")
    world.run(3)
    world.heading("a person ends one before it has moved anybody, and one while users are on their way")
    world.request("drill", kind="blind", token="6", rounds=6, **asked)
    world.run(1)
    world.request("abort", reason="wrong day", token="7", requested_by="Aiko")
    world.run(1)
    world.servers.hold_back("ns-1.example.net")
    world.request("drill", kind="switchover", token="8", **asked)
    world.run(1)
    world.request("abort", reason="wrong day", token="9", requested_by="Aiko")
    world.servers.behind.clear()
    world.run(3)
    world.heading("a person moves users home while a drill holds them")
    world.request("drill", kind="switchover", token="10", **asked)
    world.run(3)
    world.request("failback", reason="enough", token="11", requested_by="Aiko", pace="in-one")
    world.run(3)
    world.heading("the primary really falls sick while it is taken for sick")
    world.request("drill", kind="blind", token="4", rounds=6, **asked)
    world.run(2)
    world.primary(SICK).run(4)
    world.heading("a drill is refused on such a day")
    world.request("drill", kind="switchover", token="5", **asked)
    world.run(1)
    world.show_status()
    return world
