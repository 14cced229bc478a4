"""Moments of the timeline as the report shows them: Regions by name. Pure."""

from failover.outside.sample import Outside, Sample, SignIn, Tally
from failover.region import PerSide, Side
from failover.report.document import Answers, Attempt, Latch, Moment, Seen
from failover.settings import Settings
from failover.timetext import timestamp


def moment_of(sample: Sample, settings: Settings) -> Moment:
    """Return one moment."""

    def by_region[T](values: PerSide[T]) -> dict[str, T]:
        return {settings.regions[side]: value for side, value in values}

    outside = sample.outside or Outside(at=sample.at, took_seconds=0.0)
    return Moment(
        at=timestamp(sample.at),
        phase=sample.phase.value,
        drill=sample.drill_id,
        active=settings.regions[sample.active],
        said=sample.reason,
        known={region: verdict.value for region, verdict in by_region(sample.known).items()},
        seen={
            observer: {
                region: Seen(verdict=each.verdict.value, code=each.code) for region, each in by_region(seen).items()
            }
            for observer, seen in sample.seen.items()
        },
        cut_off=sample.cut_off,
        weights=by_region(sample.weights),
        weights_found=by_region(sample.found) if sample.found else None,
        latches={name.value: Latch(thrown=each.thrown, arrived=each.arrived) for name, each in sample.latches.items()},
        name_servers={server: _answers(tally, settings) for server, tally in outside.name_servers.items()},
        resolvers={server: _answers(tally, settings) for server, tally in outside.resolvers.items()},
        sign_in=_attempt(outside.sign_in) if outside.sign_in else None,
    )


def _answers(tally: Tally, settings: Settings) -> Answers:
    return Answers(
        regions={settings.regions[side]: tally.to(side) for side in Side},
        unclear=tally.unclear,
        missing=tally.missing,
    )


def _attempt(sign_in: SignIn) -> Attempt:
    return Attempt(at=timestamp(sign_in.at), ok=sign_in.ok, code=sign_in.code, seconds=sign_in.seconds)
