"""The status of each health check, from the results of its checkers to the status that name servers use."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sandbox.health_checkers.endpoint_check import HealthCheckResult
from sandbox.health_checkers.locations import PUBLISHED_RANGES, Checker, list_checkers
from sandbox.route53.errors import build_invalid_input_error
from sandbox.route53.health_checks import HealthCheck, HealthChecks
from sandbox.route53.wire import Parameters

_HEALTHY_FRACTION = 0.18
"""An endpoint is healthy if more than this share of the checkers report it as healthy (AWS documentation)."""


@dataclass(slots=True)
class _CheckerState:
    """One checker's status of an endpoint: healthy at first, then the result of enough consecutive checks."""

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
    """The recorded state of one check.

    Attributes
    ----------
    silent_checkers
        Checkers that do not report. Their earlier results do not count.
    metric_healthy
        The last status from the data stream of the check's alarm, or None.
    transitions
        The status that name servers use, then later statuses. Each has its start, in seconds of the clock.

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
        The configured checks.
    clock
        Seconds since the epoch.
    is_reporting
        Returns whether a checker's results arrive now. A checker that stops reporting does not count until its next
        result. If less than half of the checkers count, the status stays.

    Attributes
    ----------
    propagation_seconds
        Time until name servers use a new status. It may change at any time.
    evaluate_metric
        Returns the status from the data stream of a check's alarm: healthy, unhealthy, or None for too little data.

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
        """Record a checker's result."""
        watched = self._get_history(check.id)
        if checker in watched.silent_checkers:
            watched.silent_checkers.remove(checker)
            watched.checker_states[checker] = _CheckerState(healthy=result.passed)
        opinion = watched.checker_states.setdefault(checker, _CheckerState())
        opinion.record(result, threshold=check.config["FailureThreshold"])
        self.refresh()

    def refresh(self) -> None:
        """Update every status. A deleted check counts as healthy (AWS documentation, Developer Guide)."""
        now = self._clock()
        for check_id in {*self._histories, *(check.id for check in self._checks.iterate_all())}:
            watched = self._get_history(check_id)
            healthy = self._compute_status_of(check_id)
            if not watched.transitions or watched.transitions[-1][1] is not healthy:
                watched.transitions.append((now, healthy))
            self._drop_old_transitions(watched, now)

    def is_healthy(self, check_id: str) -> bool:
        """Return whether name servers treat a check as healthy. An unknown check is healthy."""
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
        """Answer GetHealthCheckStatus with the last result of each checker."""
        return self._list_observations(account, parameters, "GetHealthCheckStatus", lambda opinion: opinion.last_result)

    def get_last_failure_reason(self, account: str, parameters: Parameters) -> dict[str, Any]:
        """Answer GetHealthCheckLastFailureReason with the last failure of each checker."""
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
        """Keep the status that name servers use, and the statuses that they do not use yet.

        Name servers use a check's first status at once.
        """
        while len(history.transitions) > 1 and history.transitions[1][0] <= now - self.propagation_seconds:
            del history.transitions[0]

    def _compute_status_of(self, check_id: str) -> bool:
        check = self._checks.find_any(check_id)
        if check is None:
            return True  # deleted
        # A disabled check counts as healthy. Inversion applies after that.
        as_found = check.config["Disabled"] or self._compute_raw_status(check)
        return bool(as_found) is not check.config["Inverted"]

    def _compute_raw_status(self, check: HealthCheck) -> bool:
        match check.config["Type"]:
            case "CALCULATED":
                needed: int = check.config["HealthThreshold"]
                return (
                    sum(self._compute_status_of(child) for child in check.config.get("ChildHealthChecks", ())) >= needed
                )
            case "CLOUDWATCH_METRIC":
                return self._compute_metric_status(check)
            case "RECOVERY_CONTROL":
                return True  # the sandbox has no routing controls
            case _:
                return self._compute_endpoint_status(check)

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
