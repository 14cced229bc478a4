"""Measures how fast Cognito's own domain follows its latch. This is the only measurement that moves users.

It requests a lever test from the controller, which moves users there and back, and observes it from outside.
"""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cognito_failover.routing.dns.question import DnsQuestion
from cognito_failover.routing.latch.managed_login_request import check_domain
from cognito_failover.routing.records.region_txt_record import build_region_record_name
from failoverctl.measure.context import MeasurementContext
from failoverctl.measure.measurement import (
    Assumption,
    Measurement,
    MeasurementError,
    MeasurementNotAllowedError,
    MeasurementSample,
    TrafficImpact,
)
from failoverctl.measure.sign_up_page import UNREADABLE, SignUpPage

if TYPE_CHECKING:
    from cognito_failover.routing.latch.s3_switch import S3LatchSwitch

NAME = "managed-login"
REGION_VISIBLE, REGION_NOT_VISIBLE = "it shows", "it shows no difference"

_LATCH_NAME = "domain"
_POLL_INTERVAL_SECONDS = 0.5
_DNS_BUDGET_SECONDS = 2.0
_STATUS_INTERVAL_SECONDS = 10.0
_TIMEOUT_SECONDS = 3600.0


@dataclass(slots=True, kw_only=True)
class _DrillTimeline:
    """First observation of each stage, by the context's monotonic clock."""

    first_seen_at: dict[str, float] = field(default_factory=dict)
    request_count: int = 0
    failure_count: int = 0

    def record(self, stage: str, now: float) -> None:
        self.first_seen_at.setdefault(stage, now)

    def seconds_between(self, earlier: str, later: str) -> float | None:
        return (
            self.first_seen_at[later] - self.first_seen_at[earlier]
            if {earlier, later} <= self.first_seen_at.keys()
            else None
        )


@contextmanager
def _open_session(context: MeasurementContext) -> Iterator[Callable[[], MeasurementSample]]:
    deployment = context.deployment
    if not deployment.managed_login_domain:
        raise MeasurementNotAllowedError(
            "ManagedLoginDomain is not set: the stack moves no domain of Cognito's own. Leave out managed-login."
        )
    if not deployment.latch_bucket:
        raise MeasurementNotAllowedError(
            "LatchType is not object: only an object latch can be observed. Leave out managed-login."
        )
    latch = _read_status(context).get("latches", {}).get(_LATCH_NAME, {})
    if not latch.get("attached"):
        raise MeasurementNotAllowedError(
            "The latch of the domain is not attached. Run failoverctl attach, then this command again."
        )
    yield lambda: _run_drill(context)


def _run_drill(context: MeasurementContext) -> MeasurementSample:
    deployment, page = context.deployment, SignUpPage(context)
    zone = context.route53.get_hosted_zone(Id=deployment.zone_id)
    name_servers = tuple(zone["DelegationSet"]["NameServers"])
    baseline_answer = page.submit_sign_up()
    token = f"measure-{int(context.now())}-{secrets.token_hex(3)}"
    reason = "failoverctl measure: how fast Cognito's own domain follows its latch"
    answer = context.invoke_operator(
        {
            "action": "drill",
            "kind": "lever-test",
            "reason": reason,
            "token": token,
            "requested_by": "failoverctl measure",
        }
    )
    if not answer["done"]:
        raise MeasurementNotAllowedError(f"The drill was refused. Users did not move. {answer['message']}")
    try:
        return _observe_drill(context, page, name_servers=name_servers, baseline_answer=baseline_answer)
    except BaseException:
        context.print_progress(
            "The drill continues, and users return at its end. To return them now: failoverctl abort."
        )
        raise


def _observe_drill(
    context: MeasurementContext, page: SignUpPage, *, name_servers: tuple[str, ...], baseline_answer: str
) -> MeasurementSample:
    timeline, s3 = _DrillTimeline(), context.get_client("s3", context.deployment.standby)
    from cognito_failover.routing.latch.s3_switch import S3LatchSwitch  # noqa: PLC0415 - imports the SDK

    switch = S3LatchSwitch(lambda: s3, bucket=context.deployment.latch_bucket, key=_LATCH_NAME)
    started_at = status_read_at = context.monotonic()
    while True:
        _observe(
            context, timeline, switch=switch, name_servers=name_servers, page=page, baseline_answer=baseline_answer
        )
        now = context.monotonic()
        if now - status_read_at >= _STATUS_INTERVAL_SECONDS:
            status_read_at = now
            status = _read_status(context)
            if status and not status.get("drill"):
                return _create_sample(context, timeline, status)
        if now - started_at > _TIMEOUT_SECONDS:
            raise MeasurementError(
                "The drill does not end. failoverctl watch shows why. To return users now: failoverctl abort."
            )
        context.sleep(_POLL_INTERVAL_SECONDS)


