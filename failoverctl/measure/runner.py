"""Makes the measurements that are asked for, one after the other."""

from collections.abc import Sequence

import click

from cognito_failover.common.errors import FailoverError
from failoverctl.measure.aws_errors import explain_measure_error
from failoverctl.measure.context import MeasurementContext
from failoverctl.measure.measurement import Measurement
from failoverctl.measure.results import Results
from failoverctl.measure.signal_handling import track_interrupts


def run_measurements(
    context: MeasurementContext, measurements: Sequence[Measurement], results: Results, *, repeats: int
) -> bool:
    """Repeat each measurement until there are enough samples of it, and tell whether there are.

    One that fails is noted, and leaves the others to be made. Samples are kept as they come; what a measurement has
    made is taken away however it ends.
    """
    completed = [_run_measurement(context, each, results, repeats=repeats) for each in measurements]
    return all(completed)


def _run_measurement(context: MeasurementContext, measurement: Measurement, results: Results, *, repeats: int) -> bool:
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - see `failoverctl.aws.client`

    missing = repeats - len(results.get_samples(measurement.name))
    if missing <= 0:
        context.print_progress(f"{measurement.name}: {repeats} samples are there already.")
        return True
    try:
        context.print_progress(f"{measurement.name}: {measurement.question}")
        with track_interrupts() as stop_if_pressed, measurement.open_session(context) as once:
            for count in range(repeats - missing + 1, repeats + 1):
                results.add_sample(measurement.name, once())
                context.print_progress(f"{measurement.name}: {count} of {repeats}")
                stop_if_pressed()
    except (click.ClickException, FailoverError) as error:
        error_message = error.format_message() if isinstance(error, click.ClickException) else str(error)
    except (BotoCoreError, ClientError) as error:
        error_message = explain_measure_error(error)
    else:
        return True
    results.record_failure(measurement.name, error_message)
    context.print_progress(f"{measurement.name}: not finished. {error_message}")
    return False
