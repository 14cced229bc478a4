"""Whatever a lever or the ledger raises is a fact about it: the decision, the other levers and the telling go on."""

from typing import TYPE_CHECKING
from unittest.mock import MagicMock

import pytest
from botocore.parsers import ResponseParserError

from failover.decision.announcement import Kind
from failover.errors import FailoverError, LedgerUnavailableError, LeverRefusedError, LeverUnavailableError
from failover.levers.latch import LatchName
from failover.levers.zone import ChangeRejectedError
from failover.probe.verdict import Verdict
from failover.region import Side
from failover.rounds.attaching import Fitter
from failover.rounds.drive import Driver
from failover.rounds.invocation import Invocation
from failover.rounds.look import Levers
from failover.rounds.operating import REFUSED_BY_A_FAULT
from failover.rounds.punctual import PunctualLatch, PunctualLedger, PunctualLever, Timekeeper
from failover.rounds.round import OWN_FAULT, Rounds
from failover.unforeseen import in_words, only
from tests.support.refresher import Refresher
from tests.support.world import World

if TYPE_CHECKING:
    from collections.abc import Callable

SECRET = "wJalrXUtnFEMI"
UNFORESEEN = [
    KeyError(SECRET),
    ResponseParserError(f"Unable to parse response, invalid XML received:\nb'<html>{SECRET}'"),
    EOFError("EOF"),
    RecursionError(SECRET),
]


def _name(error: Exception) -> str:
    return type(error).__name__


class OnTime:
    """A world whose rounds are made by invocations, over levers and a ledger on time, as those of AWS are."""

    def __init__(self, *, latches: tuple[LatchName, ...] = ()) -> None:
        self.world = World(latches=latches).settle()
        self.world.told.reports.clear()
        self.refresher = Refresher()
        timekeeper = Timekeeper()
        levers, ledger = self.world.levers, PunctualLedger(self.world.ledger, timekeeper)
        self.rounds = Rounds(
            settings=self.world.settings,
            ledger=ledger,
            probe=self.world.probe,
            levers=Levers(
                records=levers.records and PunctualLever(levers.records, timekeeper),
                latches=tuple(PunctualLatch(latch, timekeeper) for latch in levers.latches),
            ),
            clock=self.world.clock,
        )
        self._invocation = Invocation(
            settings=self.world.settings,
            rounds=self.rounds,
            ledger=ledger,
            signals=self.world.told,
            refresher=self.refresher,
            timekeeper=timekeeper,
            clock=self.world.clock,
            monotonic=self.world.clock,
            sleep=self._sleep,
        )

    def minutes(self, count: int = 1) -> tuple[str, ...]:
        """Run as many invocations, a minute apart, and return what failed in them."""
        failures: tuple[str, ...] = ()
        for number in range(count):
            until = self.world.clock.now + 60
            failures += self._invocation.run(f"minute-{number}", lambda: 70)
            self.world.clock.now = max(until, self.world.clock.now)
        return failures

    def calls_raise(self, error: Exception, *prefixes: str) -> None:
        """Let every call whose name begins so raise this from now on."""

        def refuse(call_name: str) -> None:
            if call_name.startswith(prefixes):
                raise error

        self.world.tap.asked = refuse

    def _sleep(self, seconds: float) -> None:
        self.world.zone.spread()
        for latch in self.world.latches.values():
            latch.follow()
        self.world.clock.sleep(seconds)


@pytest.mark.parametrize(
    "error", [*UNFORESEEN, ChangeRejectedError("ListResourceRecordSets answered InvalidInput.")], ids=_name
)
def test_a_zone_that_answers_nonsense_keeps_neither_the_decision_nor_the_latch_waiting(error: Exception) -> None:
    minute = OnTime(latches=(LatchName.RECORDS,))
    minute.calls_raise(error, "zone.")
    minute.world.primary(Verdict.SICK)
    assert minute.minutes(2) == ()
    assert minute.world.latches[LatchName.RECORDS].thrown
    assert minute.world.state.active is Side.STANDBY
    assert {Kind.MOVE_DECIDED, Kind.MOVE_CONFIRMED} <= set(minute.world.kinds)
    assert in_words(error).partition(",")[0] in str(minute.world.told.reports)
    assert SECRET not in str(minute.world.told.reports)


@pytest.mark.parametrize("error", [*UNFORESEEN, LeverRefusedError("no")], ids=_name)
def test_a_latch_that_answers_nonsense_keeps_the_weights_waiting_for_nothing(error: Exception) -> None:
    minute = OnTime(latches=(LatchName.RECORDS,))
    minute.world.primary(Verdict.SICK)
    minute.calls_raise(error, "latch-records.set", "latch-records.keep")
    assert minute.minutes(2) == ()
    assert minute.world.weights == (0, 255)
    assert minute.world.state.active is Side.STANDBY


