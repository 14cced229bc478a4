"""What must hold in every order of calls, judged by what a DNS client is answered."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from cognito_failover.common.region import Instant, RegionRole
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.core.model.event import Event, EventKind
from cognito_failover.core.model.state import ControllerState
from cognito_failover.core.verdict import Verdict
from tests.interleavings.processes import Process, World

_ALL = 1.0
_EXTERNAL_CHANGE_KINDS = {EventKind.MOVE_SUPERSEDED, EventKind.AUTOMATION_HELD}
_SETTLE_MINUTES = 10


class InterleavingJudge:
    """Collects every violation. Production code would catch an assertion that is raised inside a process.

    Parameters
    ----------
    world
        What the processes share.

    Attributes
    ----------
    violations
        Each violation as a sentence.
    location_changes
        The share of the records' users on the standby, after each change.

    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._shares = world.standby_shares
        self._written_at: dict[str, Instant] = {}
        self._lease = self._read_lease()
        self._first_event = len(_load_history(world))
        self._looks_before = {role: len(looks) for role, looks in world.looks.items()}
        self._streaks_before = world.state.streaks
        self._suspicion_before = world.state.suspicion
        self.violations: list[str] = []
        self.location_changes: list[float] = []
        world.on_effect = self._judge_call

    def _judge_call(self, process: str, call: str) -> None:
        shares = self._world.standby_shares
        for name, share in shares.items():
            if share != self._shares[name]:
                self._judge_move(process, call, name, self._shares[name], share)
        if shares[SteeredName.RECORDS] != self._shares[SteeredName.RECORDS]:
            self.location_changes.append(shares[SteeredName.RECORDS])
        self._shares = shares
        if call in {"zone.submit", "latch-records.set", "latch-domain.set"}:
            self._written_at[process] = self._world.now
        if call.startswith("ledger."):
            self._judge_counts(process)
            self._judge_lease(process)

    def _judge_move(self, process: str, call: str, name: SteeredName, before: float, after: float) -> None:
        """Check that some decided move wants these users there.

        The saved state decides. A process whose round is not over may not know the latest one yet, unless another
        process has already written since.
        """
        others_wrote_at = max((at for other, at in self._written_at.items() if other != process), default=0.0)
        round_began_at = self._world.now - self._world.base.settings.lease_seconds
        versions = self._world.versions
        for ordinal, version in enumerate(versions):
            ends_at = versions[ordinal + 1].saved_at if ordinal + 1 < len(versions) else self._world.now
            is_last = ordinal + 1 == len(versions)
            if not is_last and ends_at <= max(round_began_at, others_wrote_at):
                continue
            wanted = _get_wanted_share(version.state)
            if wanted is not None and min(before, wanted) <= after <= max(before, wanted):
                return
        self.violations.append(
            f"{process} moved the users of the {name} from {before:.0%} to {after:.0%} on the standby by {call}, and "
            f"no decided move wants that."
        )

    def _judge_lease(self, process: str) -> None:
        """Check that no process takes a lease that has not expired."""
        lease = self._read_lease()
        if lease and self._lease and lease[0] != self._lease[0] and self._lease[1] > self._world.now:
            self.violations.append(f"{process} took the lease of {self._lease[0]}.")
        self._lease = lease

    def _read_lease(self) -> tuple[str, Instant] | None:
        item = self._world.table.items.get(("lease", "lease"))
        return (item["holder"]["S"], float(item["held_until"]["N"])) if item else None

    def _judge_counts(self, process: str) -> None:
        """Check that no streak has more rounds than looks were made: one look never counts twice."""
        state = self._world.state
        for role, streak in state.streaks:
            looks = len(self._world.looks[role]) - self._looks_before[role]
            earlier = self._streaks_before[role]
            possible_rounds = looks + (earlier.rounds if earlier.verdict is streak.verdict else 0)
            if streak.rounds > possible_rounds:
                self.violations.append(
                    f"{process} saved {streak.rounds} rounds of {streak.verdict} in the {role} after {possible_rounds}."
                )
        active = state.suspicion.role
        sick_looks = self._world.looks[active][self._looks_before[active] :].count(Verdict.SICK)
        earlier_rounds = self._suspicion_before.sick_rounds if self._suspicion_before.role is active else 0
        if state.suspicion.sick_rounds > sick_looks + earlier_rounds:
            self.violations.append(f"{process} counted one look at the {active} as two.")

    def judge_answers(self, processes: Iterable[Process]) -> None:
        """Check that each accepted request is in the history: an answer is never lost, and never untrue."""
        messages = {event.message for event in self.events}
        for answer in (process.result for process in processes if isinstance(process.result, dict)):
            is_without_effect = "nothing was done" in answer["message"] or "already" in answer["message"]
            is_in_history = any(message in answer["message"] for message in messages)
            if answer["done"] and not is_without_effect and not is_in_history:
                self.violations.append(f"a request was accepted and is not in the history: {answer['message']}")

    def settle(self) -> ControllerState:
        """Let a controller that is never suspended run until all is at rest, and return the state."""
        for minute in range(_SETTLE_MINUTES):
            process = Process(f"settle-{minute}", self._world)
            next_minute_at = self._world.now + 60.0
            process.run_invocation()
            self._world.now = max(self._world.now, next_minute_at)
            state = self._world.state
            if minute and state.move is None and state.drill is None and state.pending_weight_sync is None:
                break
        return self._world.state

    @contextmanager
    def explain(self, description: str) -> Iterator[None]:
        """Add a description of the schedule to an assertion that fails."""
        try:
            yield
        except AssertionError as error:
            raise AssertionError(f"{description}\n{error}") from None

    @property
    def events(self) -> list[Event]:
        """The events since the start, the oldest first."""
        return _load_history(self._world)[self._first_event :]

    def judge_end(self, *, expected: RegionRole | None = None, max_moves: int, max_changes: int) -> None:
        """Raise if anything is lost, done twice, or was never decided."""
        state = self.settle()
        kinds = [event.kind for event in self.events if "aborted the move" not in event.message]
        decided = {event.move.id for event in self.events if event.kind is EventKind.MOVE_DECIDED and event.move}
        role = RegionRole.STANDBY if self._shares[SteeredName.RECORDS] == _ALL else RegionRole.PRIMARY
        problems = [
            *self.violations,
            *(f"{kind} although no person has changed anything" for kind in _EXTERNAL_CHANGE_KINDS if kind in kinds),
            *([f"{len(decided)} moves were decided: {sorted(decided)}"] if len(decided) > max_moves else []),
            *([f"users went to {self.location_changes}"] if len(self.location_changes) > max_changes else []),
            *([f"the move {state.move.id} never ended: {state.round_message}"] if state.move else []),
            *(
                [f"users are on the {role}, and the state says {state.active_role}"]
                if role != state.active_role
                else []
            ),
            *(["a share of the users was left behind"] if self._shares[SteeredName.RECORDS] not in {0.0, _ALL} else []),
            *([f"users are on the {role}, not on the {expected}"] if expected and role is not expected else []),
            *(["the weights were never synced"] if state.pending_weight_sync and state.hold is None else []),
        ]
        assert not problems, "\n".join([*problems, *self._describe_events()])

    def _describe_events(self) -> Iterable[str]:
        return (f"    {event.at:.2f} {event.kind}: {event.message}" for event in self.events)


def _load_history(world: World) -> list[Event]:
    return list(reversed(world.ledger.load_history(limit=10_000).events))


def _get_wanted_share(state: ControllerState) -> float | None:
    """Return the share of the users on the standby that the move under way wants now; None without a move."""
    if state.move is None:
        return None
    weights = state.move.weights
    return weights.standby / (weights.primary + weights.standby)
