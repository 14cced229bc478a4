"""One week: the controller, its operator function and AWS in memory, under the events of a schedule."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from bench.policies.controller import FUNCTION_TIMEOUT_SECONDS, NullRefresher
from bench.policies.simulated_observer import SimulatedObserver
from bench.world.random_source import RandomSource
from bench.world.simulated_world import SimulatedWorld
from cognito_failover.common.errors import LedgerUnavailableError, LeverUnavailableError
from cognito_failover.common.region import Instant, PerRole, RegionRole, route_all_to
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.controller.bounded_calls import RoundBudget
from cognito_failover.controller.invocation import Invocation
from cognito_failover.controller.reconciler import Levers
from cognito_failover.controller.round import INTERNAL_ERROR, RoundRunner
from cognito_failover.core.canary_backoff import Backoffs
from cognito_failover.core.model.event import Event
from cognito_failover.core.model.state import ControllerState
from cognito_failover.core.observation import Observation
from cognito_failover.core.ports.stores import VersionedState
from cognito_failover.core.round_result import RoundResult
from cognito_failover.core.rules import DAY_SECONDS, MAX_HOLD_SECONDS
from cognito_failover.operator.operator import REFUSED_BY_INTERNAL_ERROR, OperatorService
from cognito_failover.routing.dns.user_locator import DnsUserLocator
from cognito_failover.routing.latch.health_check_latch import HealthCheckLatch
from cognito_failover.routing.latch.state_txt_record import build_latch_state_record
from cognito_failover.routing.records.record_group import RecordGroup
from cognito_failover.routing.records.weighted_records import WeightedRecords
from cognito_failover.settings.controller import Settings
from cognito_failover_testing.memory_ledger import MemoryLedger
from tests.support.fault_injector import FaultInjector, Intercepted, KilledError
from tests.support.random_weeks.dns import (
    DOMAIN_NAME,
    LeverSettings,
    Route53DataPlane,
    SpreadingZone,
    Switch,
    build_target,
    is_steering,
)
from tests.support.random_weeks.judge import Judge, Report, WorldView
from tests.support.random_weeks.schedule import MINUTE_SECONDS, Kind, Records, Week, WeekEvent
from tests.support.settings import make_settings
from tests.support.virtual_time import LATCH_TIMEOUT_SECONDS, ZONE_TIMEOUT_SECONDS

if TYPE_CHECKING:
    from cognito_failover.core.ports.latch import LatchSwitch
    from cognito_failover.routing.records.hosted_zone import DnsZone

START: Instant = 1_800_000_000.0
"""The start of every week."""

THROTTLED_SHARE = 0.8
"""Share of Route 53's calls that fail while it throttles."""

JUDGE_SECONDS = 2.0
"""How often the judge looks."""

STEADY_SECONDS = 150.0
"""After this time without any change, rounds are skipped until the next event. Longer than two looks at rest."""

STEADY_MOVE_SECONDS = 1200.0
"""The same during a move or a drill: longer than a drill's stage."""

SKIP_MARGIN_SECONDS = 20.0
"""Rounds start at least this long before the next event."""


class NotedLedger(MemoryLedger):
    """A ledger that shows each new event."""

    def __init__(self, note: Callable[[Event], None]) -> None:
        super().__init__()
        self._note_event = note

    def save(self, state: ControllerState, *, expected: int | None, events: Sequence[Event] = ()) -> VersionedState:
        saved = super().save(state, expected=expected, events=events)
        for event in events:
            self._note_event(event)
        return saved


class HostClock:
    """The clock of one host, which may be wrong."""

    def __init__(self, world: "WeekWorld") -> None:
        self._world = world
        self.offset_seconds = 0.0

    def __call__(self) -> Instant:
        return self._world.now + self.offset_seconds


class WeekObserver:
    """The observer of the controller: raw answers of simulated Regions, with production verdicts."""

    def __init__(self, world: "WeekWorld", clock: HostClock, on_observation: Callable[[Observation], None]) -> None:
        self._clock = clock
        self._on_observation = on_observation
        self._world = world
        self._inner = SimulatedObserver(
            settings=world.settings,
            region=world.settings.standby_region,
            world=world.truth,
            clock=lambda: world.now - START,
            wait=world.wait,
            standby_load=lambda: world.client_shares(world.names[0]).standby,
        )

    def observe(self, backoffs: Backoffs) -> tuple[Observation, Backoffs]:
        """Make one observation, dated by the clock of its host."""
        observation, backoffs_after = self._inner.observe(backoffs)
        observation = replace(observation, observed_at=self._clock())
        self._on_observation(observation)
        return observation, backoffs_after


