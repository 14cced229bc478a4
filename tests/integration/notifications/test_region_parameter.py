"""The parameter that says where to sign in, written by the real client."""

import io
from collections.abc import Iterator
from concurrent.futures import Future, wait
from threading import Event

import pytest

from cognito_failover.common.region import RegionRole
from cognito_failover.notifications.publisher import Signals
from cognito_failover.telemetry.region_parameter import RegionParameter
from tests.integration.notifications.endpoints import NotificationEndpoints
from tests.integration.notifications.parameter_store import FakeParameterStore
from tests.support import load_scaling
from tests.unit.notifications.examples import (
    NOW,
    TOKYO,
    VIRGINIA,
    make_move,
    make_round_result,
    make_settings,
    make_state,
)

NAME = "/cognito-failover/test/decided-region"
NEXT_ROUND, NEXT_MINUTE = NOW + 10, NOW + 60


@pytest.fixture
def store(endpoints: NotificationEndpoints) -> FakeParameterStore:
    return endpoints.parameters


def parameter() -> RegionParameter:
    return RegionParameter(NAME, VIRGINIA)


def update_and_wait(of: RegionParameter, decided: str, now: float = NOW) -> None:
    wait_for_attempt(of.update(decided, now))


def wait_for_attempt(attempt: Future[None] | None) -> None:
    wait([attempt] if attempt else [], timeout=load_scaling.get_wait_limit())


def test_missing_parameter_is_created(store: FakeParameterStore) -> None:
    update_and_wait(parameter(), TOKYO)
    assert store.parameters == {NAME: TOKYO}


def test_current_parameter_is_not_rewritten(store: FakeParameterStore) -> None:
    store.parameters[NAME] = TOKYO
    update_and_wait(parameter(), TOKYO)
    assert store.requests == ["GetParameter"]


def test_unchanged_region_makes_no_call_between_checks(store: FakeParameterStore) -> None:
    following = parameter()
    update_and_wait(following, TOKYO)
    assert following.update(TOKYO, NEXT_ROUND) is None
    assert store.requests == ["GetParameter", "PutParameter"]


def test_change_is_written_in_same_round(store: FakeParameterStore) -> None:
    following = parameter()
    update_and_wait(following, TOKYO)
    update_and_wait(following, VIRGINIA, NEXT_ROUND)
    assert store.parameters == {NAME: VIRGINIA}


def test_external_change_is_corrected_within_a_minute(store: FakeParameterStore) -> None:
    following = parameter()
    update_and_wait(following, TOKYO)
    store.parameters[NAME] = "eu-west-1"
    update_and_wait(following, TOKYO, NEXT_MINUTE)
    assert store.parameters == {NAME: TOKYO}


@pytest.mark.parametrize("operation", ["GetParameter", "PutParameter"])
def test_rejection_is_logged_and_retried_next_round(
    store: FakeParameterStore, caplog: pytest.LogCaptureFixture, operation: str
) -> None:
    following = parameter()
    store.refuses_calls = {operation}
    update_and_wait(following, TOKYO)
    assert store.parameters == {}
    assert f"The parameter {NAME} could not be brought to {TOKYO}" in caplog.text
    assert "AccessDenied" in caplog.text
    store.refuses_calls = set()
    update_and_wait(following, TOKYO, NEXT_ROUND)
    assert store.parameters == {NAME: TOKYO}


def test_value_after_failed_write_is_read_before_trusted(store: FakeParameterStore) -> None:
    following = parameter()
    update_and_wait(following, TOKYO)
    store.refuses_calls = {"PutParameter"}
    update_and_wait(following, VIRGINIA, NEXT_ROUND)
    store.refuses_calls = set()
    store.requests.clear()
    update_and_wait(following, TOKYO, NEXT_ROUND)
    assert store.requests == ["GetParameter"]


@pytest.fixture
def hanging_client(monkeypatch: pytest.MonkeyPatch) -> Iterator[Event]:
    """Let every new client hang until this is set."""
    let_go = Event()

    class HangingClient:
        def get_parameter(self, **_: str) -> None:
            let_go.wait()
            raise ConnectionError("no answer")

    monkeypatch.setattr(
        "cognito_failover.telemetry.region_parameter.create_short_timeout_client", lambda *_: HangingClient()
    )
    yield let_go
    let_go.set()


def test_hanging_attempt_starts_no_second_one(hanging_client: Event) -> None:
    following = parameter()
    attempt = following.update(TOKYO, NOW)
    assert following.update(TOKYO, NEXT_ROUND) is None
    hanging_client.set()
    wait_for_attempt(attempt)
    assert following.update(TOKYO, NEXT_ROUND)


class TrackedRegionParameter(RegionParameter):
    """Says when an attempt that a round began has ended."""

    def __init__(self) -> None:
        super().__init__(NAME, VIRGINIA)
        self.started_attempts: list[Future[None]] = []

    def update(self, target_region: str, now: float) -> Future[None] | None:
        attempt = super().update(target_region, now)
        self.started_attempts += [attempt] if attempt else []
        return attempt


def make_publisher(service: str, following: RegionParameter) -> Signals:
    return Signals(
        settings=make_settings(), service=service, channels=(), stream=io.StringIO(), region_parameter=following
    )


def test_every_round_updates_parameter_to_target_region(store: FakeParameterStore) -> None:
    following = TrackedRegionParameter()
    speaking = make_publisher("following", following)
    speaking.record_round(make_round_result(state=make_state(active_role=RegionRole.PRIMARY)), took_seconds=1)
    wait(following.started_attempts, timeout=load_scaling.get_wait_limit())
    assert store.parameters == {NAME: TOKYO}
    speaking.record_round(
        make_round_result(state=make_state(active_role=RegionRole.PRIMARY, move=make_move())), took_seconds=1
    )
    wait(following.started_attempts, timeout=load_scaling.get_wait_limit())
    assert store.parameters == {NAME: VIRGINIA}


def test_round_without_readable_state_leaves_parameter_unchanged(store: FakeParameterStore) -> None:
    following = TrackedRegionParameter()
    make_publisher("stateless", following).record_round(
        make_round_result(state=None, failure="The ledger can't be read."), took_seconds=1
    )
    assert following.started_attempts == []
    assert store.requests == []


@pytest.mark.usefixtures("hanging_client")
def test_round_does_not_wait_for_parameter() -> None:
    following = TrackedRegionParameter()
    make_publisher("waiting", following).record_round(make_round_result(), took_seconds=1)
    [attempt] = following.started_attempts
    assert not attempt.done()
