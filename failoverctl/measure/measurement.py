"""A measurement, its samples and its assumptions."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar

from failoverctl.exit_codes import ExitCode, FailoverctlError
from failoverctl.measure.context import MeasurementContext


class MeasurementError(FailoverctlError):
    """A measurement failed. The message says why, and what to do."""

    exit_code: ClassVar[int] = ExitCode.FAILED


class MeasurementNotAllowedError(FailoverctlError):
    """A measurement was not started: it needs something that is missing, or a permission by option."""

    exit_code: ClassVar[int] = ExitCode.REFUSED


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasurementSample:
    """The result of one repeat.

    Attributes
    ----------
    seconds
        Duration of each stage.
    answers
        Answer to each question. The words are the same in every repeat.

    """

    seconds: Mapping[str, float] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumption:
    """An assumption of the code about one stage or question.

    Attributes
    ----------
    name
        The stage or question.
    rationale
        Why it matters.
    if_violated
        What to change if the assumption is wrong.
    max_p95_seconds
        Maximum 95th percentile of a stage; None for a question, or without assumption.
    expected_answer
        Assumed answer to a question; empty for a stage, or without assumption.

    """

    name: str
    rationale: str
    if_violated: str
    max_p95_seconds: float | None = None
    expected_answer: str = ""

    @property
    def expectation(self) -> str:
        """The assumption in words."""
        if self.max_p95_seconds is not None:
            return f"at most {self.max_p95_seconds:g} s"
        return self.expected_answer or "nothing"


class TrafficImpact(StrEnum):
    """Traffic that a measurement moves."""

    NONE = "none"
    USERS = "users"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """One measurement.

    Attributes
    ----------
    name
        Its name on the command line.
    question
        The question that it answers.
    creates
        The resources that it creates or writes, and removes at its end.
    cost
        AWS's charge for them.
    duration_seconds
        Approximate duration: of the setup, and of each repeat.
    assumptions
        The assumptions of the code, one for each stage and question.
    open_session
        Creates the resources, yields a function that makes one repeat, and removes the resources.
    traffic_impact
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
