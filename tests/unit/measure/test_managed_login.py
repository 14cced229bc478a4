"""The measurement that moves users: its requirements, and its samples of a drill."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest

from cognito_failover.probe.https_client import HttpResponse, HttpsEndpoint
from cognito_failover.routing.latch.s3_switch import RELEASED_TOKEN, THROWN_TOKEN
from failoverctl.measure import managed_login
from failoverctl.measure.context import MeasurementContext
from failoverctl.measure.deployment import DeploymentInfo
from failoverctl.measure.managed_login import MANAGED_LOGIN
from failoverctl.measure.measurement import MeasurementError, MeasurementNotAllowedError, MeasurementSample
from tests.unit.measure.examples import EXAMPLE_DEPLOYMENT, ScriptedNameServers, SteppingClock, make_context

ATTACHED = {"latches": {"domain": {"attached": True}}}
WITH_LOGIN = replace(EXAMPLE_DEPLOYMENT, managed_login_domain="login.example.com", latch_bucket="latch")


class ScriptedDrill:
    """A drill that throws the domain's latch after 10 s and releases it after 60 s. DNS and page follow later."""

    def __init__(self, *, done: bool = True, throws: bool = True) -> None:
        self.clock = SteppingClock()
        self.done, self.throws = done, throws
        self.started_at: float | None = None
        self.messages: list[str] = []

    @property
    def elapsed_seconds(self) -> float:
        return -1.0 if self.started_at is None else self.clock.now - self.started_at

    def invoke_operator(self, event: Mapping[str, Any]) -> Mapping[str, Any]:
        if event["action"] == "drill":
            self.started_at = self.clock.now if self.done else None
            return {"done": self.done, "message": "users-on-primary: not all users are on the primary"}
        return {"status": ATTACHED | {"drill": {"stage": "moving-out"} if 0 <= self.elapsed_seconds < 100 else None}}

    def is_thrown(self, delay_seconds: float = 0) -> bool:
        return self.throws and 10 + delay_seconds <= self.elapsed_seconds < 60 + delay_seconds

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: ARG002, N803 - the service's names
        token = THROWN_TOKEN if self.is_thrown() else RELEASED_TOKEN
        return {"Body": BytesIO(f"{token} 7".encode()), "ETag": '"7"'}

    def get_hosted_zone(self, *, Id: str) -> dict[str, Any]:  # noqa: ARG002, N803 - as above
        return {"DelegationSet": {"NameServers": ["ns-1"]}}

    def get(self, _endpoint: HttpsEndpoint, _path: str = "/") -> HttpResponse:
        return HttpResponse(status=200, headers={}, body=b"")

    def make_context(self) -> MeasurementContext:
        servers = ScriptedNameServers(
            lambda _server: [frozenset({"us-east-1" if self.is_thrown(5) else "ap-northeast-1"})]
        )
        context = make_context(
            self.clock, name_servers=servers, https=self, clients={"s3": self, "route53": self}, messages=self.messages
        )
        return replace(context, deployment=WITH_LOGIN, invoke_operator=self.invoke_operator)


@pytest.fixture(autouse=True)
def page(monkeypatch: pytest.MonkeyPatch) -> Callable[[ScriptedDrill], None]:
    """Return a function that patches the sign-up page. The page follows the latch after 7 s."""

    def patch_page(drill: ScriptedDrill) -> None:
        class ScriptedLoginPage:
            def __init__(self, _context: MeasurementContext) -> None:
                pass

            def submit_sign_up(self) -> str:
                return "400 not enabled" if drill.is_thrown(7) else "200 too short"

        monkeypatch.setattr(managed_login, "SignUpPage", ScriptedLoginPage)

    return patch_page


def run_measurement(drill: ScriptedDrill) -> MeasurementSample:
    with MANAGED_LOGIN.open_session(drill.make_context()) as take_sample:
        return take_sample()


def test_sample_has_propagation_times_in_both_directions(page: Callable[[ScriptedDrill], None]) -> None:
    drill = ScriptedDrill()
    page(drill)

    sample = run_measurement(drill)

    assert {stage: round(seconds) for stage, seconds in sample.seconds.items()} == {
        "thrown, name servers": 5,
        "thrown, managed login": 7,
        "released, name servers": 5,
        "released, managed login": 7,
    }
    assert sample.answers == {"the Region that answers": "it shows", "requests that failed": "none"}


def test_refused_drill_is_reported_with_reason(page: Callable[[ScriptedDrill], None]) -> None:
    drill = ScriptedDrill(done=False)
    page(drill)

    with pytest.raises(MeasurementNotAllowedError, match=r"Users did not move. users-on-primary"):
        run_measurement(drill)


def test_drill_without_thrown_latch_gives_no_sample(page: Callable[[ScriptedDrill], None]) -> None:
    drill = ScriptedDrill(throws=False)
    page(drill)

    with pytest.raises(MeasurementError, match="failoverctl history shows why"):
        run_measurement(drill)


def test_ctrl_c_reports_that_the_drill_continues(page: Callable[[ScriptedDrill], None]) -> None:
    drill = ScriptedDrill()
    page(drill)

    def raise_interrupt() -> None:
        if drill.elapsed_seconds > 20:
            raise KeyboardInterrupt

    drill.clock.on_sleep = raise_interrupt
    with pytest.raises(KeyboardInterrupt):
        run_measurement(drill)

    assert "To return them now: failoverctl abort." in drill.messages[-1]


@pytest.mark.parametrize(
    ("deployment", "parameter"),
    [
        (replace(WITH_LOGIN, managed_login_domain=""), "ManagedLoginDomain"),
        (replace(WITH_LOGIN, latch_bucket=""), "LatchType"),
    ],
    ids=["no domain", "no object"],
)
def test_missing_stack_parameter_is_named_in_the_error(deployment: DeploymentInfo, parameter: str) -> None:
    context = replace(ScriptedDrill().make_context(), deployment=deployment)

    with pytest.raises(MeasurementNotAllowedError, match=parameter), MANAGED_LOGIN.open_session(context):
        pass


def test_detached_latch_is_rejected_with_advice() -> None:
    context = replace(
        ScriptedDrill().make_context(),
        invoke_operator=lambda _event: {"status": {"latches": {"domain": {"attached": False}}}},
    )

    with pytest.raises(MeasurementNotAllowedError, match="failoverctl attach"), MANAGED_LOGIN.open_session(context):
        pass