@pytest.mark.parametrize("error", UNFORESEEN, ids=_name)
def test_name_servers_whose_answers_cannot_be_read_keep_nobody_from_being_told(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    minute = OnTime()
    minute.world.primary(Verdict.SICK)
    monkeypatch.setattr(minute.world.servers, "look", _raising(error))
    assert minute.minutes(2) == ()
    assert minute.world.weights == (0, 255)
    assert Kind.MOVE_DECIDED in minute.world.kinds


@pytest.mark.parametrize("error", UNFORESEEN, ids=_name)
def test_a_ledger_that_answers_nonsense_is_out_of_reach_and_nothing_moves(error: Exception) -> None:
    minute = OnTime()
    minute.calls_raise(error, "ledger.")
    minute.world.primary(Verdict.SICK)
    failures = minute.minutes()
    assert len(failures) == len(minute.world.told.reports) == 6
    assert all("Reading the state failed in a way that nobody foresaw" in failure for failure in failures)
    assert minute.world.weights == (255, 0)


@pytest.mark.parametrize("at", ["ledger.load", "ledger.save"])
def test_a_ledger_that_answers_nonsense_for_a_while_is_read_again_and_loses_nothing(at: str) -> None:
    minute = OnTime()
    minute.calls_raise(KeyError("Item"), at)
    minute.minutes()
    minute.world.all_works().primary(Verdict.SICK)
    assert minute.minutes(2) == ()
    assert minute.world.weights == (0, 255)


def test_a_round_that_fails_by_a_fault_of_its_own_is_reported_and_what_it_had_saved_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    minute = OnTime()
    minute.world.told.expects_faults = True
    minute.world.primary(Verdict.SICK)
    monkeypatch.setattr(Driver, "drive", _raising(KeyError(SECRET)))
    failures = minute.minutes()
    assert Kind.MOVE_DECIDED in minute.world.kinds
    assert len(minute.world.told.reports) > 5
    assert failures
    assert all("KeyError in tests.unit.core.test_unforeseen, line" in failure for failure in failures)
    last = minute.world.told.reports[-1]
    assert last.reason == OWN_FAULT
    assert last.failure == failures[-1]
    assert last.state == minute.world.state
    assert minute.world.state.untold == ()


@pytest.mark.parametrize("error", UNFORESEEN, ids=_name)
@pytest.mark.parametrize("at", ["warm_up", "refresh"])
def test_whatever_fails_beside_the_rounds_all_of_them_are_made_and_the_fault_is_returned(
    at: str, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    minute = OnTime()
    monkeypatch.setattr(minute.refresher, at, _raising(error))
    [failure] = minute.minutes()
    assert len(minute.world.told.reports) == 6
    assert f"failed by a fault of its own: {in_words(error)}" in failure
    assert SECRET not in failure


@pytest.mark.parametrize("part", ["probe.observe", "told.round"])
def test_rounds_that_end_in_a_fault_are_returned_as_failed_and_the_next_ones_made(
    part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    minute = OnTime()
    name, call = part.split(".")
    with monkeypatch.context() as broken:
        broken.setattr(getattr(minute.world, name), call, _raising(KeyError(SECRET)))
        failures = minute.minutes()
    assert [failure.partition(":")[0] for failure in failures] == ["A round failed by a fault of its own"] * 6
    assert minute.minutes() == ()


def test_an_error_of_ours_is_told_in_its_own_words_and_any_other_by_type_and_place() -> None:
    assert in_words(LedgerUnavailableError("The table is gone.")) == "The table is gone."
    assert in_words(KeyError(SECRET)) == "KeyError"
    assert in_words(ResponseParserError(SECRET)) == "botocore.parsers.ResponseParserError"


@pytest.mark.parametrize("error", [*UNFORESEEN, ChangeRejectedError("refused")], ids=_name)
def test_only_what_is_foreseen_comes_out_of_a_boundary(error: Exception) -> None:
    with (
        pytest.raises(LeverUnavailableError, match=r"^Asking failed") as raised,
        only(LeverRefusedError, otherwise=LeverUnavailableError, what="Asking"),
    ):
        raise error
    assert SECRET not in str(raised.value)


def test_what_is_foreseen_comes_out_as_it_is() -> None:
    with (
        pytest.raises(LeverRefusedError, match=r"^as it is$"),
        only(LeverRefusedError, otherwise=FailoverError, what=""),
    ):
        raise LeverRefusedError("as it is")


def test_a_process_that_is_killed_is_not_kept_alive() -> None:
    with pytest.raises(KeyboardInterrupt), only(otherwise=FailoverError, what="Asking"):
        raise KeyboardInterrupt


def _raising(error: Exception) -> "Callable[..., None]":
    def fail(*_: object, **__: object) -> None:
        raise error

    return fail


@pytest.mark.parametrize("error", UNFORESEEN, ids=_name)
def test_a_request_that_meets_a_fault_is_answered_with_where_it_is_and_may_be_repeated(
    error: Exception, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    world = World().settle()
    world.told.expects_faults = True
    with monkeypatch.context() as broken:
        broken.setattr(world.ledger, "save", _raising(error))
        answer = world.request("failover", reason="drill", token="t")
    assert (answer["done"], answer["refused_by"]) == (False, REFUSED_BY_A_FAULT)
    assert in_words(error) in answer["message"]
    assert answer["message"].endswith("Repeat the same event; its token makes it safe.")
    assert SECRET not in f"{answer}{caplog.text}"
    assert "A request failed by a fault of the function's own" in caplog.text
    assert world.request("failover", reason="drill", token="t")["done"]


def test_a_fault_after_the_request_was_saved_does_not_deny_it(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    world = World().settle()
    monkeypatch.setattr(world.ledger, "history", _raising(KeyError(SECRET)))
    answer = world.request("failover", reason="drill", token="t")
    assert answer["done"]
    assert "could not be read: KeyError in " in answer["status"]["problem"]
    assert answer["status"]["problem"] in caplog.text
    assert SECRET not in f"{answer}{caplog.text}"


def test_a_latch_that_a_fault_kept_from_being_attached_is_not_said_to_be() -> None:
    world = World(records_latch_check_id="a1b2", standby_check_id="c3d4", latch_bucket="latch-us-east-1").settle()
    world.told.expects_faults = True
    fitter = MagicMock(spec=Fitter)
    fitter.carry.side_effect = KeyError(SECRET)
    world.fitter = fitter
    world.new_process()
    answer = world.request("attach", reason="quiet hour", token="t")
    assert (answer["done"], answer["refused_by"]) == (False, REFUSED_BY_A_FAULT)
    assert SECRET not in str(answer)