class WeekNotifier:
    """Publishes events unless SNS is down, and keeps internal errors."""

    def __init__(self) -> None:
        self.is_available = True
        self.internal_errors: list[str] = []
        self.events: list[Event] = []

    def record_round(self, result: RoundResult, *, took_seconds: float) -> None:  # noqa: ARG002 - not used here
        """Keep an internal error."""
        if result.reason == INTERNAL_ERROR:
            self.internal_errors.append(result.failure)

    def publish(self, events: tuple[Event, ...]) -> tuple[Event, ...]:
        """Publish events."""
        if not self.is_available:
            return ()
        self.events.extend(events)
        return events


class WeekWorld:
    """The world of one week.

    Parameters
    ----------
    week
        The deployment and the events.

    Attributes
    ----------
    now
        The true time.

    """

    def __init__(self, week: Week) -> None:
        self.week = week
        self.now = START
        self.settings = make_week_settings(week)
        rng = RandomSource(week.seed)
        self.truth = SimulatedWorld(
            rng=rng,
            end=week.end,
            onset=0.0,
            regions=PerRole(
                primary=week.build_health(RegionRole.PRIMARY), standby=week.build_health(RegionRole.STANDBY)
            ),
            observer_online=week.build_online(),
        )
        self.zone = SpreadingZone("example.com", lambda: self.now)
        self.check_ids = {name: f"{name}-check" for name in week.latches}
        self.switches = {check_id: Switch(lambda: self.now) for check_id in self.check_ids.values()}
        self.data_plane = Route53DataPlane(
            self.zone, self.switches, truth=self.truth, clock=lambda: self.now, wait=self.wait, start=START, rng=rng
        )
        self.names = (SteeredName.RECORDS, *([SteeredName.DOMAIN] if SteeredName.DOMAIN in week.latches else []))
        self.memory = NotedLedger(lambda event: self._note(f"{event.kind}: {event.message}"))
        self.notifier = WeekNotifier()
        self.faults = FaultInjector()
        self.faults.before_call, self.faults.after_call = self._before_call, self._after_call
        self.clocks = {"controller": HostClock(self), "operator": HostClock(self)}
        self._boundaries = sorted(self._list_boundaries(), key=lambda boundary: boundary[0])
        self._active: list[WeekEvent] = []
        self._killed_at_call: int | None = None
        self._is_operator_running = False
        self._has_aborted = False
        self._tokens = 0
        self._steady_since = self.now
        self._signature: object = None
        self.log: list[tuple[Instant, str]] = []
        self._create_records()
        self.judge = Judge(self._make_view(), self.settings, note=lambda text: self._note(f"!! {text}"))
        self.zone.before_change = self.judge.before_change
        self.zone.after_change = lambda: self.judge.after_change("weights")
        for name, check_id in self.check_ids.items():
            self.switches[check_id].before_change = self.judge.before_change
            self.switches[check_id].after_change = lambda name=name: self.judge.after_change(f"latch of the {name}")  # type: ignore[misc]
        self._operator = self._build_operator()
        self._invocation = self._build_invocation()

    def run(self) -> Report:
        """Run the week."""
        minute = 0
        while self.now - START < self.week.end:
            starts_at = START + minute * MINUTE_SECONDS
            minute += 1
            if starts_at > self.now:
                self.wait(starts_at - self.now)
            if not self._is_happening(Kind.NOT_INVOKED):
                self._invoke(minute)
            self._acknowledge_if_due()
            if (until := self._find_end_of_quiet()) is not None:
                minute = int((until - START) // MINUTE_SECONDS)
                self._skip_to(START + minute * MINUTE_SECONDS)
        self.judge.judge()
        for error in self.notifier.internal_errors:
            self.judge.add_internal_error(error)
        return self.judge.report

    def wait(self, seconds: float) -> None:
        """Advance the time, and let happen what is due."""
        until = self.now + seconds
        while self._boundaries and self._boundaries[0][0] <= until:
            at, happen = self._boundaries.pop(0)
            if at > self.now:
                self.now = at
                self.judge.judge()
            happen()
        self.now = max(self.now, until)
        if self.now - self.judge.judged_until >= JUDGE_SECONDS:
            self.judge.judge()

    def client_shares(self, name: SteeredName) -> PerRole[float]:
        """Return where DNS sends the clients of a name now."""
        return self.data_plane.compute_client_shares(name, self.settings.regions, self.check_ids)

    def settled_shares(self, name: SteeredName, levers: LeverSettings | None = None) -> PerRole[float]:
        """Return where DNS will send them once all is spread."""
        return self.data_plane.compute_settled_shares(name, self.settings.regions, self.check_ids, levers)

    @property
    def state(self) -> ControllerState | None:
        """The saved state."""
        saved = self.memory.load()
        return saved.state if saved else None

    # What the judge asks.

    def _make_view(self) -> WorldView:
        return WorldView(
            names=self.names,
            client_shares=self.client_shares,
            settled_shares=self.settled_shares,
            can_reach=self._can_reach,
            health=lambda role: self.truth.regions[role].value_at(self.now - START),
            has_witness=self._has_witness,
            can_run=self._can_run,
            state=lambda: self.state,
            has_person_aborted=lambda: self._has_aborted,
            now=lambda: self.now,
            controller_now=self.clocks["controller"],
        )

    def _has_witness(self, name: SteeredName) -> bool:
        """Return whether DNS shows where the users of a name are. Only its TXT record shows Cognito's own domain."""
        if self._is_happening(Kind.NAME_SERVER):
            return False
        if name is SteeredName.RECORDS:
            return True
        txt_name = build_latch_state_record(name, self.settings).name
        return any(each["Name"] == txt_name for each in self.zone.current)

    def _can_reach(self, name: SteeredName, target: RegionRole) -> bool:
        can_change = not any(
            event.kind is Kind.ROUTE_53 and event.details["calls"] != "zone.is_in_sync" for event in self._active
        )
        can_set = not any(event.kind is Kind.SWITCH and event.details["calls"] != "re" for event in self._active)
        levers = LeverSettings(
            weights=route_all_to(target) if can_change else None,
            thrown=dict.fromkeys(self.check_ids, target is RegionRole.STANDBY) if can_set else None,
        )
        return self.settled_shares(name, levers)[target] >= 1.0

    def _can_run(self) -> bool:
        barring = {Kind.NOT_INVOKED, Kind.LEDGER, Kind.ISOLATION}
        is_losing = any(
            event.kind is Kind.LOST_ANSWER and event.details["call"] == "ledger.save" for event in self._active
        )
        return not is_losing and not any(event.kind in barring for event in self._active)

    # The processes.

    def _build_round_runner(self, host: str) -> tuple[RoundRunner, WeekObserver]:
        clock = self.clocks[host]
        observer = WeekObserver(self, clock, self.judge.on_observation if host == "controller" else lambda _: None)
        zone = cast("DnsZone", Intercepted(self.zone, "zone", self.faults))
        records = WeightedRecords(group=RecordGroup.from_settings(self.settings), zone=zone)
        locator = DnsUserLocator(self.settings, authority=self.data_plane, clock=clock)
        latches = tuple(
            HealthCheckLatch(
                name=name,
                switch=cast("LatchSwitch", Intercepted(self.switches[check_id], f"switch-{name}", self.faults)),
                state_record=build_latch_state_record(name, self.settings),
                zone=zone,
                locator=locator,
            )
            for name, check_id in self.check_ids.items()
        )
        round_runner = RoundRunner(
            settings=self.settings,
            ledger=self._ledger,
            prober=observer,
            levers=Levers(records=records, latches=latches, locator=locator),
            clock=clock,
        )
        return round_runner, observer

    @property
    def _ledger(self) -> MemoryLedger:
        return cast("MemoryLedger", Intercepted(self.memory, "ledger", self.faults))

    def _build_invocation(self) -> Invocation:
        round_runner, _ = self._build_round_runner("controller")
        return Invocation(
            settings=self.settings,
            round_runner=round_runner,
            lease_store=self._ledger,
            notifier=self.notifier,
            refresher=NullRefresher(),
            round_budget=RoundBudget(monotonic=lambda: self.now),
            clock=self.clocks["controller"],
            monotonic=lambda: self.now,
            sleep=self.wait,
        )

    def _build_operator(self) -> OperatorService:
        round_runner, observer = self._build_round_runner("operator")
        return OperatorService(
            settings=self.settings,
            ledger=self._ledger,
            prober=observer,
            round_runner=round_runner,
            notifier=self.notifier,
            round_budget=RoundBudget(monotonic=lambda: self.now),
            clock=self.clocks["operator"],
            sleep=self.wait,
        )

    def _invoke(self, minute: int) -> None:
        until = self.now + FUNCTION_TIMEOUT_SECONDS
        try:
            faults = self._invocation.run(f"minute-{minute}", lambda: until - self.now)
        except KilledError:
            self._invocation = self._build_invocation()
            return
        self.notifier.internal_errors += [fault for fault in faults if "internal error" in fault]

    # Faults of calls.

    def _before_call(self, call: str) -> None:
        if self._killed_at_call is not None and not self._is_operator_running:
            self._killed_at_call -= 1
            if self._killed_at_call < 0:
                self._killed_at_call = None
                raise KilledError
        for event in tuple(self._active):
            self._fail_if_due(event, call)

    def _fail_if_due(self, event: WeekEvent, call: str) -> None:
        target, _, operation = call.partition(".")
        details = event.details
        if event.kind is Kind.LEDGER and call.startswith(details["calls"]):
            raise LedgerUnavailableError(f"{call} got no answer")
        if event.kind is Kind.ROUTE_53 and operation != "get_info" and call.startswith(details["calls"]):
            self._fail(details["manner"], call, ZONE_TIMEOUT_SECONDS)
        if event.kind is Kind.SWITCH and target.startswith("switch-") and operation.startswith(details["calls"]):
            self._fail(details["manner"], call, LATCH_TIMEOUT_SECONDS)

    def _fail(self, manner: str, call: str, timeout_seconds: float) -> None:
        if manner == "throttles" and self.truth.rng.uniform(call, int(self.now * 1000)) > THROTTLED_SHARE:
            return
        if manner == "hangs":
            self.wait(timeout_seconds)
        raise LeverUnavailableError(f"{call} answered Throttling: Rate exceeded")

    def _after_call(self, call: str) -> None:
        for event in tuple(self._active):
            if event.kind is Kind.LOST_ANSWER and event.details["call"] == call:
                error = LedgerUnavailableError if call.startswith("ledger.") else LeverUnavailableError
                raise error(f"{call} gave no answer")

    # Events.

    def _list_boundaries(self) -> list[tuple[Instant, Callable[[], None]]]:
        boundaries: list[tuple[Instant, Callable[[], None]]] = []
        for event in self.week.events:
            boundaries.append((START + event.at, lambda event=event: self._begin(event)))  # type: ignore[misc]
            if event.seconds:
                boundaries.append((START + event.until, lambda event=event: self._end(event)))  # type: ignore[misc]
        return boundaries

    def _is_happening(self, kind: Kind) -> bool:
        return any(event.kind is kind for event in self._active)

    def _begin(self, event: WeekEvent) -> None:
        self._note(f"-- {event}")
        if event.seconds:
            self._active.append(event)
        self._apply(event, is_beginning=True)

    def _end(self, event: WeekEvent) -> None:
        self._note(f"-- end of {event}")
        self._active.remove(event)
        self._apply(event, is_beginning=False)

    def _apply(self, event: WeekEvent, *, is_beginning: bool) -> None:
        details = event.details
        match event.kind:
            case Kind.SWITCH if details["is_lost"]:
                for switch in self.switches.values():
                    switch.lose(is_lost=is_beginning)
            case Kind.CLOCK:
                sign = 1 if is_beginning else -1
                self.clocks[details["host"]].offset_seconds += sign * details["by_seconds"]
                self.judge.on_clock_jump()
            case Kind.KILLED:
                self._killed_at_call = details["calls"]
            case Kind.REQUEST | Kind.WEIGHTS_BY_HAND | Kind.LATCH_BY_HAND | Kind.TXT_DELETED:
                self._act_as_person(event)
            case _:
                self.notifier.is_available = not self._is_happening(Kind.NOTIFICATIONS)
                self._set_name_servers()
                self._set_checks()

    def _act_as_person(self, event: WeekEvent) -> None:
        details = event.details
        match event.kind:
            case Kind.REQUEST:
                self._request(details)
            case Kind.WEIGHTS_BY_HAND:
                self._edit_weights(*details["weights"])
            case Kind.LATCH_BY_HAND:
                for name in details["names"]:
                    self.switches[self.check_ids[name]].set_by_hand(thrown=details["thrown"])
            case _:
                self._delete_txt(details["record"])

    def _set_name_servers(self) -> None:
        faults = [event for event in self._active if event.kind is Kind.NAME_SERVER]
        self.data_plane.silent_servers = {
            event.details["server"] for event in faults if event.details["manner"] == "silent"
        }
        self.data_plane.stale_since = {
            event.details["server"]: START + event.at for event in faults if event.details["manner"] == "stale"
        }

    def _set_checks(self) -> None:
        self.data_plane.failing_checks = {
            event.details["role"]: START + event.at for event in self._active if event.kind is Kind.CHECK
        }

    def _request(self, details: Mapping[str, Any]) -> None:
        """Ask the operator function. It may drive a move meanwhile."""
        if self._is_operator_running:  # people wait for an answer
            return
        self._tokens += 1
        fields = {name: value for name, value in details.items() if name not in {"drives", "action"}}
        event = {"action": details["action"], "reason": "so decided", **fields}
        if details["action"] in {"failover", "failback", "abort", "drill"}:
            event["token"] = f"token-{self._tokens}"
        state = self.state
        until = self.now + (55.0 if details["drives"] else 0.0)
        self._is_operator_running = True
        try:
            answer = self._operator.handle(
                event, owner="operator", remaining_seconds=lambda: max(0.0, until - self.now)
            )
        finally:
            self._is_operator_running = False
        self._note(f"answer to {details['action']}: {answer.get('done')} {str(answer.get('message'))[:200]}")
        if answer.get("refused_by") == REFUSED_BY_INTERNAL_ERROR:
            self.notifier.internal_errors.append(str(answer["message"]))
        if not answer.get("done"):
            return
        if details["action"] == "abort" and state and state.move and state.move.is_automatic:
            self._has_aborted = True
        elif details["action"] in {"acknowledge", "failover", "failback"}:
            self._has_aborted = False

    def _acknowledge_if_due(self) -> None:
        due_at = self._find_acknowledgement_time()
        if due_at is not None and due_at <= self.now:
            self._request({"action": "acknowledge", "drives": False})

    def _find_acknowledgement_time(self) -> Instant | None:
        state = self.state
        if state is None or state.hold is None or self.week.acknowledges_after_seconds is None:
            return None
        return state.hold.since + self.week.acknowledges_after_seconds

    # Records.

    def _create_records(self) -> None:
        is_alias = self.week.records is not Records.CNAME
        self.zone.set_by_hand(
            *(
                {
                    "Name": DOMAIN_NAME,
                    "SetIdentifier": self.settings.regions[role],
                    "Weight": self.week.full_weight if role is RegionRole.PRIMARY else 0,
                    **build_target(
                        role,
                        target,
                        is_alias=is_alias,
                        evaluates=self.week.records is Records.EVALUATED_ALIAS,
                    ),
                    **self._build_health_check(role),
                }
                for role, target in self.settings.targets
            )
        )
        for name in self.week.latches:
            self.zone.set_by_hand(*build_latch_state_record(name, self.settings).record_sets)

    def _build_health_check(self, role: RegionRole) -> dict[str, str]:
        if SteeredName.RECORDS in self.week.latches:
            return {
                "HealthCheckId": self.check_ids[SteeredName.RECORDS] if role is RegionRole.PRIMARY else "standby-check"
            }
        return {"HealthCheckId": f"own-{role}"} if role in self.week.own_checks else {}

    def _edit_weights(self, primary: int, standby: int) -> None:
        weights = PerRole(primary=primary, standby=standby)
        by_region = {self.settings.regions[role]: weight for role, weight in weights}
        self.zone.set_by_hand(
            *(
                {**each, "Weight": by_region[each["SetIdentifier"]]}
                for each in tuple(self.zone.current)
                if is_steering(each)
            )
        )

    def _delete_txt(self, record: str) -> None:
        self.zone.remove_by_hand(*(each for each in tuple(self.zone.current) if each["Name"].startswith(f"_{record}.")))

    # Quiet times.

    def _find_end_of_quiet(self) -> Instant | None:
        """Return until when rounds can be skipped; None if something may happen."""
        state = self.state
        if state is None:
            return None
        signature = self._make_signature(state)
        if signature != self._signature:
            self._signature, self._steady_since = signature, self.now
            return None
        steady_seconds = STEADY_MOVE_SECONDS if state.move or state.drill else STEADY_SECONDS
        if self.now - self._steady_since < steady_seconds or self._killed_at_call is not None:
            return None
        moments = [START + self.week.end, *self._list_deadlines(state)]
        if self._boundaries:
            moments.append(self._boundaries[0][0])
        until = min(moments) - SKIP_MARGIN_SECONDS
        return until if until > self.now + 2 * MINUTE_SECONDS else None

    def _list_deadlines(self, state: ControllerState) -> Sequence[Instant]:
        skew = self.clocks["controller"].offset_seconds
        moments = [state.cool_down_until, *(at + DAY_SECONDS for at in state.automatic_move_times)]
        if state.pause:
            moments.append(state.pause.until)
        if state.hold:
            moments.append(state.hold.since + MAX_HOLD_SECONDS)
        if (due_at := self._find_acknowledgement_time()) is not None:
            moments.append(due_at)
        return [moment - skew for moment in moments if moment - skew > self.now]

    def _make_signature(self, state: ControllerState) -> object:
        move, drill = state.move, state.drill
        is_away = state.active_role is RegionRole.STANDBY
        saturated_rounds = self.settings.recovery_rounds if is_away else self.settings.suspect_rounds
        return (
            move and (move.id, move.mode, move.steps, move.records_confirmed_at, move.first_submitted_at),
            drill and (drill.id, drill.stage, drill.stage_since),
            state.hold and state.hold.since,
            state.pause,
            state.is_observe_only,
            state.active_role,
            state.weights,
            tuple((name, latch.is_thrown, latch.set_at) for name, latch in state.latches.items()),
            state.suspicion.score,
            state.blocked_by,
            tuple((role, streak.verdict, min(streak.rounds, saturated_rounds)) for role, streak in state.streaks),
            tuple(self.client_shares(name).standby for name in self.names),
            len(self._boundaries),
        )

    def _skip_to(self, until: Instant) -> None:
        """Move the time as if rounds had been made."""
        seconds = until - self.now
        if seconds <= 0:
            return
        self.now = until
        self.judge.judge()
        saved = self.memory.load()
        if saved is None:
            return
        rounds = int(seconds // self.settings.round_interval_seconds)
        streaks = PerRole(
            primary=replace(saved.state.streaks.primary, rounds=saved.state.streaks.primary.rounds + rounds),
            standby=replace(saved.state.streaks.standby, rounds=saved.state.streaks.standby.rounds + rounds),
        )
        last_round_at = self.clocks["controller"]() - self.settings.round_interval_seconds
        self.memory.save(replace(saved.state, last_round_at=last_round_at, streaks=streaks), expected=saved.version)
        self.judge.on_skip()

    def _note(self, text: str) -> None:
        self.log.append((self.now, f"{self.now - START:9.0f} {text}"))


def make_week_settings(week: Week) -> Settings:
    """Return the settings of a week's deployment."""
    changes: dict[str, Any] = dict(week.settings)
    if week.latches:
        changes["latch_bucket"] = "latch-bucket"
    if SteeredName.RECORDS in week.latches:
        changes |= {"records_latch_check_id": "records-check", "standby_check_id": "standby-check"}
    if SteeredName.DOMAIN in week.latches:
        changes |= {"domain_latch_check_id": "domain-check", "managed_login_domain": "login.example.com"}
    return make_settings(**changes)
