"""The status of Route 53's health checks, as its name servers use it.

Sources: the API reference of Route 53 (HealthCheckConfig, GetHealthCheckStatus) and its Developer Guide, "How Amazon
Route 53 determines whether a health check is healthy".
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

from botocore.config import Config
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.client import CloudWatchClient
    from mypy_boto3_route53.client import Route53Client

# A person waits for the answer, and no move is in progress. Route 53 takes few requests a second.
HEALTH_CHECK_CONFIG = Config(connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 4, "mode": "standard"})

_HEALTHY_FRACTION = 0.18
"""An endpoint is healthy if more than this share of the health checkers reports success."""

_NO_CHECK_CODE = "NoSuchHealthCheck"

type _Config = Mapping[str, Any]


class HealthVerdict(StrEnum):
    """What Route 53's name servers make of a health check."""

    HEALTHY = "healthy"
    UNHEALTHY = "unhealthy"
    UNKNOWN = "unknown"
    MISSING = "missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthCheckStatus:
    """The status of one health check.

    Attributes
    ----------
    verdict
        What the name servers make of it.
    reason
        The reason for the verdict, as a clause.
    defects
        Why its verdict does not depend on what it checks, as clauses; also those of its child checks.

    """

    check_id: str
    verdict: HealthVerdict
    reason: str
    defects: tuple[str, ...] = ()


class HealthCheckReader(Protocol):
    """Reads the status of health checks. An error of the service passes through."""

    def read_status(self, check_id: str) -> HealthCheckStatus:
        """Return the status of a health check."""
        ...


class Route53HealthChecks:
    """Reads health checks of this account from Route 53, and the alarms that they follow from CloudWatch.

    Parameters
    ----------
    get_client
        Returns the client of a service in a Region.
    region
        The Region of the Route 53 client.

    """

    def __init__(self, get_client: Callable[[str, str], Any], *, region: str) -> None:
        self._get_client = get_client
        self._region = region

    def read_status(self, check_id: str) -> HealthCheckStatus:
        """Return the status of a health check; see `HealthCheckReader`."""
        route53: Route53Client = self._get_client("route53", self._region)
        try:
            config: _Config = route53.get_health_check(HealthCheckId=check_id)["HealthCheck"]["HealthCheckConfig"]
        except ClientError as error:
            if error.response["Error"]["Code"] != _NO_CHECK_CODE:
                raise
            reason = "it does not exist in this account"
            return HealthCheckStatus(
                check_id=check_id,
                verdict=HealthVerdict.MISSING,
                reason=reason,
                defects=(f"{check_id} does not exist in this account",),
            )
        if config.get("Disabled"):
            return _judge_disabled(check_id, is_inverted=bool(config.get("Inverted")))
        match config["Type"]:
            case "CALCULATED":
                children = [self.read_status(child) for child in config.get("ChildHealthChecks", ())]
                status = _judge_children(check_id, children, threshold=config.get("HealthThreshold", len(children)))
            case "CLOUDWATCH_METRIC":
                status = _judge_alarm(check_id, config, self._read_alarm_state(config["AlarmIdentifier"]))
            case "RECOVERY_CONTROL":
                status = _build_unknown(check_id, "it follows a routing control, whose state is not read")
            case _:
                observations = route53.get_health_check_status(HealthCheckId=check_id)["HealthCheckObservations"]
                status = _judge_reports(
                    check_id, [observation.get("StatusReport", {}).get("Status", "") for observation in observations]
                )
        return _invert(status) if config.get("Inverted") else status

    def _read_alarm_state(self, alarm: Mapping[str, str]) -> str:
        """Return the state of an alarm; empty if it does not exist."""
        cloudwatch: CloudWatchClient = self._get_client("cloudwatch", alarm["Region"])
        alarms = cloudwatch.describe_alarms(AlarmNames=[alarm["Name"]], AlarmTypes=["MetricAlarm"])["MetricAlarms"]
        return alarms[0]["StateValue"] if alarms else ""


