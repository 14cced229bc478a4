"""A whole world in memory: two Regions, a zone with its name servers, a ledger, a controller, and a clock.

Tests tell it what happens, in order, and read off where traffic goes.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from failover.decision.announcement import Announcement, Kind
from failover.decision.outside import SignIns
from failover.decision.state import State
from failover.errors import LedgerUnavailableError, LeverUnavailableError
from failover.ledger.ledger import Saved
from failover.ledger.memory import MemoryLedger
from failover.levers.authority import Answer, Look, Question
from failover.levers.latch import LatchName
from failover.levers.record_group import RecordGroup
from failover.levers.records import values_of
from failover.levers.weighted_records import WeightedRecords
from failover.levers.zone import Change, Zone
from failover.levers.zone_memory import MemoryZone
from failover.probe.backoff import Backoffs
from failover.probe.observation import Observation, Reading
from failover.probe.verdict import Verdict
from failover.region import PerSide, Side
from failover.rounds.look import Levers
from failover.rounds.operating import REFUSED_BY_A_FAULT, Operator
from failover.rounds.punctual import Timekeeper
from failover.rounds.round import OWN_FAULT, Report, Rounds
from tests.support.latches import MemoryLatch
from tests.support.settings import settings as usual_settings
from tests.support.tap import KilledError, Tap, Tapped

if TYPE_CHECKING:
    from failover.ledger.ledger import Ledger
    from failover.levers.latch import Latch
    from failover.levers.lever import RecordSet
    from failover.rounds.attaching import Fitter
    from failover.rounds.finding_reports import Reports
    from failover.settings import Settings

NAME = "auth.example.com."
PRIMARY = "ap-northeast-1"


class Clock:
    """Time that passes only when told."""

    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


class ScriptedProbe:
    """Sees what the test says is there."""

    def __init__(self, clock: Clock, observer: str) -> None:
        self._clock = clock
        self._observer = observer
        self.verdicts: dict[Side, Verdict] = dict.fromkeys(Side, Verdict.HEALTHY)
        self.witness_answers = True
        self.backoffs: Backoffs | None = None

    def observe(self, backoffs: Backoffs) -> tuple[Observation, Backoffs]:
        def reading(side: Side) -> Reading:
            verdict = self.verdicts[side]
            return Reading(verdict=verdict, detail=f"The {side} was seen {verdict}.", login_verdict=verdict)

        observation = Observation(
            observer=self._observer,
            observed_at=self._clock(),
            readings=PerSide(primary=reading(Side.PRIMARY), standby=reading(Side.STANDBY)),
            witness_answered=self.witness_answers,
        )
        return observation, self.backoffs or backoffs


class ForgetfulLedger(MemoryLedger):
    """Loses its state when told, and shows each state that is saved."""

    def __init__(self) -> None:
        super().__init__()
        self.on_save: Callable[[State | None, State], None] = lambda _before, _after: None

    def save(self, state: State, *, expected: int | None, announcements: Sequence[Announcement] = ()) -> Saved:
        before = self._saved.state if self._saved else None
        saved = super().save(state, expected=expected, announcements=announcements)
        self.on_save(before, state)
        return saved

    def lose_state(self) -> None:
        self._saved = None

    def kept(self) -> Callable[[], None]:
        """Return what brings back what is kept at this moment, but for the history."""
        saved, observations = self._saved, dict(self._observations)

        def bring_back() -> None:
            self._saved, self._observations = saved, dict(observations)
            self._history.clear()

        return bring_back

    @property
    def version(self) -> int | None:
        return self._saved.version if self._saved else None


class WatchedZone(MemoryZone):
    """Remembers where the controller sent users, change by change."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.traffic: list[tuple[int, ...]] = []
        self.on_move: Callable[[tuple[int, ...], tuple[int, ...]], None] = lambda _before, _after: None

    def submit(self, changes: Sequence[Change], *, comment: str) -> str:
        before = self._weights()
        change_id = super().submit(changes, comment=comment)
        if self._weights() != before:
            self.traffic.append(self._weights())
            self.on_move(before, self._weights())
        return change_id

    def kept(self) -> Callable[[], None]:
        """Return what brings back the records of this moment."""
        held, protected, spread = self._held, set(self._protected), dict(self._spread)

        def bring_back() -> None:
            self._held, self._protected, self._spread = dict(held), set(protected), dict(spread)

        return bring_back

    def unprotect(self, name: str, record_type: str) -> None:
        """Let record sets be changed again."""
        self._protected.discard((name, record_type))

    def forget_changes(self) -> None:
        """Let Route 53 know none of the changes made so far."""
        self._spread.clear()

    def _weights(self) -> tuple[int, ...]:
        pair = sorted(self.record_sets((NAME,)), key=lambda each: str(each["SetIdentifier"]))
        return tuple(each["Weight"] for each in pair)


