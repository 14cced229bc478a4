"""How fast a change of weights arrives."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from failoverctl.aws import is_worth_repeating
from failoverctl.measure.measurement import Assumption, Measurement, Sample
from failoverctl.measure.pair import PRIMARY, STANDBY, Pair, pair
from failoverctl.measure.site import Site
from failoverctl.measure.watching import until_answered

NAME = "weights"

_IN_SYNC_EVERY_SECONDS = 1.0


class _InSync:
    """Asks Route 53 now and then whether a change is everywhere."""

    def __init__(self, site: Site, change_id: str, began: float) -> None:
        self._site = site
        self._change_id = change_id
        self._began = began
        self._asked_at = began
        self.seconds: float | None = None

    def seen(self) -> bool:
        """Ask, unless that was done just now; an answer that doesn't come is one for later."""
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - see `failoverctl.aws.client`

        if self.seconds is None and self._site.monotonic() - self._asked_at >= _IN_SYNC_EVERY_SECONDS:
            self._asked_at = self._site.monotonic()
            try:
                status = self._site.route53.get_change(Id=self._change_id)["ChangeInfo"]["Status"]
            except (BotoCoreError, ClientError) as error:
                if not is_worth_repeating(error):
                    raise
                return False
            if status == "INSYNC":
                self.seconds = self._site.monotonic() - self._began
        return self.seconds is not None


@contextmanager
def _opened(site: Site) -> Iterator[Callable[[], Sample]]:
    with pair(site, NAME) as made:
        until_answered(site, made.name_servers, made.name, PRIMARY, began=site.monotonic())
        sides = [STANDBY, PRIMARY]

        def once() -> Sample:
            sides.append(side := sides.pop(0))
            return _changed(site, made, side)

        yield once


def _changed(site: Site, made: Pair, side: str) -> Sample:
    began = site.monotonic()
    change_id = made.give_all_to(side)
    accepted = site.monotonic() - began
    in_sync = _InSync(site, change_id, began)
    arrival = until_answered(site, made.name_servers, made.name, side, began=began, meanwhile=in_sync.seen)
    seconds = {"accepted": accepted, "first name server": arrival.first, "all name servers": arrival.all}
    return Sample(seconds=seconds | ({"in sync": in_sync.seconds} if in_sync.seconds is not None else {}))


WEIGHTS = Measurement(
    name=NAME,
    asks="How long does a change of weights take until Route 53 has it, and until each name server answers with it?",
    makes="a weighted pair of TXT records in the zone, with the weights of which it plays",
    costs="nothing but a few queries",
    lasts_seconds=(60, 60),
    assumptions=(
        Assumption(
            of="accepted",
            matters="a round gives up after this long, and the next one tries again",
            at_most_seconds=3.0,
            otherwise="the lever's timeouts in `levers/zone_route53.py`, and with them what a round may last",
        ),
        Assumption(
            of="first name server",
            matters="tells whether a long wait is Route 53's or one slow server's",
            otherwise="nothing",
        ),
        Assumption(
            of="all name servers",
            matters="it is the longest part of a failover by weights, and what the bound on its length rests on",
            at_most_seconds=60.0,
            otherwise="say the longer time in docs/parameters.md; attach a latch, which does not wait for it",
        ),
        Assumption(
            of="in sync",
            matters="a silent name server is waited for no longer than two minutes, if Route 53 says INSYNC by then",
            at_most_seconds=120.0,
            otherwise="the two minutes of `is_confirmed` in `decision/carry.py`",
        ),
    ),
    open=_opened,
)
