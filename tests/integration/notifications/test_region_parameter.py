"""The parameter with the decided Region, written by the real client."""

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


def make_parameter() -> RegionParameter:
    return RegionParameter(NAME, VIRGINIA)


def update_and_wait(parameter: RegionParameter, region: str, now: float = NOW) -> None:
    wait_for_attempt(parameter.update(region, now))


def wait_for_attempt(attempt: Future[None] | None) -> None:
    wait([attempt] if attempt else [], timeout=load_scaling.get_wait_limit())


def test_missing_parameter_is_created(store: FakeParameterStore) -> None:
    update_and_wait(make_parameter(), TOKYO)
    assert store.parameters == {NAME: TOKYO}


def test_current_parameter_is_not_rewritten(store: FakeParameterStore) -> None:
    store.parameters[NAME] = TOKYO
    update_and_wait(make_parameter(), TOKYO)
    assert store.requests == ["GetParameter"]


def test_unchanged_region_makes_no_call_between_checks(store: FakeParameterStore) -> None:
    parameter = make_parameter()
    update_and_wait(parameter, TOKYO)
    assert parameter.update(TOKYO, NEXT_ROUND) is None
    assert store.requests == ["GetParameter", "PutParameter"]


def test_change_is_written_in_same_round(store: FakeParameterStore) -> None:
    parameter = make_parameter()
    update_and_wait(parameter, TOKYO)
    update_and_wait(parameter, VIRGINIA, NEXT_ROUND)
    assert store.parameters == {NAME: VIRGINIA}


def test_external_change_is_corrected_within_a_minute(store: FakeParameterStore) -> None:
    parameter = make_parameter()
    update_and_wait(parameter, TOKYO)
    store.parameters[NAME] = "eu-west-1"
    update_and_wait(parameter, TOKYO, NEXT_MINUTE)
    assert store.parameters == {NAME: TOKYO}


@pytest.mark.parametrize("operation", ["GetParameter", "PutParameter"])
def test_rejection_is_logged_and_retried_next_round(
    store: FakeParameterStore, caplog: pytest.LogCaptureFixture, operation: str
) -> None:
    parameter = make_parameter()
    store.refuses_calls = {operation}
    update_and_wait(parameter, TOKYO)
    assert store.parameters == {}
    assert f"The parameter {NAME} could not be set to {TOKYO}" in caplog.text
    assert "AccessDenied" in caplog.text
    store.refuses_calls = set()
    update_and_wait(parameter, TOKYO, NEXT_ROUND)
    assert store.parameters == {NAME: TOKYO}


def test_value_after_failed_write_is_read_before_trusted(store: FakeParameterStore) -> None:
    parameter = make_parameter()
    update_and_wait(parameter, TOKYO)
    store.refuses_calls = {"PutParameter"}
    update_and_wait(parameter, VIRGINIA, NEXT_ROUND)
    store.refuses_calls = set()
    store.requests.clear()
    update_and_wait(parameter, TOKYO, NEXT_ROUND)
    assert store.requests == ["GetParameter"]


@pytest.fixture
def hanging_client(monkeypatch: pytest.MonkeyPatch) -> Iterator[Event]:
    """Yield an event; until it is set, every new client hangs."""
    released = Event()

    class HangingClient:
        def get_parameter(self, **_: str) -> None:
            released.wait()
            raise ConnectionError("no answer")

    monkeypatch.setattr(
        "cognito_failover.telemetry.region_parameter.create_short_timeout_client", lambda *_: HangingClient()
    )
    yield released
    released.set()


def test_hanging_attempt_starts_no_second_one(hanging_client: Event) -> None:
    parameter = make_parameter()
    attempt = parameter.update(TOKYO, NOW)
    assert parameter.update(TOKYO, NEXT_ROUND) is None
    hanging_client.set()
    wait_for_attempt(attempt)
    assert parameter.update(TOKYO, NEXT_ROUND)


class TrackedRegionParameter(RegionParameter):
    """A region parameter that keeps the attempts it starts."""

    def __init__(self) -> None:
        super().__init__(NAME, VIRGINIA)
        self.started_attempts: list[Future[None]] = []

    def update(self, target_region: str, now: float) -> Future[None] | None:
        attempt = super().update(target_region, now)
        self.started_attempts += [attempt] if attempt else []
        return attempt


def make_publisher(service: str, parameter: RegionParameter) -> Signals:
    return Signals(
        settings=make_settings(), service=service, channels=(), stream=io.StringIO(), region_parameter=parameter
    )


def test_every_round_updates_parameter_to_target_region(store: FakeParameterStore) -> None:
    parameter = TrackedRegionParameter()
    publisher = make_publisher("following", parameter)
    publisher.record_round(make_round_result(state=make_state(active_role=RegionRole.PRIMARY)), took_seconds=1)
    wait(parameter.started_attempts, timeout=load_scaling.get_wait_limit())
    assert store.parameters == {NAME: TOKYO}
    publisher.record_round(
        make_round_result(state=make_state(active_role=RegionRole.PRIMARY, move=make_move())), took_seconds=1
    )
    wait(parameter.started_attempts, timeout=load_scaling.get_wait_limit())
    assert store.parameters == {NAME: VIRGINIA}


def test_round_without_readable_state_leaves_parameter_unchanged(store: FakeParameterStore) -> None:
    parameter = TrackedRegionParameter()
    make_publisher("stateless", parameter).record_round(
        make_round_result(state=None, failure="The ledger can't be read."), took_seconds=1
    )
    assert parameter.started_attempts == []
    assert store.requests == []


@pytest.mark.usefixtures("hanging_client")
def test_round_does_not_wait_for_parameter() -> None:
    parameter = TrackedRegionParameter()
    make_publisher("waiting", parameter).record_round(make_round_result(), took_seconds=1)
    [attempt] = parameter.started_attempts
    assert not attempt.done()
