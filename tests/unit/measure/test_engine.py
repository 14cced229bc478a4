import json
import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import click
import pytest

from failoverctl.measure.measurement import MeasurementError, MeasurementSample
from failoverctl.measure.results import Results, describe_deployment, load_results
from failoverctl.measure.runner import run_measurements
from failoverctl.measure.view import summarize_plan, summarize_results
from tests.unit.measure.examples import EXAMPLE_DEPLOYMENT, make_context, make_measurement


@pytest.fixture
def results(tmp_path: Path) -> Results:
    return Results(path=tmp_path / "results.json", deployment=describe_deployment(EXAMPLE_DEPLOYMENT))


def make_once(*outcomes: MeasurementSample | BaseException) -> Callable[[], MeasurementSample]:
    """Return a function that returns or raises these outcomes in order, and fails after the last one."""
    pending = list(outcomes)

    def take_sample() -> MeasurementSample:
        outcome = pending.pop(0)
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    return take_sample


SAMPLE = MeasurementSample(seconds={"arrived": 1.0}, answers={"order": "in order"})


def test_saved_samples_are_read_back_unchanged(results: Results) -> None:
    assert run_measurements(make_context(), [make_measurement(once=lambda: SAMPLE)], results, repeats=3)

    assert load_results(results.path, EXAMPLE_DEPLOYMENT).get_samples("example") == [SAMPLE] * 3


def test_only_missing_samples_are_measured(results: Results) -> None:
    results.add_sample("example", SAMPLE)
    results.add_sample("example", SAMPLE)

    assert run_measurements(make_context(), [make_measurement(once=make_once(SAMPLE))], results, repeats=3)

    assert len(results.get_samples("example")) == 3


def test_complete_measurement_is_not_opened(results: Results) -> None:
    results.add_sample("example", SAMPLE)
    closed: list[str] = []

    assert run_measurements(make_context(), [make_measurement(closed=closed)], results, repeats=1)

    assert closed == []


def test_failed_measurement_is_closed_and_next_one_runs(results: Results) -> None:
    closed: list[str] = []
    first = make_measurement(name="first", once=make_once(SAMPLE, MeasurementError("It can't be seen.")), closed=closed)
    second = make_measurement(name="second", once=lambda: SAMPLE, closed=closed)

    assert not run_measurements(make_context(), [first, second], results, repeats=2)

    assert closed == ["first", "second"]
    assert results.failures == {"first": "It can't be seen."}
    assert (len(results.get_samples("first")), len(results.get_samples("second"))) == (1, 2)


def test_error_is_cleared_by_the_next_sample(results: Results) -> None:
    results.record_failure("example", "It can't be seen.")

    run_measurements(make_context(), [make_measurement(once=lambda: SAMPLE)], results, repeats=1)

    assert load_results(results.path, EXAMPLE_DEPLOYMENT).failures == {}


def test_ctrl_c_removes_created_resources(results: Results) -> None:
    closed: list[str] = []

    with pytest.raises(KeyboardInterrupt):
        run_measurements(
            make_context(),
            [make_measurement(once=make_once(SAMPLE, KeyboardInterrupt()), closed=closed)],
            results,
            repeats=9,
        )

    assert closed == ["example"]
    assert load_results(results.path, EXAMPLE_DEPLOYMENT).get_samples("example") == [SAMPLE]


def test_plan_counts_missing_samples_and_duration(results: Results) -> None:
    results.add_sample("example", SAMPLE)

    (partly,) = summarize_plan([make_measurement()], results, repeats=5)
    (done,) = summarize_plan([make_measurement()], results, repeats=1)

    assert (partly["repeats_left"], partly["about_seconds"]) == (4, 10 + 4 * 5)
    assert (done["repeats_left"], done["about_seconds"]) == (0, 0)


def test_untried_measurement_is_not_shown(results: Results) -> None:
    results.record_failure("tried", "It can't be seen.")

    shown = summarize_results([make_measurement(name="tried"), make_measurement(name="other")], results)

    assert [measured["name"] for measured in shown] == ["tried"]


OTHER_FORMAT = '{"format": 2, "deployment": {}, "samples": {}, "failures": {}}'
NO_SECONDS = '{"format": 1, "deployment": {}, "samples": {"lag": [{"seconds": {"arrived": "soon"}}]}, "failures": {}}'


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 1}', OTHER_FORMAT, NO_SECONDS, "\x00"])
def test_invalid_results_file_is_rejected_and_unchanged(tmp_path: Path, text: str) -> None:
    path = tmp_path / "results.json"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(click.UsageError, match=r"--results: .* Give another file"):
        load_results(path, EXAMPLE_DEPLOYMENT)

    assert path.read_text(encoding="utf-8") == text


@pytest.mark.parametrize("name", ["stack", "pool", "primary", "standby", "zone"])
def test_results_of_other_deployment_are_rejected(results: Results, name: str) -> None:
    results.add_sample("example", SAMPLE)
    content = json.loads(results.path.read_text(encoding="utf-8"))
    content["deployment"][name] = "elsewhere"
    results.path.write_text(json.dumps(content), encoding="utf-8")

    with pytest.raises(click.UsageError, match=f"for the {name} elsewhere, not"):
        load_results(results.path, EXAMPLE_DEPLOYMENT)


def test_swallowed_ctrl_c_ends_the_run_after_the_sample(results: Results) -> None:
    before, closed = signal.getsignal(signal.SIGINT), list[str]()

    def swallow_interrupt() -> MeasurementSample:
        with suppress(KeyboardInterrupt):  # as a finalizer does
            signal.raise_signal(signal.SIGINT)
        return SAMPLE

    with pytest.raises(KeyboardInterrupt):
        run_measurements(make_context(), [make_measurement(once=swallow_interrupt, closed=closed)], results, repeats=3)

    assert results.get_samples("example") == [SAMPLE]
    assert closed
    assert signal.getsignal(signal.SIGINT) is before


def test_ctrl_c_ends_the_run_at_once(results: Results) -> None:
    def raise_interrupt() -> MeasurementSample:
        signal.raise_signal(signal.SIGINT)
        return SAMPLE

    with pytest.raises(KeyboardInterrupt):
        run_measurements(make_context(), [make_measurement(once=raise_interrupt)], results, repeats=3)

    assert results.get_samples("example") == []
