"""What belongs to one trouble is told under one incident."""

from dataclasses import replace
from typing import Any

import pytest

from failover.decision.announcement import Announcement, Kind
from failover.decision.incident import began_at, in_its_incident
from failover.decision.state import Hold, LatchState, State, Surveyed, Trailing
from failover.decision.suspicion import Suspicion
from failover.levers.latch import LatchName
from failover.probe.verdict import Verdict
from failover.region import PerSide, Side, all_to
from tests.support.drills import drill
from tests.support.world import World

NOW = 1_800_000_000.0
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


def incident_of(world: World, kind: Kind) -> str:
    """Give that of the last announcement of a kind."""
    return [incident for each, incident in told(world) if each is kind][-1]


def test_sign_in_that_fails_in_a_drill_is_an_incident_of_its_own_and_never_hidden_in_the_rehearsal() -> None:
    world = World(recovery_rounds=6).settle()
    drill(world, hold_seconds=600)
    world.run(8)
    assert world.users is Side.STANDBY
    world.primary(SICK).run(4)
    world.standby(SICK).run(4)

    assert incident_of(world, Kind.DRILL_ENDED) == incident_of(world, Kind.DRILL_STARTED)
    assert incident_of(world, Kind.BLOCKED) not in {"", incident_of(world, Kind.DRILL_STARTED)}


def test_a_drill_and_all_its_moves_are_one_incident() -> None:
    world = World(recovery_rounds=6).settle()
    drill(world, "blind")
    world.run(80)

    assert incident_of(world, Kind.DRILL_ENDED)
    assert {incident for _, incident in told(world)} == {incident_of(world, Kind.DRILL_ENDED)}


def test_sign_in_that_fails_wakes_anew_whoever_has_seen_to_a_standby_that_is_not_ready() -> None:
    world = World(recovery_rounds=6).settle()
    world.standby(SICK).run(4)
    world.primary(SICK).run(4)

    assert incident_of(world, Kind.BLOCKED) not in {"", incident_of(world, Kind.CONCERN)}


def test_the_move_that_follows_a_blocked_one_is_of_the_same_incident() -> None:
    world = World(recovery_rounds=6).settle()
    world.standby(SICK).run(4)
    world.primary(SICK).run(4)
    world.standby(HEALTHY).run(2)

    assert incident_of(world, Kind.MOVE_DECIDED) == incident_of(world, Kind.BLOCKED)


def test_a_standby_that_fails_the_users_it_took_over_is_another_incident_than_the_first_outage() -> None:
    world = World(recovery_rounds=6, cool_down_seconds=200).settle()
    world.primary(SICK).run(6)
    first = incident_of(world, Kind.MOVE_CONFIRMED)
    world.primary(HEALTHY).run(20)
    world.standby(SICK).run(6)

    assert first
    assert incident_of(world, Kind.MOVE_DECIDED) not in {"", first}


def test_an_incident_is_named_after_its_beginning_and_one_with_another_name_began_long_ago() -> None:
    assert began_at("incident-1800000010") == 1_800_000_010.0
    assert began_at("of another version") == 0.0


def calm(**changes: Any) -> State:
    usual: dict[str, Any] = {
        "born_at": NOW - 9_000,
        "active": Side.PRIMARY,
        "active_since": NOW - 9_000,
        "weights": all_to(Side.PRIMARY),
        "surveyed": Surveyed(at=NOW),
    }
    return State(**{**usual, **changes})


def announced(kind: Kind = Kind.CONCERN) -> Announcement:
    return Announcement(kind=kind, at=NOW, sentence="Something happened.")


@pytest.mark.parametrize(
    "trouble",
    [
        {"hold": Hold(since=NOW, reason="edited")},
        {"trailing": Trailing()},
        {"active": Side.STANDBY},
        {"suspicion": Suspicion(side=Side.PRIMARY, evidence=1)},
        {"blocked_by": "cool-down"},
        {"concerns": PerSide(primary=None, standby=SICK)},
        {"latches": {LatchName.DOMAIN: LatchState(thrown=False, trouble="S3 is silent")}},
        {"surveyed": Surveyed(at=NOW, problem="two pairs")},
        {"surveyed": Surveyed(at=NOW, out_of_reach="Throttling")},
    ],
    ids=lambda trouble: next(iter(trouble)),
)
def test_an_incident_lasts_while_anything_is_not_as_it_should_be(trouble: dict[str, Any]) -> None:
    after, (told,) = in_its_incident(calm(**trouble), [announced()])
    assert after.incident == told.incident == "incident-1800000000"
    over, _ = in_its_incident(replace(calm(), incident=after.incident), [])
    assert over.incident == ""


@pytest.mark.parametrize(("kind", "another"), [(Kind.BLOCKED, True), (Kind.WOULD_MOVE, True), (Kind.CONCERN, False)])
def test_only_what_says_that_sign_in_fails_begins_an_incident_within_another(kind: Kind, another: bool) -> None:
    suspicion = Suspicion(side=Side.PRIMARY, evidence=9, rounds=3, sick_rounds=3, since=NOW - 20)
    lagging = calm(incident="incident-1799999000", suspicion=suspicion)
    _, (told,) = in_its_incident(lagging, [announced(kind)])
    assert told.incident == ("incident-1800000000" if another else lagging.incident)


def test_one_whose_name_can_not_be_read_stops_no_failover() -> None:
    world = World(recovery_rounds=6).settle()
    world.standby(SICK).run(4)
    world.remember(incident="of another version")
    world.primary(SICK).run(4)

    assert incident_of(world, Kind.BLOCKED).startswith("incident-")


def test_the_same_transition_told_again_has_the_same_id_and_another_one_has_not() -> None:
    first = Announcement(kind=Kind.PAUSED, at=1.0, sentence="Paused.")
    assert first.id == Announcement(kind=Kind.PAUSED, at=1.0, sentence="Paused.", incident="later").id
    assert first.id != Announcement(kind=Kind.PAUSED, at=2.0, sentence="Paused.").id
    assert first.id.startswith("paused-")
