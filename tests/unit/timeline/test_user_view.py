"""The view from outside: a part that hangs or fails does not affect the others."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import pytest

from cognito_failover.common.deadlines import Deadline
from cognito_failover.core.model.location import AnswerCounts
from cognito_failover.core.model.state import ControllerState
from cognito_failover.routing.dns.question import DnsAnswers, DnsQuestion, ServerAnswers
from cognito_failover.timeline import user_view
from cognito_failover.timeline.sample import SignInSample
from cognito_failover.timeline.user_view import UserViewMonitor
from tests.support import load_scaling
from tests.support.controller_harness import ControllerHarness

if TYPE_CHECKING:
    from cognito_failover.timeline.user_sign_in import UserSignInCheck

NEW = frozenset({"virginia.target.example.com."})
OLD = frozenset({"tokyo.target.example.com."})


class CallbackNameServers:
    """Name servers that call a test's function before they answer."""

    def __init__(self) -> None:
        self.before: Callable[[], object] = lambda: None
        self.questions: list[Sequence[DnsQuestion]] = []

    def query(self, name_servers: Sequence[str], questions: Sequence[DnsQuestion], **_: Any) -> DnsAnswers:
        self.before()
        self.questions.append(questions)
        return DnsAnswers(answers={server: {questions[0]: (NEW, NEW, NEW)} for server in name_servers}, addresses={})


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
        self.name_servers, self.resolvers = CallbackNameServers(), CallbackResolvers()
        self.sign_in_check = CallbackSignInCheck()
        self.released = threading.Event()
        self.monitor = UserViewMonitor(
            self.world.settings,
            authority=self.name_servers,
            resolvers=self.resolvers,
            sign_in_check=cast("UserSignInCheck", self.sign_in_check),
            clock=self.world.clock,
        )


@pytest.fixture
def harness(monkeypatch: pytest.MonkeyPatch) -> Iterator[UserViewHarness]:
    monkeypatch.setattr(user_view, "VIEW_BUDGET_SECONDS", load_scaling.scale_seconds(0.4))
    monkeypatch.setattr(user_view, "DNS_BUDGET_SECONDS", load_scaling.scale_seconds(0.3))
    monkeypatch.setattr(user_view, "_GRACE_SECONDS", load_scaling.scale_seconds(0.2))
    harness = UserViewHarness()
    yield harness
    harness.released.set()


def make_hang(harness: UserViewHarness) -> Callable[[], object]:
    return lambda: harness.released.wait(10)


def fail() -> None:
    raise RuntimeError("broken")


def test_every_answer_is_returned(harness: UserViewHarness) -> None:
    view = harness.monitor.observe(harness.world.state)
    assert view.name_servers
    assert set(view.name_servers.values()) == {AnswerCounts(standby=3)}
    assert view.resolvers == {"1.1.1.1": AnswerCounts(primary=1, standby=1), "8.8.8.8": AnswerCounts(missing=2)}
    assert view.sign_in == SignInSample(at=1.0, ok=True, latency_seconds=0.1)
    assert view.at == harness.world.clock.now


@pytest.mark.parametrize("failure", ["hangs", "fails"])
@pytest.mark.parametrize("part", ["name_servers", "resolvers", "sign_in_check"])
def test_hanging_or_failing_part_affects_only_itself(harness: UserViewHarness, part: str, failure: str) -> None:
    getattr(harness, part).before = fail if failure == "fails" else make_hang(harness)
    view = harness.monitor.observe(harness.world.state)
    assert bool(view.name_servers) is (part != "name_servers")
    assert bool(view.sign_in) is (part != "sign_in_check")
    if part == "resolvers":
        assert not view.resolvers
    assert view.duration_seconds <= load_scaling.scale_seconds(1.2)


def test_unreadable_records_use_last_known_ones(harness: UserViewHarness) -> None:
    harness.monitor.observe(harness.world.state)
    view = harness.monitor.observe(replace(harness.world.state, records=None))
    assert view.name_servers
    assert harness.name_servers.questions[0] == harness.name_servers.questions[1]


def test_without_known_records_only_sign_in_is_checked(harness: UserViewHarness) -> None:
    view = harness.monitor.observe(replace(harness.world.state, records=None))
    assert (view.name_servers, view.resolvers) == ({}, {})
    assert view.sign_in