def _judge_disabled(check_id: str, *, is_inverted: bool) -> HealthCheckStatus:
    # Disabled counts as healthy, and the inversion applies to that (API reference, HealthCheckConfig, Disabled).
    verdict = HealthVerdict.UNHEALTHY if is_inverted else HealthVerdict.HEALTHY
    state = "disabled and inverted" if is_inverted else "disabled"
    reason = f"it is {state}, so it always counts as {verdict}"
    return HealthCheckStatus(
        check_id=check_id,
        verdict=verdict,
        reason=reason,
        defects=(f"{check_id} is {state}, so it always counts as {verdict}",),
    )


def _judge_reports(check_id: str, reports: Sequence[str]) -> HealthCheckStatus:
    """Judge an endpoint by the last report of each health checker, such as "Success: HTTP Status Code 200, OK"."""
    words = [report.strip().lower() for report in reports]
    succeeded = sum(word.startswith("success") for word in words)
    reported = succeeded + sum(word.startswith("failure") for word in words)
    if not reported:
        return _build_unknown(check_id, "no health checker has reported yet")
    is_healthy = succeeded > _HEALTHY_FRACTION * reported
    failure = next((report for report in reports if report.strip().lower().startswith("failure")), "")
    example = f' ("{failure}")' if failure and not is_healthy else ""
    return HealthCheckStatus(
        check_id=check_id,
        verdict=HealthVerdict.HEALTHY if is_healthy else HealthVerdict.UNHEALTHY,
        reason=f"{succeeded} of {reported} health checkers report success{example}",
    )


def _judge_children(check_id: str, children: Sequence[HealthCheckStatus], *, threshold: int) -> HealthCheckStatus:
    verdicts = [child.verdict for child in children]
    healthy = verdicts.count(HealthVerdict.HEALTHY)
    if healthy >= threshold:
        verdict = HealthVerdict.HEALTHY
    elif len(children) - verdicts.count(HealthVerdict.UNHEALTHY) < threshold:
        verdict = HealthVerdict.UNHEALTHY
    else:
        # AWS documents a deleted check both as healthy and as unpredictable.
        verdict = HealthVerdict.UNKNOWN
    others = "".join(
        f"; {child.check_id} is {child.verdict}: {child.reason}"
        for child in children
        if child.verdict is not HealthVerdict.HEALTHY
    )
    return HealthCheckStatus(
        check_id=check_id,
        verdict=verdict,
        reason=f"{healthy} of its {len(children)} child checks are healthy, and it needs {threshold}{others}",
        defects=tuple(defect for child in children for defect in child.defects),
    )


def _judge_alarm(check_id: str, config: _Config, state: str) -> HealthCheckStatus:
    name = config["AlarmIdentifier"]["Name"]
    if not state:
        return _build_unknown(check_id, f"its alarm {name} does not exist")
    by_setting = {"Healthy": HealthVerdict.HEALTHY, "Unhealthy": HealthVerdict.UNHEALTHY}
    by_state = {
        "OK": HealthVerdict.HEALTHY,
        "ALARM": HealthVerdict.UNHEALTHY,
        "INSUFFICIENT_DATA": by_setting.get(config.get("InsufficientDataHealthStatus", ""), HealthVerdict.UNKNOWN),
    }
    verdict = by_state.get(state, HealthVerdict.UNKNOWN)
    return HealthCheckStatus(check_id=check_id, verdict=verdict, reason=f"its alarm {name} is in the state {state}")


def _build_unknown(check_id: str, reason: str) -> HealthCheckStatus:
    return HealthCheckStatus(check_id=check_id, verdict=HealthVerdict.UNKNOWN, reason=reason)


def _invert(status: HealthCheckStatus) -> HealthCheckStatus:
    inverse = {
        HealthVerdict.HEALTHY: HealthVerdict.UNHEALTHY,
        HealthVerdict.UNHEALTHY: HealthVerdict.HEALTHY,
    }
    return HealthCheckStatus(
        check_id=status.check_id,
        verdict=inverse.get(status.verdict, status.verdict),
        reason=f"{status.reason}, and it is inverted",
        defects=status.defects,
    )
