"""The controller in memory: two Regions, a zone with its name servers, a ledger, and a clock.

Tests cause failures and requests in order, and check where users go.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from cognito_failover.common.errors import LedgerUnavailableError, LeverUnavailableError
from cognito_failover.common.region import PerRole, RegionRole, Weights, find_full_role
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.controller.bounded_calls import RoundBudget
from cognito_failover.controller.reconciler import Levers
from cognito_failover.controller.round import INTERNAL_ERROR, RoundRunner
from cognito_failover.core.canary_backoff import Backoffs
from cognito_failover.core.model.event import Event, EventKind
from cognito_failover.core.model.state import ControllerState
from cognito_failover.core.observation import Observation, Reading
from cognito_failover.core.operator.attachment_rules import record_detachment
from cognito_failover.core.ports.stores import VersionedState
from cognito_failover.core.round_result import RoundResult
from cognito_failover.core.user_sign_ins import UserSignInCounts
from cognito_failover.core.verdict import Verdict
from cognito_failover.operator.operator import REFUSED_BY_INTERNAL_ERROR, OperatorService
from cognito_failover.routing.dns.question import DnsAnswer, DnsAnswers, DnsQuestion
from cognito_failover.routing.dns.user_locator import DnsUserLocator
from cognito_failover.routing.record_set import get_values
from cognito_failover.routing.records.hosted_zone import DnsZone, RecordChange
from cognito_failover.routing.records.record_group import RecordGroup
from cognito_failover.routing.records.weighted_records import WeightedRecords
from cognito_failover_testing.memory_hosted_zone import MemoryZone
from cognito_failover_testing.memory_ledger import MemoryLedger
from tests.support.fault_injector import FaultInjector, Intercepted, KilledError
from tests.support.memory_latch import MemoryLatch
from tests.support.settings import make_settings as usual_settings

if TYPE_CHECKING:
    from cognito_failover.core.model.records import RecordSet
    from cognito_failover.core.ports.latch import Latch
    from cognito_failover.operator.latch_attachment import LatchAttacher
    from cognito_failover.operator.report_lookup import ReportFinder
    from cognito_failover.settings.controller import Settings

DOMAIN_RECORD_NAME = "auth.example.com."
PRIMARY_REGION = "ap-northeast-1"


class VirtualClock:
    """A clock that tests move forward."""

    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


class ScriptedProber:
    """A probe with the verdicts that the test sets."""

    def __init__(self, clock: VirtualClock, observer: str) -> None:
        self._clock = clock
        self._observer = observer
        self.verdicts: dict[RegionRole, Verdict] = dict.fromkeys(RegionRole, Verdict.HEALTHY)
        self.is_witness_reachable = True
        self.backoffs: Backoffs | None = None

    def observe(self, backoffs: Backoffs) -> tuple[Observation, Backoffs]:
        def make_reading(role: RegionRole) -> Reading:
            verdict = self.verdicts[role]
            return Reading(verdict=verdict, detail=f"The {role} was seen {verdict}.", login_verdict=verdict)

        observation = Observation(
            observer=self._observer,
            observed_at=self._clock(),
            readings=PerRole(primary=make_reading(RegionRole.PRIMARY), standby=make_reading(RegionRole.STANDBY)),
            witness_answered=self.is_witness_reachable,
        )
        return observation, self.backoffs or backoffs


class LossyLedger(MemoryLedger):
    """A ledger that can lose its state, and that shows each saved state."""

    def __init__(self) -> None:
        super().__init__()
        self.on_save: Callable[[ControllerState | None, ControllerState], None] = lambda _before, _after: None

    def save(self, state: ControllerState, *, expected: int | None, events: Sequence[Event] = ()) -> VersionedState:
        before = self._saved.state if self._saved else None
        saved = super().save(state, expected=expected, events=events)
        self.on_save(before, state)
        return saved

    def lose_state(self) -> None:
        self._saved = None

    def snapshot(self) -> Callable[[], None]:
        """Return a function that restores the current content, without the history."""
        saved, observations = self._saved, dict(self._observations)

        def restore() -> None:
            self._saved, self._observations = saved, dict(observations)
            self._history.clear()

        return restore

    @property
    def version(self) -> int | None:
        return self._saved.version if self._saved else None


class WeightRecordingZone(MemoryZone):
    """A zone that records each change of the weights."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.weight_history: list[tuple[int, ...]] = []
        self.on_move: Callable[[tuple[int, ...], tuple[int, ...]], None] = lambda _before, _after: None

    def submit(self, changes: Sequence[RecordChange], *, comment: str) -> str:
        before = self._read_weights()
        change_id = super().submit(changes, comment=comment)
        if self._read_weights() != before:
            self.weight_history.append(self._read_weights())
            self.on_move(before, self._read_weights())
        return change_id

    def snapshot(self) -> Callable[[], None]:
        """Return a function that restores the current records."""
        held, protected, spread = self._record_sets, set(self._protected), dict(self._is_propagated)

        def restore() -> None:
            self._record_sets, self._protected, self._is_propagated = dict(held), set(protected), dict(spread)

        return restore

    def unprotect(self, name: str, record_type: str) -> None:
        """Allow changes of record sets again."""
        self._protected.discard((name, record_type))

    def forget_changes(self) -> None:
        """Make Route 53 forget all change ids."""
        self._is_propagated.clear()

    def _read_weights(self) -> tuple[int, ...]:
        pair = sorted(
            self.list_record_sets((DOMAIN_RECORD_NAME,)), key=lambda record_set: str(record_set["SetIdentifier"])
        )
        return tuple(record_set["Weight"] for record_set in pair)


