"""What a measurement is, and what it brings back."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar

from failoverctl.exits import ExitCode, FailoverctlError
from failoverctl.measure.site import Site


class MeasureError(FailoverctlError):
    """A measurement could not be made; the message says why, and the way out."""

    exit_code: ClassVar[int] = ExitCode.FAILED


class NotAllowedError(FailoverctlError):
    """A measurement is not begun: something it needs is not there, or was not allowed by name."""

    exit_code: ClassVar[int] = ExitCode.REFUSED


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
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

    of: str
    matters: str
    otherwise: str
    at_most_seconds: float | None = None
    answer: str = ""

    @property
    def sentence(self) -> str:
        """What is assumed, in words."""
        if self.at_most_seconds is not None:
            return f"at most {self.at_most_seconds:g} s"
        return self.answer or "nothing"


class Moves(StrEnum):
    """Whose traffic a measurement moves."""

    NOBODY = "nobody"
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
    asks: str
    makes: str
    costs: str
    lasts_seconds: tuple[float, float]
    assumptions: tuple[Assumption, ...]
    open: Callable[[Site], AbstractContextManager[Callable[[], Sample]]]
    moves: Moves = Moves.NOBODY
