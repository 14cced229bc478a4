"""The random events of one week: outages, faults of AWS, people, drills, clocks and processes."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from bench.world.region_health import FailureMode, RegionHealth, ReplicaState
from bench.world.step_function import StepFunction
from cognito_failover.common.region import Instant, RegionRole
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.core.model.drill import DrillKind
from cognito_failover.settings.controller import FailbackPolicy

WEEK_SECONDS = 7 * 86_400.0
MINUTE_SECONDS = 60.0
HOUR_SECONDS = 3600.0

SETTLING_SECONDS = 600.0
"""Time before the first event. The startup grace period is over by then."""

NOISE_RATE = 0.001
"""Share of the requests to a healthy Region that fail with a 5xx."""

EVEN, SELDOM = 0.5, 0.3
"""Probabilities."""

DEAD = RegionHealth(failure_rate=1.0)
NORMAL = RegionHealth(failure_rate=NOISE_RATE, throttle_rate=NOISE_RATE)


class Kind(StrEnum):
    """What happens."""

    REGION = "region"
    ROUTE_53 = "route-53"
    SWITCH = "s3"
    NOTIFICATIONS = "sns"
    LEDGER = "dynamodb"
    NAME_SERVER = "name-server"
    ISOLATION = "isolation"
    CHECK = "own-health-check"
    REQUEST = "request"
    WEIGHTS_BY_HAND = "weights-by-hand"
    LATCH_BY_HAND = "latch-by-hand"
    TXT_DELETED = "txt-deleted"
    CLOCK = "clock"
    KILLED = "killed"
    NOT_INVOKED = "not-invoked"
    LOST_ANSWER = "lost-answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekEvent:
    """One event.

    Attributes
    ----------
    at
        When it begins, in seconds since the start of the week.
    kind
        What happens.
    seconds
        How long it lasts; 0 for what has no duration.
    details
        What the kind needs.

    """

    at: Instant
    kind: Kind
    seconds: float = 0.0
    details: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        length = f" for {self.seconds:.0f} s" if self.seconds else ""
        details = " ".join(f"{name}={value}" for name, value in self.details.items())
        return f"{self.at:9.0f} {self.kind}{length} {details}".rstrip()

    @property
    def until(self) -> Instant:
        """When it ends."""
        return self.at + self.seconds


class Records(StrEnum):
    """The records of the domain."""

    CNAME = "cname"
    ALIAS = "alias"
    EVALUATED_ALIAS = "alias with EvaluateTargetHealth"


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """The deployment and the events of one week.

    Attributes
    ----------
    seed
        The seed that it was made from.
    latches
        The attached latches.
    records
        The kind of the domain's records.
    full_weight
        The weight with which a person created the records.
    own_checks
        The Regions whose records have a health check of the owner. Only without a latch of the records.
    settings
        Settings that differ from the defaults.
    acknowledges_after_seconds
        How soon a person acknowledges what automation waits for. None: only by chance.
    events
        The events in order.

    """

    seed: int
    latches: tuple[SteeredName, ...]
    records: Records
    full_weight: int
    own_checks: frozenset[RegionRole]
    settings: Mapping[str, Any]
    acknowledges_after_seconds: float | None
    events: tuple[WeekEvent, ...]

    @property
    def end(self) -> Instant:
        """The end of the run: the end of the week, or an hour after the last event."""
        return max((event.until for event in self.events), default=0.0) + HOUR_SECONDS

    def build_health(self, role: RegionRole) -> StepFunction[RegionHealth]:
        """Return the health of a Region over time. Of two outages at the same time the later one counts."""
        outages = [event for event in self.events if event.kind is Kind.REGION and event.details["role"] is role]
        times = sorted({moment for event in outages for moment in (event.at, event.until)})

        def health_at(moment: Instant) -> RegionHealth:
            current = [event for event in outages if event.at <= moment < event.until]
            return current[-1].details["health"] if current else NORMAL

        return StepFunction(NORMAL, [(moment, health_at(moment)) for moment in times])

    def build_online(self) -> StepFunction[bool]:
        """Return whether the standby Region's network reaches other Regions, over time."""
        windows = [event for event in self.events if event.kind is Kind.ISOLATION]
        times = sorted({moment for event in windows for moment in (event.at, event.until)})
        return StepFunction(
            True, [(moment, not any(event.at <= moment < event.until for event in windows)) for moment in times]
        )


