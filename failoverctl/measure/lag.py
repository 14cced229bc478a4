"""How far the replica is behind, and whether changes arrive in the order in which they were made."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise

from failover.probe.marker import ATTRIBUTE, marker_in
from failoverctl.measure.cognito import Reply, SignedIn, call, sign_in
from failoverctl.measure.measurement import Assumption, MeasureError, Measurement, Sample
from failoverctl.measure.site import Site

IN_ORDER = "in the order of writing"

_WRITES = 3
_PAUSE_SECONDS = 0.2
_PATIENCE_SECONDS = 300.0


@contextmanager
def _opened(site: Site) -> Iterator[Callable[[], Sample]]:
    last = 0

    def once() -> Sample:
        nonlocal last
        tokens = {region: sign_in(site, region) for region in site.subject.regions}
        first = max(int(site.now()), last + 1)
        last = first + _WRITES - 1
        began = site.monotonic()
        for value in range(first, last + 1):
            began = site.monotonic()
            _write(site, tokens[site.subject.primary], value)
        seen, seconds = _awaited(site, tokens[site.subject.standby], last, began)
        return Sample(seconds={"arrived": seconds}, answers={"order": _order(seen)})

    yield once


def _write(site: Site, tokens: SignedIn, value: int) -> None:
    request = {"AccessToken": tokens.access, "UserAttributes": [{"Name": ATTRIBUTE, "Value": str(value)}]}
    _granted("UpdateUserAttributes", call(site, site.subject.primary, "UpdateUserAttributes", request))


def _awaited(site: Site, tokens: SignedIn, wanted: int, began: float) -> tuple[list[int], float]:
    seen: list[int] = []
    while True:
        reply = call(site, site.subject.standby, "GetUser", {"AccessToken": tokens.access})
        value = marker_in(dict(_granted("GetUser", reply).fields))
        seconds = site.monotonic() - began
        if value is not None:
            seen.append(value)
            # The controller writes markers of its own: a later one has arrived after ours.
            if value >= wanted:
                return seen, seconds
        if seconds > _PATIENCE_SECONDS:
            raise MeasureError(
                f"After {seconds:.0f} s the replica doesn't show what was written on the primary. failoverctl status "
                f"says what the controller finds; the alarm replication-lag has a page."
            )
        site.sleep(_PAUSE_SECONDS)


def _granted(operation: str, reply: Reply) -> Reply:
    if not reply.is_success:
        raise MeasureError(
            f"{operation} was answered {reply.code}: {reply.message} Let the canary's app client read and write the "
            f"attribute {ATTRIBUTE}: failoverctl replicate makes a client that may."
        )
    return reply


def _order(seen: list[int]) -> str:
    backwards = [f"{later} after {earlier}" for earlier, later in pairwise(seen) if later < earlier]
    return f"backwards: {', '.join(backwards)}" if backwards else IN_ORDER


LAG = Measurement(
    name="lag",
    asks="How long after a write on the primary does the replica show it, and do writes arrive in their order?",
    makes=f"values of the canary's attribute {ATTRIBUTE}, as the controller itself writes them every minute",
    costs="nothing",
    lasts_seconds=(0, 5),
    assumptions=(
        Assumption(
            of="arrived",
            matters="what users changed within this time before an outage may be missing on the standby",
            at_most_seconds=60.0,
            otherwise="`ReplicationLagAlarmSeconds`, which else rings on quiet days",
        ),
        Assumption(
            of="order",
            matters="the lag is told too small, and a rotated password refused once, where changes overtake each other",
            answer=IN_ORDER,
            otherwise="`decision/freshness.py`: take only a marker's own value for its arrival; share no canary",
        ),
    ),
    open=_opened,
)
