"""Stories of drills, for `tests.support.scenarios`."""

from cognito_failover.common.latch_name import LatchName
from cognito_failover.core.verdict import Verdict
from tests.support.golden_log import GoldenLog

SICK, HEALTHY = Verdict.SICK, Verdict.HEALTHY


def all_drill_kinds() -> GoldenLog:
    """Let each kind of drill go as planned."""
    world = GoldenLog(recovery_rounds=6)
    world.run(7)
    world.add_heading("what a switchover would be, and a tabletop")
    asked = {"reason": "monthly", "requested_by": "Aiko", "hold_seconds": 20}
    world.request("drill", kind="switchover", token="1", dry_run=True, **asked)
    world.request("drill", kind="tabletop", token="2", **asked)
    world.run(1)
    world.add_heading("a switchover, asked for twice")
    world.request("drill", kind="switchover", token="3", **asked)
    world.run(2)
    world.request("drill", kind="switchover", token="3", **asked)
    world.request("drill", kind="simulated-outage", token="4", **asked)
    world.run(20)
    world.add_heading("detection too, and a blip that moves nobody")
    world.request("drill", kind="simulated-outage", token="5", mode="all-at-once", **asked)
    world.run(9)
    world.request("drill", kind="simulated-outage", token="6", rounds=2, **asked)
    world.run(4)
    return world


def single_lever_drills() -> GoldenLog:
    """Let each lever take its users there and back, and the primary die during one."""
    world = GoldenLog(latches=tuple(LatchName), recovery_rounds=6)
    world.run(7)
    world.request("drill", kind="switchover", reason="monthly", token="0", mode="all-at-once", dry_run=True)
    world.add_heading("as planned")
    world.request("drill", kind="lever-test", reason="monthly", token="1")
    world.run(27)
    world.add_heading("the primary dies while the weights alone have moved users")
    world.request("drill", kind="lever-test", reason="monthly", token="2")
    world.run(2)
    world.set_primary(SICK).run(7)
    return world


def interrupted_drills() -> GoldenLog:
    """Let drills be aborted by a broken standby and by a person, and ended by an outage."""
    world = GoldenLog(recovery_rounds=6)
    world.run(7)
    asked = {"reason": "monthly, by plan X.", "mode": "all-at-once"}
    world.add_heading("the standby breaks while users are there")
    world.request("drill", kind="switchover", token="1", **asked)
    world.run(3)
    world.set_standby(SICK).run(5)
    world.set_standby(HEALTHY).run(6)
    world.add_heading("a person ends one")
    world.request("drill", kind="switchover", token="2", **asked)
    world.run(3)
    world.log_status()
    world.request("abort", reason="enough of plan X.", token="3", requested_by="Aiko")
    world.run(3)
    world.add_heading("a person ends one before it has moved anybody, and one while users are on their way")
    world.request("drill", kind="simulated-outage", token="6", rounds=6, **asked)
    world.run(1)
    world.request("abort", reason="wrong day", token="7", requested_by="Aiko")
    world.run(1)
    world.name_servers.freeze("ns-1.example.net")
    world.request("drill", kind="switchover", token="8", **asked)
    world.run(1)
    world.request("abort", reason="wrong day", token="9", requested_by="Aiko")
    world.name_servers.stale_records.clear()
    world.run(3)
    world.add_heading("a person moves users home while a drill holds them")
    world.request("drill", kind="switchover", token="10", **asked)
    world.run(3)
    world.request("failback", reason="enough", token="11", requested_by="Aiko", mode="all-at-once")
    world.run(3)
    world.add_heading("the primary really falls sick while it is taken for sick")
    world.request("drill", kind="simulated-outage", token="4", rounds=6, **asked)
    world.run(2)
    world.set_primary(SICK).run(4)
    world.add_heading("a drill is refused on such a day")
    world.request("drill", kind="switchover", token="5", **asked)
    world.run(1)
    world.log_status()
    return world