class ZoneServers:
    """Name servers that answer with what the zone holds, unless silenced or behind.

    Parameters
    ----------
    zone
        What they serve.
    primary_is_healthy
        Whether the check on the primary's record says so; while it doesn't, zero-weight records answer, too.

    """

    def __init__(self, zone: MemoryZone, primary_is_healthy: Callable[[], bool]) -> None:
        self._zone = zone
        self._primary_is_healthy = primary_is_healthy
        self.silent: set[str] = set()
        self.behind: dict[str, tuple[RecordSet, ...]] = {}

    def hold_back(self, server: str) -> None:
        """Let a server answer from now on with what the zone holds at this moment."""
        self.behind[server] = self._zone.record_sets((NAME, f"_region.{NAME}"))

    def look(
        self,
        name_servers: Sequence[str],
        questions: Sequence[Question],
        *,
        hosts: Sequence[Question],
        budget_seconds: float = 0.0,  # noqa: ARG002 - these answer at once
    ) -> Look:
        return Look(
            answers={server: {each: self._answers(server, each) for each in questions} for server in name_servers},
            addresses={host: frozenset() for host in hosts},
        )

    def _answers(self, server: str, question: Question) -> tuple[Answer, ...]:
        if server in self.silent:
            return ()
        held = self.behind.get(server) or self._zone.record_sets((question.name,))
        asked = [each for each in held if each["Type"] == question.record_type and each["Name"] == question.name]
        healthy = [each for each in asked if self._primary_is_healthy() or each["SetIdentifier"] != PRIMARY]
        weighted = [each for each in healthy if each["Weight"] > 0]
        return tuple(values_of(each) for each in weighted or healthy)


class Told:
    """Remembers what was told, or fails to tell it.

    Attributes
    ----------
    expects_faults
        Whether a round or a request may fail by a fault of its own. Otherwise that fails the test: both outlast
        whatever is raised in them, and so would what a test asserts there.

    """

    def __init__(self) -> None:
        self.expects_faults = False
        self.announcements: list[Announcement] = []
        self.reports: list[Report] = []
        self.works = True
        self.dies_after_telling = False

    def round(self, report: Report, *, took_seconds: float) -> None:  # noqa: ARG002 - nobody asks here
        self.reports.append(report)
        assert self.expects_faults or report.reason != OWN_FAULT, report.failure

    def tell(self, announcements: tuple[Announcement, ...]) -> tuple[Announcement, ...]:
        if not self.works:
            return ()
        self.announcements.extend(announcements)
        if self.dies_after_telling:
            raise KilledError
        return announcements


