"""Waits until each name server of the zone gives an expected answer. Queries twice a second."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cognito_failover.routing.dns.question import DnsQuestion
from failoverctl.measure.context import MeasurementContext
from failoverctl.measure.measurement import MeasurementError

PROPAGATION_TIMEOUT_SECONDS = 600.0
"""Maximum time to wait. Propagation usually takes one or two minutes."""

_POLL_INTERVAL_SECONDS = 0.5
_DNS_BUDGET_SECONDS = 2.5


@dataclass(frozen=True, slots=True, kw_only=True)
class PropagationTimes:
    """Time until the first and until all name servers gave the expected answer, in seconds."""

    first_seconds: float
    all_seconds: float


def wait_for_answers(
    context: MeasurementContext,
    name_servers: Sequence[str],
    name: str,
    expected: str,
    *,
    started_at: float,
    is_condition_met: Callable[[], bool] = lambda: True,
) -> PropagationTimes:
    """Query every name server for a TXT record until each has answered with the expected text only.

    Parameters
    ----------
    context
        The outside of the measurement.
    name_servers
        The zone's name servers.
    name, expected
        The record's name, and its expected text.
    started_at
        Start of the wait, by the context's monotonic clock.
    is_condition_met
        An additional condition to wait for. Called after each query.

    Raises
    ------
    MeasurementError
        If a name server does not give the answer in time.

    """
    question = DnsQuestion(name=name, record_type="TXT")
    seconds_by_server: dict[str, float] = {}
    while True:
        pending = [server for server in name_servers if server not in seconds_by_server]
        dns_answers = context.authoritative_dns.query(
            pending, (question,), hosts=(), budget_seconds=_DNS_BUDGET_SECONDS
        )
        seconds = context.monotonic() - started_at
        for server in pending:
            answers = dns_answers.answers[server][question]
            if answers and all(answer == {expected} for answer in answers):
                seconds_by_server[server] = seconds
        is_met = is_condition_met()
        if is_met and len(seconds_by_server) == len(name_servers):
            return PropagationTimes(
                first_seconds=min(seconds_by_server.values()), all_seconds=max(seconds_by_server.values())
            )
        if seconds > PROPAGATION_TIMEOUT_SECONDS:
            missing = ", ".join(server for server in name_servers if server not in seconds_by_server) or "none"
            raise MeasurementError(
                f"After {seconds:.0f} s not all name servers answer {expected} for {name} (missing: {missing}). "
                f"Check that this machine reaches them: dig +norecurse @{name_servers[0]} {name} TXT."
            )
        context.sleep(_POLL_INTERVAL_SECONDS)
