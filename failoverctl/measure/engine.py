"""Makes the measurements that are asked for, one after the other."""

from collections.abc import Sequence

import click

from failover.errors import FailoverError
from failoverctl.measure.interrupting import interruptible
from failoverctl.measure.measurement import Measurement
from failoverctl.measure.refusals import explained
from failoverctl.measure.results import Results
from failoverctl.measure.site import Site


def run(site: Site, chosen: Sequence[Measurement], results: Results, *, repeats: int) -> bool:
    """Repeat each measurement until there are enough samples of it, and tell whether there are.

    One that fails is noted, and leaves the others to be made. Samples are kept as they come; what a measurement has
    made is taken away however it ends.
    """
    measured = [_measured(site, each, results, repeats=repeats) for each in chosen]
    return all(measured)


def _measured(site: Site, measurement: Measurement, results: Results, *, repeats: int) -> bool:
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - see `failoverctl.aws.client`

    missing = repeats - len(results.of(measurement.name))
    if missing <= 0:
        site.note(f"{measurement.name}: {repeats} samples are there already.")
        return True
    try:
        site.note(f"{measurement.name}: {measurement.asks}")
        with interruptible() as stop_if_pressed, measurement.open(site) as once:
            for count in range(repeats - missing + 1, repeats + 1):
                results.add(measurement.name, once())
                site.note(f"{measurement.name}: {count} of {repeats}")
                stop_if_pressed()
    except (click.ClickException, FailoverError) as error:
        trouble = error.format_message() if isinstance(error, click.ClickException) else str(error)
    except (BotoCoreError, ClientError) as error:
        trouble = explained(error)
    else:
        return True
    results.fail(measurement.name, trouble)
    site.note(f"{measurement.name}: not finished. {trouble}")
    return False
