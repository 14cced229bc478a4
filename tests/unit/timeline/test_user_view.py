"""A look brings back what answered; a part that hangs or fails costs only itself."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import pytest

from cognito_failover.common.deadlines import Deadline
from cognito_failover.core.model.state import ControllerState
from cognito_failover.routing.dns.question import DnsAnswers, DnsQuestion, ServerAnswers
from cognito_failover.timeline import user_view as looking
from cognito_failover.timeline.sample import AnswerCounts, SignInSample
from cognito_failover.timeline.user_view import UserViewMonitor
from tests.support import load_scaling
from tests.support.controller_harness import ControllerHarness

if TYPE_CHECKING:
    from cognito_failover.timeline.user_sign_in import UserSignInCheck

NEW = frozenset({"virginia.target.example.com."})
OLD = frozenset({"tokyo.target.example.com."})


class CallbackNameServers:
    """Name servers and resolvers that answer what the test says."""

    def __init__(self) -> None:
        self.before: Callable[[], object] = lambda: None
        self.questions: list[Sequence[DnsQuestion]] = []

    def query(self, name_servers: Sequence[str], questions: Sequence[DnsQuestion], **_: Any) -> DnsAnswers:
        self.before()
        self.questions.append(questions)
        return DnsAnswers(answers={each: {questions[0]: (NEW, NEW, NEW)} for each in name_servers}, addresses={})


class CallbackResolvers:
    def __init__(self) -> None:
        self.before: Callable[[], object] = lambda: None

    def query(self, questions: Sequence[DnsQuestion], deadline: Deadline) -> Mapping[str, ServerAnswers]:  # noqa: ARG002
        self.before()
        return {"1.1.1.1": {questions[0]: (OLD, NEW)}, "8.8.8.8": {}}


class CallbackSignInCheck:
    def __init__(self) -> None:
        self.before: Callable[[], object] = lambda: None

    def run(self, state: ControllerState, deadline: Deadline) -> SignInSample:  # noqa: ARG002
        self.before()
        return SignInSample(at=1.0, ok=True, latency_seconds=0.1)


class UserViewHarness:
    def __init__(self) -> None:
        self.world = ControllerHarness().settle()
        self.servers, self.caches, self.handle = CallbackNameServers(), CallbackResolvers(), CallbackSignInCheck()
        self.released = threading.Event()
        self.monitor = UserViewMonitor(
            self.world.settings,
            authority=self.servers,
            resolvers=self.caches,
            sign_in_check=cast("UserSignInCheck", self.handle),
            clock=self.world.clock,
        )


@pytest.fixture
def harness(monkeypatch: pytest.MonkeyPatch) -> Iterator[UserViewHarness]:
    monkeypatch.setattr(looking, "VIEW_BUDGET_SECONDS", load_scaling.scale_seconds(0.4))
    monkeypatch.setattr(looking, "DNS_BUDGET_SECONDS", load_scaling.scale_seconds(0.3))
    monkeypatch.setattr(looking, "_GRACE_SECONDS", load_scaling.scale_seconds(0.2))
    made = UserViewHarness()
    yield made
    made.released.set()


def make_hang(harness: UserViewHarness) -> Callable[[], object]:
    return lambda: harness.released.wait(10)


def fail() -> None:
    raise RuntimeError("broken")


def test_every_answer_is_returned(harness: UserViewHarness) -> None:
    seen = harness.monitor.observe(harness.world.state)
    assert seen.name_servers
    assert set(seen.name_servers.values()) == {AnswerCounts(standby=3)}
    assert seen.resolvers == {"1.1.1.1": AnswerCounts(primary=1, standby=1), "8.8.8.8": AnswerCounts(missing=2)}
    assert seen.sign_in == SignInSample(at=1.0, ok=True, latency_seconds=0.1)
    assert seen.at == harness.world.clock.now


@pytest.mark.parametrize("trouble", ["hangs", "fails"])
@pytest.mark.parametrize("part", ["servers", "caches", "handle"])
def test_hanging_or_failing_part_affects_only_itself(harness: UserViewHarness, part: str, trouble: str) -> None:
    getattr(harness, part).before = fail if trouble == "fails" else make_hang(harness)
    seen = harness.monitor.observe(harness.world.state)
    assert bool(seen.name_servers) is (part != "servers")
    assert bool(seen.sign_in) is (part != "handle")
    if part == "caches":
        assert not seen.resolvers
    assert seen.duration_seconds <= load_scaling.scale_seconds(1.2)


def test_unreadable_records_use_last_known_ones(harness: UserViewHarness) -> None:
    harness.monitor.observe(harness.world.state)
    seen = harness.monitor.observe(replace(harness.world.state, records=None))
    assert seen.name_servers
    assert harness.servers.questions[0] == harness.servers.questions[1]


def test_without_known_records_only_sign_in_is_checked(harness: UserViewHarness) -> None:
    seen = harness.monitor.observe(replace(harness.world.state, records=None))
    assert (seen.name_servers, seen.resolvers) == ({}, {})
    assert seen.sign_in
