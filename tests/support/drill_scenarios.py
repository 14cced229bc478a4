"""Scenarios of drills, for `tests.support.scenarios`."""

from cognito_failover.common.steered_name import SteeredName
from cognito_failover.core.verdict import Verdict
from tests.support.golden_log import GoldenLog

SICK, HEALTHY = Verdict.SICK, Verdict.HEALTHY


def all_drill_kinds() -> GoldenLog:
    """Run each kind of drill as planned."""
    world = GoldenLog(recovery_rounds=6)
    world.run(7)
    world.add_heading("a dry run of a switchover, and a tabletop")
    fields = {"reason": "monthly", "requested_by": "Aiko", "hold_seconds": 20}
    world.request("drill", kind="switchover", token="1", dry_run=True, **fields)
    world.request("drill", kind="tabletop", token="2", **fields)
    world.run(1)
    world.add_heading("a switchover, requested twice")
    world.request("drill", kind="switchover", token="3", **fields)
    world.run(2)
    world.request("drill", kind="switchover", token="3", **fields)
    world.request("drill", kind="simulated-outage", token="4", **fields)
    world.run(20)
    world.add_heading("a simulated outage, and one that is too short to move users")
    world.request("drill", kind="simulated-outage", token="5", mode="all-at-once", **fields)
    world.run(9)
    world.request("drill", kind="simulated-outage", token="6", rounds=2, **fields)
    world.run(4)
    return world


def single_lever_drills() -> GoldenLog:
    """Move users out and back by each lever alone, and fail the primary during one test."""
    world = GoldenLog(latches=tuple(SteeredName), recovery_rounds=6)
    world.run(7)
    world.request("drill", kind="switchover", reason="monthly", token="0", mode="all-at-once", dry_run=True)
    world.add_heading("as planned")
    world.request("drill", kind="lever-test", reason="monthly", token="1")
    world.run(27)
    world.add_heading("the primary fails while the weights alone have moved users")
    world.request("drill", kind="lever-test", reason="monthly", token="2")
    world.run(2)
    world.set_primary(SICK).run(7)
    return world


def interrupted_drills() -> GoldenLog:
    """Abort drills by a broken standby and by a person, and end one by an outage."""
    world = GoldenLog(recovery_rounds=6)
    world.run(7)
    fields = {"reason": "monthly, by plan X.", "mode": "all-at-once"}
    world.add_heading("the standby breaks while users are there")
    world.request("drill", kind="switchover", token="1", **fields)
    world.run(3)
    world.set_standby(SICK).run(5)
    world.set_standby(HEALTHY).run(6)
    world.add_heading("a person aborts a drill")
    world.request("drill", kind="switchover", token="2", **fields)
    world.run(3)
    world.log_status()
    world.request("abort", reason="enough of plan X.", token="3", requested_by="Aiko")
    world.run(3)
    world.add_heading("a person aborts a drill before it moves users, and one while users are on their way")
    world.request("drill", kind="simulated-outage", token="6", rounds=6, **fields)
    world.run(1)
    world.request("abort", reason="wrong day", token="7", requested_by="Aiko")
    world.run(1)
    world.name_servers.freeze("ns-1.example.net")
    world.request("drill", kind="switchover", token="8", **fields)
    world.run(1)
    world.request("abort", reason="wrong day", token="9", requested_by="Aiko")
    world.name_servers.stale_records.clear()
    world.run(3)
    world.add_heading("a person fails back while a drill keeps users on the standby")
    world.request("drill", kind="switchover", token="10", **fields)
    world.run(3)
    world.request("failback", reason="enough", token="11", requested_by="Aiko", mode="all-at-once")
    world.run(3)
    world.add_heading("the primary really becomes sick during a simulated outage")
    world.request("drill", kind="simulated-outage", token="4", rounds=6, **fields)
    world.run(2)
    world.set_primary(SICK).run(4)
    world.add_heading("a drill is refused during an outage")
    world.request("drill", kind="switchover", token="5", **fields)
    world.run(1)
    world.log_status()
    return world
