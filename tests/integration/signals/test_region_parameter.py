"""The parameter that says where to sign in, written by the real client."""

import io
from collections.abc import Iterator
from concurrent.futures import Future, wait
from threading import Event

import pytest

from failover.region import Side
from failover.signals.region_parameter import RegionParameter
from failover.signals.signals import Signals
from tests.integration.signals.cloud import Cloud
from tests.integration.signals.parameter_store import ParameterStore
from tests.support import patience
from tests.unit.signals.examples import NOW, TOKYO, VIRGINIA, move, report, settings, state

NAME = "/cognito-failover/test/decided-region"
NEXT_ROUND, NEXT_MINUTE = NOW + 10, NOW + 60


@pytest.fixture
def store(cloud: Cloud) -> ParameterStore:
    return cloud.parameters


def parameter() -> RegionParameter:
    return RegionParameter(NAME, VIRGINIA)


def follow(of: RegionParameter, decided: str, now: float = NOW) -> None:
    settle(of.follow(decided, now))


def settle(attempt: Future[None] | None) -> None:
    wait([attempt] if attempt else [], timeout=patience.wait_limit())


def test_a_parameter_that_is_not_there_is_created(store: ParameterStore) -> None:
    follow(parameter(), TOKYO)
    assert store.held == {NAME: TOKYO}


def test_one_that_says_so_already_is_not_written_again(store: ParameterStore) -> None:
    store.held[NAME] = TOKYO
    follow(parameter(), TOKYO)
    assert store.asked == ["GetParameter"]


def test_between_two_looks_nothing_is_asked_while_nothing_changes(store: ParameterStore) -> None:
    following = parameter()
    follow(following, TOKYO)
    assert following.follow(TOKYO, NEXT_ROUND) is None
    assert store.asked == ["GetParameter", "PutParameter"]


def test_a_change_is_written_in_the_round_that_brings_it(store: ParameterStore) -> None:
    following = parameter()
    follow(following, TOKYO)
    follow(following, VIRGINIA, NEXT_ROUND)
    assert store.held == {NAME: VIRGINIA}


def test_what_another_process_or_a_person_wrote_meanwhile_is_found_within_a_minute(store: ParameterStore) -> None:
    following = parameter()
    follow(following, TOKYO)
    store.held[NAME] = "eu-west-1"
    follow(following, TOKYO, NEXT_MINUTE)
    assert store.held == {NAME: TOKYO}


@pytest.mark.parametrize("operation", ["GetParameter", "PutParameter"])
def test_a_refusal_is_logged_and_tried_again_in_the_next_round(
    store: ParameterStore, caplog: pytest.LogCaptureFixture, operation: str
) -> None:
    following = parameter()
    store.refuses = {operation}
    follow(following, TOKYO)
    assert store.held == {}
    assert f"The parameter {NAME} could not be brought to {TOKYO}" in caplog.text
    assert "AccessDenied" in caplog.text
    store.refuses = set()
    follow(following, TOKYO, NEXT_ROUND)
    assert store.held == {NAME: TOKYO}


def test_what_a_failed_write_left_behind_is_read_before_it_is_trusted(store: ParameterStore) -> None:
    following = parameter()
    follow(following, TOKYO)
    store.refuses = {"PutParameter"}
    follow(following, VIRGINIA, NEXT_ROUND)
    store.refuses = set()
    store.asked.clear()
    follow(following, TOKYO, NEXT_ROUND)
    assert store.asked == ["GetParameter"]


@pytest.fixture
def hanging(monkeypatch: pytest.MonkeyPatch) -> Iterator[Event]:
    """Let every new client hang until this is set."""
    let_go = Event()

    class HangingClient:
        def get_parameter(self, **_: str) -> None:
            let_go.wait()
            raise ConnectionError("no answer")

    monkeypatch.setattr("failover.signals.region_parameter.quick_client", lambda *_: HangingClient())
    yield let_go
    let_go.set()


def test_while_an_attempt_hangs_nothing_further_is_begun(hanging: Event) -> None:
    following = parameter()
    attempt = following.follow(TOKYO, NOW)
    assert following.follow(TOKYO, NEXT_ROUND) is None
    hanging.set()
    settle(attempt)
    assert following.follow(TOKYO, NEXT_ROUND)


class Following(RegionParameter):
    """Says when an attempt that a round began has ended."""

    def __init__(self) -> None:
        super().__init__(NAME, VIRGINIA)
        self.begun: list[Future[None]] = []

    def follow(self, decided: str, now: float) -> Future[None] | None:
        attempt = super().follow(decided, now)
        self.begun += [attempt] if attempt else []
        return attempt


def signals(service: str, following: RegionParameter) -> Signals:
    return Signals(settings=settings(), service=service, channels=(), stream=io.StringIO(), region_parameter=following)


def test_every_round_has_the_parameter_follow_what_is_decided(store: ParameterStore) -> None:
    following = Following()
    speaking = signals("following", following)
    speaking.round(report(state=state(active=Side.PRIMARY)), took_seconds=1)
    wait(following.begun, timeout=patience.wait_limit())
    assert store.held == {NAME: TOKYO}
    speaking.round(report(state=state(active=Side.PRIMARY, move=move())), took_seconds=1)
    wait(following.begun, timeout=patience.wait_limit())
    assert store.held == {NAME: VIRGINIA}


def test_a_round_without_a_readable_state_leaves_the_parameter_alone(store: ParameterStore) -> None:
    following = Following()
    signals("stateless", following).round(report(state=None, failure="The ledger can't be read."), took_seconds=1)
    assert following.begun == []
    assert store.asked == []


@pytest.mark.usefixtures("hanging")
def test_a_round_does_not_wait_for_the_parameter() -> None:
    following = Following()
    signals("waiting", following).round(report(), took_seconds=1)
    [attempt] = following.begun
    assert not attempt.done()
