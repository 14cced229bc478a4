"""Runs the selected measurements in sequence."""

import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

import click

from cognito_failover.common.errors import FailoverError
from failoverctl.aws import explain_error, is_access_denied
from failoverctl.measure.context import MeasurementContext
from failoverctl.measure.measurement import Measurement
from failoverctl.measure.results import Results

POLICY_PATH = "docs/policies/measure.json"


def run_measurements(
    context: MeasurementContext, measurements: Sequence[Measurement], results: Results, *, repeats: int
) -> bool:
    """Repeat each measurement until it has enough samples. Return whether all have.

    Each sample is saved at once. A failed measurement is recorded and does not stop the others. Each measurement
    removes its resources at its end.
    """
    completed = [_run_measurement(context, measurement, results, repeats=repeats) for measurement in measurements]
    return all(completed)


def _run_measurement(context: MeasurementContext, measurement: Measurement, results: Results, *, repeats: int) -> bool:
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - see `failoverctl.aws`

    missing = repeats - len(results.get_samples(measurement.name))
    if missing <= 0:
        context.print_progress(f"{measurement.name}: already has {repeats} samples.")
        return True
    try:
        context.print_progress(f"{measurement.name}: {measurement.question}")
        with _track_interrupts() as raise_if_interrupted, measurement.open_session(context) as take_sample:
            for count in range(repeats - missing + 1, repeats + 1):
                results.add_sample(measurement.name, take_sample())
                context.print_progress(f"{measurement.name}: {count} of {repeats}")
                raise_if_interrupted()
    except (click.ClickException, FailoverError) as error:
        error_message = error.format_message() if isinstance(error, click.ClickException) else str(error)
    except (BotoCoreError, ClientError) as error:
        error_message = explain_measure_error(error)
    else:
        return True
    results.record_failure(measurement.name, error_message)
    context.print_progress(f"{measurement.name}: not finished. {error_message}")
    return False


def explain_measure_error(error: Exception) -> str:
    """Return what a boto3 error means and what to do, as sentences."""
    if not is_access_denied(error):
        return explain_error(error)
    error_fields = getattr(error, "response", {})["Error"]
    details = f"{error_fields.get('Code', '')}: {error_fields.get('Message', '')}".rstrip(".: ")
    return f"Your credentials don't allow this ({details}). {POLICY_PATH} has all permissions for measuring."


@contextmanager
def _track_interrupts() -> Iterator[Callable[[], None]]:
    """Raise KeyboardInterrupt on Ctrl-C, and yield a function that raises it again if it got lost.

    Python raises KeyboardInterrupt at any point of the program. In a finalizer it is printed and ignored (Python's
    documentation of ``object.__del__``), and a measurement would continue.
    """
    is_interrupted = False

    def on_interrupt(number: int, frame: FrameType | None) -> None:
        nonlocal is_interrupted
        is_interrupted = True
        signal.default_int_handler(number, frame)

    def raise_if_interrupted() -> None:
        if is_interrupted:
            raise KeyboardInterrupt

    previous_handler = signal.signal(signal.SIGINT, on_interrupt)
    try:
        yield raise_if_interrupted
    finally:
        signal.signal(signal.SIGINT, previous_handler)
