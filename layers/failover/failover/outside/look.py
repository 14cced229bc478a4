"""One look from outside: name servers, public resolvers and a sign-in, all at once, in a bounded time."""

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from functools import partial

from failover.bounded import Deadline, start
from failover.decision.state import State
from failover.levers.authority import QUERIES, Authority
from failover.levers.lever import Sight
from failover.outside.resolvers import TIMES_ASKED, Resolvers
from failover.outside.sample import Outside, Tally
from failover.outside.sides import signs_of, tally
from failover.outside.sign_in import Door
from failover.region import Instant
from failover.settings import Settings

LOOK_SECONDS = 5.0
"""What a look may take: the two timeouts of a sign-in."""

ASKING_SECONDS = 2.5
"""What its questions to name servers and resolvers may take."""

_GRACE_SECONDS = 0.5
"""So much later than its parts the look itself gives up, so that what a part had by then is not lost."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What DNS answered in one look, by server."""

    name_servers: Mapping[str, Tally] = field(default_factory=dict)
    resolvers: Mapping[str, Tally] = field(default_factory=dict)


class OutsideLooker:
    """Looks from outside.

    Parameters
    ----------
    settings
        The names.
    authority, resolvers
        Ask name servers and resolvers.
    door
        Tries to sign in.
    clock
        Seconds since the epoch.

    """

    def __init__(
        self,
        settings: Settings,
        *,
        authority: Authority,
        resolvers: Resolvers,
        door: Door,
        clock: Callable[[], Instant],
    ) -> None:
        self._settings = settings
        self._authority = authority
        self._resolvers = resolvers
        self._door = door
        self._clock = clock
        self._sight: Sight | None = None

    def look(self, state: State) -> Outside:
        """Look once; what does not answer in time is told as missing, and a part that fails is left out."""
        at, deadline = self._clock(), Deadline(LOOK_SECONDS + _GRACE_SECONDS)
        signing_in = start(partial(self._door.try_it, state, Deadline(LOOK_SECONDS)), name="outside-door")
        asking = start(partial(self._ask, state), name="outside-answers")
        answered = _or_none(asking, deadline) or Answered()
        sign_in = _or_none(signing_in, deadline)
        return Outside(
            at=at,
            took_seconds=round(LOOK_SECONDS + _GRACE_SECONDS - deadline.remaining_seconds, 3),
            name_servers=dict(answered.name_servers),
            resolvers=dict(answered.resolvers),
            sign_in=sign_in,
        )

    def _ask(self, state: State) -> Answered:
        """Ask for the records as they are known; where they are not at this moment, as they were known last."""
        self._sight = self._sight_in(state) or self._sight
        if self._sight is None:
            return Answered()
        signs = signs_of(self._sight, self._settings)
        resolving = start(
            partial(self._resolvers.look, signs.questions, Deadline(ASKING_SECONDS)), name="outside-resolvers"
        )
        look = self._authority.look(
            self._sight.name_servers, signs.questions, hosts=signs.hosts, budget_seconds=ASKING_SECONDS
        )
        resolved = _or_none(resolving, Deadline(_GRACE_SECONDS + ASKING_SECONDS)) or {}
        signposts = signs.resolved(look.addresses)
        return Answered(
            name_servers={server: tally(signposts, answers, asked=QUERIES) for server, answers in look.answers.items()},
            resolvers={server: tally(signposts, answers, asked=TIMES_ASKED) for server, answers in resolved.items()},
        )

    def _sight_in(self, state: State) -> Sight | None:
        if self._settings.moves_records:
            return state.surveyed.sight if state.surveyed else None
        return next((latch.sight for latch in state.latches.values() if latch.sight), None)


def _or_none[T](future: Future[T], deadline: Deadline) -> T | None:
    """Return what a part of the look brought back; None if it failed or is late: it must not cost the others."""
    wait((future,), timeout=deadline.remaining_seconds)
    if not future.done():
        return None
    if error := future.exception():
        _log.warning("A part of the look from outside failed: %s: %s", type(error).__name__, error)
        return None
    return future.result()
