"""Any state that could be remembered, whether or not any story leads to it."""

from typing import Any

from hypothesis import strategies as st

from failover.decision.announcement import Announcement, Kind
from failover.decision.drill import Drill, DrillKind, DrillOutcome, DrillStage
from failover.decision.freshness import Freshness, Marker
from failover.decision.move import IN_ONE, IN_STEPS, REVERTED, THERE_AND_BACK, LeverName, Move, Progress
from failover.decision.state import Answered, Hold, Pause, State, Streak, Surveyed
from failover.decision.suspicion import Suspicion
from failover.levers.lever import Intent
from failover.probe.backoff import Backoff
from failover.probe.verdict import Verdict
from failover.region import PerSide, Side

moments = st.floats(min_value=0, max_value=4e9, allow_nan=False)
texts = st.text(max_size=20)
sides = st.sampled_from(Side)
verdicts = st.sampled_from(Verdict)


def both[T](values: st.SearchStrategy[T]) -> st.SearchStrategy[PerSide[T]]:
    return st.builds(PerSide, primary=values, standby=values)


weights = both(st.integers(0, 255))
record_sets: st.SearchStrategy[Any] = st.lists(
    st.fixed_dictionaries(
        {"Name": texts, "Type": st.just("CNAME"), "Weight": st.integers(0, 255), "TTL": st.integers(0, 3600)},
        optional={"ResourceRecords": st.lists(st.fixed_dictionaries({"Value": texts}), max_size=2)},
    ),
    max_size=2,
).map(tuple)
intents = st.builds(Intent, before=record_sets, after=record_sets, weights=weights)
progress = st.builds(
    Progress,
    intent=intents,
    submitted_at=st.none() | moments,
    change_id=st.none() | texts,
    in_sync_at=st.none() | moments,
)
levers: st.SearchStrategy[Any] = st.lists(st.sampled_from(LeverName), min_size=1, unique=True).map(tuple)
moves = st.builds(
    Move,
    id=texts,
    source=sides,
    target=sides,
    automatic=st.booleans(),
    reason=texts,
    requested_by=texts,
    overridden=st.lists(texts, max_size=2).map(tuple),
    suspected_at=moments,
    decided_at=moments,
    step_began_at=moments,
    first_submitted_at=st.none() | moments,
    first_in_sync_at=st.none() | moments,
    steps=st.sampled_from([IN_ONE, IN_STEPS, REVERTED, THERE_AND_BACK]),
    progress=st.none() | progress,
    in_steps=st.booleans(),
    records_confirmed_at=st.none() | moments,
    delay_announced=st.booleans(),
    trouble=texts,
    drill=texts,
    levers=levers,
    there_at=st.none() | moments,
    turned_back=texts,
)
drills = st.builds(
    Drill,
    id=texts,
    kind=st.sampled_from(DrillKind),
    reason=texts,
    requested_by=texts,
    started_at=moments,
    hold_seconds=st.floats(min_value=0, max_value=14_400),
    steps=st.sampled_from([IN_ONE, IN_STEPS]),
    rounds=st.integers(0, 60),
    levers=levers,
    stage=st.sampled_from(DrillStage),
    stage_since=moments,
    fed=st.integers(0, 60),
    moves=st.lists(texts, min_size=1, max_size=3).map(tuple),
    home=texts,
    tried=st.integers(0, 1000),
    failed=st.integers(0, 1000),
    failed_in_a_row=st.integers(0, 10),
    aborted=texts,
    ended_at=st.none() | moments,
    outcome=st.none() | st.sampled_from(DrillOutcome),
)
announcements = st.builds(
    Announcement,
    kind=st.sampled_from(Kind),
    at=moments,
    sentence=texts,
    move=st.none() | moves,
    drill=st.none() | drills,
)
states = st.builds(
    State,
    born_at=moments,
    reason=texts,
    active=sides,
    active_since=moments,
    weights=weights,
    last_round_at=st.none() | moments,
    streaks=both(st.builds(Streak, verdict=verdicts, rounds=st.integers(0, 10_000), since=moments)),
    suspicion=st.builds(
        Suspicion,
        side=sides,
        evidence=st.integers(0, 9),
        rounds=st.integers(0, 1000),
        sick_rounds=st.integers(0, 1000),
        since=moments,
    ),
    move=st.none() | moves,
    last_move=st.none() | moves,
    last_move_ended_at=st.none() | moments,
    cool_down_until=moments,
    automatic_moves=st.lists(moments, max_size=3).map(tuple),
    concerns=both(st.none() | verdicts),
    blocked_by=texts,
    pause=st.none() | st.builds(Pause, until=moments, reason=texts, requested_by=texts),
    observe_only=st.booleans(),
    drill=st.none() | drills,
    last_drill=st.none() | drills,
    hold=st.none() | st.builds(Hold, since=moments, reason=texts),
    surveyed=st.none()
    | st.builds(
        Surveyed,
        at=moments,
        weights=st.none() | weights,
        ttl_seconds=st.integers(0, 3600),
        problem=texts,
        uncreated=st.booleans(),
    ),
    backoffs=both(st.builds(Backoff, strikes=st.integers(0, 20), until=moments)),
    freshness=st.builds(
        Freshness,
        tried_at=moments,
        marker=st.none() | st.builds(Marker, value=st.integers(0, 4_000_000_000), written_at=moments, subject=texts),
        unseen_at=st.none() | moments,
        lag_seconds=st.none() | st.floats(0, 100_000),
        measured_at=st.none() | moments,
        trouble=texts,
    ),
    untold=st.lists(announcements, max_size=2).map(tuple),
    answered=st.lists(
        st.builds(Answered, token=texts, at=moments, action=texts, answer=st.dictionaries(texts, texts, max_size=2)),
        max_size=2,
    ).map(tuple),
)
