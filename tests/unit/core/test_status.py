from failover.decision.phase import Phase, phase_of
from failover.decision.rules import starting_grace_seconds
from failover.probe.answer import Untried
from failover.probe.backoff import AT_REST, next_backoff
from failover.region import PerSide
from tests.support.world import World


def test_a_silent_controller_is_told_before_what_it_last_said() -> None:
    world = World().settle()
    said = world.ask("status")["status"]["reason"]
    world.wait(180)
    reason = world.ask("status")["status"]["reason"]
    assert reason == f"The controller is silent: its last round was 3 min 10 s ago. It said: {said}"


def test_records_that_can_not_be_read_show_as_a_problem_of_the_weights() -> None:
    world = World().settle().route_53_fails("ServiceUnavailable")
    world.run(60)
    assert "ServiceUnavailable" in world.ask("status")["status"]["weights"]["problem"]


def test_how_the_canary_stands_is_kept_when_a_person_asks_a_silent_controller() -> None:
    world = World().settle()
    refused = next_backoff(AT_REST, now=world.clock.now, reason=Untried.CANARY_REFUSED)
    world.wait(180)
    world.probe.backoffs = PerSide(primary=refused, standby=AT_REST)
    world.ask("status")
    assert world.state.backoffs.primary == refused


def test_a_controller_is_starting_for_as_long_as_it_does_not_judge_and_no_longer() -> None:
    world = World()
    world.run(1)
    judges_at = world.state.born_at + starting_grace_seconds(world.settings)
    assert phase_of(world.state, world.settings, judges_at - 0.5) is Phase.STARTING
    assert phase_of(world.state, world.settings, judges_at) is Phase.STEADY
