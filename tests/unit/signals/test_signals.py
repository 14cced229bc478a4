"""Logs, metrics and notifications, and that none of them can stop a failover."""

import io
import logging
from collections.abc import Iterator
from itertools import count
from threading import Event
from typing import Any, TextIO, cast

import pytest

from failover.decision.announcement import Announcement, Kind
from failover.probe.verdict import Verdict
from failover.region import Side
from failover.rounds.round import Report
from failover.signals.channels import Channel
from failover.signals.signals import Signals
from tests.support import patience
from tests.unit.signals.examples import (
    TOKYO,
    VIRGINIA,
    Recorder,
    announcement,
    lines,
    move,
    reading,
    refuse,
    report,
    settings,
    state,
)

SERVICES = count()


def signals(*channels: Channel, stream: TextIO | None = None, telling_seconds: float = 180) -> Signals:
    # A logger is one for all of its name, so each test speaks for a service of its own.
    return Signals(
        settings=settings(),
        service=f"service-{next(SERVICES)}",
        channels=channels,
        stream=stream or io.StringIO(),
        telling_seconds=telling_seconds,
    )


def written(of: Report) -> list[dict[str, Any]]:
    stream = io.StringIO()
    signals(stream=stream).round(of, took_seconds=1.5)
    return lines(stream.getvalue())


@pytest.fixture
def let_go() -> Iterator[Event]:
    """Give what hangs until the test is over."""
    event = Event()
    yield event
    event.set()


def test_a_round_is_one_line_of_log_and_three_blobs_of_metrics() -> None:
    log, *metrics = written(report())
    assert log["message"] == "ap-northeast-1 serves and is healthy."
    assert len(metrics) == 3
    assert all("_aws" in blob for blob in metrics)


def test_the_line_says_how_things_stand() -> None:
    log = written(report(state=state(active=Side.STANDBY, blocked_by="cool-down")))[0]
    assert (log["phase"], log["active_region"], log["blocked_by"]) == ("steady", VIRGINIA, "cool-down")
    assert log["regions"][TOKYO]["verdict"] == "healthy"
    assert log["regions"][TOKYO]["login_latency_seconds"] == 0.25
    assert log["took_seconds"] == 1.5


def test_the_lines_of_a_move_carry_its_id_and_later_ones_do_not() -> None:
    stream = io.StringIO()
    speaking = signals(stream=stream)
    speaking.round(report(state=state(move=move())), took_seconds=1)
    speaking.round(report(state=state(untold=(announcement(),))), took_seconds=1)
    speaking.round(report(), took_seconds=1)
    logs = [line for line in lines(stream.getvalue()) if "_aws" not in line]
    assert [log.get("correlation_id") for log in logs] == [move().id, move().id, None]


@pytest.mark.parametrize(
    ("of", "level"),
    [
        (report(), "INFO"),
        (report(standby=reading(Verdict.THROTTLED)), "WARNING"),
        (report(state=state(blocked_by="cool-down")), "WARNING"),
        (report(state=state(move=move())), "WARNING"),
        (report(failure="The ledger can't be written."), "ERROR"),
        (report(state=None), "ERROR"),
    ],
)
def test_the_level_says_whether_a_person_should_look(of: Report, level: str) -> None:
    assert written(of)[0]["level"] == level


def test_no_line_holds_what_the_environment_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "very-secret-key")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "very-secret-token")
    assert "very-secret" not in str(written(report()))


def test_what_has_arrived_everywhere_is_returned() -> None:
    events, messages = Recorder(), Recorder()
    told = signals(events, messages).tell((announcement(),))
    assert told == (announcement(),)
    assert events.sent == messages.sent == [announcement()]


def test_what_wakes_nobody_has_arrived_once_programs_have_it() -> None:
    events, messages = Recorder(), Recorder()
    messages.unwanted = frozenset({Kind.SUSPECTED})
    assert signals(events, messages).tell((announcement(Kind.SUSPECTED),))
    assert messages.tried == []


def test_telling_nothing_asks_no_channel() -> None:
    assert signals(Recorder(before=refuse)).tell(()) == ()


