"""The one measurement that moves users: what it needs, and what it sees of a drill."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from failover.probe.https import Endpoint, Reply
from failoverctl.measure import managed_login
from failoverctl.measure.managed_login import MANAGED_LOGIN
from failoverctl.measure.measurement import MeasureError, NotAllowedError, Sample
from failoverctl.measure.site import Site
from failoverctl.measure.subject import Subject
from tests.unit.measure.examples import SUBJECT, Clock, NameServers, site

ATTACHED = {"latches": {"domain": {"attached": True}}}
WITH_LOGIN = replace(SUBJECT, managed_login="login.example.com", latch_bucket="latch")


class Day:
    """A drill that throws the domain's latch after 10 s and releases it after 60 s; all follow some seconds later."""

    def __init__(self, *, done: bool = True, throws: bool = True) -> None:
        self.clock = Clock()
        self.done, self.throws = done, throws
        self.began: float | None = None
        self.told: list[str] = []

    @property
    def at(self) -> float:
        return -1.0 if self.began is None else self.clock.now - self.began

    def ask(self, event: Mapping[str, Any]) -> Mapping[str, Any]:
        if event["action"] == "drill":
            self.began = self.clock.now if self.done else None
            return {"done": self.done, "message": "users-at-home: not all users are on the primary"}
        return {"status": ATTACHED | {"drill": {"stage": "going"} if 0 <= self.at < 100 else None}}

    def is_thrown(self, after: float = 0) -> bool:
        return self.throws and 10 + after <= self.at < 60 + after

    def list_objects_v2(self, *, Bucket: str) -> dict[str, Any]:  # noqa: ARG002, N803 - the service's names
        return {"Contents": [{"Key": "domain"}]} if self.is_thrown() else {}

    def get_hosted_zone(self, *, Id: str) -> dict[str, Any]:  # noqa: ARG002, N803 - as above
        return {"DelegationSet": {"NameServers": ["ns-1"]}}

    def get(self, _endpoint: Endpoint, _path: str = "/") -> Reply:
        return Reply(status=200, headers={}, body=b"")

    def site(self) -> Site:
        servers = NameServers(lambda _server: [frozenset({"us-east-1" if self.is_thrown(5) else "ap-northeast-1"})])
        made = site(self.clock, name_servers=servers, https=self, clients={"s3": self, "route53": self}, told=self.told)
        return replace(made, subject=WITH_LOGIN, ask_operator=self.ask)


@pytest.fixture(autouse=True)
def page(monkeypatch: pytest.MonkeyPatch) -> Callable[[Day], None]:
    """Let the page of a day tell which Region it comes from, 7 s after the latch."""

    def of(day: Day) -> None:
        class Page:
            def __init__(self, _site: Site) -> None:
                pass

            def answer(self) -> str:
                return "400 not enabled" if day.is_thrown(7) else "200 too short"

        monkeypatch.setattr(managed_login, "LoginPage", Page)

    return of


def measured(day: Day) -> Sample:
    with MANAGED_LOGIN.open(day.site()) as once:
        return once()


def test_it_sees_when_name_servers_and_page_follow_the_latch_there_and_back(page: Callable[[Day], None]) -> None:
    day = Day()
    page(day)

    sample = measured(day)

    assert {stage: round(seconds) for stage, seconds in sample.seconds.items()} == {
        "thrown, name servers": 5,
        "thrown, managed login": 7,
        "released, name servers": 5,
        "released, managed login": 7,
    }
    assert sample.answers == {"the Region that answers": "it shows", "requests that failed": "none"}


def test_a_drill_that_is_refused_moves_nobody_and_says_why(page: Callable[[Day], None]) -> None:
    day = Day(done=False)
    page(day)

    with pytest.raises(NotAllowedError, match=r"nobody was moved: users-at-home"):
        measured(day)


def test_a_drill_that_ends_without_throwing_the_latch_has_measured_nothing(page: Callable[[Day], None]) -> None:
    day = Day(throws=False)
    page(day)

    with pytest.raises(MeasureError, match="failoverctl history says why"):
        measured(day)


def test_ctrl_c_says_that_the_drill_goes_on(page: Callable[[Day], None]) -> None:
    day = Day()
    page(day)

    def interrupt() -> None:
        if day.at > 20:
            raise KeyboardInterrupt

    day.clock.on_sleep = interrupt
    with pytest.raises(KeyboardInterrupt):
        measured(day)

    assert "failoverctl abort brings them home at once" in day.told[-1]


@pytest.mark.parametrize(
    ("subject", "names"),
    [
        (replace(WITH_LOGIN, managed_login=""), "ManagedLoginDomain"),
        (replace(WITH_LOGIN, latch_bucket=""), "LatchForm"),
    ],
    ids=["no domain", "no object"],
)
def test_a_stack_without_what_it_measures_is_refused_by_the_parameters_name(subject: Subject, names: str) -> None:
    lacking = replace(Day().site(), subject=subject)

    with pytest.raises(NotAllowedError, match=names), MANAGED_LOGIN.open(lacking):
        pass


def test_a_latch_that_is_not_attached_is_refused_with_the_way_out() -> None:
    day = Day()
    detached = replace(day.site(), ask_operator=lambda _event: {"status": {"latches": {"domain": {"attached": False}}}})

    with pytest.raises(NotAllowedError, match="failoverctl attach"), MANAGED_LOGIN.open(detached):
        pass
