"""Scenarios of a controller with latches: with weights, and with Cognito's own domain only."""

from typing import Any

from cognito_failover.common.steered_name import SteeredName
from cognito_failover.core.verdict import Verdict
from tests.support.golden_log import GoldenLog
from tests.support.memory_latch import MemoryLatch

SICK, HEALTHY = Verdict.SICK, Verdict.HEALTHY
RECORDS, DOMAIN = SteeredName.RECORDS, SteeredName.DOMAIN


def latches_with_weights() -> GoldenLog:
    """Move users by both latches and the weights: back in steps and at once, and manually against a rule."""
    world = GoldenLog(latches=(RECORDS, DOMAIN), recovery_rounds=6)
    world.run(7)
    world.add_heading("the primary becomes sick")
    world.set_primary(SICK).run(6)
    world.add_heading("a person fails back in steps, and the checks follow late")
    world.set_primary(HEALTHY).run(2)
    world.propagates_changes = False
    world.request("failback", reason="well again", token="b1", requested_by="Aiko")
    world.run(2)
    world.propagates_changes = True
    world.run(30)
    world.add_heading("a drill, and back at once")
    world.request("failover", reason="drill", token="f1", requested_by="Aiko")
    world.run(6)
    world.request("failback", reason="over", token="b2", mode="all-at-once", requested_by="Aiko")
    world.run(6)
    world.add_heading("a drill that is aborted while moving out")
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
    """Move users by latches while Route 53 accepts no changes, and sync the weights later."""
    world = GoldenLog(latches=(RECORDS, DOMAIN), recovery_rounds=6)
    world.run(7)
    world.add_heading("the primary and Route 53's control plane fail")
    world.fail_route_53()
    world.set_primary(SICK).run(12)
    world.log_status()
    world.add_heading("Route 53 accepts changes again")
    world.restore_all().run(8)
    world.add_heading("a response of Route 53 is lost, and then it does not answer")
    world.set_primary(HEALTHY).run(2)
    world.request("failback", reason="well again", token="b1", mode="all-at-once", requested_by="Aiko")
    world.run(6)
    world.lose_response("zone.submit")
    world.set_primary(SICK).run(4)
    world.fail_route_53().run(8)
    world.add_heading("a person edits the records before the weight sync")
    world.edit_weights(100, 100)
    world.restore_all().run(8)
    world.request("acknowledge", reason="mine", requested_by="Aiko")
    world.run(2)
    return world


def failing_latches() -> GoldenLog:
    """Make latches unavailable, set them externally, and never attach them."""
    world = GoldenLog(latches=(RECORDS, DOMAIN), recovery_rounds=6)
    world.run(7)
    world.add_heading("a latch is unavailable without a move")
    world.latches[DOMAIN].is_available = False
    world.run(14)
    world.latches[DOMAIN].is_available = True
    world.run(7)
    world.add_heading("it is unavailable for longer")
    world.latches[DOMAIN].is_available = False
    world.run(42)
    world.latches[DOMAIN].is_available = True
    world.run(7)
    world.add_heading("it is unavailable during a move, and after it")
    world.latches[RECORDS].is_available = False
    world.set_primary(SICK).run(14)
    world.latches[RECORDS].is_available = True
    world.run(8)
    world.add_heading("a person releases a latch")
    world.latches[DOMAIN].thrown = False
    world.run(8)
    world.request("acknowledge", reason="so be it", requested_by="Aiko")
    world.run(2)
    world.add_heading("a person sets a latch during a move")
    world.set_primary(HEALTHY).run(8)
    world.propagates_changes = False
    world.request("failback", reason="well", token="b1", mode="all-at-once", requested_by="Aiko")
    world.run(1)
    world.latches[RECORDS].thrown = True
    world.propagates_changes = True
    world.run(4)
    return world


def detached_latches() -> GoldenLog:
    """Add latches to a controller without latches, and detach them, so that they do not move users."""
    world = GoldenLog()
    world.run(7)
    world.latches = {name: MemoryLatch(name) for name in (RECORDS, DOMAIN)}
    world.restart()
    world.run(7)
    world.add_heading("they are detached")
    world.detach_latches()
    world.run(7)
    world.set_primary(SICK).run(6)
    world.request("failback", reason="drill", token="b1", override=["target-healthy"], requested_by="Aiko")
    world.run(12)
    return world


def cognito_domain_only() -> GoldenLog:
    """Manage only Cognito's own domain, whose latch alone moves users."""
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
    world.add_heading("the primary becomes sick, and a name server does not answer")
    world.latches[DOMAIN].silent_server = "ns-1.example.net"
    world.set_primary(SICK).run(20)
    world.latches[DOMAIN].silent_server = ""
    world.add_heading("a person fails back")
    world.set_primary(HEALTHY).run(2)
    world.request("failback", reason="well again", token="b1", requested_by="Aiko")
    world.run(6)
    world.add_heading("the primary recovers before the latch could be set")
    world.latches[DOMAIN].is_available = False
    world.set_primary(SICK).run(4)
    world.set_primary(HEALTHY).run(3)
    world.latches[DOMAIN].is_available = True
    world.run(3)
    world.add_heading("it is detached, and attached again")
    world.detach_latches()
    world.run(7)
    world.latches[DOMAIN].is_attached = True
    world.run(7)
    world.add_heading("a person sets it, and the state is lost")
    world.latches[DOMAIN].thrown = True
    world.run(7)
    world.memory.lose_state()
    world.restart()
    world.run(7)
    return world


def split_routing() -> GoldenLog:
    """Start without saved state, with Cognito's own domain and the records in different Regions."""
    world = GoldenLog(latches=(RECORDS, DOMAIN))
    world.latches[DOMAIN].thrown = True
    world.run(7)
    world.add_heading("one or two detached latches do not change where users are")
    for name in (DOMAIN, RECORDS):
        world.latches[name].is_attached = False
        world.memory.lose_state()
        world.restart()
        world.run(2)
    return world
