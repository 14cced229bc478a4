"""Stories of a controller with latches: beside the weights, and where Cognito's own domain is all there is to move."""

from typing import Any

from cognito_failover.common.latch_name import LatchName
from cognito_failover.core.verdict import Verdict
from tests.support.golden_log import GoldenLog
from tests.support.memory_latch import MemoryLatch

SICK, HEALTHY = Verdict.SICK, Verdict.HEALTHY
RECORDS, DOMAIN = LatchName.RECORDS, LatchName.DOMAIN


def latches_with_weights() -> GoldenLog:
    """Let both latches move with the weights, back in steps and in one, and by hand against a rule."""
    world = GoldenLog(latches=(RECORDS, DOMAIN), recovery_rounds=6)
    world.run(7)
    world.add_heading("the primary falls sick")
    world.set_primary(SICK).run(6)
    world.add_heading("a person brings the users back in steps, the checks following late")
    world.set_primary(HEALTHY).run(2)
    world.propagates_changes = False
    world.request("failback", reason="well again", token="b1", requested_by="Aiko")
    world.run(2)
    world.propagates_changes = True
    world.run(30)
    world.add_heading("a drill, and back in one")
    world.request("failover", reason="drill", token="f1", requested_by="Aiko")
    world.run(6)
    world.request("failback", reason="over", token="b2", mode="all-at-once", requested_by="Aiko")
    world.run(6)
    world.add_heading("a drill that is aborted on its way")
    world.propagates_changes = False
    world.request("failover", reason="drill", token="f2", requested_by="Aiko")
    world.run(1)
    world.request("abort", reason="wrong day", token="a1", requested_by="Aiko")
    world.propagates_changes = True
    world.run(6)
    world.add_heading("a failover against a rule")
    world.set_standby(SICK)
    world.request("failover", reason="I know", token="f3", override=["target-healthy"], requested_by="Aiko")
    world.run(6)
    return world


def latches_during_control_plane_outage() -> GoldenLog:
    """Let the latches move users while Route 53 takes no changes, and the weights follow when it does."""
    world = GoldenLog(latches=(RECORDS, DOMAIN), recovery_rounds=6)
    world.run(7)
    world.add_heading("the primary and Route 53's control plane fail")
    world.fail_route_53()
    world.set_primary(SICK).run(12)
    world.log_status()
    world.add_heading("Route 53 takes changes again")
    world.restore_all().run(8)
    world.add_heading("it loses an answer, and then everything")
    world.set_primary(HEALTHY).run(2)
    world.request("failback", reason="well again", token="b1", mode="all-at-once", requested_by="Aiko")
    world.run(6)
    world.lose_response("zone.submit")
    world.set_primary(SICK).run(4)
    world.fail_route_53().run(8)
    world.add_heading("somebody edits the records before the weights have followed")
    world.edit_weights(100, 100)
    world.restore_all().run(8)
    world.request("acknowledge", reason="mine", requested_by="Aiko")
    world.run(2)
    return world


def failing_latches() -> GoldenLog:
    """Let latches be out of reach, set by other hands, and never attached."""
    world = GoldenLog(latches=(RECORDS, DOMAIN), recovery_rounds=6)
    world.run(7)
    world.add_heading("a latch is out of reach on a quiet day")
    world.latches[DOMAIN].is_available = False
    world.run(14)
    world.latches[DOMAIN].is_available = True
    world.run(7)
    world.add_heading("it is out of reach for longer")
    world.latches[DOMAIN].is_available = False
    world.run(42)
    world.latches[DOMAIN].is_available = True
    world.run(7)
    world.add_heading("it is out of reach in a move, and after it")
    world.latches[RECORDS].is_available = False
    world.set_primary(SICK).run(14)
    world.latches[RECORDS].is_available = True
    world.run(8)
    world.add_heading("somebody releases a latch")
    world.latches[DOMAIN].thrown = False
    world.run(8)
    world.request("acknowledge", reason="so be it", requested_by="Aiko")
    world.run(2)
    world.add_heading("somebody throws one during a move")
    world.set_primary(HEALTHY).run(8)
    world.propagates_changes = False
    world.request("failback", reason="well", token="b1", mode="all-at-once", requested_by="Aiko")
    world.run(1)
    world.latches[RECORDS].thrown = True
    world.propagates_changes = True
    world.run(4)
    return world


def detached_latches() -> GoldenLog:
    """Let latches be added to a controller that had none, and be detached, so that they move nobody."""
    world = GoldenLog()
    world.run(7)
    world.latches = {name: MemoryLatch(name) for name in (RECORDS, DOMAIN)}
    world.restart()
    world.run(7)
    world.add_heading("they are detached")
    for latch in world.latches.values():
        latch.is_attached = False
    world.run(7)
    world.set_primary(SICK).run(6)
    world.request("failback", reason="drill", token="b1", override=["target-healthy"], requested_by="Aiko")
    world.run(12)
    return world


def cognito_domain_only() -> GoldenLog:
    """Let Cognito's own domain be all there is: its latch alone moves users."""
    without_records: dict[str, Any] = {
        "domain_name": "",
        "primary_target": "",
        "standby_target": "",
        "managed_login_domain": "login.example.com",
        "domain_latch_check_id": "a1b2",
        "latch_bucket": "latch-us-east-1",
    }
    world = GoldenLog(weights=None, latches=(DOMAIN,), **without_records)
    world.add_heading("its latch is not attached yet")
    world.latches[DOMAIN].is_attached = False
    world.run(7)
    world.latches[DOMAIN].is_attached = True
    world.run(7)
    world.add_heading("the primary falls sick, and a name server is silent")
    world.latches[DOMAIN].silent_server = "ns-1.example.net"
    world.set_primary(SICK).run(20)
    world.latches[DOMAIN].silent_server = ""
    world.add_heading("a person brings the users back")
    world.set_primary(HEALTHY).run(2)
    world.request("failback", reason="well again", token="b1", requested_by="Aiko")
    world.run(6)
    world.add_heading("the primary is well again before the latch could be thrown")
    world.latches[DOMAIN].is_available = False
    world.set_primary(SICK).run(4)
    world.set_primary(HEALTHY).run(3)
    world.latches[DOMAIN].is_available = True
    world.run(3)
    world.add_heading("it is detached, and attached again")
    world.latches[DOMAIN].is_attached = False
    world.run(7)
    world.latches[DOMAIN].is_attached = True
    world.run(7)
    world.add_heading("somebody throws it, and the state is lost")
    world.latches[DOMAIN].thrown = True
    world.run(7)
    world.memory.lose_state()
    world.restart()
    world.run(7)
    return world


def split_routing() -> GoldenLog:
    """Let a controller that remembers nothing find Cognito's own domain on another side than the records."""
    world = GoldenLog(latches=(RECORDS, DOMAIN))
    world.latches[DOMAIN].thrown = True
    world.run(7)
    world.add_heading("a latch that moves nobody sends nobody elsewhere, nor do two")
    for name in (DOMAIN, RECORDS):
        world.latches[name].is_attached = False
        world.memory.lose_state()
        world.restart()
        world.run(2)
    return world
