"""A round passes on what the last one saved, and reports why it could not."""

from collections.abc import Callable
from dataclasses import replace

from cognito_failover.common.errors import LedgerUnavailableError
from cognito_failover.common.region import PerRole, RegionRole
from cognito_failover.controller.round import INTERNAL_ERROR, RoundRunner
from cognito_failover.core.canary_backoff import ALL_CLOSED, CLOSED, Backoff, Backoffs
from cognito_failover.core.observation import Observation
from cognito_failover.core.preflight_result import CheckOutcome, CheckSeverity, PreflightFinding, PreflightResult
from cognito_failover.core.replication_lag import LagState
from cognito_failover.core.verdict import Verdict
from tests.support.controller_harness import ControllerHarness, ScriptedProber

TOKYO_PAUSED = PerRole(
    primary=Backoff(consecutive_rejections=1, blocked_until=2e9, reason=CLOSED.reason), standby=CLOSED
)


def test_probe_gets_the_backoffs_that_the_last_round_saved() -> None:
    world = ControllerHarness().settle()
    world.prober.backoffs = TOKYO_PAUSED
    world.run(1)
    world.prober.backoffs = None  # the prober now returns those that it gets
    world.run(2)
    assert world.state.backoffs == TOKYO_PAUSED
    world.restart()
    world.run(1)
    assert world.state.backoffs == TOKYO_PAUSED


def test_probe_gets_no_backoffs_without_a_state() -> None:
    world = ControllerHarness()
    world.run(2)
    assert world.state.backoffs == ALL_CLOSED


def test_round_without_the_ledger_reports_what_it_saw_and_moves_no_users() -> None:
    world = ControllerHarness().set_primary(Verdict.SICK)
    world.fault_injector.before_call = make_failing_call("ledger.load", LedgerUnavailableError)
    result = world.round_runner.run()
    assert (result.reason, result.failure) == ("The ledger can't be read: no users are moved.", "ledger.load failed")
    assert result.observation.readings.primary.verdict is result.consensus.roles.primary.verdict is Verdict.SICK


def test_probe_without_the_ledger_gets_no_backoffs() -> None:
    world = ControllerHarness()
    world.fault_injector.before_call = make_failing_call("ledger.load", LedgerUnavailableError)
    observe, seen = world.prober.observe, list[Backoffs]()

    def observe_and_record(backoffs: Backoffs) -> tuple[Observation, Backoffs]:
        seen.append(backoffs)
        return observe(backoffs)

    world.prober.observe = observe_and_record  # type: ignore[method-assign]
    world.run(1)
    assert seen == [ALL_CLOSED]


def test_preflight_that_is_read_later_replaces_none() -> None:
    world = ControllerHarness().settle()
    finding = PreflightFinding(
        check="tokens-equal", severity=CheckSeverity.HIGH, outcome=CheckOutcome.PASSED, message="They are equal."
    )
    world.round_runner.set_preflight(PreflightResult(at=world.clock.now, findings=(finding,)))
    world.round_runner.set_preflight(None)
    world.run(1)
    assert world.state.preflight


def test_internal_error_keeps_the_saved_state_in_the_result() -> None:
    world = ControllerHarness().settle()
    world.notifier.allows_internal_errors = True
    before = world.state
    world.fault_injector.before_call = make_failing_call("ledger.save", ZeroDivisionError)
    result = world.round_runner.run()
    assert (result.reason, result.state) == (INTERNAL_ERROR, before)
    assert "ZeroDivisionError" in result.failure
    world.restore_all().set_primary(Verdict.SICK).run(4)
    assert world.weights == (0, 255)


def test_internal_error_without_a_state_has_none_in_the_result() -> None:
    world = ControllerHarness()
    world.notifier.allows_internal_errors = True
    world.fault_injector.before_call = make_failing_call("ledger.save", ZeroDivisionError)
    result = world.round_runner.run()
    assert (result.reason, result.state) == (INTERNAL_ERROR, None)


def make_failing_call(name: str, error: type[Exception]) -> Callable[[str], None]:
    def fail(call_name: str) -> None:
        if call_name == name:
            raise error(f"{name} failed")

    return fail


def record_calls(world: ControllerHarness) -> list[str]:
    calls: list[str] = []
    world.fault_injector.before_call = calls.append
    return calls


def test_observations_of_others_are_read_only_if_there_are_other_observers() -> None:
    alone, together = ControllerHarness(), ControllerHarness(remote_observers=("eu-west-1",))
    for world, is_read in ((alone, False), (together, True)):
        calls = record_calls(world)
        world.run(1)
        assert ("ledger.load_observations" in calls) is is_read