def make_week(seed: int) -> Week:
    """Return the week of a seed."""
    rng = random.Random(seed)  # noqa: S311 - no secret
    latches = rng.choice([(), (SteeredName.RECORDS,), (SteeredName.RECORDS,), tuple(SteeredName), tuple(SteeredName)])
    own_checks: frozenset[RegionRole] = frozenset()
    if not latches and rng.random() < EVEN:
        own_checks = frozenset(rng.choice([(RegionRole.PRIMARY,), tuple(RegionRole)]))
    policy = rng.choice([FailbackPolicy.MANUAL, FailbackPolicy.MANUAL, *FailbackPolicy])
    settings = {
        "failback_policy": policy,
        "max_automatic_moves_per_day": rng.choice([2, 3, 4]),
        "cool_down_seconds": rng.choice([300, 900]),
        "recovery_rounds": 10,
    }
    settings["max_automatic_moves_per_day"] = max(
        settings["max_automatic_moves_per_day"], 2 if policy is FailbackPolicy.MANUAL else 3
    )
    events: list[WeekEvent] = []
    for _ in range(rng.choice([1, 1, 2])):
        began_at = SETTLING_SECONDS + rng.uniform(0, WEEK_SECONDS - 12 * HOUR_SECONDS)
        events += _make_incident(rng, began_at, latches, own_checks)
    return Week(
        seed=seed,
        latches=latches,
        records=rng.choice([Records.CNAME, Records.CNAME, Records.ALIAS, Records.EVALUATED_ALIAS]),
        full_weight=rng.choice([255, 255, 100, 1]),
        own_checks=own_checks,
        settings=settings,
        acknowledges_after_seconds=rng.choice([None, 300.0, 2400.0]),
        events=tuple(sorted(events, key=lambda event: event.at)),
    )


def _make_incident(
    rng: random.Random, began_at: Instant, latches: Sequence[SteeredName], own_checks: frozenset[RegionRole]
) -> list[WeekEvent]:
    """Return the events of a few hours around an outage: one outage for sure, and a few of everything else."""
    makers: list[tuple[int, Callable[[random.Random, Instant], list[WeekEvent]]]] = [
        (5, _make_outage),
        (3, _make_route_53_outage),
        (4, _make_double_outage),
        (8, _make_request),
        (2, _make_drill),
        (2, lambda rng, at: _disturb_drill(rng, at, latches)),
        (1, _make_unconfirmed_move),
        (3, _edit_weights),
        (2, _make_name_server_fault),
        (2, _make_process_fault),
        (1, _make_ledger_outage),
        (1, _make_notification_outage),
        (1, _make_isolation),
        (1, _jump_clock),
        (1, _delete_txt),
        (2, _lose_answer),
    ]
    if latches:
        makers += [
            (2, _make_switch_outage),
            (4, lambda rng, at: _set_latch(rng, at, latches)),
            (2, lambda rng, at: _set_latch_without_route_53(rng, at, latches)),
        ]
    if own_checks:
        makers.append((4, lambda rng, at: _fail_check(rng, at, own_checks)))
    weights, choices = [weight for weight, _ in makers], [maker for _, maker in makers]
    events = _make_outage(rng, began_at + rng.uniform(0, HOUR_SECONDS))
    for maker in rng.choices(choices, weights, k=rng.randint(4, 10)):
        events += maker(rng, began_at + rng.uniform(0, 3 * HOUR_SECONDS))
    return events


def _pick_seconds(rng: random.Random, low: float, high: float) -> float:
    """Return a duration of which each power of two is as likely as any other."""
    return float(round(low * (high / low) ** rng.random()))


def _make_outage(rng: random.Random, at: Instant) -> list[WeekEvent]:
    mode = rng.choice(list(FailureMode))
    kinds = [
        RegionHealth(failure_rate=1.0, failure_mode=mode),
        RegionHealth(failure_rate=1.0, failure_mode=mode),
        RegionHealth(failure_rate=1.0, failure_mode=mode),
        RegionHealth(failure_rate=rng.uniform(0.1, 0.7), failure_mode=mode),
        RegionHealth(failure_rate=NOISE_RATE, throttle_rate=rng.uniform(0.1, 0.9)),
    ]
    role = rng.choice([RegionRole.PRIMARY, RegionRole.PRIMARY, RegionRole.STANDBY])
    if role is RegionRole.STANDBY:
        kinds.append(RegionHealth(replica_state=ReplicaState.INACTIVE))
    health = rng.choice(kinds)
    # Partial failures are shorter: rounds in which every answer is a draw can't be skipped.
    longest_seconds = 4 * HOUR_SECONDS if health.is_deterministic else 900.0
    return [
        WeekEvent(
            at=at,
            kind=Kind.REGION,
            seconds=_pick_seconds(rng, 60, longest_seconds),
            details={"role": role, "health": health},
        )
    ]


