"""Measures how fast a change of weights reaches the name servers."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import cycle

from failoverctl.aws import is_retryable
from failoverctl.measure.context import MeasurementContext
from failoverctl.measure.measurement import Assumption, Measurement, MeasurementSample
from failoverctl.measure.propagation import wait_for_answers
from failoverctl.measure.scratch_records import PRIMARY_TEXT, STANDBY_TEXT, ScratchRecordPair, create_scratch_records

NAME = "weights"

_IN_SYNC_INTERVAL_SECONDS = 1.0


class _InSyncPoller:
    """Polls Route 53 until a change is INSYNC."""

    def __init__(self, context: MeasurementContext, change_id: str, started_at: float) -> None:
        self._context = context
        self._change_id = change_id
        self._started_at = started_at
        self._polled_at = started_at
        self.seconds: float | None = None

    def poll(self) -> bool:
        """Poll at most once a second. Return whether the change is INSYNC. A failed call counts as not yet."""
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - see `failoverctl.aws`

        if self.seconds is None and self._context.monotonic() - self._polled_at >= _IN_SYNC_INTERVAL_SECONDS:
            self._polled_at = self._context.monotonic()
            try:
                status = self._context.route53.get_change(Id=self._change_id)["ChangeInfo"]["Status"]
            except (BotoCoreError, ClientError) as error:
                if not is_retryable(error):
                    raise
                return False
            if status == "INSYNC":
                self.seconds = self._context.monotonic() - self._started_at
        return self.seconds is not None


@contextmanager
def _open_session(context: MeasurementContext) -> Iterator[Callable[[], MeasurementSample]]:
    with create_scratch_records(context, NAME) as records:
        wait_for_answers(context, records.name_servers, records.name, PRIMARY_TEXT, started_at=context.monotonic())
        roles = cycle((STANDBY_TEXT, PRIMARY_TEXT))

        def take_sample() -> MeasurementSample:
            return _measure_change(context, records, next(roles))

        yield take_sample


def _measure_change(context: MeasurementContext, record_pair: ScratchRecordPair, role: str) -> MeasurementSample:
    started_at = context.monotonic()
    change_id = record_pair.move_all_weight(role)
    accepted_seconds = context.monotonic() - started_at
    in_sync_poller = _InSyncPoller(context, change_id, started_at)
    propagation = wait_for_answers(
        context,
        record_pair.name_servers,
        record_pair.name,
        role,
        started_at=started_at,
        is_condition_met=in_sync_poller.poll,
    )
    seconds = {
        "accepted": accepted_seconds,
        "first name server": propagation.first_seconds,
        "all name servers": propagation.all_seconds,
    }
    return MeasurementSample(
        seconds=seconds | ({"in sync": in_sync_poller.seconds} if in_sync_poller.seconds is not None else {})
    )


WEIGHTS = Measurement(
    name=NAME,
    question="How long until Route 53 accepts a change of weights, and until each name server answers with it?",
    creates="a weighted pair of TXT records in the zone, whose weights it changes",
    cost="only a few DNS queries",
    duration_seconds=(60, 60),
    assumptions=(
        Assumption(
            name="accepted",
            rationale="a round gives up after this time",
            max_p95_seconds=3.0,
            if_violated="the timeouts in `routing/records/route53_zone.py`, and the length of a round",
        ),
        Assumption(
            name="first name server",
            rationale="distinguishes slow Route 53 from one slow server",
            if_violated="nothing",
        ),
        Assumption(
            name="all name servers",
            rationale="the longest part of a failover by weights",
            max_p95_seconds=60.0,
            if_violated="update docs/parameters.md; attach a latch",
        ),
        Assumption(
            name="in sync",
            rationale="ends the wait for a silent name server",
            max_p95_seconds=120.0,
            if_violated="the two minutes of `is_step_confirmed` in `core/move/lifecycle.py`",
        ),
    ),
    open_session=_open_session,
)
