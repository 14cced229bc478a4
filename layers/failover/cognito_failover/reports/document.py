"""The report as data: what the JSON holds, and all that the page shows.

Moments are ISO 8601, UTC, to the millisecond; lengths of time are seconds; Regions go by their names. The schema in
``docs/schemas/report.schema.json`` is made of these classes.
"""

from dataclasses import dataclass, field
from typing import Any

FORMAT = "cognito-failover/report/1"
"""What the field ``format`` holds; a change that breaks readers gets another number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveStage:
    """One stage of a move.

    Attributes
    ----------
    name
        What was reached, such as ``decided``.
    at
        When.
    after_seconds
        How long after the first cause.
    took_seconds
        How long after the stage before it.
    objective_seconds
        How long it should take at most; null where nothing is promised.
    met
        Whether it did; null where nothing is promised.
    meaning
        What is reached by it, and what the objective is made of.

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
        Who was asked.
    answers
        How many answers they gave in all.
    missing
        How many they left out.
    half_at, most_at
        From when on half, and 95 %, of each moment's answers led to the new Region for good; null if they never did
        while it was watched.
    half_seconds, most_seconds
        The same, after the move was decided.

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
    """Sign-ins through the domain, one beside each round that was kept.

    Attributes
    ----------
    tried, failed
        How many were made, and how many failed as users' own would have.
    unclear
        How many met the canary's own trouble, or were not made, and so say nothing.
    first_failed_at, last_failed_at
        When the first and the last failed one was.
    back_at
        When the first good one after the last failed one was; null if none failed, or none was good again.
    codes
        What came instead, and how often.

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
    """One move of the traffic.

    Attributes
    ----------
    id
        Correlates everything that was told and logged of it.
    source, target, ended_on
        The Regions that users were to leave and to go to, and the one they were on at its end; null before it.
    outcome
        ``confirmed``, ``reverted``, ``new_state`` (of a lever test, which comes back by itself), ``withdrawn``,
        ``overtaken`` or ``under-way``.
    lever
        The one lever that moved users in a lever's test; null in every other move, which uses all there are.
    automatic, requested_by, reason, overridden
        Who decided it, why, and against which rules.
    began_at, decided_at, ended_at
        Its first cause, its decision, and its end; null before it.
    stages
        What was reached, in order.
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
        Which one.
    requested_by, reason
        Who asked for it, and why.
    started_at, ended_at
        When; null before its end.
    hold_seconds
        How long users were to stay on the standby.
    outcome
        What came of it; empty before its end.
    aborted
        Why it was aborted; empty if it was not.
    tried, failed
        Sign-ins that counted for that, while users were on the standby or on their way there: the controller's own, and
        those through the domain.

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
    """What one observer saw of one Region: the verdict, and the code behind it; empty when all was well."""

    verdict: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerAnswerCounts:
    """What one server answered at one moment.

    Attributes
    ----------
    regions
        How many answers led to each Region.
    unclear
        How many led to neither, or to both.
    missing
        How many were not given in time.

    """

    regions: dict[str, int]
    unclear: int
    missing: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainSignIn:
    """One sign-in through the domain: when it was begun, whether it succeeded, what came instead, and how long it took.

    ``ok`` is null where none was made, or where the canary's own trouble kept it from telling anything.
    """

    at: str
    ok: bool | None
    code: str
    seconds: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LatchStatus:
    """One latch: whether it was to be thrown, and whether that was seen from outside."""

    thrown: bool
    effective: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineSample:
    """One round that was kept.

    Attributes
    ----------
    at
        When it observed.
    phase
        Where the controller stood after it: ``starting``, ``steady``, ``suspect``, ``moving`` or ``held``.
    drill
        The drill that was on; empty without one.
    active
        The Region last confirmed to serve.
    said
        What the round did, or why it did nothing.
    known
        The verdict on each Region that the observers agreed on.
    seen
        What each observer saw of each Region.
    cut_off
        Whether the controller may have been cut off from the world.
    weights, weights_found
        The weights that it wanted, and those last read; null where they were not understood.
    latches
        Every latch there is.
    name_servers, resolvers
        What each of them answered after the round.
    sign_in
        The sign-in after the round; null where none was made.

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
    """One entry of the history: when, its kind, its sentence, and the move it belongs to; empty for none."""

    at: str
    kind: str
    message: str
    move: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalEntry:
    """Something that did not happen: when, what kept it from happening, why, and the rule's name if it was one."""

    at: str
    kind: str
    reason: str
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportConfiguration:
    """Under which settings it happened.

    Attributes
    ----------
    fingerprint
        The first digits of the SHA-256 of all settings, as this report was written.
    in_force
        The fingerprints that the rounds went by, in order: more than one if a deployment came between.
    settings
        All settings by the names of their environment variables, as this report was written.

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
        Which version of this format it is in.
    id
        Of the drill, or of the move.
    title, summary
        What it was, and what came of it, in a sentence each.
    written_at
        When this report was written.
    complete
        Whether it was watched to the end of its aftermath; otherwise this report may be written once more.
    domain, user_pool_id, primary, standby
        Whose sign-in it was about, and the pool's Regions.
    began_at, until
        The span of time it is about.
    drill
        The drill; null for a move that was meant.
    moves
        The moves, in order.
    sign_ins
        Sign-ins through the domain in that span.
    refusals
        What did not happen, and why.
    history
        Everything that was told in that span, oldest first.
    moments
        The rounds that were kept, oldest first.
    configuration
        The settings.
    versions
        Of the software: ``package``, ``code`` (a hash of its files), ``python``, and more where known.

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
