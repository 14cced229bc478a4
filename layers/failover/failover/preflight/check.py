"""One check: what it looks at, how bad a failure is, what to do then, and its judgement."""

from collections.abc import Callable
from dataclasses import dataclass

from failover.decision.preflight import Outcome, Severity
from failover.preflight.facts import Facts

type Table = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What a check concludes: an outcome and a sentence; perhaps what was compared, a heading first."""

    outcome: Outcome
    sentence: str
    table: Table = ()


def passed(sentence: str, table: Table = ()) -> Judgement:
    """Conclude that all is well."""
    return Judgement(outcome=Outcome.PASSED, sentence=sentence, table=table)


def failed(sentence: str, table: Table = ()) -> Judgement:
    """Conclude that something is wrong; the sentence says what."""
    return Judgement(outcome=Outcome.FAILED, sentence=sentence, table=table)


def not_applicable(sentence: str) -> Judgement:
    """Conclude that there is nothing to check here; the sentence says why."""
    return Judgement(outcome=Outcome.NOT_APPLICABLE, sentence=sentence)


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A check.

    Attributes
    ----------
    id
        Its name, in results and for ever.
    severity
        Of a failure.
    passes
        When it passes, as the end of the sentence "It passes if …".
    remedy
        What to do about a failure, a sentence.
    judge
        Concludes from facts. Facts that can't be read raise `UnreadError`, which makes the check unknown.
    bars
        Whether a failure bars moves to the standby: only if users would surely be worse off there, and no probe can see
        it.
    active
        Whether it does more than read, and so is made only when asked for.

    """

    id: str
    severity: Severity
    passes: str
    remedy: str
    judge: Callable[[Facts], Judgement]
    bars: bool = False
    active: bool = False
