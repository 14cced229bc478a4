"""Plans all steps, or takes them one by one, each from a fresh look at the world."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from failoverctl.aws import is_worth_repeating, meaning
from failoverctl.replicate.canary import CanaryClient, CanaryUsers
from failoverctl.replicate.errors import NotYetError, RefusedError, StepError
from failoverctl.replicate.keys import KeyPolicy, PrimaryKey, StandbyKey
from failoverctl.replicate.pool import Issuer, PoolKey
from failoverctl.replicate.refusals import explained
from failoverctl.replicate.replica import Activation, Replica
from failoverctl.replicate.requirements import check_requirements
from failoverctl.replicate.secret import CanarySecret, Passwords, SecretReplicas
from failoverctl.replicate.site import Site
from failoverctl.replicate.step import Finding, Meaning, State, Step
from failoverctl.replicate.verified import Arrival, SignIn
from failoverctl.replicate.wish import Wish


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A step as a look at the world found it."""

    meaning: Meaning
    finding: Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """The clock, and a way to let seconds pass."""

    now: Callable[[], datetime]
    sleep: Callable[[float], None]


def steps(wish: Wish) -> tuple[Step, ...]:
    """Return all steps in their order."""
    regions = (wish.primary, wish.standby)
    policies = tuple(KeyPolicy(region) for region in regions)
    narrowed = tuple(KeyPolicy(region, narrowing=True) for region in regions) if wish.new_pool else ()
    return (
        PrimaryKey(),
        StandbyKey(),
        *policies,
        PoolKey(),
        *narrowed,
        Issuer(),
        Replica(),
        CanaryClient(),
        CanaryUsers(),
        CanarySecret(),
        Passwords(),
        Activation(),
        SecretReplicas(),
        Arrival(),
        SignIn(),
    )


def plan(site: Site) -> list[Planned]:
    """Look at everything, and change nothing.

    Raises
    ------
    FailoverctlError
        If something stands in the way, or AWS can't be asked.

    """
    _asked("requirements", lambda: check_requirements(site.anew()))
    return [Planned(meaning=step.meaning, finding=_look(step, site)) for step in steps(site.wish)]


def apply(site: Site, pace: Pace, tell: Callable[[Planned], None], *, accepts_breaks: bool) -> list[Planned]:
    """Take every step that is not done yet, each from a fresh look, and return how all were found at the end.

    Parameters
    ----------
    site
        What is wanted, and where.
    pace
        For what takes time.
    tell
        Called before a change, before a wait, and after each step.
    accepts_breaks
        Whether changes are wanted that stop something for users and their programs.

    Raises
    ------
    NotYetError
        If something takes longer than it is waited for.
    FailoverctlError
        If something stands in the way, or AWS does not do what it is asked for. What was done stays done.

    """
    _asked("requirements", lambda: check_requirements(site.anew()))
    return [_taken(step, site, pace, tell, accepts_breaks=accepts_breaks) for step in steps(site.wish)]


def _taken(step: Step, site: Site, pace: Pace, tell: Callable[[Planned], None], *, accepts_breaks: bool) -> Planned:
    planned = Planned(meaning=step.meaning, finding=_look(step, site))
    if planned.finding.state is State.DONE:
        tell(planned)
        return planned
    if planned.finding.breaks and not accepts_breaks:
        raise RefusedError(
            f"{step.meaning.name}: {planned.finding.breaks} If they are ready for it, say so with --accept-new-issuer."
        )
    tell(planned)
    if planned.finding.state is State.CHANGE:
        _asked(step.meaning.name, lambda: step.change(site.anew()))
    planned = Planned(meaning=step.meaning, finding=_awaited(step, site, pace))
    tell(planned)
    return planned


def _awaited(step: Step, site: Site, pace: Pace) -> Finding:
    """Look until the step is done.

    A look that gets no answer, or is throttled, is one that saw nothing: there will be another.
    """
    began = pace.now()
    while True:
        seen = ""
        try:
            finding = _look(step, site)
        except StepError as error:
            if not (error.__cause__ and isinstance(error.__cause__, Exception) and is_worth_repeating(error.__cause__)):
                raise
            seen = error.format_message()
        else:
            if finding.state is State.DONE:
                return finding
            seen = finding.found
        waited_seconds = (pace.now() - began).total_seconds()
        if waited_seconds >= step.patience.seconds:
            raise NotYetError(
                f"{step.meaning.name}: {seen}; still so after {waited_seconds:.0f} s. Nothing is lost: run the same "
                f"command again, and it goes on from here."
            )
        pace.sleep(step.patience.interval_seconds)


def _look(step: Step, site: Site) -> Finding:
    return _asked(step.meaning.name, lambda: step.look(site.anew()))


def _asked[T](name: str, ask: Callable[[], T]) -> T:
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - see `failoverctl.aws.client`

    try:
        return ask()
    except (BotoCoreError, ClientError) as error:
        raise explained(name, error, meaning(error)) from error
