"""The delegation of names is followed at most once a minute, and remembered."""

import threading
from dataclasses import dataclass, field

import pytest

from cognito_failover.routing.dns.delegation import FOLLOW_INTERVAL_SECONDS, FollowedDelegation, ServerAddresses
from tests.support import load_scaling

NAME, OTHER = "auth.example.com.", "_region.auth.example.com."
SERVERS = {"ns-1.example.net": "192.0.2.1"}
NEW_SERVERS = {"ns-9.example.net": "192.0.2.9"}
BUDGET_SECONDS = load_scaling.get_wait_limit()


@dataclass
class ScriptedWalks:
    """Walks that find these servers, or fail."""

    found: ServerAddresses = field(default_factory=lambda: SERVERS)
    error: Exception | None = None
    walked: list[str] = field(default_factory=list)
    now: float = 1000.0

    def __post_init__(self) -> None:
        self.delegation = FollowedDelegation(self.follow, clock=lambda: self.now)

    def follow(self, name: str) -> ServerAddresses:
        self.walked.append(name)
        if self.error:
            raise self.error
        return self.found

    def find(self, *names: str) -> dict[str, ServerAddresses]:
        return dict(self.delegation.find_servers(names or (NAME,), budget_seconds=BUDGET_SECONDS))


def test_delegation_is_followed_once_a_minute() -> None:
    walks = ScriptedWalks()
    assert walks.find() == walks.find() == {NAME: SERVERS}
    walks.now += FOLLOW_INTERVAL_SECONDS - 1
    walks.found = NEW_SERVERS
    assert walks.find() == {NAME: SERVERS}
    assert walks.walked == [NAME]
    walks.now += 1
    assert walks.find() == {NAME: NEW_SERVERS}


def test_each_name_has_its_own_delegation() -> None:
    walks = ScriptedWalks()
    assert walks.find(NAME, OTHER) == {NAME: SERVERS, OTHER: SERVERS}
    assert sorted(walks.walked) == [OTHER, NAME]


def test_last_known_delegation_stays_after_a_failed_walk(caplog: pytest.LogCaptureFixture) -> None:
    walks = ScriptedWalks()
    walks.find()
    walks.now += FOLLOW_INTERVAL_SECONDS
    walks.error = OSError("no network")
    assert walks.find() == {NAME: SERVERS}
    assert "The delegation of auth.example.com. could not be followed" in caplog.text
    assert walks.find() == {NAME: SERVERS}
    assert walks.walked == [NAME, NAME]


def test_unknown_delegation_is_left_out() -> None:
    assert ScriptedWalks(error=OSError("no network")).find() == {}


def test_walk_that_ends_after_the_budget_counts_at_the_next_look() -> None:
    released, ended = threading.Event(), threading.Event()

    def follow(_name: str) -> ServerAddresses:
        released.wait(BUDGET_SECONDS)
        ended.set()
        return SERVERS

    delegation = FollowedDelegation(follow, clock=lambda: 0.0)
    assert delegation.find_servers((NAME,), budget_seconds=0.05) == {}
    released.set()
    assert ended.wait(BUDGET_SECONDS)
    for thread in threading.enumerate():
        if thread.name == f"follow {NAME}":
            thread.join(BUDGET_SECONDS)
    assert delegation.find_servers((NAME,), budget_seconds=0.05) == {NAME: SERVERS}
