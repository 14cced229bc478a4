"""Two processes that make the rounds of one minute each, as Lambda may keep two environments warm."""

from failover.rounds.look import Levers
from failover.rounds.round import Rounds
from tests.support.world import World


def test_whoever_takes_over_knows_when_the_last_round_was() -> None:
    world = World().settle()
    other = Rounds(
        settings=world.settings,
        ledger=world.ledger,
        probe=world.probe,
        levers=Levers(records=world.lever),
        clock=world.clock,
    )
    silences = []
    for rounds in (other, world.rounds, other, world.rounds):
        rounds.begin()
        for _ in range(6):
            silences.append(rounds.run().silence_seconds)
            world.clock.now += world.settings.round_interval_seconds
    assert set(silences) == {world.settings.round_interval_seconds}
