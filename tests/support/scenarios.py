"""Scenarios of a controller, and their golden logs.

``PYTHONPATH=layers/failover python -m tests.support.scenarios`` writes the golden logs.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from cognito_failover.core.verdict import Verdict
from cognito_failover.settings.controller import FailbackPolicy
from tests.support import drill_scenarios, latch_scenarios
from tests.support.controller_harness import DOMAIN_RECORD_NAME
from tests.support.golden_log import GoldenLog

SICK, HEALTHY = Verdict.SICK, Verdict.HEALTHY
GOLDEN_LOG_FOLDER = Path(__file__).parents[1] / "unit" / "core" / "golden_logs"

type ControllerScenario = Callable[[], GoldenLog]


def failover_and_failback() -> GoldenLog:
    """Fail a Region, move users, and fail back in steps."""
    world = GoldenLog(recovery_rounds=6)
    world.run(7)
    world.add_heading("the primary becomes sick")
    world.set_primary(SICK).run(4)
    world.add_heading("it recovers")
    world.set_primary(HEALTHY).run(7)
    world.add_heading("a person fails back")
    world.request("failback", reason="well again", token="back", requested_by="Aiko")
    world.run(18)
    world.request("failback", reason="well again", token="back", requested_by="Aiko")
    world.request("failover", reason="well again", token="back")
    world.request("failback", reason="once more", token="again")
    world.run(1)
    return world


def blocked_moves() -> GoldenLog:
    """Violate each rule of an automatic move, one after another."""
    world = GoldenLog(recovery_rounds=5, cool_down_seconds=150, max_automatic_moves_per_day=1)
    world.add_heading("sick from the start: the startup grace period")
    world.set_primary(SICK).set_standby(SICK).run(8)
    world.add_heading("the other Region is healthy, no third Region answers")
    world.prober.is_witness_reachable = False
    world.set_standby(HEALTHY).run(2)
    world.prober.is_witness_reachable = True
    world.add_heading("a pause")
    world.request("pause", reason="maintenance", minutes=1, requested_by="Aiko")
    world.run(2)
    world.log_status()
    world.request("resume", reason="done", requested_by="Aiko")
    world.add_heading("observe only")
    world.request("observe-only", reason="trial", requested_by="Aiko")
    world.run(2)
    world.request("resume", reason="over")
    world.request("resume", reason="over")
    world.add_heading("all rules hold")
    world.run(2)
    world.add_heading("back to a recently recovered primary, within the cool-down and the daily limit")
    world.set_primary(HEALTHY).set_standby(SICK).run(7)
    world.wait(150).run(5)
    world.add_heading("an acknowledgement ends them")
    world.request("acknowledge", reason="it was us", requested_by="Aiko")
    world.run(3)
    world.add_heading("a move is not needed any more, and a decided one is cancelled")
    world.set_primary(Verdict.THROTTLED).set_standby(HEALTHY).run(4)
    world.set_primary(SICK).run(3)
    world.set_primary(HEALTHY).run(6)
    return world


def observe_only_deployment() -> GoldenLog:
    """Report what a stack that is deployed observe-only would do."""
    world = GoldenLog(observe_only=True)
    world.run(7)
    world.set_primary(SICK).run(3)
    world.request("observe-only", reason="trial")
    world.run(1)
    world.request("resume", reason="over")
    world.run(1)
    return world


def unfinished_moves() -> GoldenLog:
    """Cancel, roll back, abort and delay moves."""
    world = GoldenLog()
    world.run(7)
    world.add_heading("the cause is gone before Route 53 answers at all")
    world.set_primary(SICK).run(2)
    world.fail_route_53(calls="zone.list_record_sets").run(2)
    world.set_primary(HEALTHY).run(3)
    world.restore_all()
    world.add_heading("the cause is gone after an intent was saved")
    world.set_primary(SICK).run(2)
    world.fail_route_53(calls="zone.submit").run(2)
    world.set_primary(HEALTHY).run(3)
    world.restore_all().run(3)
    world.add_heading("the target becomes sick before any change")
    world.set_primary(SICK).run(2)
    world.fail_route_53(calls="zone.list_record_sets").run(2)
    world.set_standby(Verdict.NOT_READY).run(3)
    world.restore_all().set_primary(HEALTHY).set_standby(HEALTHY).run(3)
    world.add_heading("a person aborts before any change")
    world.request("abort", reason="?", token="a0")
    world.request("failover", reason="drill", token="d1", requested_by="Aiko")
    world.request("abort", reason="wrong day", token="a1", requested_by="Aiko")
    world.add_heading("a person aborts a move that a name server delays")
    world.name_servers.freeze("ns-1.example.net")
    world.request("failover", reason="drill", token="d2", requested_by="Aiko")
    world.run(2)
    world.request("observe-only", reason="trial")
    world.request("pause", reason="wait", minutes=1)
    world.request("failover", reason="drill", token="d3")
    world.set_primary(SICK).run(1)
    world.request("abort", reason="wrong day", token="a2", requested_by="Aiko")
    world.set_primary(HEALTHY).run(1)
    world.request("abort", reason="wrong day", token="a2", requested_by="Aiko")
    world.request("abort", reason="wrong day", token="a3")
    world.name_servers.stale_records.clear()
    world.run(2)
    world.add_heading("a name server delays a move for more than two minutes")
    world.request("resume", reason="over")
    world.name_servers.freeze("ns-1.example.net")
    world.set_primary(SICK).run(17)
    world.name_servers.stale_records.clear()
    world.run(2)
    return world


def failback_rolled_back() -> GoldenLog:
    """Make the target of a failback sick, and edit the records during the next failback."""
    world = GoldenLog(weights=(0, 255))
    world.run(7)
    world.request("failback", reason="well again", token="b1")
    world.run(2)
    world.set_primary(Verdict.THROTTLED).run(9)
    world.set_primary(SICK).run(5)
    world.add_heading("a failback to a sick primary is refused")
    world.request("failback", reason="well again", token="b2")
    world.request("failback", reason="I know", token="b2", override=["target-healthy"], mode="all-at-once")
    world.run(2)
    world.set_primary(HEALTHY).run(3)
    world.add_heading("a person edits the records between two steps")
    world.request("failover", reason="drill", token="f1")
    world.run(2)
    world.request("failback", reason="well again", token="b3")
    world.run(3)
    world.edit_weights(64, 191)
    world.run(5)
    world.request("acknowledge", reason="mine", requested_by="Aiko")
    world.run(1)
    world.request("acknowledge", reason="mine", requested_by="Aiko")
    world.run(1)
    return world


def automatic_failback() -> GoldenLog:
    """Fail back automatically in steps, and in one step when the standby becomes sick."""
    world = GoldenLog(
        recovery_rounds=6,
        failback_policy=FailbackPolicy.STEPPED,
        max_automatic_moves_per_day=3,
        cool_down_seconds=150,
    )
    world.run(7)
    world.add_heading("the primary becomes sick, and recovers")
    world.set_primary(SICK).run(4)
    world.set_primary(HEALTHY).run(18)
    world.add_heading("the standby becomes sick after the first step")
    world.set_standby(SICK).run(1)
    world.log_status()
    world.run(3)
    return world


def external_record_changes() -> GoldenLog:
    """Split, edit and delete records, make them unavailable, and forget a change."""
    world = GoldenLog(weights=(100, 155))
    world.add_heading("users are in both Regions when the controller starts")
    world.run(7)
    world.request("acknowledge", reason="so be it")
    world.add_heading("a person sends all users to the standby")
    world.edit_weights(0, 255)
    world.run(7)
    world.request("acknowledge", reason="so be it")
    pair = world.zone.list_record_sets((DOMAIN_RECORD_NAME,))
    world.add_heading("a person deletes the records")
    world.zone.remove_by_hand(*pair)
    world.run(13)
    world.request("failback", reason="well", token="b1")
    world.add_heading("the records exist again")
    world.zone.set_by_hand(*pair)
    world.run(7)
    world.add_heading("the records cannot be read")
    world.fail_route_53("ServiceUnavailable").run(44)
    world.log_status()
    world.restore_all().run(2)
    world.add_heading("Route 53 forgets a pending change")
    world.propagates_changes = False
    world.name_servers.freeze("ns-1.example.net")
    world.request("failback", reason="well", token="b2", mode="all-at-once")
    world.run(2)
    world.zone.forget_changes()
    world.run(3)
    world.name_servers.stale_records.clear()
    world.propagates_changes = True
    world.run(3)
    world.add_heading("a record is protected")
    world.zone.protect(DOMAIN_RECORD_NAME, "CNAME")
    world.request("failover", reason="drill", token="f1")
    world.run(2)
    return world


def invalid_requests() -> GoldenLog:
    """Refuse invalid requests with the field, the allowed values and an example."""
    world = GoldenLog()
    world.run(7)
    valid: dict[str, dict[str, Any]] = {
        "failover": {"reason": "drill", "token": "t"},
        "failback": {"reason": "drill", "token": "t"},
        "drill": {"kind": "simulated-outage", "reason": "monthly", "token": "t"},
        "pause": {"reason": "deploy"},
    }
    invalid: tuple[tuple[str, dict[str, Any]], ...] = (
        ("fail-over", {}),
        ("failover", {"token": None}),
        ("failover", {"force": True, "mode": "all-at-once"}),
        ("failover", {"override": ["routing-readable"]}),
        ("failback", {"mode": "slow"}),
        ("pause", {}),
        ("pause", {"minutes": 0}),
        ("drill", {"kind": "fire"}),
        ("drill", {"hold_seconds": -1}),
        ("drill", {"rounds": 0}),
        ("drill", {"dry_run": "yes"}),
        ("history", {"limit": 201}),
        ("report", {"id": "../secret"}),
    )
    for action, fields in invalid:
        world.request(action, **{**valid.get(action, {}), **fields})
    return world


SCENARIOS: dict[str, ControllerScenario] = {
    scenario.__name__.replace("_", "-"): scenario
    for scenario in (
        failover_and_failback,
        blocked_moves,
        observe_only_deployment,
        unfinished_moves,
        failback_rolled_back,
        automatic_failback,
        external_record_changes,
        invalid_requests,
        latch_scenarios.latches_with_weights,
        latch_scenarios.latches_during_control_plane_outage,
        latch_scenarios.failing_latches,
        latch_scenarios.detached_latches,
        latch_scenarios.cognito_domain_only,
        latch_scenarios.split_routing,
        drill_scenarios.all_drill_kinds,
        drill_scenarios.single_lever_drills,
        drill_scenarios.interrupted_drills,
    )
}


def render_golden_log(scenario: ControllerScenario) -> str:
    """Return the golden log of a scenario."""
    return "\n".join((f"# {scenario.__doc__}", *scenario().lines)) + "\n"


if __name__ == "__main__":
    for name, scenario in SCENARIOS.items():
        (GOLDEN_LOG_FOLDER / f"{name}.txt").write_text(render_golden_log(scenario), encoding="utf-8")