class World:
    """Everything, with the controller in it.

    Parameters
    ----------
    weights
        The records' weights at first; None for a zone without records.
    latches
        The latches there are, attached.
    changes
        Settings other than the usual.

    Attributes
    ----------
    tap
        On the controller's lines to its ledger and to Route 53.
    memory
        The ledger as the test reads it, past the tap; ``zone`` likewise.
    sign_ins
        Gives what came of sign-ins through the domain since it was last asked.
    spreads
        Whether Route 53 has each change on all name servers by the next round.

    """

    def __init__(
        self, weights: tuple[int, int] | None = (255, 0), *, latches: Sequence[LatchName] = (), **changes: Any
    ) -> None:
        self.settings: Settings = usual_settings(**changes)
        self.latches = {name: MemoryLatch(name) for name in latches}
        self.clock = Clock()
        self.zone = WatchedZone("example.com")
        self.tap = Tap()
        self.spreads = True
        self.group = RecordGroup.from_settings(self.settings)
        self.servers = ZoneServers(self.zone, self._primary_is_healthy)
        tapped_zone = cast("Zone", Tapped(self.zone, "zone", self.tap))
        self.lever = WeightedRecords(group=self.group, zone=tapped_zone, authority=self.servers)
        if weights:
            self.someone_sets(*weights)
        self.memory = ForgetfulLedger()
        self.ledger = cast("Ledger", Tapped(self.memory, "ledger", self.tap))
        self.probe = ScriptedProbe(self.clock, self.settings.standby_region)
        self.told = Told()
        self.sign_ins: Callable[[], SignIns] = SignIns
        self.reports: Reports | None = None
        self.fitter: Fitter | None = None
        self.new_process()

    def _primary_is_healthy(self) -> bool:
        latch = self.latches.get(LatchName.RECORDS)
        return latch is None or not (latch.attached and latch.followed)

    @property
    def users(self) -> Side | None:
        """Where the domain's records send all users; None where they are on both sides."""
        answers = self.servers.look(["ns-1.example.net"], [Question(name=NAME, record_type="CNAME")], hosts=())
        targets = {value for given in answers.answers["ns-1.example.net"].values() for each in given for value in each}
        sides = [side for side, target in self.settings.targets if f"{target}." in targets]
        return sides[0] if len(sides) == 1 else None

    @property
    def levers(self) -> Levers:
        """The controller's hands, on lines that can be tapped."""
        tapped = (cast("Latch", Tapped(latch, f"latch-{name}", self.tap)) for name, latch in self.latches.items())
        return Levers(records=self.lever if self.settings.moves_records else None, latches=tuple(tapped))

    def new_process(self) -> None:
        """Start the controller anew: nothing is left of the one before but what it saved."""
        self.rounds = Rounds(
            settings=self.settings,
            ledger=self.ledger,
            probe=self.probe,
            levers=self.levers,
            clock=self.clock,
            sign_ins=self.sign_ins,
        )
        self.operator = Operator(
            settings=self.settings,
            ledger=self.ledger,
            probe=self.probe,
            rounds=self.rounds,
            signals=self.told,
            timekeeper=Timekeeper(),
            clock=self.clock,
            sleep=self.clock.sleep,
            fitter=self.fitter,
            reports=self.reports,
        )

    def run(self, rounds: int = 1) -> str:
        """Make rounds an interval apart, and return the last one's reason."""
        reason = ""
        for _ in range(rounds):
            report = self.rounds.run()
            self.told.round(report, took_seconds=0.0)
            if report.state and report.state.untold:
                self.rounds.forget(self.told.tell(report.state.untold))
            reason = report.reason
            if self.spreads:
                self.zone.spread()
                for latch in self.latches.values():
                    latch.follow()
            self.clock.now += self.settings.round_interval_seconds
        return reason

    def settle(self) -> "World":
        """Run until the starting grace is over."""
        self.run(2 * self.settings.suspect_rounds + 2)
        self.told.announcements.clear()
        return self

    def ask(self, action: str, **fields: Any) -> dict[str, Any]:
        """Invoke the operator function, with all the time it may want."""
        event = {"action": action, **fields}
        allowed_until = self.clock.now + 55
        return self.handle(event, lambda: max(0.0, allowed_until - self.clock.now))

    def request(self, action: str, **fields: Any) -> dict[str, Any]:
        """Invoke the operator function so shortly that it can only accept or refuse."""
        return self.handle({"action": action, **fields}, lambda: 0.0)

    def handle(self, event: object, remaining_seconds: Callable[[], float]) -> dict[str, Any]:
        """Give an event to the operator function, whose faults are the test's unless it expects them."""
        answer = self.operator.handle(event, owner="operator", remaining_seconds=remaining_seconds)
        if not self.told.expects_faults:
            assert answer.get("refused_by") != REFUSED_BY_A_FAULT, answer["message"]
            assert AssertionError.__name__ not in str(answer)
        return answer

    def primary(self, verdict: Verdict) -> "World":
        """Let the primary be so from now on."""
        self.probe.verdicts[Side.PRIMARY] = verdict
        return self

    def standby(self, verdict: Verdict) -> "World":
        """Let the standby be so from now on."""
        self.probe.verdicts[Side.STANDBY] = verdict
        return self

    def someone_sets(self, primary: int, standby: int) -> None:
        """Let somebody set the weights by hand, creating the records if need be."""
        self.zone.edit(
            *(
                {
                    "Name": NAME,
                    "Type": "CNAME",
                    "SetIdentifier": self.settings.regions[side],
                    "Weight": weight,
                    "TTL": 60,
                    "ResourceRecords": [{"Value": self.settings.targets[side]}],
                }
                for side, weight in PerSide(primary=primary, standby=standby)
            )
        )

    @property
    def weights(self) -> tuple[int, int]:
        """The weights that users meet."""
        pair = self.zone.record_sets((NAME,))
        by_target = {each["ResourceRecords"][0]["Value"].rstrip("."): each["Weight"] for each in pair}
        return by_target[self.settings.primary_target], by_target[self.settings.standby_target]

    @property
    def state(self) -> State:
        """What the controller remembers."""
        saved = self.memory.load()
        assert saved
        return saved.state

    @property
    def kinds(self) -> list[Kind]:
        """What has been told, in order."""
        return [announcement.kind for announcement in self.told.announcements]

    def said(self, kind: Kind) -> str:
        """Return the latest sentence of a kind that has been told."""
        return [each.sentence for each in self.told.announcements if each.kind is kind][-1]

    def wait(self, seconds: float) -> "World":
        """Let time pass with nobody looking."""
        self.clock.now += seconds
        return self

    def route_53_fails(self, error: str = "Throttling: Rate exceeded", *, calls: str = "zone.") -> "World":
        """Let calls to Route 53 fail from now on: all, or those whose name begins so."""

        def refuse(call_name: str) -> None:
            if call_name.startswith(calls):
                raise LeverUnavailableError(f"Route 53 answered {error}")

        self.tap.asked = refuse
        return self

    def ledger_fails(self, *, calls: str = "ledger.") -> "World":
        """Let calls to the ledger fail from now on: all, or those whose name begins so."""

        def refuse(call_name: str) -> None:
            if call_name.startswith(calls):
                raise LedgerUnavailableError(f"The table failed at {call_name}")

        self.tap.asked = refuse
        return self

    def answer_is_lost(self, call: str) -> "World":
        """Let a call be made from now on, and its answer never arrive."""

        def lose(call_name: str) -> None:
            if call_name == call:
                error = LedgerUnavailableError if call.startswith("ledger.") else LeverUnavailableError
                raise error(f"{call} gave no answer")

        self.tap.answered = lose
        return self

    def all_works(self) -> "World":
        """Let every call pass again."""
        self.tap.clear()
        return self

    def touch(self) -> None:
        """Change the state's version and nothing else, as another writer would."""
        self.memory.save(self.state, expected=self.memory.version)

    def remember(self, **changes: Any) -> None:
        """Change what the controller remembers, as an earlier life would have left it."""
        saved = self.memory.load()
        assert saved
        self.memory.save(replace(saved.state, **changes), expected=saved.version)
        self.new_process()