def test_a_channel_that_fails_is_tried_again_and_the_other_is_not() -> None:
    events, messages = Recorder(), Recorder(before=refuse)
    speaking = signals(events, messages)
    assert speaking.tell((announcement(),)) == ()
    messages.before = lambda _: None
    assert speaking.tell((announcement(),)) == (announcement(),)
    assert len(events.tried) == 1
    assert len(messages.tried) == 2


def test_a_failing_channel_costs_one_line_that_says_what_and_why() -> None:
    stream = io.StringIO()
    signals(Recorder("SNS", before=refuse), stream=stream).tell((announcement(), announcement(Kind.PAUSED)))
    [line] = lines(stream.getvalue())
    assert line["problems"] == ["SNS: ConnectionError: no way out"]
    assert line["untold"][0] == "move-confirmed: All users are on us-east-1."


def test_a_channel_that_hangs_is_left_behind_and_the_other_is_told(let_go: Event) -> None:
    events, messages = Recorder(), Recorder(before=lambda each: None if let_go.wait() else refuse(each))
    assert signals(events, messages, telling_seconds=patience.scale(0.5)).tell((announcement(),)) == ()
    assert events.sent == [announcement()]
    assert messages.sent == []


def test_a_channel_still_hanging_in_the_next_round_costs_no_wait(let_go: Event) -> None:
    hanging = Recorder(before=lambda each: None if let_go.wait() else refuse(each))
    speaking = signals(hanging, telling_seconds=patience.scale(0.5))
    for _ in range(3):
        speaking.tell((announcement(),))
    assert len(hanging.tried) == 1


def test_the_advice_follows_from_what_the_last_readable_state_was() -> None:
    channel = Recorder()
    speaking = signals(channel)
    known = state(active=Side.STANDBY)
    speaking.round(report(state=known), took_seconds=1)
    speaking.round(report(state=None, failure="The ledger can't be read."), took_seconds=1)
    speaking.tell((announcement(),))
    assert channel.states == [known]


class _Broken:
    def __init__(self, let_go: Event | None = None) -> None:
        self._let_go = let_go

    def write(self, _: str) -> int:
        if self._let_go and self._let_go.wait():
            return 0
        raise OSError("no space left on device")

    def flush(self) -> None:
        return


def test_standard_output_that_fails_stops_nothing() -> None:
    speaking = signals(Recorder(), stream=cast("TextIO", _Broken()))
    speaking.round(report(), took_seconds=1)
    assert speaking.tell((announcement(),))


def test_standard_output_that_hangs_stops_nothing(let_go: Event) -> None:
    events, failing = Recorder(), Recorder(before=refuse)
    speaking = signals(events, failing, stream=cast("TextIO", _Broken(let_go)))
    speaking.round(report(), took_seconds=1)
    assert speaking.tell((announcement(),)) == ()
    assert events.sent == [announcement()]


def test_a_report_that_can_not_be_measured_stops_nothing_and_is_named_in_the_log() -> None:
    stream = io.StringIO()
    nonsense = report(knowledge=cast("Any", None))
    signals(stream=stream).round(nonsense, took_seconds=1)
    assert lines(stream.getvalue())[-1]["message"].startswith(
        "The round could not be logged or measured: AttributeError"
    )


def test_announcements_that_can_not_be_told_at_all_stop_nothing() -> None:
    assert signals(Recorder()).tell(cast("tuple[Announcement, ...]", (None,))) == ()


def test_the_whole_package_logs_in_the_same_way_with_the_moves_id(capsys: pytest.CaptureFixture[str]) -> None:
    speaking = Signals.from_settings(settings(), service=f"service-{next(SERVICES)}")
    package = logging.getLogger("failover")
    handlers = package.handlers
    try:
        speaking.round(report(state=state(move=move())), took_seconds=1)
        logging.getLogger("failover.probe.probe").warning("Could not read %s", "the canary's secret")
    finally:
        package.handlers, package.propagate = [], True
    assert len(handlers) == 1
    line = lines(capsys.readouterr().out)[-1]
    assert (line["message"], line["correlation_id"]) == ("Could not read the canary's secret", move().id)
