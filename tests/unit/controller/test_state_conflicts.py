"""A round in which another writer changes the state."""

from cognito_failover.core.verdict import Verdict
from tests.support.controller_harness import ControllerHarness


def start_unconfirmed_move() -> ControllerHarness:
    """Return a harness with a submitted failover that one stale name server holds up."""
    world = ControllerHarness().settle().set_primary(Verdict.SICK)
    world.name_servers.freeze("ns-1.example.net")
    world.run(3)
    assert world.state.move
    return world


def test_one_round_never_counts_as_two_after_a_conflict() -> None:
    undisturbed, disturbed = start_unconfirmed_move(), start_unconfirmed_move()

    def change_state_once(call: str) -> None:
        if call == "ledger.save":
            disturbed.fault_injector.clear()
            disturbed.bump_version()

    # The decision is saved, and the next save of the same round finds a version that another writer has made.
    disturbed.fault_injector.after_call = change_state_once
    sick_rounds = disturbed.state.streaks.primary.rounds
    undisturbed.run()
    disturbed.run()
    assert disturbed.state.streaks.primary.rounds == sick_rounds + 1
    assert disturbed.state == undisturbed.state
    assert disturbed.zone.weight_history == [(0, 255)]
