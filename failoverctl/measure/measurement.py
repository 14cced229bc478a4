"""What a measurement is, and what it brings back."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar

from failoverctl.exit_codes import ExitCode, FailoverctlError
from failoverctl.measure.context import MeasurementContext


class MeasurementError(FailoverctlError):
    """A measurement could not be made; the message says why, and the way out."""

    exit_code: ClassVar[int] = ExitCode.FAILED


class MeasurementNotAllowedError(FailoverctlError):
    """A measurement is not begun: something it needs is not there, or was not allowed by name."""

    exit_code: ClassVar[int] = ExitCode.REFUSED


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasurementSample:
    """What one repeat brought back.

    Attributes
    ----------
    seconds
        How long each stage took.
    answers
        What each question was answered, in words that don't change from repeat to repeat.

    """

    seconds: Mapping[str, float] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumption:
    """What the code takes for granted of one stage or question.

    Attributes
    ----------
    of
        The stage or question.
    matters
        Why it matters.
    at_most_seconds
        What the 95th percentile of a stage may be; None for a question, or where the code assumes nothing.
    answer
        What a question is taken to be answered; empty for a stage, or where the code assumes nothing.
    otherwise
        What to change if it is not so.

    """

    name: str
    rationale: str
    if_violated: str
    max_p95_seconds: float | None = None
    expected_answer: str = ""

    @property
    def expectation(self) -> str:
        """What is assumed, in words."""
        if self.max_p95_seconds is not None:
            return f"at most {self.max_p95_seconds:g} s"
        return self.expected_answer or "nothing"


class TrafficImpact(StrEnum):
    """Whose traffic a measurement moves."""

    NONE = "nobody"
    USERS = "users"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """One thing to be measured.

    Attributes
    ----------
    name
        Of the measurement.
    asks
        What it finds out, as a question.
    makes
        What it creates or writes, and takes away at its end.
    costs
        What AWS bills for that.
    lasts_seconds
        About how long it takes: to begin, and for each repeat.
    assumptions
        What the code assumes, one for each stage and question.
    open
        Makes what it needs, gives what makes one repeat, and takes all of it away when the context ends.
    moves
        Whose traffic it moves.

    """

    name: str
    question: str
    creates: str
    cost: str
    duration_seconds: tuple[float, float]
    assumptions: tuple[Assumption, ...]
    open_session: Callable[[MeasurementContext], AbstractContextManager[Callable[[], MeasurementSample]]]
    traffic_impact: TrafficImpact = TrafficImpact.NONE
