import json
import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import click
import pytest

from failoverctl.measure.engine import run
from failoverctl.measure.measurement import MeasureError, Sample
from failoverctl.measure.results import Results, about, read
from failoverctl.measure.view import found, planned
from tests.unit.measure.examples import SUBJECT, measurement, site


@pytest.fixture
def results(tmp_path: Path) -> Results:
    return Results(path=tmp_path / "results.json", about=about(SUBJECT))


def steps(*outcomes: Sample | BaseException) -> Callable[[], Sample]:
    """Return what makes these repeats, and no more."""
    left = list(outcomes)

    def once() -> Sample:
        outcome = left.pop(0)
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    return once


SAMPLE = Sample(seconds={"arrived": 1.0}, answers={"order": "in order"})


def test_samples_are_kept_as_they_come_and_read_back_as_they_were(results: Results) -> None:
    assert run(site(), [measurement(once=lambda: SAMPLE)], results, repeats=3)

    assert read(results.path, SUBJECT).of("example") == [SAMPLE] * 3


def test_only_what_is_missing_is_measured(results: Results) -> None:
    results.add("example", SAMPLE)
    results.add("example", SAMPLE)

    assert run(site(), [measurement(once=steps(SAMPLE))], results, repeats=3)

    assert len(results.of("example")) == 3


def test_nothing_is_opened_where_enough_is_there(results: Results) -> None:
    results.add("example", SAMPLE)
    closed: list[str] = []

    assert run(site(), [measurement(closed=closed)], results, repeats=1)

    assert closed == []


def test_one_that_fails_is_taken_away_noted_and_leaves_the_next_to_be_made(results: Results) -> None:
    closed: list[str] = []
    first = measurement(name="first", once=steps(SAMPLE, MeasureError("It can't be seen.")), closed=closed)
    second = measurement(name="second", once=lambda: SAMPLE, closed=closed)

    assert not run(site(), [first, second], results, repeats=2)

    assert closed == ["first", "second"]
    assert results.troubles == {"first": "It can't be seen."}
    assert (len(results.of("first")), len(results.of("second"))) == (1, 2)


def test_a_trouble_is_over_with_the_next_sample(results: Results) -> None:
    results.fail("example", "It can't be seen.")

    run(site(), [measurement(once=lambda: SAMPLE)], results, repeats=1)

    assert read(results.path, SUBJECT).troubles == {}


def test_ctrl_c_takes_away_what_was_made(results: Results) -> None:
    closed: list[str] = []

    with pytest.raises(KeyboardInterrupt):
        run(site(), [measurement(once=steps(SAMPLE, KeyboardInterrupt()), closed=closed)], results, repeats=9)

    assert closed == ["example"]
    assert read(results.path, SUBJECT).of("example") == [SAMPLE]


def test_a_plan_counts_what_is_left_and_how_long_it_takes(results: Results) -> None:
    results.add("example", SAMPLE)

    (partly,) = planned([measurement()], results, repeats=5)
    (done,) = planned([measurement()], results, repeats=1)

    assert (partly["repeats_left"], partly["about_seconds"]) == (4, 10 + 4 * 5)
    assert (done["repeats_left"], done["about_seconds"]) == (0, 0)


def test_what_was_neither_measured_nor_tried_is_not_shown(results: Results) -> None:
    results.fail("tried", "It can't be seen.")

    shown = found([measurement(name="tried"), measurement(name="other")], results)

    assert [each["name"] for each in shown] == ["tried"]


OTHER_FORMAT = '{"format": 2, "about": {}, "samples": {}, "troubles": {}}'
NO_SECONDS = '{"format": 1, "about": {}, "samples": {"lag": [{"seconds": {"arrived": "soon"}}]}, "troubles": {}}'


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 1}', OTHER_FORMAT, NO_SECONDS, "\x00"])
def test_a_file_that_holds_no_results_is_refused_and_left_as_it_is(tmp_path: Path, text: str) -> None:
    path = tmp_path / "results.json"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(click.UsageError, match=r"--results: .* Give another file"):
        read(path, SUBJECT)

    assert path.read_text(encoding="utf-8") == text


@pytest.mark.parametrize("name", ["stack", "pool", "primary", "standby", "zone"])
def test_results_of_elsewhere_are_refused_by_what_differs(results: Results, name: str) -> None:
    results.add("example", SAMPLE)
    content = json.loads(results.path.read_text(encoding="utf-8"))
    content["about"][name] = "elsewhere"
    results.path.write_text(json.dumps(content), encoding="utf-8")

    with pytest.raises(click.UsageError, match=f"of the {name} elsewhere, not of"):
        read(results.path, SUBJECT)


def test_a_ctrl_c_that_got_lost_in_a_sample_ends_the_run_after_it_and_what_was_made_is_taken_away(
    results: Results,
) -> None:
    before, closed = signal.getsignal(signal.SIGINT), list[str]()

    def losing_it() -> Sample:
        with suppress(KeyboardInterrupt):  # as a finalizer does
            signal.raise_signal(signal.SIGINT)
        return SAMPLE

    with pytest.raises(KeyboardInterrupt):
        run(site(), [measurement(once=losing_it, closed=closed)], results, repeats=3)

    assert results.of("example") == [SAMPLE]
    assert closed
    assert signal.getsignal(signal.SIGINT) is before


def test_a_ctrl_c_that_is_not_lost_ends_it_at_once(results: Results) -> None:
    def interrupted() -> Sample:
        signal.raise_signal(signal.SIGINT)
        return SAMPLE

    with pytest.raises(KeyboardInterrupt):
        run(site(), [measurement(once=interrupted)], results, repeats=3)

    assert results.of("example") == []
