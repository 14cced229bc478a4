"""Unexpected errors of a lever or the ledger do not stop the decision, the other levers or the notifications."""

from typing import TYPE_CHECKING
from unittest.mock import MagicMock

import pytest
from botocore.parsers import ResponseParserError

from cognito_failover.common.error_boundary import summarize_error, translate_unexpected_errors
from cognito_failover.common.errors import (
    FailoverError,
    LedgerUnavailableError,
    LeverRefusedError,
    LeverUnavailableError,
)
from cognito_failover.common.region import RegionRole
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.controller.bounded_calls import RoundBudget, bound_latch, bound_ledger, bound_lever, bound_locator
from cognito_failover.controller.invocation import Invocation
from cognito_failover.controller.move_driver import MoveDriver
from cognito_failover.controller.reconciler import Levers
from cognito_failover.controller.round import INTERNAL_ERROR, RoundRunner
from cognito_failover.core.model.event import EventKind
from cognito_failover.core.verdict import Verdict
from cognito_failover.operator.latch_attachment import LatchAttacher
from cognito_failover.operator.operator import REFUSED_BY_INTERNAL_ERROR
from cognito_failover.routing.records.hosted_zone import ChangeRejectedError
from tests.support.controller_harness import ControllerHarness
from tests.support.refresher import RecordingRefresher

if TYPE_CHECKING:
    from collections.abc import Callable

SECRET = "wJalrXUtnFEMI"
UNEXPECTED_ERRORS = [
    KeyError(SECRET),
    ResponseParserError(f"Unable to parse response, invalid XML received:\nb'<html>{SECRET}'"),
    EOFError("EOF"),
    RecursionError(SECRET),
]


def _get_name(error: Exception) -> str:
    return type(error).__name__


class BoundedCallsHarness:
    """A controller with bounded levers and a bounded ledger, whose rounds are run by invocations."""

    def __init__(self, *, latches: tuple[SteeredName, ...] = ()) -> None:
        self.world = ControllerHarness(latches=latches).settle()
        self.world.notifier.round_results.clear()
        self.refresher = RecordingRefresher()
        round_budget = RoundBudget()
        levers, ledger = self.world.levers, bound_ledger(self.world.ledger, round_budget)
        self.rounds = RoundRunner(
            settings=self.world.settings,
            ledger=ledger,
            prober=self.world.prober,
            levers=Levers(
                records=levers.records and bound_lever(levers.records, round_budget),
                latches=tuple(bound_latch(latch, round_budget) for latch in levers.latches),
                locator=bound_locator(levers.locator, round_budget),
            ),
            clock=self.world.clock,
        )
        self._invocation = Invocation(
            settings=self.world.settings,
            round_runner=self.rounds,
            lease_store=ledger,
            notifier=self.world.notifier,
            refresher=self.refresher,
            round_budget=round_budget,
            clock=self.world.clock,
            monotonic=self.world.clock,
            sleep=self._sleep,
        )

    def run_minutes(self, count: int = 1) -> tuple[str, ...]:
        """Run this many invocations, a minute apart, and return their failures."""
        failures: tuple[str, ...] = ()
        for number in range(count):
            until = self.world.clock.now + 60
            failures += self._invocation.run(f"minute-{number}", lambda: 70)
            self.world.clock.now = max(until, self.world.clock.now)
        return failures

    def make_calls_raise(self, error: Exception, *prefixes: str) -> None:
        """Make every call whose name has one of these prefixes raise the error."""

        def refuse(call_name: str) -> None:
            if call_name.startswith(prefixes):
                raise error

        self.world.fault_injector.before_call = refuse

    def _sleep(self, seconds: float) -> None:
        self.world.zone.propagate()
        for latch in self.world.latches.values():
            latch.propagate()
        self.world.clock.sleep(seconds)


