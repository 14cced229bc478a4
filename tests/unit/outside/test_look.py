"""A look brings back what answered; a part that hangs or fails costs only itself."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import pytest

from failover.bounded import Deadline
from failover.decision.state import State
from failover.levers.authority import Answers, Look, Question
from failover.outside import look as looking
from failover.outside.look import OutsideLooker
from failover.outside.sample import SignIn, Tally
from tests.support import patience
from tests.support.world import World

if TYPE_CHECKING:
    from failover.outside.sign_in import Door

NEW = frozenset({"virginia.target.example.com."})
OLD = frozenset({"tokyo.target.example.com."})


class Servers:
    """Name servers and resolvers that answer what the test says."""

    def __init__(self) -> None:
        self.before: Callable[[], object] = lambda: None
        self.asked: list[Sequence[Question]] = []

    def look(self, name_servers: Sequence[str], questions: Sequence[Question], **_: Any) -> Look:
        self.before()
        self.asked.append(questions)
        return Look(answers={each: {questions[0]: (NEW, NEW, NEW)} for each in name_servers}, addresses={})


class Caches:
    def __init__(self) -> None:
        self.before: Callable[[], object] = lambda: None

    def look(self, questions: Sequence[Question], deadline: Deadline) -> Mapping[str, Answers]:  # noqa: ARG002
        self.before()
        return {"1.1.1.1": {questions[0]: (OLD, NEW)}, "8.8.8.8": {}}


class Handle:
    def __init__(self) -> None:
        self.before: Callable[[], object] = lambda: None

    def try_it(self, state: State, deadline: Deadline) -> SignIn:  # noqa: ARG002
        self.before()
        return SignIn(at=1.0, ok=True, seconds=0.1)


class Stage:
    def __init__(self) -> None:
        self.world = World().settle()
        self.servers, self.caches, self.handle = Servers(), Caches(), Handle()
        self.released = threading.Event()
        self.looker = OutsideLooker(
            self.world.settings,
            authority=self.servers,
            resolvers=self.caches,
            door=cast("Door", self.handle),
            clock=self.world.clock,
        )


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    monkeypatch.setattr(looking, "LOOK_SECONDS", patience.scale(0.4))
    monkeypatch.setattr(looking, "ASKING_SECONDS", patience.scale(0.3))
    monkeypatch.setattr(looking, "_GRACE_SECONDS", patience.scale(0.2))
    made = Stage()
    yield made
    made.released.set()


def hang(stage: Stage) -> Callable[[], object]:
    return lambda: stage.released.wait(10)


def fail() -> None:
    raise RuntimeError("broken")


def test_everything_that_answers_is_brought_back(stage: Stage) -> None:
    seen = stage.looker.look(stage.world.state)
    assert seen.name_servers
    assert set(seen.name_servers.values()) == {Tally(standby=3)}
    assert seen.resolvers == {"1.1.1.1": Tally(primary=1, standby=1), "8.8.8.8": Tally(missing=2)}
    assert seen.sign_in == SignIn(at=1.0, ok=True, seconds=0.1)
    assert seen.at == stage.world.clock.now


@pytest.mark.parametrize("trouble", ["hangs", "fails"])
@pytest.mark.parametrize("part", ["servers", "caches", "handle"])
def test_a_part_that_hangs_or_fails_costs_only_itself(stage: Stage, part: str, trouble: str) -> None:
    getattr(stage, part).before = fail if trouble == "fails" else hang(stage)
    seen = stage.looker.look(stage.world.state)
    assert bool(seen.name_servers) is (part != "servers")
    assert bool(seen.sign_in) is (part != "handle")
    if part == "caches":
        assert not seen.resolvers
    assert seen.took_seconds <= patience.scale(1.2)


def test_records_not_known_at_this_moment_are_asked_for_as_they_were_known_last(stage: Stage) -> None:
    stage.looker.look(stage.world.state)
    seen = stage.looker.look(replace(stage.world.state, surveyed=None))
    assert seen.name_servers
    assert stage.servers.asked[0] == stage.servers.asked[1]


def test_with_no_records_ever_known_only_the_door_is_tried(stage: Stage) -> None:
    seen = stage.looker.look(replace(stage.world.state, surveyed=None))
    assert (seen.name_servers, seen.resolvers) == ({}, {})
    assert seen.sign_in