def _observe(
    context: MeasurementContext,
    timeline: _DrillTimeline,
    *,
    switch: "S3LatchSwitch",
    name_servers: tuple[str, ...],
    page: SignUpPage,
    baseline_answer: str,
) -> None:
    deployment = context.deployment
    is_thrown = switch.read()
    now = context.monotonic()
    if is_thrown:
        timeline.record("thrown", now)
    elif "thrown" in timeline.first_seen_at:
        timeline.record("released", now)
    if "thrown" not in timeline.first_seen_at:
        return
    question = DnsQuestion(name=build_region_record_name(deployment.managed_login_domain), record_type="TXT")
    dns_answers = context.authoritative_dns.query(
        name_servers, (question,), hosts=(), budget_seconds=_DNS_BUDGET_SECONDS
    )
    region_answers = [answer for server in name_servers for answer in dns_answers.answers[server][question]]
    stage = "released" if "released" in timeline.first_seen_at else "thrown"
    region = deployment.primary if stage == "released" else deployment.standby
    now = context.monotonic()
    if region_answers and all(answer == {region} for answer in region_answers):
        timeline.record(f"{stage}: record", now)
    timeline.request_count += 1
    timeline.failure_count += not check_domain(context.https, deployment.managed_login_domain).succeeded
    answer = page.submit_sign_up()
    if UNREADABLE not in {answer, baseline_answer} and (answer == baseline_answer) is (stage == "released"):
        timeline.record(f"{stage}: page", context.monotonic())


def _create_sample(context: MeasurementContext, timeline: _DrillTimeline, status: dict[str, Any]) -> MeasurementSample:
    if "thrown" not in timeline.first_seen_at:
        last_drill = status.get("last_drill") or {}
        raise MeasurementError(
            f"The drill ended ({last_drill.get('outcome', 'no outcome')}), and did not throw the latch of the domain. "
            f"failoverctl history shows why."
        )
    stages = {
        "thrown, name servers": timeline.seconds_between("thrown", "thrown: record"),
        "thrown, managed login": timeline.seconds_between("thrown", "thrown: page"),
        "released, name servers": timeline.seconds_between("released", "released: record"),
        "released, managed login": timeline.seconds_between("released", "released: page"),
    }
    context.print_progress(
        f"{timeline.failure_count} of {timeline.request_count} requests through "
        f"{context.deployment.managed_login_domain} failed during the drill."
    )
    region_visibility = REGION_VISIBLE if "thrown: page" in timeline.first_seen_at else REGION_NOT_VISIBLE
    return MeasurementSample(
        seconds={stage: seconds for stage, seconds in stages.items() if seconds is not None},
        answers={
            "the Region that answers": region_visibility,
            "requests that failed": "none" if not timeline.failure_count else "some",
        },
    )


def _read_status(context: MeasurementContext) -> dict[str, Any]:
    return dict(context.invoke_operator({"action": "status"}).get("status") or {})


MANAGED_LOGIN = Measurement(
    name=NAME,
    question="How long until Cognito's own domain answers from the standby after its latch is thrown, and from the "
    "primary after its release?",
    creates="a drill of kind lever-test, which moves the users of every lever there and back",
    cost="nothing",
    duration_seconds=(10, 600),
    assumptions=(
        Assumption(
            name="thrown, name servers",
            rationale="the state TXT record shows that the check took effect",
            max_p95_seconds=60.0,
            if_violated="update docs/latch.md",
        ),
        Assumption(
            name="thrown, managed login",
            rationale="the move is assumed from the state TXT record",
            max_p95_seconds=60.0,
            if_violated="`routing/latch/health_check_latch.py`: wait this time after the state TXT record",
        ),
        Assumption(
            name="released, name servers",
            rationale="same for the failback",
            max_p95_seconds=60.0,
            if_violated="as above",
        ),
        Assumption(
            name="released, managed login",
            rationale="Cognito is assumed to switch back at once and entirely",
            max_p95_seconds=60.0,
            if_violated="as above",
        ),
        Assumption(
            name="the Region that answers",
            rationale="without a difference only DNS is measured",
            expected_answer=REGION_VISIBLE,
            if_violated="look in CloudTrail of both Regions",
        ),
        Assumption(
            name="requests that failed",
            rationale="whether users see errors during the switch",
            expected_answer="none",
            if_violated="update docs/latch.md",
        ),
    ),
    open_session=_open_session,
    traffic_impact=TrafficImpact.USERS,
)