@pytest.mark.parametrize(
    "error", [*UNEXPECTED_ERRORS, ChangeRejectedError("ListResourceRecordSets answered InvalidInput.")], ids=_get_name
)
def test_malformed_zone_response_blocks_neither_decision_nor_latch(error: Exception) -> None:
    harness = BoundedCallsHarness(latches=(SteeredName.RECORDS,))
    harness.make_calls_raise(error, "zone.")
    harness.world.set_primary(Verdict.SICK)
    assert harness.run_minutes(2) == ()
    assert harness.world.latches[SteeredName.RECORDS].thrown
    assert harness.world.state.active_role is RegionRole.STANDBY
    assert {EventKind.MOVE_DECIDED, EventKind.MOVE_CONFIRMED} <= set(harness.world.event_kinds)
    assert summarize_error(error).partition(",")[0] in str(harness.world.notifier.round_results)
    assert SECRET not in str(harness.world.notifier.round_results)


@pytest.mark.parametrize("error", [*UNEXPECTED_ERRORS, LeverRefusedError("no")], ids=_get_name)
def test_malformed_latch_response_does_not_delay_weights(error: Exception) -> None:
    harness = BoundedCallsHarness(latches=(SteeredName.RECORDS,))
    harness.world.set_primary(Verdict.SICK)
    harness.make_calls_raise(error, "latch-records.set", "latch-records.keep")
    assert harness.run_minutes(2) == ()
    assert harness.world.weights == (0, 255)
    assert harness.world.state.active_role is RegionRole.STANDBY


