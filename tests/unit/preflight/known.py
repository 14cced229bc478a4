"""Facts as a test says they are: judgements are tried on these, without AWS."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, cast

from failover.decision.preflight import Outcome
from failover.preflight.check import Judgement
from failover.preflight.facts import Site, UnreadError
from failover.preflight.registry import registry
from tests.support.settings import settings as usual_settings

if TYPE_CHECKING:
    from failover.settings import Settings

NOW = 1_800_000_000.0


class KnownFacts:
    """Answers what it was given for a reading and its arguments; all else can't be read. See `Facts`."""

    def __init__(self, known: Mapping[Any, Any], **changes: Any) -> None:
        self._known = known
        self.settings: Settings = usual_settings(**changes)
        self.now = NOW

    @property
    def site(self) -> Site:
        raise AssertionError("a judgement reads nothing itself")

    def __call__(self, reading: Callable[..., Any], /, *args: Any, **_: Any) -> Any:
        """Return what is known; an exception is raised."""
        key = (reading, *args) if args else reading
        if key not in self._known:
            raise UnreadError(f"{reading.__name__} was not read.")
        value = self._known[key]
        if isinstance(value, Exception):
            raise value
        return value


def judged(check_id: str, known: Mapping[Any, Any], **changes: Any) -> Judgement:
    """Return what a check concludes from facts; settings may be changed."""
    [check] = [each for each in registry() if each.id == check_id]
    return check.judge(cast("Any", KnownFacts(known, **changes)))


def outcome(check_id: str, known: Mapping[Any, Any], **changes: Any) -> Outcome:
    """Return the outcome alone; a fact that isn't known makes it unknown, as a look does."""
    try:
        return judged(check_id, known, **changes).outcome
    except UnreadError:
        return Outcome.UNKNOWN
