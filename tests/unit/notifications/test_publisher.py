"""Logs, metrics and notifications, and that none of them can stop a failover."""

import io
import logging
import threading
from collections.abc import Iterator
from itertools import count
from typing import Any, TextIO, cast

import pytest

from cognito_failover.common.region import RegionRole
from cognito_failover.core.model.event import Event, EventKind
from cognito_failover.core.round_result import RoundResult
from cognito_failover.core.verdict import Verdict
from cognito_failover.notifications.channels import Channel
from cognito_failover.notifications.publisher import Signals
from tests.support import load_scaling
from tests.unit.notifications.examples import (
    TOKYO,
    VIRGINIA,
    RecordingChannel,
    make_event,
    make_move,
    make_reading,
    make_round_result,
    make_settings,
    make_state,
    parse_lines,
    refuse_event,
)

SERVICES = count()


def make_publisher(*channels: Channel, stream: TextIO | None = None, timeout_seconds: float = 180) -> Signals:
    # Loggers of the same name are shared, so each test has its own service.
    return Signals(
        settings=make_settings(),
        service=f"service-{next(SERVICES)}",
        channels=channels,
        stream=stream or io.StringIO(),
        publish_timeout_seconds=timeout_seconds,
    )


def write_round_log(result: RoundResult) -> list[dict[str, Any]]:
    stream = io.StringIO()
    make_publisher(stream=stream).record_round(result, took_seconds=1.5)
    return parse_lines(stream.getvalue())


@pytest.fixture
def released() -> Iterator[threading.Event]:
    """Yield an event that is set when the test ends, so that hanging threads end."""
    event = threading.Event()
    yield event
    event.set()


def test_round_is_one_log_line_and_three_metric_blobs() -> None:
    log, *metrics = write_round_log(make_round_result())
    assert log["message"] == "ap-northeast-1 serves and is healthy."
    assert len(metrics) == 3
    assert all("_aws" in blob for blob in metrics)


def test_log_line_summarizes_round() -> None:
    log = write_round_log(make_round_result(state=make_state(active_role=RegionRole.STANDBY, blocked_by="cool-down")))[
        0
    ]
    assert (log["phase"], log["active_region"], log["blocked_by"]) == ("steady", VIRGINIA, "cool-down")
    assert log["regions"][TOKYO]["verdict"] == "healthy"
    assert log["regions"][TOKYO]["login_latency_seconds"] == 0.25
    assert log["took_seconds"] == 1.5


def test_only_log_lines_of_move_carry_its_id() -> None:
    stream = io.StringIO()
    publisher = make_publisher(stream=stream)
    publisher.record_round(make_round_result(state=make_state(move=make_move())), took_seconds=1)
    publisher.record_round(make_round_result(state=make_state(undelivered_events=(make_event(),))), took_seconds=1)
    publisher.record_round(make_round_result(), took_seconds=1)
    logs = [line for line in parse_lines(stream.getvalue()) if "_aws" not in line]
    assert [log.get("correlation_id") for log in logs] == [make_move().id, make_move().id, None]


@pytest.mark.parametrize(
    ("result", "level"),
    [
        (make_round_result(), "INFO"),
        (make_round_result(standby=make_reading(Verdict.THROTTLED)), "WARNING"),
        (make_round_result(state=make_state(blocked_by="cool-down")), "WARNING"),
        (make_round_result(state=make_state(move=make_move())), "WARNING"),
        (make_round_result(failure="The ledger can't be written."), "ERROR"),
        (make_round_result(state=None), "ERROR"),
    ],
)
def test_log_level_reflects_need_for_attention(result: RoundResult, level: str) -> None:
    assert write_round_log(result)[0]["level"] == level


def test_log_line_contains_no_environment_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "very-secret-key")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "very-secret-token")
    assert "very-secret" not in str(write_round_log(make_round_result()))


def test_fully_delivered_events_are_returned() -> None:
    events, messages = RecordingChannel(), RecordingChannel()
    delivered = make_publisher(events, messages).publish((make_event(),))
    assert delivered == (make_event(),)
    assert events.sent == messages.sent == [make_event()]


def test_non_notifying_event_is_done_after_program_channel() -> None:
    events, messages = RecordingChannel(), RecordingChannel()
    messages.rejected_kinds = frozenset({EventKind.SUSPECTED})
    assert make_publisher(events, messages).publish((make_event(EventKind.SUSPECTED),))
    assert messages.attempted == []


