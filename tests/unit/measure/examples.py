"""An in-memory measurement context, and example measurements."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

from cognito_failover.probe.canary_credentials import Credentials
from cognito_failover.routing.dns.question import DnsAnswer, DnsAnswers, DnsQuestion
from failoverctl.measure.context import MeasurementContext
from failoverctl.measure.deployment import DeploymentInfo
from failoverctl.measure.measurement import Assumption, Measurement, MeasurementSample

if TYPE_CHECKING:
    from cognito_failover.probe.https_client import HttpsClient

EXAMPLE_DEPLOYMENT = DeploymentInfo(
    stack_name="cognito-failover",
    primary="ap-northeast-1",
    standby="us-east-1",
    pool_id="ap-northeast-1_AbCdEfGhI",
    client_id="client",
    secret_arn="arn:aws:secretsmanager:us-east-1:123456789012:secret:canary",
    zone_id="Z1",
    domain_name="auth.example.com",
    managed_login_domain="",
    targets={},
    probe_path="",
    latch_bucket="",
)


class SteppingClock:
    """A clock that advances only when `sleep` is called."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.on_sleep: Callable[[], object] = lambda: None

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.on_sleep()


class ScriptedNameServers:
    """Name servers whose answers come from a function of the server's name."""

    def __init__(self, answer: Callable[[str], Sequence[DnsAnswer]]) -> None:
        self.answer = answer

    def query(
        self,
        name_servers: Sequence[str],
        questions: Sequence[DnsQuestion],
        *,
        hosts: Sequence[DnsQuestion],  # noqa: ARG002 - the protocol's
        budget_seconds: float,  # noqa: ARG002 - as above
    ) -> DnsAnswers:
        answers = {server: dict.fromkeys(questions, tuple(self.answer(server))) for server in name_servers}
        return DnsAnswers(answers=answers, addresses={})


def make_context(
    clock: SteppingClock | None = None,
    *,
    name_servers: ScriptedNameServers | None = None,
    https: object = None,
    clients: Mapping[str, Any] | None = None,
    messages: list[str] | None = None,
) -> MeasurementContext:
    """Return a measurement context with these parts."""
    clock, messages = clock or SteppingClock(), [] if messages is None else messages
    return MeasurementContext(
        deployment=EXAMPLE_DEPLOYMENT,
        get_client=lambda service, _region: (clients or {})[service],
        https=cast("HttpsClient", https),
        authoritative_dns=name_servers or ScriptedNameServers(lambda _server: ()),
        read_credentials=lambda: Credentials(version="1", username="canary", password="secret-of-the-canary"),
        invoke_operator=lambda _event: {},
        now=clock,
        monotonic=clock,
        sleep=clock.sleep,
        print_progress=messages.append,
    )


def make_measurement(
    *assumptions: Assumption,
    name: str = "example",
    once: Callable[[], MeasurementSample] = MeasurementSample,
    closed: list[str] | None = None,
) -> Measurement:
    """Return a measurement that creates nothing, and records in `closed` when it is closed."""

    @contextmanager
    def open_measurement(_context: MeasurementContext) -> Iterator[Callable[[], MeasurementSample]]:
        try:
            yield once
        finally:
            if closed is not None:
                closed.append(name)

    return Measurement(
        name=name,
        question="How long does it take?",
        creates="nothing",
        cost="nothing",
        duration_seconds=(10, 5),
        assumptions=assumptions,
        open_session=open_measurement,
    )