class ZoneNameServers:
    """Name servers that answer with the records of the zone, unless they are silent or stale.

    Parameters
    ----------
    zone
        The zone of their records.
    is_primary_healthy
        Returns whether the health check of the primary's record passes. If not, the standby's record answers even with
        weight zero.
    latches
        The latches, whose state records they answer too.

    """

    def __init__(
        self, zone: MemoryZone, is_primary_healthy: Callable[[], bool], latches: Collection[MemoryLatch] = ()
    ) -> None:
        self._zone = zone
        self._latches = latches
        self._is_primary_healthy = is_primary_healthy
        self.silent: set[str] = set()
        self.stale_records: dict[str, tuple[RecordSet, ...]] = {}

    def freeze(self, server: str) -> None:
        """Make a name server answer with the current records from now on."""
        self.stale_records[server] = self._zone.list_record_sets((DOMAIN_RECORD_NAME, f"_region.{DOMAIN_RECORD_NAME}"))

    def query(
        self,
        name_servers: Sequence[str],
        questions: Sequence[DnsQuestion],
        *,
        hosts: Sequence[DnsQuestion],
        budget_seconds: float = 0.0,  # noqa: ARG002 - these answer at once
    ) -> DnsAnswers:
        return DnsAnswers(
            answers={
                server: {question: self._answer_question(server, question) for question in questions}
                for server in name_servers
            },
            addresses={host: frozenset() for host in hosts},
        )

    def _answer_question(self, server: str, question: DnsQuestion) -> tuple[DnsAnswer, ...]:
        if server in self.silent:
            return ()
        for latch in self._latches:
            if (answers := latch.find_answer(server, question)) is not None:
                return answers
        records = self.stale_records.get(server) or self._zone.list_record_sets((question.name,))
        matching = [
            record_set
            for record_set in records
            if record_set["Type"] == question.record_type and record_set["Name"] == question.name
        ]
        healthy = [
            record_set
            for record_set in matching
            if self._is_primary_healthy() or record_set["SetIdentifier"] != PRIMARY_REGION
        ]
        weighted = [record_set for record_set in healthy if record_set["Weight"] > 0]
        return tuple(get_values(record_set) for record_set in weighted or healthy) or (frozenset(),)


class RecordingNotifier:
    """A notifier that records events, or fails to send them.

    Attributes
    ----------
    allows_internal_errors
        Whether a round or a request may fail with an internal error. Otherwise the error fails the test. Both catch
        every exception, which would hide failed assertions.

    """

    def __init__(self) -> None:
        self.allows_internal_errors = False
        self.events: list[Event] = []
        self.round_results: list[RoundResult] = []
        self.is_available = True
        self.dies_after_publish = False

    def record_round(self, result: RoundResult, *, took_seconds: float) -> None:  # noqa: ARG002 - not used here
        self.round_results.append(result)
        assert self.allows_internal_errors or result.reason != INTERNAL_ERROR, result.failure

    def publish(self, events: tuple[Event, ...]) -> tuple[Event, ...]:
        if not self.is_available:
            return ()
        self.events.extend(events)
        if self.dies_after_publish:
            raise KilledError
        return events