def _make_double_outage(rng: random.Random, at: Instant) -> list[WeekEvent]:
    """Return an outage of the control plane, and one of a Region that begins during it."""
    control_plane = _make_route_53_outage(rng, at)
    return [*control_plane, *_make_outage(rng, at + rng.uniform(0, control_plane[0].seconds))]


def _make_route_53_outage(rng: random.Random, at: Instant) -> list[WeekEvent]:
    details = {
        "calls": rng.choice(["zone.", "zone.", "zone.submit", "zone.list_record_sets", "zone.is_in_sync"]),
        "manner": rng.choice(["refuses", "refuses", "hangs", "throttles"]),
    }
    return [WeekEvent(at=at, kind=Kind.ROUTE_53, seconds=_pick_seconds(rng, 60, 6 * HOUR_SECONDS), details=details)]


def _make_switch_outage(rng: random.Random, at: Instant) -> list[WeekEvent]:
    details = {
        "calls": rng.choice(["", "", "set", "re"]),
        "manner": rng.choice(["refuses", "hangs"]),
        "is_lost": rng.random() < SELDOM,
    }
    return [WeekEvent(at=at, kind=Kind.SWITCH, seconds=_pick_seconds(rng, 60, 3 * HOUR_SECONDS), details=details)]


def _make_ledger_outage(rng: random.Random, at: Instant) -> list[WeekEvent]:
    details = {"calls": rng.choice(["ledger.", "ledger.save", "ledger.load"])}
    return [WeekEvent(at=at, kind=Kind.LEDGER, seconds=_pick_seconds(rng, 30, 1200), details=details)]


def _make_notification_outage(rng: random.Random, at: Instant) -> list[WeekEvent]:
    return [WeekEvent(at=at, kind=Kind.NOTIFICATIONS, seconds=_pick_seconds(rng, 300, 24 * HOUR_SECONDS))]


def _make_isolation(rng: random.Random, at: Instant) -> list[WeekEvent]:
    return [WeekEvent(at=at, kind=Kind.ISOLATION, seconds=_pick_seconds(rng, 30, 1800))]


def _make_name_server_fault(rng: random.Random, at: Instant) -> list[WeekEvent]:
    details = {
        "server": rng.choice(["ns-1.example.net", "ns-2.example.org"]),
        "manner": rng.choice(["silent", "stale"]),
    }
    return [WeekEvent(at=at, kind=Kind.NAME_SERVER, seconds=_pick_seconds(rng, 60, 6 * HOUR_SECONDS), details=details)]


def _make_process_fault(rng: random.Random, at: Instant) -> list[WeekEvent]:
    if rng.random() < EVEN:
        return [WeekEvent(at=at, kind=Kind.NOT_INVOKED, seconds=_pick_seconds(rng, 60, 900))]
    return [WeekEvent(at=at, kind=Kind.KILLED, details={"calls": rng.randint(1, 60)})]


def _lose_answer(rng: random.Random, at: Instant) -> list[WeekEvent]:
    call = rng.choice(["zone.submit", "zone.submit", "ledger.save", "switch-records.set", "switch-domain.set"])
    return [WeekEvent(at=at, kind=Kind.LOST_ANSWER, seconds=_pick_seconds(rng, 60, 1800), details={"call": call})]


def _jump_clock(rng: random.Random, at: Instant) -> list[WeekEvent]:
    details = {
        "host": rng.choice(["controller", "operator"]),
        "by_seconds": rng.choice([2.5, -2.5, 45, -45, HOUR_SECONDS, -HOUR_SECONDS, 86_400, -86_400]),
    }
    return [WeekEvent(at=at, kind=Kind.CLOCK, seconds=_pick_seconds(rng, 15, 3600), details=details)]


def _delete_txt(rng: random.Random, at: Instant) -> list[WeekEvent]:
    return [WeekEvent(at=at, kind=Kind.TXT_DELETED, details={"record": rng.choice(["region", "latch", "latch"])})]


def _fail_check(rng: random.Random, at: Instant, own_checks: frozenset[RegionRole]) -> list[WeekEvent]:
    return [
        WeekEvent(
            at=at,
            kind=Kind.CHECK,
            seconds=_pick_seconds(rng, 120, 4 * HOUR_SECONDS),
            details={"role": rng.choice(sorted(own_checks))},
        )
    ]


def _set_latch(rng: random.Random, at: Instant, latches: Sequence[SteeredName]) -> list[WeekEvent]:
    return [
        WeekEvent(
            at=at,
            kind=Kind.LATCH_BY_HAND,
            details={
                "names": latches if rng.random() < EVEN else (rng.choice(latches),),
                "thrown": rng.random() < EVEN,
            },
        )
    ]