@pytest.mark.parametrize("error", UNEXPECTED_ERRORS, ids=_get_name)
def test_unreadable_name_server_answers_do_not_block_notification(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    harness = BoundedCallsHarness()
    harness.world.set_primary(Verdict.SICK)
    monkeypatch.setattr(harness.world.name_servers, "query", _make_raiser(error))
    assert harness.run_minutes(2) == ()
    assert harness.world.weights == (0, 255)
    assert EventKind.MOVE_DECIDED in harness.world.event_kinds


@pytest.mark.parametrize("error", UNEXPECTED_ERRORS, ids=_get_name)
def test_malformed_ledger_response_is_unavailable_and_moves_nothing(error: Exception) -> None:
    harness = BoundedCallsHarness()
    harness.make_calls_raise(error, "ledger.")
    harness.world.set_primary(Verdict.SICK)
    failures = harness.run_minutes()
    assert len(failures) == len(harness.world.notifier.round_results) == 6
    assert all("Reading the state failed with an unexpected error" in failure for failure in failures)
    assert harness.world.weights == (255, 0)


@pytest.mark.parametrize("at", ["ledger.load", "ledger.save"])
def test_malformed_ledger_responses_lose_no_state(at: str) -> None:
    harness = BoundedCallsHarness()
    harness.make_calls_raise(KeyError("Item"), at)
    harness.run_minutes()
    harness.world.restore_all().set_primary(Verdict.SICK)
    assert harness.run_minutes(2) == ()
    assert harness.world.weights == (0, 255)


def test_failed_round_is_reported_and_saved_events_are_delivered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    harness = BoundedCallsHarness()
    harness.world.notifier.allows_internal_errors = True
    harness.world.set_primary(Verdict.SICK)
    monkeypatch.setattr(MoveDriver, "drive", _make_raiser(KeyError(SECRET)))
    failures = harness.run_minutes()
    assert EventKind.MOVE_DECIDED in harness.world.event_kinds
    assert len(harness.world.notifier.round_results) > 5
    assert failures
    assert all("KeyError in tests.unit.common.test_error_boundary, line" in failure for failure in failures)
    last = harness.world.notifier.round_results[-1]
    assert last.reason == INTERNAL_ERROR
    assert last.failure == failures[-1]
    assert last.state == harness.world.state
    assert harness.world.state.undelivered_events == ()


@pytest.mark.parametrize("error", UNEXPECTED_ERRORS, ids=_get_name)
@pytest.mark.parametrize("at", ["warm_up", "refresh"])
def test_background_failure_keeps_all_rounds_and_is_returned(
    at: str, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    harness = BoundedCallsHarness()
    monkeypatch.setattr(harness.refresher, at, _make_raiser(error))
    [failure] = harness.run_minutes()
    assert len(harness.world.notifier.round_results) == 6
    assert f"failed with an internal error: {summarize_error(error)}" in failure
    assert SECRET not in failure


@pytest.mark.parametrize("part", ["prober.observe", "notifier.record_round"])
def test_failed_rounds_are_returned_and_next_rounds_run(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    harness = BoundedCallsHarness()
    name, call = part.split(".")
    with monkeypatch.context() as broken:
        broken.setattr(getattr(harness.world, name), call, _make_raiser(KeyError(SECRET)))
        failures = harness.run_minutes()
    assert [failure.partition(":")[0] for failure in failures] == ["A round failed with an internal error"] * 6
    assert harness.run_minutes() == ()


def test_own_error_keeps_message_and_other_shows_type_and_location() -> None:
    assert summarize_error(LedgerUnavailableError("The table is gone.")) == "The table is gone."
    assert summarize_error(KeyError(SECRET)) == "KeyError"
    assert summarize_error(ResponseParserError(SECRET)) == "botocore.parsers.ResponseParserError"


@pytest.mark.parametrize("error", [*UNEXPECTED_ERRORS, ChangeRejectedError("refused")], ids=_get_name)
def test_boundary_raises_only_expected_errors(error: Exception) -> None:
    with (
        pytest.raises(LeverUnavailableError, match=r"^Asking failed") as raised,
        translate_unexpected_errors(LeverRefusedError, error_type=LeverUnavailableError, description="Asking"),
    ):
        raise error
    assert SECRET not in str(raised.value)


def test_expected_error_passes_unchanged() -> None:
    with (
        pytest.raises(LeverRefusedError, match=r"^as it is$"),
        translate_unexpected_errors(LeverRefusedError, error_type=FailoverError, description=""),
    ):
        raise LeverRefusedError("as it is")


def test_kill_signal_is_not_caught() -> None:
    with pytest.raises(KeyboardInterrupt), translate_unexpected_errors(error_type=FailoverError, description="Asking"):
        raise KeyboardInterrupt


def _make_raiser(error: Exception) -> "Callable[..., None]":
    def fail(*_: object, **__: object) -> None:
        raise error

    return fail


@pytest.mark.parametrize("error", UNEXPECTED_ERRORS, ids=_get_name)
def test_internal_error_is_answered_with_location_and_is_retryable(
    error: Exception, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    world = ControllerHarness().settle()
    world.notifier.allows_internal_errors = True
    with monkeypatch.context() as broken:
        broken.setattr(world.ledger, "save", _make_raiser(error))
        answer = world.request("failover", reason="drill", token="t")
    assert (answer["done"], answer["refused_by"]) == (False, REFUSED_BY_INTERNAL_ERROR)
    assert summarize_error(error) in answer["message"]
    assert answer["message"].endswith("Repeat the same event: the same token never acts twice.")
    assert SECRET not in f"{answer}{caplog.text}"
    assert "A request failed with an internal error" in caplog.text
    assert world.request("failover", reason="drill", token="t")["done"]


def test_internal_error_after_saved_request_does_not_deny_it(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    world = ControllerHarness().settle()
    monkeypatch.setattr(world.ledger, "load_history", _make_raiser(KeyError(SECRET)))
    answer = world.request("failover", reason="drill", token="t")
    assert answer["done"]
    assert "could not be read: KeyError in " in answer["status"]["problem"]
    assert answer["status"]["problem"] in caplog.text
    assert SECRET not in f"{answer}{caplog.text}"


def test_failed_attachment_is_not_reported_as_attached() -> None:
    world = ControllerHarness(
        records_latch_check_id="a1b2", standby_check_id="c3d4", latch_bucket="latch-us-east-1"
    ).settle()
    world.notifier.allows_internal_errors = True
    latch_attacher = MagicMock(spec=LatchAttacher)
    latch_attacher.run.side_effect = KeyError(SECRET)
    world.latch_attacher = latch_attacher
    world.restart()
    answer = world.request("attach", reason="quiet hour", token="t")
    assert (answer["done"], answer["refused_by"]) == (False, REFUSED_BY_INTERNAL_ERROR)
    assert SECRET not in str(answer)
