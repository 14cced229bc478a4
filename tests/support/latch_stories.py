"""Stories of a controller with latches: beside the weights, and where Cognito's own domain is all there is to move."""

from typing import Any

from failover.levers.latch import LatchName
from failover.probe.verdict import Verdict
from tests.support.chronicle import WrittenDown
from tests.support.latches import MemoryLatch

SICK, HEALTHY = Verdict.SICK, Verdict.HEALTHY
RECORDS, DOMAIN = LatchName.RECORDS, LatchName.DOMAIN


def latches_beside_the_weights() -> WrittenDown:
    """Let both latches move with the weights, back in steps and in one, and by hand against a rule."""
    world = WrittenDown(latches=(RECORDS, DOMAIN), recovery_rounds=6)
    world.run(7)
    world.heading("the primary falls sick")
    world.primary(SICK).run(6)
    world.heading("a person brings the users back in steps, the checks following late")
    world.primary(HEALTHY).run(2)
    world.spreads = False
    world.request("failback", reason="well again", token="b1", requested_by="Aiko")
    world.run(2)
    world.spreads = True
    world.run(30)
    world.heading("a drill, and back in one")
    world.request("failover", reason="drill", token="f1", requested_by="Aiko")
    world.run(6)
    world.request("failback", reason="over", token="b2", pace="in-one", requested_by="Aiko")
    world.run(6)
    world.heading("a drill that is aborted on its way")
    world.spreads = False
    world.request("failover", reason="drill", token="f2", requested_by="Aiko")
    world.run(1)
    world.request("abort", reason="wrong day", token="a1", requested_by="Aiko")
    world.spreads = True
    world.run(6)
    world.heading("a failover against a rule")
    world.standby(SICK)
    world.request("failover", reason="I know", token="f3", override=["target-serves"], requested_by="Aiko")
    world.run(6)
    return world


def latches_without_a_control_plane() -> WrittenDown:
    """Let the latches move users while Route 53 takes no changes, and the weights follow when it does."""
    world = WrittenDown(latches=(RECORDS, DOMAIN), recovery_rounds=6)
    world.run(7)
    world.heading("the primary and Route 53's control plane fail")
    world.route_53_fails()
    world.primary(SICK).run(12)
    world.show_status()
    world.heading("Route 53 takes changes again")
    world.all_works().run(8)
    world.heading("it loses an answer, and then everything")
    world.primary(HEALTHY).run(2)
    world.request("failback", reason="well again", token="b1", pace="in-one", requested_by="Aiko")
    world.run(6)
    world.answer_is_lost("zone.submit")
    world.primary(SICK).run(4)
    world.route_53_fails().run(8)
    world.heading("somebody edits the records before the weights have followed")
    world.someone_sets(100, 100)
    world.all_works().run(8)
    world.request("acknowledge", reason="mine", requested_by="Aiko")
    world.run(2)
    return world


def latches_in_trouble() -> WrittenDown:
    """Let latches be out of reach, set by other hands, and never attached."""
    world = WrittenDown(latches=(RECORDS, DOMAIN), recovery_rounds=6)
    world.run(7)
    world.heading("a latch is out of reach on a quiet day")
    world.latches[DOMAIN].works = False
    world.run(14)
    world.latches[DOMAIN].works = True
    world.run(7)
    world.heading("it is out of reach for longer")
    world.latches[DOMAIN].works = False
    world.run(42)
    world.latches[DOMAIN].works = True
    world.run(7)
    world.heading("it is out of reach in a move, and after it")
    world.latches[RECORDS].works = False
    world.primary(SICK).run(14)
    world.latches[RECORDS].works = True
    world.run(8)
    world.heading("somebody releases a latch")
    world.latches[DOMAIN].thrown = False
    world.run(8)
    world.request("acknowledge", reason="so be it", requested_by="Aiko")
    world.run(2)
    world.heading("somebody throws one during a move")
    world.primary(HEALTHY).run(8)
    world.spreads = False
    world.request("failback", reason="well", token="b1", pace="in-one", requested_by="Aiko")
    world.run(1)
    world.latches[RECORDS].thrown = True
    world.spreads = True
    world.run(4)
    return world


def latches_not_attached() -> WrittenDown:
    """Let latches be added to a controller that had none, and be detached, so that they move nobody."""
    world = WrittenDown()
    world.run(7)
    world.latches = {name: MemoryLatch(name) for name in (RECORDS, DOMAIN)}
    world.new_process()
    world.run(7)
    world.heading("they are detached")
    for latch in world.latches.values():
        latch.attached = False
    world.run(7)
    world.primary(SICK).run(6)
    world.request("failback", reason="drill", token="b1", override=["target-serves"], requested_by="Aiko")
    world.run(12)
    return world


def only_cognitos_domain() -> WrittenDown:
    """Let Cognito's own domain be all there is: its latch alone moves users."""
    without_records: dict[str, Any] = {
        "domain_name": "",
        "primary_target": "",
        "standby_target": "",
        "managed_login_domain": "login.example.com",
        "domain_latch_check_id": "a1b2",
        "latch_bucket": "latch-us-east-1",
    }
    world = WrittenDown(weights=None, latches=(DOMAIN,), **without_records)
    world.heading("its latch is not attached yet")
    world.latches[DOMAIN].attached = False
    world.run(7)
    world.latches[DOMAIN].attached = True
    world.run(7)
    world.heading("the primary falls sick, and a name server is silent")
    world.latches[DOMAIN].silent = "ns-1.example.net"
    world.primary(SICK).run(20)
    world.latches[DOMAIN].silent = ""
    world.heading("a person brings the users back")
    world.primary(HEALTHY).run(2)
    world.request("failback", reason="well again", token="b1", requested_by="Aiko")
    world.run(6)
    world.heading("the primary is well again before the latch could be thrown")
    world.latches[DOMAIN].works = False
    world.primary(SICK).run(4)
    world.primary(HEALTHY).run(3)
    world.latches[DOMAIN].works = True
    world.run(3)
    world.heading("it is detached, and attached again")
    world.latches[DOMAIN].attached = False
    world.run(7)
    world.latches[DOMAIN].attached = True
    world.run(7)
    world.heading("somebody throws it, and the state is lost")
    world.latches[DOMAIN].thrown = True
    world.run(7)
    world.memory.lose_state()
    world.new_process()
    world.run(7)
    return world


def users_on_two_sides() -> WrittenDown:
    """Let a controller that remembers nothing find Cognito's own domain on another side than the records."""
    world = WrittenDown(latches=(RECORDS, DOMAIN))
    world.latches[DOMAIN].thrown = True
    world.run(7)
    world.heading("a latch that moves nobody sends nobody elsewhere, nor do two")
    for name in (DOMAIN, RECORDS):
        world.latches[name].attached = False
        world.memory.lose_state()
        world.new_process()
        world.run(2)
    return world
