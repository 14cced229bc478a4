"""Two processes take turns in running rounds, as when Lambda keeps two environments warm."""

from cognito_failover.controller.round import RoundRunner
from tests.support.controller_harness import ControllerHarness


def test_takeover_knows_time_of_last_round() -> None:
    world = ControllerHarness().settle()
    other = RoundRunner(
        settings=world.settings,
        ledger=world.ledger,
        prober=world.prober,
        levers=world.levers,
        clock=world.clock,
    )
    silences = []
    for rounds in (other, world.round_runner, other, world.round_runner):
        rounds.reset()
        for _ in range(6):
            silences.append(rounds.run().silence_seconds)
            world.clock.now += world.settings.round_interval_seconds
    assert set(silences) == {world.settings.round_interval_seconds}
