"""A site in memory, and measurements to make there."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

from failover.levers.authority import Answer, Look, Question
from failover.probe.canary import Credentials
from failoverctl.measure.measurement import Assumption, Measurement, Sample
from failoverctl.measure.site import Site
from failoverctl.measure.subject import Subject

if TYPE_CHECKING:
    from failover.probe.https import Https

SUBJECT = Subject(
    stack="cognito-failover",
    primary="ap-northeast-1",
    standby="us-east-1",
    pool_id="ap-northeast-1_AbCdEfGhI",
    client_id="client",
    secret_arn="arn:aws:secretsmanager:us-east-1:123456789012:secret:canary",
    zone_id="Z1",
    domain_name="auth.example.com",
    managed_login="",
    targets={},
    probe_path="",
    latch_bucket="",
)


class Clock:
    """Goes forward when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.on_sleep: Callable[[], object] = lambda: None

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.on_sleep()


class NameServers:
    """Answer what a function of the server's name says."""

    def __init__(self, answer: Callable[[str], Sequence[Answer]]) -> None:
        self.answer = answer

    def look(
        self,
        name_servers: Sequence[str],
        questions: Sequence[Question],
        *,
        hosts: Sequence[Question],  # noqa: ARG002 - the protocol's
        budget_seconds: float,  # noqa: ARG002 - as above
    ) -> Look:
        answers = {server: dict.fromkeys(questions, tuple(self.answer(server))) for server in name_servers}
        return Look(answers=answers, addresses={})


def site(
    clock: Clock | None = None,
    *,
    name_servers: NameServers | None = None,
    https: object = None,
    clients: Mapping[str, Any] | None = None,
    told: list[str] | None = None,
) -> Site:
    """Return a site with these parts."""
    clock, told = clock or Clock(), [] if told is None else told
    return Site(
        subject=SUBJECT,
        client=lambda service, _region: (clients or {})[service],
        https=cast("Https", https),
        authority=name_servers or NameServers(lambda _server: ()),
        credentials=lambda: Credentials(version="1", username="canary", password="secret-of-the-canary"),
        ask_operator=lambda _event: {},
        now=clock,
        monotonic=clock,
        sleep=clock.sleep,
        note=told.append,
    )


def measurement(
    *assumptions: Assumption,
    name: str = "example",
    once: Callable[[], Sample] = Sample,
    closed: list[str] | None = None,
) -> Measurement:
    """Return a measurement that makes nothing, and notes when it is taken away."""

    @contextmanager
    def opened(_site: Site) -> Iterator[Callable[[], Sample]]:
        try:
            yield once
        finally:
            if closed is not None:
                closed.append(name)

    return Measurement(
        name=name,
        asks="What is it?",
        makes="nothing",
        costs="nothing",
        lasts_seconds=(10, 5),
        assumptions=assumptions,
        open=opened,
    )
