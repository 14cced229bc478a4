"""What belongs to one trouble is told under one incident."""

from failover.decision.announcement import Announcement, Kind
from failover.probe.verdict import Verdict
from tests.support.world import World

SICK, HEALTHY = Verdict.SICK, Verdict.HEALTHY


def told(world: World) -> list[tuple[Kind, str]]:
    return [(each.kind, each.incident) for each in world.told.announcements]


def test_an_outage_is_one_incident_from_its_first_sign_until_users_are_home() -> None:
    world = World(recovery_rounds=4).settle()
    world.primary(SICK).run(5)
    world.primary(HEALTHY).run(6)
    world.request("failback", reason="well again", token="b1")
    world.run(20)

    kinds, incidents = zip(*told(world), strict=True)
    assert (kinds[0], kinds[-1]) == (Kind.SUSPECTED, Kind.MOVE_CONFIRMED)
    assert Kind.RECOVERED in kinds
    assert len(set(incidents)) == 1
    assert incidents[0]


def test_the_next_trouble_is_another_incident() -> None:
    world = World().settle()
    world.standby(SICK).run(4)
    world.standby(HEALTHY).run(40)
    world.standby(SICK).run(4)

    first, recovered, second = (incident for _, incident in told(world))
    assert first == recovered
    assert second not in {"", first}


def test_what_a_person_sets_on_a_calm_day_belongs_to_none() -> None:
    world = World().settle()
    world.request("pause", reason="maintenance", minutes=5)
    world.request("resume", reason="over")
    world.run(1)

    assert told(world) == [(Kind.PAUSED, ""), (Kind.RESUMED, "")]


def test_a_restart_does_not_break_the_thread() -> None:
    world = World().settle()
    world.primary(SICK).run(2)
    world.new_process()
    world.run(3)

    assert len({incident for _, incident in told(world)}) == 1


def test_the_same_transition_told_again_has_the_same_id_and_another_one_has_not() -> None:
    first = Announcement(kind=Kind.PAUSED, at=1.0, sentence="Paused.")
    assert first.id == Announcement(kind=Kind.PAUSED, at=1.0, sentence="Paused.", incident="later").id
    assert first.id != Announcement(kind=Kind.PAUSED, at=2.0, sentence="Paused.").id
    assert first.id.startswith("paused-")
