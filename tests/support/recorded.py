"""A failover and what follows, played in the world in memory, its timeline kept as a deployed controller keeps it."""

from dataclasses import replace
from typing import Any

from failover.bounded import Deadline
from failover.decision.state import State
from failover.levers.authority import QUERIES, Question
from failover.outside.resolvers import TIMES_ASKED
from failover.outside.sample import Outside, SignIn, Tally
from failover.probe.verdict import Verdict
from failover.region import Side
from failover.report.building import build
from failover.report.document import Document
from failover.report.material import Material
from failover.rounds.beside import Bystander
from tests.support.world import NAME, World

SERVERS = ("ns-1.example.net", "ns-2.example.org")
RESOLVERS = {"1.1.1.1": 20.0, "8.8.8.8": 45.0, "9.9.9.9": 60.0}
"""Each public resolver, and how many seconds after the name servers it follows."""

VERSIONS = {"package": "0.1.0", "code": "0123456789abcdef", "python": "3.13.5"}


class Onlooker:
    """Looks at the world from outside: resolvers follow late, and users go where the slowest of them leads."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._led: list[tuple[float, Side]] = []

    def look(self, state: State) -> Outside:  # noqa: ARG002 - outside nobody knows it
        now = self._world.clock.now
        by_server = {server: self._side(server) for server in SERVERS}
        if len({*by_server.values()}) == 1:
            self._led.append((now, by_server[SERVERS[0]]))
        resolvers = {server: self._followed(now - lag) for server, lag in RESOLVERS.items()}
        slowest = self._followed(now - max(RESOLVERS.values()))
        well = self._world.probe.verdicts[slowest] is Verdict.HEALTHY
        return Outside(
            at=now,
            took_seconds=0.2,
            name_servers={server: _tally(side, QUERIES) for server, side in by_server.items()},
            resolvers={server: _tally(side, TIMES_ASKED) for server, side in resolvers.items()},
            sign_in=SignIn(at=now, ok=well, code="" if well else "connect-timeout", seconds=0.18 if well else None),
        )

    def _side(self, server: str) -> Side:
        look = self._world.servers.look([server], [Question(name=NAME, record_type="CNAME")], hosts=())
        [answer, *_] = next(iter(look.answers[server].values()))
        targets = self._world.settings.targets
        return next(side for side, target in targets if f"{target}." in answer)

    def _followed(self, at: float) -> Side:
        return next((side for since, side in reversed(self._led) if since <= at), Side.PRIMARY)


def _tally(side: Side, asked: int) -> Tally:
    return Tally(primary=asked) if side is Side.PRIMARY else Tally(standby=asked)


class Recorded:
    """A world whose rounds are kept.

    Parameters
    ----------
    changes
        Settings other than the usual.

    """

    def __init__(self, **changes: Any) -> None:
        self.world = World(**changes).settle()
        self.bystander = Bystander(self.world.settings, looker=Onlooker(self.world), timeline=self.world.memory)

    def run(self, rounds: int = 1) -> "Recorded":
        """Make rounds an interval apart, each of them kept if it is worth it."""
        for _ in range(rounds):
            before = len(self.world.told.reports)
            self.world.run(1)
            report = self.world.told.reports[before]
            now, self.world.clock.now = self.world.clock.now, report.observation.observed_at + 1.0
            self.bystander.after(report)
            self.bystander.finish(Deadline(10))
            self.world.clock.now = now
        return self

    def failed_over(self) -> "Recorded":
        """Let the primary die, one name server be slow, and the aftermath pass."""
        self.world.primary(Verdict.SICK)
        self.world.servers.hold_back(SERVERS[1])
        self.run(4)
        self.world.servers.behind.clear()
        return self.run(24)

    def material(self, report_id: str = "") -> Material:
        """Return what the ledger holds for the report of the last move, or of another one."""
        last = self.world.state.last_move
        report_id = report_id or (last.id if last else "")
        history = tuple(reversed(self.world.memory.history(limit=1000)))
        return Material(id=report_id, history=history, samples=self.world.memory.samples(since=0, until=2e9))

    def report(self, report_id: str = "", **changes: Any) -> Document:
        """Return the report of the last move, or of another one, written now."""
        settings = replace(self.world.settings, **changes)
        return build(self.material(report_id), settings, versions=VERSIONS, now=self.world.clock.now)