class ControllerHarness:
    """The controller with all its dependencies.

    Parameters
    ----------
    weights
        The initial weights of the records; None for a zone without records.
    latches
        The latches, attached.
    changes
        Settings that differ from the defaults of the tests.

    Attributes
    ----------
    fault_injector
        Makes the controller's calls to the ledger, Route 53 and the latches fail.
    memory, zone
        The ledger and the zone for the test, without injected faults.
    sign_ins
        Returns the counts of sign-ins through the domain since its last call.
    propagates_changes
        Whether Route 53 has each change on all name servers by the next round.
    is_owner_check_healthy
        Whether the health check that the owner put on the primary's record passes.

    """

    def __init__(
        self, weights: tuple[int, int] | None = (255, 0), *, latches: Sequence[SteeredName] = (), **changes: Any
    ) -> None:
        self.settings: Settings = usual_settings(**changes)
        self.latches = {name: MemoryLatch(name) for name in latches}
        self.clock = VirtualClock()
        self.zone = WeightRecordingZone("example.com")
        self.fault_injector = FaultInjector()
        self.propagates_changes = True
        self.is_owner_check_healthy = True
        self.group = RecordGroup.from_settings(self.settings)
        self.name_servers = ZoneNameServers(self.zone, self._is_primary_healthy, self.latches.values())
        tapped_zone = cast("DnsZone", Intercepted(self.zone, "zone", self.fault_injector))
        self.lever = WeightedRecords(group=self.group, zone=tapped_zone)
        if weights:
            self.edit_weights(*weights)
        self.memory = LossyLedger()
        self.ledger = cast("MemoryLedger", Intercepted(self.memory, "ledger", self.fault_injector))
        self.prober = ScriptedProber(self.clock, self.settings.standby_region)
        self.notifier = RecordingNotifier()
        self.sign_ins: Callable[[], UserSignInCounts] = UserSignInCounts
        self.report_finder: ReportFinder | None = None
        self.latch_attacher: LatchAttacher | None = None
        self.restart()

    def _is_primary_healthy(self) -> bool:
        latch = self.latches.get(SteeredName.RECORDS)
        is_released = latch is None or not (latch.is_attached and latch.check_state)
        return is_released and self.is_owner_check_healthy

    @property
    def user_location(self) -> RegionRole | None:
        """The Region that the records send all users to; None if both Regions have a share."""
        answers = self.name_servers.query(
            ["ns-1.example.net"], [DnsQuestion(name=DOMAIN_RECORD_NAME, record_type="CNAME")], hosts=()
        )
        targets = {
            value
            for answer_sets in answers.answers["ns-1.example.net"].values()
            for values in answer_sets
            for value in values
        }
        roles = [side for side, target in self.settings.targets if f"{target}." in targets]
        return roles[0] if len(roles) == 1 else None

    def find_user_location(self, weights: Weights) -> RegionRole | None:
        """Return the Region that DNS would send all users to with these weights; None if both have a share."""
        if self._is_primary_healthy():
            return find_full_role(weights)
        # Route 53 answers with a healthy record of weight 0 if no healthy one has a weight.
        return RegionRole.STANDBY

    @property
    def levers(self) -> Levers:
        """The levers, with injectable faults."""
        intercepted = (
            cast("Latch", Intercepted(latch, f"latch-{name}", self.fault_injector))
            for name, latch in self.latches.items()
        )
        return Levers(
            records=self.lever if self.settings.has_managed_records else None,
            latches=tuple(intercepted),
            locator=DnsUserLocator(self.settings, authority=self.name_servers, clock=self.clock),
        )

    def restart(self) -> None:
        """Start a new controller process, which has only the saved state."""
        self.round_runner = RoundRunner(
            settings=self.settings,
            ledger=self.ledger,
            prober=self.prober,
            levers=self.levers,
            clock=self.clock,
            take_sign_ins=self.sign_ins,
        )
        self.operator = OperatorService(
            settings=self.settings,
            ledger=self.ledger,
            prober=self.prober,
            round_runner=self.round_runner,
            notifier=self.notifier,
            round_budget=RoundBudget(),
            clock=self.clock,
            sleep=self.clock.sleep,
            latch_attacher=self.latch_attacher,
            report_finder=self.report_finder,
        )

    def run(self, rounds: int = 1) -> str:
        """Run rounds one interval apart, and return the last message."""
        reason = ""
        for _ in range(rounds):
            report = self.round_runner.run()
            self.notifier.record_round(report, took_seconds=0.0)
            if report.state and report.state.undelivered_events:
                self.round_runner.mark_delivered(self.notifier.publish(report.state.undelivered_events))
            reason = report.reason
            if self.propagates_changes:
                self.zone.propagate()
                for latch in self.latches.values():
                    latch.propagate()
            self.clock.now += self.settings.round_interval_seconds
        return reason

    def settle(self) -> "ControllerHarness":
        """Run until the startup grace period is over."""
        self.run(2 * self.settings.suspect_rounds + 2)
        self.notifier.events.clear()
        return self

    def run_quietly(self, rounds: int) -> "ControllerHarness":
        """Run rounds, and forget their events."""
        self.run(rounds)
        self.notifier.events.clear()
        return self

    def invoke_operator(self, action: str, **fields: Any) -> dict[str, Any]:
        """Invoke the operator function with plenty of time."""
        event = {"action": action, **fields}
        allowed_until = self.clock.now + 55
        return self.handle(event, lambda: max(0.0, allowed_until - self.clock.now))

    def request(self, action: str, **fields: Any) -> dict[str, Any]:
        """Invoke the operator function with so little time that it can only accept or refuse."""
        return self.handle({"action": action, **fields}, lambda: 0.0)

    def handle(self, event: object, remaining_seconds: Callable[[], float]) -> dict[str, Any]:
        """Invoke the operator function. An internal error fails the test unless it is expected."""
        answer = self.operator.handle(event, owner="operator", remaining_seconds=remaining_seconds)
        if not self.notifier.allows_internal_errors:
            assert answer.get("refused_by") != REFUSED_BY_INTERNAL_ERROR, answer["message"]
            assert AssertionError.__name__ not in str(answer)
        return answer

    def set_primary(self, verdict: Verdict) -> "ControllerHarness":
        """Set the verdict on the primary from now on."""
        self.prober.verdicts[RegionRole.PRIMARY] = verdict
        return self

    def set_standby(self, verdict: Verdict) -> "ControllerHarness":
        """Set the verdict on the standby from now on."""
        self.prober.verdicts[RegionRole.STANDBY] = verdict
        return self

    def edit_weights(self, primary: int, standby: int) -> None:
        """Set the weights like a person, and create missing records."""
        self.zone.set_by_hand(
            *(
                {
                    "Name": DOMAIN_RECORD_NAME,
                    "Type": "CNAME",
                    "SetIdentifier": self.settings.regions[side],
                    "Weight": weight,
                    "TTL": 60,
                    "ResourceRecords": [{"Value": self.settings.targets[side]}],
                }
                for side, weight in PerRole(primary=primary, standby=standby)
            )
        )

    @property
    def weights(self) -> tuple[int, int]:
        """The current weights of the records."""
        pair = self.zone.list_record_sets((DOMAIN_RECORD_NAME,))
        by_target = {record_set["ResourceRecords"][0]["Value"].rstrip("."): record_set["Weight"] for record_set in pair}
        return by_target[self.settings.primary_target], by_target[self.settings.standby_target]

    @property
    def state(self) -> ControllerState:
        """The saved state."""
        saved = self.memory.load()
        assert saved
        return saved.state

    @property
    def event_kinds(self) -> list[EventKind]:
        """The kinds of all sent events, in order."""
        return [event.kind for event in self.notifier.events]

    def get_latest_message(self, kind: EventKind) -> str:
        """Return the message of the latest event of a kind."""
        return [event.message for event in self.notifier.events if event.kind is kind][-1]

    def detach_latches(self) -> "ControllerHarness":
        """Detach all latches as the operator function does."""
        for name, latch in self.latches.items():
            latch.is_attached = False
            saved = self.memory.load()
            if saved:
                self.memory.save(record_detachment(saved.state, name), expected=saved.version)
        self.restart()
        return self

    def wait(self, seconds: float) -> "ControllerHarness":
        """Move the clock without rounds."""
        self.clock.now += seconds
        return self

    def fail_route_53(self, error: str = "Throttling: Rate exceeded", *, calls: str = "zone.") -> "ControllerHarness":
        """Make calls to Route 53 fail from now on: all, or those with this name prefix."""

        def refuse(call_name: str) -> None:
            if call_name.startswith(calls):
                raise LeverUnavailableError(f"Route 53 answered {error}")

        self.fault_injector.before_call = refuse
        return self

    def fail_ledger(self, *, calls: str = "ledger.") -> "ControllerHarness":
        """Make calls to the ledger fail from now on: all, or those with this name prefix."""

        def refuse(call_name: str) -> None:
            if call_name.startswith(calls):
                raise LedgerUnavailableError(f"The table failed at {call_name}")

        self.fault_injector.before_call = refuse
        return self

    def lose_response(self, call: str) -> "ControllerHarness":
        """Make the responses of a call get lost from now on."""

        def lose(call_name: str) -> None:
            if call_name == call:
                error = LedgerUnavailableError if call.startswith("ledger.") else LeverUnavailableError
                raise error(f"{call} gave no answer")

        self.fault_injector.after_call = lose
        return self

    def restore_all(self) -> "ControllerHarness":
        """Stop all faults."""
        self.fault_injector.clear()
        return self

    def bump_version(self) -> None:
        """Change the state's version and nothing else, as another writer would."""
        self.memory.save(self.state, expected=self.memory.version)

    def patch_state(self, **changes: Any) -> None:
        """Change fields of the saved state."""
        saved = self.memory.load()
        assert saved
        self.memory.save(replace(saved.state, **changes), expected=saved.version)
        self.restart()
