"""What was aimed at, and what came of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench.explanations import WHY_MISSED, why
from bench.policies.all import ORACLE, OURS
from bench.rows import Row, at_most
from bench.scenarios.all import BY_NAME
from bench.scenarios.outages import LENGTHS_SECONDS, hard, of_length
from bench.scenarios.weather import SCENARIOS as WEATHER
from bench.totals import beaten, far, totals
from bench.world.health import Manner

LONG_OUTAGE_SECONDS = 300.0

DECIDED_SECONDS = {
    Manner.REFUSED: 20.0,
    Manner.ERRORS: 20.0,
    Manner.HANGS_ON_CONNECT: 20.0,
    Manner.HANGS_LATER: 25.0,
}
"""By when a hard outage of each manner is to be decided, 95 times of 100."""

TIMES_ORACLE = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """One aim of the default settings.

    Attributes
    ----------
    aim, measured
        In words, with the figures.
    met
        Whether it was reached.
    why_missed
        The reason, if it wasn't and one is known.

    """

    aim: str
    measured: str
    met: bool
    why_missed: str = ""


def goals(rows: Sequence[Row]) -> Iterator[Goal]:
    """Give the aims that these rows can tell of."""
    ours = {row.scenario: row for row in rows if row.policy == OURS}
    for manner, seconds in DECIDED_SECONDS.items():
        row = ours.get(hard(manner).name)
        if row and row.decide_p95_seconds is not None:
            yield Goal(
                aim=f"{row.scenario}: decided within {seconds:.0f} s at the 95th percentile",
                measured=f"{row.decide_p95_seconds:.1f} s",
                met=row.decide_p95_seconds <= seconds,
                why_missed=WHY_MISSED.get(row.scenario, ""),
            )
    for seconds in LENGTHS_SECONDS:
        row = ours.get(of_length(seconds).name)
        if row and row.times_oracle is not None and seconds > LONG_OUTAGE_SECONDS:
            yield Goal(
                aim=f"{row.scenario}: within {TIMES_ORACLE} times the oracle's lost sign-ins",
                measured=f"{row.times_oracle:.2f} times",
                met=row.times_oracle <= TIMES_ORACLE,
            )
    for weather in (ours[each.name] for each in WEATHER if each.name in ours):
        wrong = round(weather.wrong_moves * weather.seeds)
        bound = at_most(wrong, weather.seeds)
        yield Goal(
            aim=f"no wrong move in {weather.seeds} years, each {weather.scenario}",
            measured=f"{wrong}; with 95 % confidence at most {bound:.2f} a year",
            met=not wrong,
            why_missed=WHY_MISSED.get(weather.scenario, ""),
        )
    yield from _together(rows)


def _together(rows: Sequence[Row]) -> Iterator[Goal]:
    by_policy = {total.policy: total for total in totals(rows)}
    own = by_policy[OURS]
    better = [
        total.policy
        for policy, total in by_policy.items()
        if policy != ORACLE
        and not policy.startswith(OURS)
        and total.lost_sign_ins < own.lost_sign_ins
        and total.wrong_moves <= own.wrong_moves
    ]
    yield Goal(
        aim="over all scenarios no peer is better on both lost sign-ins and wrong moves",
        measured=f"better on both: {', '.join(better)}" if better else "none is",
        met=not better,
    )
    worse_in = [each.ours.scenario for each in beaten(rows) if each.also_on_wrong_moves]
    yield _explained("where in a single scenario a peer is better on both, there is an explanation", worse_in)
    far_in = [row.scenario for row in far(rows)]
    yield _explained("where it stays far from the oracle in a single scenario, there is an explanation", far_in)


def _explained(aim: str, scenarios: Sequence[str]) -> Goal:
    unexplained = [name for name in scenarios if not why(name, BY_NAME[name].group)]
    measured = f"so it is in {len(scenarios)}, explained below"
    return Goal(
        aim=aim,
        measured=f"{measured}, but for {', '.join(unexplained)}" if unexplained else measured,
        met=not unexplained,
    )