def _edit_weights(rng: random.Random, at: Instant) -> list[WeekEvent]:
    weights = rng.choice([(255, 0), (100, 0), (0, 255), (0, 100), (0, 1), (128, 127), (9, 1)])
    return [WeekEvent(at=at, kind=Kind.WEIGHTS_BY_HAND, details={"weights": weights})]


def _make_request(rng: random.Random, at: Instant) -> list[WeekEvent]:
    """Return a request, sometimes with what people do about it a while later."""
    action = rng.choice(
        [
            "failover",
            "failover",
            "failback",
            "failback",
            "failback",
            "abort",
            "abort",
            "pause",
            "observe-only",
            "acknowledge",
            "acknowledge",
            "resume",
        ]
    )
    fields: dict[str, Any] = {"action": action}
    later: list[WeekEvent] = []
    if action in {"failover", "failback"} and rng.random() < SELDOM:
        fields["override"] = ["target-healthy"]
    if action == "failback":
        fields["mode"] = rng.choice(["stepped", "all-at-once"])
    if action in {"failover", "failback"} and rng.random() < SELDOM:
        later.append(_ask(at + rng.uniform(2, 120), {"action": "abort"}, drives=False))
    if action == "pause":
        fields["minutes"] = rng.choice([5, 30, 240])
    if action in {"pause", "observe-only"} and rng.random() > SELDOM:
        later.append(_ask(at + _pick_seconds(rng, 60, 7200), {"action": "resume"}, drives=False))
    return [_ask(at, fields, drives=rng.random() < SELDOM), *later]


def _make_drill(rng: random.Random, at: Instant) -> list[WeekEvent]:
    fields: dict[str, Any] = {
        "action": "drill",
        "kind": str(rng.choice(list(DrillKind))),
        "hold_seconds": rng.choice([0, 60, 600]),
        "mode": rng.choice(["stepped", "all-at-once"]),
        "rounds": rng.choice([0, 2, 6]),
    }
    later = []
    if rng.random() < SELDOM:
        later.append(_ask(at + rng.uniform(2, 400), {"action": "abort"}, drives=False))
    return [_ask(at, fields, drives=False), *later]


def _disturb_drill(rng: random.Random, at: Instant, latches: Sequence[SteeredName]) -> list[WeekEvent]:
    """Return a drill, and what happens to it."""
    later = at + rng.uniform(5, 300)
    makers = [_make_outage, _edit_weights, _make_process_fault, _lose_answer]
    disturbance = _set_latch(rng, later, latches) if latches and rng.random() < EVEN else rng.choice(makers)(rng, later)
    return [*_make_drill(rng, at), *disturbance]


def _make_unconfirmed_move(rng: random.Random, at: Instant) -> list[WeekEvent]:
    """Return a move that one name server does not follow for hours, and an outage of where users went."""
    server_fault = _make_name_server_fault(rng, at)[0]
    fault_seconds = rng.uniform(HOUR_SECONDS, 3 * HOUR_SECONDS)
    return [
        replace(server_fault, seconds=fault_seconds),
        _kill_region(RegionRole.PRIMARY, at + 60, rng.uniform(120, 900)),
        _kill_region(RegionRole.STANDBY, at + rng.uniform(900, fault_seconds), rng.uniform(600, HOUR_SECONDS)),
    ]


def _set_latch_without_route_53(rng: random.Random, at: Instant, latches: Sequence[SteeredName]) -> list[WeekEvent]:
    """Return a latch that a person throws while the control plane is out, and an outage of the standby later."""
    outage_seconds = rng.uniform(HOUR_SECONDS, 4 * HOUR_SECONDS)
    control_plane = {"calls": "zone.", "manner": rng.choice(["refuses", "hangs"])}
    by_hand = {"names": latches, "thrown": True}
    return [
        WeekEvent(at=at, kind=Kind.ROUTE_53, seconds=outage_seconds, details=control_plane),
        WeekEvent(at=at + rng.uniform(60, 1800), kind=Kind.LATCH_BY_HAND, details=by_hand),
        _kill_region(RegionRole.STANDBY, at + rng.uniform(1800, outage_seconds + 1800), rng.uniform(600, 3600)),
    ]


def _kill_region(role: RegionRole, at: Instant, seconds: float) -> WeekEvent:
    return WeekEvent(at=at, kind=Kind.REGION, seconds=seconds, details={"role": role, "health": DEAD})


def _ask(at: Instant, fields: Mapping[str, Any], *, drives: bool) -> WeekEvent:
    return WeekEvent(at=at, kind=Kind.REQUEST, details={**fields, "drives": drives})