def test_round_reports_the_observations_of_others() -> None:
    world = ControllerHarness(remote_observers=("eu-west-1",)).settle()
    seen, _ = ScriptedProber(world.clock, "eu-west-1").observe(ALL_CLOSED)
    world.memory.save_observation(seen)
    world.run(1)
    assert world.notifier.round_results[-1].remote_observations == (seen,)


def test_unreadable_observations_of_others_do_not_stop_the_round() -> None:
    world = ControllerHarness(remote_observers=("eu-west-1",))
    world.fault_injector.before_call = make_failing_call("ledger.load_observations", LedgerUnavailableError)
    world.run(2)
    assert world.notifier.round_results[-1].remote_observations == ()
    assert world.state.last_round_at == world.clock.now - world.settings.round_interval_seconds


def test_state_is_read_again_only_after_a_save_of_unknown_result() -> None:
    world = ControllerHarness().settle()
    calls = record_calls(world)
    world.run(1)
    assert "ledger.load" not in calls
    world.fault_injector.before_call = make_failing_call("ledger.save", LedgerUnavailableError)
    result = world.round_runner.run()
    assert result.reason == "The ledger can't be written: this round stops here."
    assert result.failure == "ledger.save failed"
    assert result.state == world.state
    calls = record_calls(world)
    world.run(1)
    assert calls[0] == "ledger.load"


def test_two_conflicts_in_one_round_leave_the_rest_to_the_next() -> None:
    world = ControllerHarness().settle().set_primary(Verdict.SICK)

    def change_state(call_name: str) -> None:
        if call_name == "ledger.save":
            world.bump_version()

    world.fault_injector.before_call = change_state
    result = world.round_runner.run()
    assert result.reason == (
        "Other writers changed the state twice in this round. The next round continues from their state."
    )
    assert "read it again" in result.failure
    assert world.state.streaks.primary.verdict is Verdict.HEALTHY
    calls = record_calls(world)
    world.run(1)
    assert calls[0] == "ledger.load"
    assert world.state.streaks.primary.rounds == 1


def test_round_without_state_and_records_moves_no_users() -> None:
    world = ControllerHarness().fail_route_53("Throttling")
    result = world.round_runner.run()
    assert result.reason == "There is no saved state, and none can be made from the records: no users are moved."
    assert "Throttling" in result.failure
    assert (result.state, result.silence_seconds) == (None, None)


def test_conflict_before_the_decision_is_saved_decides_from_the_new_state() -> None:
    world = ControllerHarness().settle().set_primary(Verdict.SICK)

    def change_state_once(call_name: str) -> None:
        if call_name == "ledger.save":
            world.fault_injector.clear()
            world.bump_version()

    world.fault_injector.before_call = change_state_once
    world.prober.backoffs = TOKYO_PAUSED
    result = world.round_runner.run()
    assert result.failure == ""
    assert world.state.streaks.primary.rounds == 1
    assert result.state == world.state
    assert world.state.backoffs == TOKYO_PAUSED
    assert "is suspect" in result.reason


def test_conflict_after_the_decision_moves_users_in_the_same_round() -> None:
    world = ControllerHarness().settle().set_primary(Verdict.SICK)
    world.run(2)

    def change_state_once(call_name: str) -> None:
        if call_name == "ledger.save":
            world.fault_injector.clear()
            world.bump_version()

    world.fault_injector.after_call = change_state_once
    result = world.round_runner.run()
    assert world.weights == (0, 255)
    assert "name servers" in result.reason
    assert world.state.streaks.primary.rounds == 3


def test_state_that_is_lost_within_a_round_is_made_again_from_the_records() -> None:
    world = ControllerHarness(weights=(0, 255)).settle()

    def lose_state_once(call_name: str) -> None:
        if call_name == "ledger.save":
            world.fault_injector.clear()
            world.memory.lose_state()

    world.fault_injector.before_call = lose_state_once
    world.run(1)
    assert world.state.active_role is RegionRole.STANDBY
    assert world.state.created_at == world.clock.now - world.settings.round_interval_seconds


class OneMeasurement:
    """A reader of the replication lag that starts from the saved lag state."""

    def apply_measurement(self, lag_state: LagState) -> LagState:
        return replace(lag_state, attempted_at=lag_state.attempted_at + 1)


def test_round_saves_the_measured_lag_and_hands_the_saved_one_on() -> None:
    world = ControllerHarness().settle()
    runner = RoundRunner(
        settings=world.settings,
        ledger=world.ledger,
        prober=world.prober,
        levers=world.levers,
        clock=world.clock,
        lag_reader=OneMeasurement(),
    )
    assert runner.run().reason == world.state.round_message
    runner.run()
    assert world.state.lag_state.attempted_at == 2
