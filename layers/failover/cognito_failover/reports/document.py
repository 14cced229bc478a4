"""The report as data: the content of the JSON file and of the page.

Times are ISO 8601 in UTC with milliseconds, durations are seconds, and Regions have their names. These classes and
their docstrings are the source of ``docs/schemas/report.schema.json``.
"""

from dataclasses import dataclass, field
from typing import Any

FORMAT = "cognito-failover/report/1"
"""The value of the field ``format``. A breaking change gets a new number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveStage:
    """One stage of a move.

    Attributes
    ----------
    name
        The name, such as ``decided``.
    at
        When the move reached it.
    after_seconds
        Time since the first cause.
    took_seconds
        Time since the previous stage.
    objective_seconds
        Maximum for ``took_seconds``; null without an objective.
    met
        Whether it took no longer than the objective; null without one.
    meaning
        What has happened at this stage, and how the objective is calculated.

    """

    name: str
    at: str
    after_seconds: float
    took_seconds: float
    objective_seconds: float | None
    met: bool | None
    meaning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Propagation:
    """How the answers of one kind of server moved.

    Attributes
    ----------
    servers
        The servers that were queried.
    answers
        The number of their answers.
    missing
        The number of questions without an answer.
    half_at, most_at
        When 50 %, and 95 %, of the answers led to the new Region, in this and every later sample; null if they never
        did.
    half_seconds, most_seconds
        The same, as time since the decision.

    """

    servers: list[str]
    answers: int
    missing: int
    half_at: str | None
    most_at: str | None
    half_seconds: float | None
    most_seconds: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInSummary:
    """Sign-ins through the domain, one after each recorded round.

    Attributes
    ----------
    tried, failed
        How many were made, and how many failed as a user's sign-in would have.
    unclear
        How many say nothing about users: they were not made, or the canary itself failed.
    first_failed_at, last_failed_at
        The times of the first and the last failed one; null if none failed.
    recovered_at
        When the first one succeeded after the last failed one; null if none failed, or none succeeded later.
    codes
        The errors, and how often each occurred.

    """

    tried: int
    failed: int
    unclear: int
    first_failed_at: str | None
    last_failed_at: str | None
    recovered_at: str | None
    codes: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveReport:
    """One move of users.

    Attributes
    ----------
    id
        The id of the move, which its events and log lines contain.
    source, target, ended_on
        The Regions that users leave and move to, and the Region they were in at the end; null before the end.
    outcome
        ``confirmed``, ``rolled-back``, ``returned`` (a lever test, which moves users back), ``cancelled``,
        ``superseded`` or ``under-way``.
    lever
        The lever of a lever test; null in other moves, which use all levers.
    automatic, requested_by, reason, overridden
        Who decided the move, why, and which rules were overridden.
    began_at, decided_at, ended_at
        Its first cause, its decision, and its end; null before the end.
    stages
        The stages that it reached, in order.
    name_servers, resolvers
        How the answers of the authoritative name servers, and of public resolvers, moved.

    """

    id: str
    source: str
    target: str
    ended_on: str | None
    outcome: str
    lever: str | None
    automatic: bool
    requested_by: str
    reason: str
    overridden: list[str]
    began_at: str
    decided_at: str
    ended_at: str | None
    stages: list[MoveStage]
    name_servers: Propagation
    resolvers: Propagation


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillReport:
    """A drill.

    Attributes
    ----------
    id, kind
        The id and the kind of the drill.
    requested_by, reason
        Who requested it, and why.
    started_at, ended_at
        Its start and end; null before the end.
    hold_seconds
        How long users should stay on the standby.
    outcome
        ``succeeded``, ``aborted``, ``interrupted`` or ``refused``; empty before the end.
    abort_reason
        Why it was aborted; empty if it was not.
    tried, failed
        The sign-ins while users were on the standby or on their way there: those of the probe, and those through the
        domain.

    """

    id: str
    kind: str
    requested_by: str
    reason: str
    started_at: str
    ended_at: str | None
    hold_seconds: float
    outcome: str
    abort_reason: str
    tried: int
    failed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedVerdict:
    """The verdict of one observer on one Region, and the code of its cause; empty if the Region was healthy."""

    verdict: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerAnswerCounts:
    """The answers of one server in one sample.

    Attributes
    ----------
    regions
        The number of answers that led to each Region.
    unclear
        The number of answers that fit neither Region, or both.
    missing
        The number of questions without an answer in time.

    """

    regions: dict[str, int]
    unclear: int
    missing: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainSignIn:
    """One sign-in through the domain: when it started, whether it succeeded, the error, and how long it took.

    ``ok`` is null if it says nothing about users: it was not made, or the canary itself failed.
    """

    at: str
    ok: bool | None
    code: str
    seconds: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LatchStatus:
    """One latch: whether it should be set (``thrown``), and whether DNS shows that."""

    thrown: bool
    effective: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineSample:
    """One recorded round.

    Attributes
    ----------
    at
        When the round observed.
    phase
        The phase of the controller after the round: ``starting``, ``steady``, ``suspect``, ``moving`` or ``held``.
    drill
        The id of the current drill; empty for none.
    active
        The active Region.
    message
        What the round did, or why it did nothing.
    consensus
        The verdict on each Region that the observers agreed on.
    verdicts_by_observer
        The verdicts of each observer, by Region.
    isolated
        Whether the controller was isolated.
    weights, observed_weights
        The weights that the round wanted, and those last read; null if they were not readable.
    latches
        The latches by name.
    name_servers, resolvers
        The answers of each server after the round.
    sign_in
        The sign-in after the round; null without one.

    """

    at: str
    phase: str
    drill: str
    active: str
    message: str
    consensus: dict[str, str]
    verdicts_by_observer: dict[str, dict[str, ObservedVerdict]]
    isolated: bool
    weights: dict[str, int]
    observed_weights: dict[str, int] | None
    latches: dict[str, LatchStatus]
    name_servers: dict[str, ServerAnswerCounts]
    resolvers: dict[str, ServerAnswerCounts]
    sign_in: DomainSignIn | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEntry:
    """One event: its time, kind and message, and the id of its move; empty for none."""

    at: str
    kind: str
    message: str
    move: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalEntry:
    """An event about something that did not happen: its time, kind and reason, and the rule if one blocked it."""

    at: str
    kind: str
    reason: str
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportConfiguration:
    """The settings in force.

    Attributes
    ----------
    fingerprint
        The first digits of the SHA-256 of all settings, when this report was written.
    in_force
        The fingerprints that the rounds used, in order. More than one means a deployment in between.
    settings
        All settings, when this report was written, by environment variable.

    """

    fingerprint: str
    in_force: list[str]
    settings: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """The report.

    Attributes
    ----------
    format
        The version of this format.
    id
        The id of the drill or move.
    title, summary
        What it was, and how it ended, in a sentence each.
    written_at
        When this report was written.
    complete
        Whether the recording had ended. If not, this report will be written again.
    domain, user_pool_id, primary, standby
        The domain, its pool, and the pool's Regions.
    began_at, until
        The time that the report covers.
    drill
        The drill; null for a real move.
    moves
        The moves, in order.
    sign_ins
        The sign-ins through the domain in that time.
    refusals
        What did not happen, and why.
    history
        All events in that time, oldest first.
    samples
        The recorded rounds, oldest first.
    configuration
        The settings.
    versions
        The versions of the software: ``package``, ``code`` (a hash of its files), ``python``, and of the function.

    """

    format: str
    id: str
    title: str
    summary: str
    written_at: str
    complete: bool
    domain: str
    user_pool_id: str
    primary: str
    standby: str
    began_at: str
    until: str
    drill: DrillReport | None
    moves: list[MoveReport]
    sign_ins: SignInSummary
    refusals: list[RefusalEntry]
    history: list[HistoryEntry]
    samples: list[TimelineSample]
    configuration: ReportConfiguration
    versions: dict[str, str] = field(default_factory=dict)
