"""When each name server of the zone answers with something: asked twice a second, from outside."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from failover.levers.authority import Question
from failoverctl.measure.measurement import MeasureError
from failoverctl.measure.site import Site

PATIENCE_SECONDS = 600.0
"""How long something is waited for that takes a minute or two as a rule."""

_PAUSE_SECONDS = 0.5
_LOOK_SECONDS = 2.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """When name servers answered with what was waited for, in seconds from a beginning."""

    first: float
    all: float


def until_answered(
    site: Site,
    name_servers: Sequence[str],
    name: str,
    wanted: str,
    *,
    began: float,
    meanwhile: Callable[[], bool] = lambda: True,
) -> Arrival:
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
    question = Question(name=name, record_type="TXT")
    arrived: dict[str, float] = {}
    while True:
        pending = [server for server in name_servers if server not in arrived]
        look = site.authority.look(pending, (question,), hosts=(), budget_seconds=_LOOK_SECONDS)
        seconds = site.monotonic() - began
        for server in pending:
            answers = look.answers[server][question]
            if answers and all(answer == {wanted} for answer in answers):
                arrived[server] = seconds
        is_over = meanwhile()
        if is_over and len(arrived) == len(name_servers):
            return Arrival(first=min(arrived.values()), all=max(arrived.values()))
        if seconds > PATIENCE_SECONDS:
            missing = ", ".join(server for server in name_servers if server not in arrived) or "none"
            raise MeasureError(
                f"After {seconds:.0f} s the name servers don't all answer {wanted} for {name} (missing: {missing}). "
                f"See that this machine reaches them: dig +norecurse @{name_servers[0]} {name} TXT."
            )
        site.sleep(_PAUSE_SECONDS)
