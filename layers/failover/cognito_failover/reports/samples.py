"""Samples of the timeline as the report has them, with Regions by name. Pure."""

from cognito_failover.common.region import PerRole, RegionRole
from cognito_failover.common.text import format_iso_millis
from cognito_failover.core.model.location import AnswerCounts
from cognito_failover.reports.document import (
    DomainSignIn,
    LatchStatus,
    ObservedVerdict,
    ServerAnswerCounts,
    TimelineSample,
)
from cognito_failover.settings.controller import Settings
from cognito_failover.timeline.sample import RoundSample, SignInSample, UserView


def to_timeline_sample(sample: RoundSample, settings: Settings) -> TimelineSample:
    """Return a sample for the document."""

    def map_by_region[T](values: PerRole[T]) -> dict[str, T]:
        return {settings.regions[role]: value for role, value in values}

    user_view = sample.user_view or UserView(at=sample.at, duration_seconds=0.0)
    return TimelineSample(
        at=format_iso_millis(sample.at),
        phase=sample.phase.value,
        drill=sample.drill_id,
        active=settings.regions[sample.active],
        message=sample.reason,
        consensus={region: verdict.value for region, verdict in map_by_region(sample.consensus).items()},
        verdicts_by_observer={
            observer: {
                region: ObservedVerdict(verdict=observed.verdict.value, code=observed.code)
                for region, observed in map_by_region(verdicts).items()
            }
            for observer, verdicts in sample.verdicts_by_observer.items()
        },
        isolated=sample.is_isolated,
        weights=map_by_region(sample.weights),
        observed_weights=map_by_region(sample.observed_weights) if sample.observed_weights else None,
        latches={
            name.value: LatchStatus(thrown=latch.thrown, effective=latch.is_effective)
            for name, latch in sample.latches.items()
        },
        name_servers={
            server: _to_server_answer_counts(counts, settings) for server, counts in user_view.name_servers.items()
        },
        resolvers={
            server: _to_server_answer_counts(counts, settings) for server, counts in user_view.resolvers.items()
        },
        sign_in=_to_domain_sign_in(user_view.sign_in) if user_view.sign_in else None,
    )


def _to_server_answer_counts(answer_counts: AnswerCounts, settings: Settings) -> ServerAnswerCounts:
    return ServerAnswerCounts(
        regions={settings.regions[role]: answer_counts.count_for(role) for role in RegionRole},
        unclear=answer_counts.unclear,
        missing=answer_counts.missing,
    )


def _to_domain_sign_in(sign_in: SignInSample) -> DomainSignIn:
    return DomainSignIn(
        at=format_iso_millis(sign_in.at), ok=sign_in.ok, code=sign_in.code, seconds=sign_in.latency_seconds
    )
