"""What Route 53 holds each health check to be: from what its checkers find, to what its name servers know."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sandbox.health_checkers.endpoint_check import HealthCheckResult
from sandbox.health_checkers.locations import PUBLISHED_RANGES, Checker, list_checkers
from sandbox.route53.errors import build_invalid_input_error
from sandbox.route53.health_checks import HealthCheck, HealthChecks
from sandbox.route53.wire import Parameters

_HEALTHY_FRACTION = 0.18
"""More than this share of the checkers has to find an endpoint healthy (AWS documentation)."""


@dataclass(slots=True)
class _CheckerState:
    """What one checker holds an endpoint to be: healthy at first, then what enough findings in a row have said."""

    healthy: bool = True
    contrary_results: int = 0
    last_result: HealthCheckResult | None = None
    last_failure: HealthCheckResult | None = None

    def record(self, result: HealthCheckResult, *, threshold: int) -> None:
        self.last_result = result
        if not result.passed:
            self.last_failure = result
        self.contrary_results = 0 if result.passed is self.healthy else self.contrary_results + 1
        if self.contrary_results >= threshold:
            self.healthy, self.contrary_results = result.passed, 0


@dataclass(slots=True)
class _StatusHistory:
    """What is known of one check.

    Attributes
    ----------
    silent
        Checkers that have fallen silent; what they held the endpoint to be before counts no more.
    metric_healthy
        What the data stream of its alarm said last, when it said anything.
    became
        What the name servers know it to be and since when it is so, in seconds of the clock; then what it became after.

    """

    checker_states: dict[Checker, _CheckerState] = field(default_factory=dict)
    silent_checkers: set[Checker] = field(default_factory=set)
    metric_healthy: bool = True
    endpoint_healthy: bool = True
    transitions: list[tuple[float, bool]] = field(default_factory=list)


class HealthCheckStatuses:
    """The status of every health check.

    Parameters
    ----------
    checks
        The checks as they are set.
    clock
        Seconds since the epoch.
    reports
        Whether a checker's findings arrive now. One that falls silent is not counted until it has found something
        again, and while less than half are counted, the status stays.

    Attributes
    ----------
    propagation_seconds
        How long the name servers take to learn of a new status; may be set at any time.
    metric_state
        What the data stream of a check's alarm says now: healthy, unhealthy, or None for too little data.

    """

    def __init__(
        self,
        *,
        checks: HealthChecks,
        clock: Callable[[], float],
        is_reporting: Callable[[Checker], bool] = lambda _checker: True,
    ) -> None:
        self.propagation_seconds = 0.0
        self.is_reporting = is_reporting
        self.evaluate_metric: Callable[[HealthCheck], bool | None] = lambda _check: None
        self._checks = checks
        self._clock = clock
        self._histories: dict[str, _StatusHistory] = {}
        self.operations = {
            "GetCheckerIpRanges": self.get_checker_ranges,
            "GetHealthCheckStatus": self.get_status,
            "GetHealthCheckLastFailureReason": self.get_last_failure_reason,
        }

    def record_result(self, check: HealthCheck, checker: Checker, result: HealthCheckResult) -> None:
        """Take note of what a checker has found."""
        watched = self._get_history(check.id)
        if checker in watched.silent_checkers:
            watched.silent_checkers.remove(checker)
            watched.checker_states[checker] = _CheckerState(healthy=result.passed)
        opinion = watched.checker_states.setdefault(checker, _CheckerState())
        opinion.record(result, threshold=check.config["FailureThreshold"])
        self.refresh()

    def refresh(self) -> None:
        """Bring every status up to date; a deleted check keeps the last one it had."""
        now = self._clock()
        for check in self._checks.iterate_all():
            watched = self._get_history(check.id)
            healthy = self._compute_status(check)
            if not watched.transitions or watched.transitions[-1][1] is not healthy:
                watched.transitions.append((now, healthy))
        for watched in self._histories.values():
            self._drop_old_transitions(watched, now)

    def is_healthy(self, check_id: str) -> bool:
        """Tell what the name servers hold a check to be; one that never existed is healthy."""
        self.refresh()
        watched = self._histories.get(check_id)
        if watched is None:
            return True
        _, status = watched.transitions[0]
        return status

    def get_checker_ranges(self, _account: str, _parameters: Parameters) -> dict[str, Any]:
        """Answer GetCheckerIpRanges."""
        return {"CheckerIpRanges": list(PUBLISHED_RANGES)}

    def get_status(self, account: str, parameters: Parameters) -> dict[str, Any]:
        """Answer GetHealthCheckStatus: the last finding of each checker."""
        return self._list_observations(account, parameters, "GetHealthCheckStatus", lambda opinion: opinion.last_result)

    def get_last_failure_reason(self, account: str, parameters: Parameters) -> dict[str, Any]:
        """Answer GetHealthCheckLastFailureReason: the last failure each checker has found."""
        operation = "GetHealthCheckLastFailureReason"
        return self._list_observations(account, parameters, operation, lambda opinion: opinion.last_failure)

    def _list_observations(
        self,
        account: str,
        parameters: Parameters,
        operation: str,
        select_result: Callable[[_CheckerState], HealthCheckResult | None],
    ) -> dict[str, Any]:
        check = self._checks.require(account, parameters["HealthCheckId"])
        if check.config["Type"] == "CALCULATED":
            raise build_invalid_input_error(f"{operation} can't be used for a calculated health check: {check.id}")
        opinions = self._get_history(check.id).checker_states
        checkers = list_checkers(check.config.get("Regions", ()))
        findings = ((checker, select_result(opinions[checker])) for checker in checkers if checker in opinions)
        return {
            "HealthCheckObservations": [
                {
                    "Region": checker.region,
                    "IPAddress": checker.address,
                    "StatusReport": {"Status": finding.report, "CheckedTime": finding.checked_at},
                }
                for checker, finding in findings
                if finding is not None
            ]
        }

    def _get_history(self, check_id: str) -> _StatusHistory:
        return self._histories.setdefault(check_id, _StatusHistory())

    def _drop_old_transitions(self, history: _StatusHistory, now: float) -> None:
        """Keep the newest status that the name servers know, first, and what they are still to learn.

        A check's first status is known from the beginning: nobody ever held it to be anything else.
        """
        while len(history.transitions) > 1 and history.transitions[1][0] <= now - self.propagation_seconds:
            del history.transitions[0]

    def _compute_status(self, check: HealthCheck) -> bool:
        # A disabled check counts as healthy, an inverted one as the opposite of what it would count as.
        as_found = check.config["Disabled"] or self._compute_raw_status(check)
        return bool(as_found) is not check.config["Inverted"]

    def _compute_raw_status(self, check: HealthCheck) -> bool:
        match check.config["Type"]:
            case "CALCULATED":
                needed: int = check.config["HealthThreshold"]
                return (
                    sum(self._compute_child_status(child) for child in check.config.get("ChildHealthChecks", ()))
                    >= needed
                )
            case "CLOUDWATCH_METRIC":
                return self._compute_metric_status(check)
            case "RECOVERY_CONTROL":
                return True  # nobody switches routing controls here
            case _:
                return self._compute_endpoint_status(check)

    def _compute_child_status(self, check_id: str) -> bool:
        child = self._checks.find_any(check_id)
        if child is not None:
            return self._compute_status(child)
        became = self._get_history(check_id).transitions
        return became[-1][1] if became else True

    def _compute_endpoint_status(self, check: HealthCheck) -> bool:
        watched = self._get_history(check.id)
        checkers = list_checkers(check.config.get("Regions", ()))
        watched.silent_checkers |= {checker for checker in checkers if not self.is_reporting(checker)}
        counted = [checker for checker in checkers if checker not in watched.silent_checkers]
        if 2 * len(counted) >= len(checkers):
            found_healthy = sum(watched.checker_states.get(checker, _CheckerState()).healthy for checker in counted)
            watched.endpoint_healthy = found_healthy > _HEALTHY_FRACTION * len(counted)
        return watched.endpoint_healthy

    def _compute_metric_status(self, check: HealthCheck) -> bool:
        watched = self._get_history(check.id)
        state = self.evaluate_metric(check)
        if state is not None:
            watched.metric_healthy = state
            return state
        match check.config.get("InsufficientDataHealthStatus", "LastKnownStatus"):
            case "Healthy":
                return True
            case "Unhealthy":
                return False
            case _:
                return watched.metric_healthy
