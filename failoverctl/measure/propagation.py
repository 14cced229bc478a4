"""When each name server of the zone answers with something: asked twice a second, from outside."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cognito_failover.routing.dns.question import DnsQuestion
from failoverctl.measure.context import MeasurementContext
from failoverctl.measure.measurement import MeasurementError

PROPAGATION_TIMEOUT_SECONDS = 600.0
"""How long something is waited for that takes a minute or two as a rule."""

_POLL_INTERVAL_SECONDS = 0.5
_DNS_BUDGET_SECONDS = 2.5


@dataclass(frozen=True, slots=True, kw_only=True)
class PropagationTimes:
    """When name servers answered with what was waited for, in seconds from a beginning."""

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
    """Ask every name server for a TXT record until each has answered with one text only.

    Parameters
    ----------
    name, wanted
        The record's name, and its text.
    began
        By the site's monotonic clock.
    meanwhile
        Called after each look; says whether it has seen what it waits for, too.

    Raises
    ------
    MeasureError
        If a name server never answers so.

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
                f"After {seconds:.0f} s the name servers don't all answer {expected} for {name} (missing: {missing}). "
                f"See that this machine reaches them: dig +norecurse @{name_servers[0]} {name} TXT."
            )
        context.sleep(_POLL_INTERVAL_SECONDS)
