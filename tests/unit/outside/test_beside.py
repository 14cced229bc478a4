"""The timeline is kept beside the rounds: nothing it meets fails, delays or changes one."""

import logging
import threading
from collections.abc import Iterator

import pytest

from failover.bounded import Deadline
from failover.decision.outside import SignIns
from failover.decision.state import State
from failover.errors import LedgerUnavailableError
from failover.ledger.memory import MemoryLedger
from failover.outside.fingerprint import fingerprint
from failover.outside.sample import Outside, Sample, SignIn
from failover.probe.verdict import Verdict
from failover.region import PerSide
from failover.rounds.beside import AT_ONCE, Bystander
from failover.rounds.round import Report
from tests.support import patience
from tests.support.settings import VIRGINIA, settings
from tests.support.world import World

SOON = patience.wait_limit()


class Looker:
    """Looks at once, or hangs until released."""

    def __init__(self) -> None:
        self.begun = threading.Semaphore(0)
        self.looks = 0
        self.oks: list[bool | None] = []
        self.free = threading.Event()
        self.free.set()

    def look(self, state: State) -> Outside:  # noqa: ARG002 - it sees the same whatever is known
        self.looks += 1
        self.begun.release()
        self.free.wait(SOON)
        return Outside(at=0.0, took_seconds=0.1, sign_in=SignIn(at=0.0, ok=self.oks.pop(0)) if self.oks else None)


class Crier:
    """Remembers what it was told of, or fails."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.works = True

    def tell(self, report_id: str, now: float) -> None:  # noqa: ARG002 - when does not matter here
        self.told.append(report_id)
        if not self.works:
            raise ConnectionError("no answer")


class FailingLedger(MemoryLedger):
    def put_sample(self, sample: Sample) -> None:
        raise LedgerUnavailableError(f"no room for {sample.at}")


class Stage:
    def __init__(self, ledger: MemoryLedger | None = None) -> None:
        self.world = World().settle()
        self.looker = Looker()
        self.ledger = ledger or MemoryLedger()
        self.crier = Crier()
        self.new_process()

    def new_process(self) -> None:
        self.bystander = Bystander(self.world.settings, looker=self.looker, timeline=self.ledger, crier=self.crier)

    def round(self) -> Report:
        self.world.run(1)
        report = self.world.told.reports[-1]
        self.bystander.after(report)
        return report

    @property
    def kept(self) -> tuple[Sample, ...]:
        self.bystander.finish(Deadline(SOON))
        return self.ledger.samples(since=0, until=2e9)


@pytest.fixture
def stage() -> Iterator[Stage]:
    made = Stage()
    yield made
    made.looker.free.set()


def test_a_quiet_round_is_not_kept(stage: Stage) -> None:
    stage.round()
    assert stage.kept == ()
    assert stage.looker.looks == 0


def test_a_failover_is_kept_round_by_round(stage: Stage) -> None:
    stage.world.primary(Verdict.SICK)
    reports = []
    for _ in range(5):
        reports.append(stage.round())
        stage.bystander.finish(Deadline(SOON))
    assert [each.at for each in stage.kept] == [report.observation.observed_at for report in reports]
    phases = [each.phase.value for each in stage.kept]
    assert phases == ["suspect", "suspect", "steady", "steady", "steady"]
    assert [bool(each.move_id) for each in stage.kept] == [False, False, True, False, False]
    decided = stage.kept[2]
    assert decided.known == PerSide(primary=Verdict.SICK, standby=Verdict.HEALTHY)
    assert decided.seen[VIRGINIA].primary.verdict is Verdict.SICK
    assert decided.weights == PerSide(primary=0, standby=255)
    assert decided.outside == Outside(at=0.0, took_seconds=0.1)
    assert decided.configuration == fingerprint(stage.world.settings)


def test_sign_ins_are_counted_until_somebody_asks_for_them(stage: Stage) -> None:
    stage.looker.oks = [True, False, None, False]
    stage.world.primary(Verdict.SICK)
    for _ in range(5):
        stage.round()
        stage.bystander.finish(Deadline(SOON))
    assert stage.bystander.sign_ins() == SignIns(tried=3, failed=2)
    assert stage.bystander.sign_ins() == SignIns()


def test_a_look_that_hangs_holds_up_nobody_and_is_not_piled_upon(stage: Stage) -> None:
    stage.looker.free.clear()
    stage.world.primary(Verdict.SICK)
    for _ in range(AT_ONCE + 2):
        stage.round()
    for _ in range(AT_ONCE):
        assert stage.looker.begun.acquire(timeout=SOON)
    stage.bystander.finish(Deadline(0))
    assert stage.looker.looks == AT_ONCE
    stage.looker.free.set()
    assert len(stage.kept) == AT_ONCE


def test_the_end_of_an_aftermath_is_told_once_by_each_process_and_within_two_minutes(stage: Stage) -> None:
    stage.world.primary(Verdict.SICK)
    for _ in range(21):
        stage.round()
        stage.bystander.finish(Deadline(SOON))
    assert stage.crier.told == []
    stage.round()
    stage.round()
    stage.bystander.finish(Deadline(SOON))
    moved = stage.world.state.last_move
    assert moved
    assert stage.crier.told == [moved.id]
    stage.new_process()
    stage.round()
    stage.bystander.finish(Deadline(SOON))
    assert stage.crier.told == [moved.id] * 2
    stage.new_process()
    stage.world.wait(120)
    stage.round()
    stage.bystander.finish(Deadline(SOON))
    assert stage.crier.told == [moved.id] * 2


def test_an_end_that_can_t_be_told_stops_nothing(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    stage.crier.works = False
    stage.world.primary(Verdict.SICK)
    for _ in range(24):
        stage.round()
        stage.bystander.finish(Deadline(SOON))
    assert len(stage.crier.told) == 1
    assert "is complete could not be told" in caplog.text


def test_a_moment_that_can_t_be_kept_is_a_gap_and_nothing_else(caplog: pytest.LogCaptureFixture) -> None:
    stage = Stage(FailingLedger())
    stage.world.primary(Verdict.SICK)
    with caplog.at_level(logging.WARNING):
        stage.round()
        stage.bystander.finish(Deadline(SOON))
    assert "A moment of the timeline was not kept" in caplog.text


def test_a_round_that_could_not_be_read_or_understood_raises_nothing(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    stage.world.ledger_fails()
    stage.world.new_process()
    stage.bystander.after(stage.world.rounds.run())
    stage.bystander.after("no report")  # type: ignore[arg-type] # whatever it is given
    assert "The round could not be kept for the timeline" in caplog.text
    assert stage.kept == ()


def test_a_fingerprint_names_a_configuration() -> None:
    assert fingerprint(settings()) == fingerprint(settings())
    assert fingerprint(settings()) != fingerprint(settings(suspect_rounds=4))
    assert len(fingerprint(settings())) == 16