def test_publishing_nothing_calls_no_channel() -> None:
    assert make_publisher(RecordingChannel(before=refuse_event)).publish(()) == ()


def test_only_failing_channel_is_retried() -> None:
    events, messages = RecordingChannel(), RecordingChannel(before=refuse_event)
    publisher = make_publisher(events, messages)
    assert publisher.publish((make_event(),)) == ()
    messages.before_send = lambda _: None
    assert publisher.publish((make_event(),)) == (make_event(),)
    assert len(events.attempted) == 1
    assert len(messages.attempted) == 2


def test_failing_channel_logs_one_line_with_reason() -> None:
    stream = io.StringIO()
    make_publisher(RecordingChannel("SNS", before=refuse_event), stream=stream).publish(
        (make_event(), make_event(EventKind.PAUSED))
    )
    [line] = parse_lines(stream.getvalue())
    assert line["problems"] == ["SNS: ConnectionError: refused"]
    assert line["undelivered"][0] == "move-confirmed: All users are on us-east-1."


def test_hanging_channel_does_not_block_the_other(released: threading.Event) -> None:
    events, messages = (
        RecordingChannel(),
        RecordingChannel(before=lambda event: None if released.wait() else refuse_event(event)),
    )
    assert (
        make_publisher(events, messages, timeout_seconds=load_scaling.scale_seconds(0.5)).publish((make_event(),)) == ()
    )
    assert events.sent == [make_event()]
    assert messages.sent == []


def test_channel_still_hanging_costs_no_wait(released: threading.Event) -> None:
    hanging = RecordingChannel(before=lambda event: None if released.wait() else refuse_event(event))
    publisher = make_publisher(hanging, timeout_seconds=load_scaling.scale_seconds(0.5))
    for _ in range(3):
        publisher.publish((make_event(),))
    assert len(hanging.attempted) == 1


def test_advice_uses_last_readable_state() -> None:
    channel = RecordingChannel()
    publisher = make_publisher(channel)
    state = make_state(active_role=RegionRole.STANDBY)
    publisher.record_round(make_round_result(state=state), took_seconds=1)
    publisher.record_round(make_round_result(state=None, failure="The ledger can't be read."), took_seconds=1)
    publisher.publish((make_event(),))
    assert channel.states == [state]


class _FailingStream:
    def __init__(self, released: threading.Event | None = None) -> None:
        self._released = released

    def write(self, _: str) -> int:
        if self._released and self._released.wait():
            return 0
        raise OSError("no space left on device")

    def flush(self) -> None:
        return


def test_failing_standard_output_stops_nothing() -> None:
    publisher = make_publisher(RecordingChannel(), stream=cast("TextIO", _FailingStream()))
    publisher.record_round(make_round_result(), took_seconds=1)
    assert publisher.publish((make_event(),))


def test_hanging_standard_output_stops_nothing(released: threading.Event) -> None:
    events, failing = RecordingChannel(), RecordingChannel(before=refuse_event)
    publisher = make_publisher(events, failing, stream=cast("TextIO", _FailingStream(released)))
    publisher.record_round(make_round_result(), took_seconds=1)
    assert publisher.publish((make_event(),)) == ()
    assert events.sent == [make_event()]


def test_failing_metrics_are_logged_and_stop_nothing() -> None:
    stream = io.StringIO()
    broken_result = make_round_result(consensus=cast("Any", None))
    make_publisher(stream=stream).record_round(broken_result, took_seconds=1)
    assert parse_lines(stream.getvalue())[-1]["message"].startswith(
        "Logs or metrics of the round could not be written: AttributeError"
    )


def test_unpublishable_events_stop_nothing() -> None:
    assert make_publisher(RecordingChannel()).publish(cast("tuple[Event, ...]", (None,))) == ()


def test_all_package_logs_share_format_and_move_id(capsys: pytest.CaptureFixture[str]) -> None:
    publisher = Signals.from_settings(make_settings(), service=f"service-{next(SERVICES)}")
    package = logging.getLogger("cognito_failover")
    handlers = package.handlers
    try:
        publisher.record_round(make_round_result(state=make_state(move=make_move())), took_seconds=1)
        logging.getLogger("cognito_failover.probe.probe").warning("Could not read %s", "the canary's secret")
    finally:
        package.handlers, package.propagate = [], True
    assert len(handlers) == 1
    line = parse_lines(capsys.readouterr().out)[-1]
    assert (line["message"], line["correlation_id"]) == ("Could not read the canary's secret", make_move().id)
