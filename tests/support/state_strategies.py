"""Strategies for any state that can be saved, reachable or not."""

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from cognito_failover.common.region import PerRole, RegionRole
from cognito_failover.core.canary_backoff import Backoff
from cognito_failover.core.failure_detector import Suspicion
from cognito_failover.core.model.drill import Drill, DrillKind, DrillOutcome, DrillStage
from cognito_failover.core.model.event import Audience, Event, EventKind, EventSeverity
from cognito_failover.core.model.move import LeverName, Move, MoveMode, Progress
from cognito_failover.core.model.paging import Paging
from cognito_failover.core.model.records import Intent
from cognito_failover.core.model.state import (
    CompletedRequest,
    ControllerState,
    Hold,
    Pause,
    SavedRecords,
    VerdictStreak,
)
from cognito_failover.core.replication_lag import LagMarker, LagState
from cognito_failover.core.verdict import Verdict

instants = st.floats(min_value=0, max_value=4e9, allow_nan=False)
texts = st.text(max_size=20)
roles = st.sampled_from(RegionRole)
verdicts = st.sampled_from(Verdict)


def per_role[T](values: st.SearchStrategy[T]) -> st.SearchStrategy[PerRole[T]]:
    return st.builds(PerRole, primary=values, standby=values)


weights = per_role(st.integers(0, 255))
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
    submitted_at=st.none() | instants,
    change_id=st.none() | texts,
    in_sync_at=st.none() | instants,
)
levers: st.SearchStrategy[Any] = st.lists(st.sampled_from(LeverName), min_size=1, unique=True).map(tuple)
_all_at_once_moves = st.builds(
    Move,
    id=texts,
    source=roles,
    target=roles,
    is_automatic=st.booleans(),
    reason=texts,
    requested_by=texts,
    overridden_rules=st.lists(texts, max_size=2).map(tuple),
    suspected_at=instants,
    decided_at=instants,
    step_started_at=instants,
    first_submitted_at=st.none() | instants,
    first_in_sync_at=st.none() | instants,
    progress=st.none() | progress,
    records_confirmed_at=st.none() | instants,
    is_delay_notified=st.booleans(),
    last_error=texts,
    drill_id=texts,
    levers=levers,
    arrived_at=st.none() | instants,
    rollback_reason=texts,
)
moves = st.builds(
    lambda move, mode: replace(move, mode=mode, steps=mode.steps), _all_at_once_moves, st.sampled_from(MoveMode)
)
drills = st.builds(
    Drill,
    id=texts,
    kind=st.sampled_from(DrillKind),
    reason=texts,
    requested_by=texts,
    started_at=instants,
    hold_seconds=st.floats(min_value=0, max_value=14_400),
    return_mode=st.sampled_from([MoveMode.ALL_AT_ONCE, MoveMode.STEPPED]),
    max_simulated_rounds=st.integers(0, 60),
    levers=levers,
    stage=st.sampled_from(DrillStage),
    stage_since=instants,
    simulated_rounds=st.integers(0, 60),
    move_ids=st.lists(texts, min_size=1, max_size=3).map(tuple),
    return_move_id=texts,
    sign_in_count=st.integers(0, 1000),
    failed_sign_in_count=st.integers(0, 1000),
    consecutive_failures=st.integers(0, 10),
    abort_reason=texts,
    ended_at=st.none() | instants,
    outcome=st.none() | st.sampled_from(DrillOutcome),
)
events = st.builds(
    Event,
    kind=st.sampled_from(EventKind),
    at=instants,
    message=texts,
    move=st.none() | moves,
    drill=st.none() | drills,
    severity=st.none() | st.sampled_from(EventSeverity),
    audience=st.sampled_from(Audience),
    unsent_count=st.integers(0, 100),
)
states = st.builds(
    ControllerState,
    created_at=instants,
    round_message=texts,
    active_role=roles,
    active_since=instants,
    weights=weights,
    last_round_at=st.none() | instants,
    streaks=per_role(st.builds(VerdictStreak, verdict=verdicts, rounds=st.integers(0, 10_000), since=instants)),
    suspicion=st.builds(
        Suspicion,
        role=roles,
        score=st.integers(0, 9),
        rounds=st.integers(0, 1000),
        sick_rounds=st.integers(0, 1000),
        since=instants,
        counted_at=instants,
    ),
    move=st.none() | moves,
    last_move=st.none() | moves,
    last_move_ended_at=st.none() | instants,
    cool_down_until=instants,
    automatic_move_times=st.lists(instants, max_size=3).map(tuple),
    degraded_verdicts=per_role(st.none() | verdicts),
    blocked_by=texts,
    pause=st.none() | st.builds(Pause, until=instants, reason=texts, requested_by=texts),
    is_observe_only=st.booleans(),
    drill=st.none() | drills,
    last_drill=st.none() | drills,
    hold=st.none() | st.builds(Hold, since=instants, reason=texts),
    records=st.none()
    | st.builds(
        SavedRecords,
        read_at=instants,
        weights=st.none() | weights,
        ttl_seconds=st.integers(0, 3600),
        problem=texts,
        is_awaiting_creation=st.booleans(),
    ),
    backoffs=per_role(st.builds(Backoff, consecutive_rejections=st.integers(0, 20), blocked_until=instants)),
    lag_state=st.builds(
        LagState,
        attempted_at=instants,
        marker=st.none()
        | st.builds(LagMarker, value=st.integers(0, 4_000_000_000), written_at=instants, subject=texts),
        last_missing_at=st.none() | instants,
        lag_seconds=st.none() | st.floats(0, 100_000),
        measured_at=st.none() | instants,
        problem=texts,
    ),
    reported_news=st.lists(texts, max_size=2).map(tuple),
    undelivered_events=st.lists(events, max_size=2).map(tuple),
    paging=st.builds(
        Paging,
        full_at=st.dictionaries(st.sampled_from(EventSeverity), instants, max_size=3),
        waiting=st.lists(events, max_size=2).map(tuple),
        unsent_count=st.integers(0, 100),
    ),
    completed_requests=st.lists(
        st.builds(
            CompletedRequest, token=texts, at=instants, action=texts, answer=st.dictionaries(texts, texts, max_size=2)
        ),
        max_size=2,
    ).map(tuple),
)
