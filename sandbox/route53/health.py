"""What Route 53 holds each health check to be: from what its checkers find, to what its name servers know."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sandbox.checkers.places import PUBLISHED_RANGES, Checker, checkers_in
from sandbox.checkers.request import Finding
from sandbox.route53.errors import invalid_input
from sandbox.route53.health_checks import HealthCheck, HealthChecks
from sandbox.route53.wire import Parameters

_SHARE_TO_BE_HEALTHY = 0.18
"""More than this share of the checkers has to find an endpoint healthy (AWS documentation)."""


@dataclass(slots=True)
class _Opinion:
    """What one checker holds an endpoint to be: healthy at first, then what enough findings in a row have said."""

    healthy: bool = True
    against: int = 0
    last: Finding | None = None
    last_failure: Finding | None = None

    def hear(self, finding: Finding, *, threshold: int) -> None:
        self.last = finding
        if not finding.passed:
            self.last_failure = finding
        self.against = 0 if finding.passed is self.healthy else self.against + 1
        if self.against >= threshold:
            self.healthy, self.against = finding.passed, 0


@dataclass(slots=True)
class _Watched:
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

    opinions: dict[Checker, _Opinion] = field(default_factory=dict)
    silent: set[Checker] = field(default_factory=set)
    metric_healthy: bool = True
    endpoint_healthy: bool = True
    became: list[tuple[float, bool]] = field(default_factory=list)


class Health:
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
        reports: Callable[[Checker], bool] = lambda _checker: True,
    ) -> None:
        self.propagation_seconds = 0.0
        self.reports = reports
        self.metric_state: Callable[[HealthCheck], bool | None] = lambda _check: None
        self._checks = checks
        self._clock = clock
        self._watched: dict[str, _Watched] = {}
        self.operations = {
            "GetCheckerIpRanges": self.ranges,
            "GetHealthCheckStatus": self.status,
            "GetHealthCheckLastFailureReason": self.last_failure_reason,
        }

    def found(self, check: HealthCheck, checker: Checker, finding: Finding) -> None:
        """Take note of what a checker has found."""
        watched = self._of(check.id)
        if checker in watched.silent:
            watched.silent.remove(checker)
            watched.opinions[checker] = _Opinion(healthy=finding.passed)
        opinion = watched.opinions.setdefault(checker, _Opinion())
        opinion.hear(finding, threshold=check.config["FailureThreshold"])
        self.refresh()

    def refresh(self) -> None:
        """Bring every status up to date; a deleted check keeps the last one it had."""
        now = self._clock()
        for check in self._checks.every():
            watched = self._of(check.id)
            healthy = self._status(check)
            if not watched.became or watched.became[-1][1] is not healthy:
                watched.became.append((now, healthy))
        for watched in self._watched.values():
            self._forget(watched, now)

    def healthy(self, check_id: str) -> bool:
        """Tell what the name servers hold a check to be; one that never existed is healthy."""
        self.refresh()
        watched = self._watched.get(check_id)
        if watched is None:
            return True
        _, status = watched.became[0]
        return status

    def ranges(self, _account: str, _parameters: Parameters) -> dict[str, Any]:
        """Answer GetCheckerIpRanges."""
        return {"CheckerIpRanges": list(PUBLISHED_RANGES)}

    def status(self, account: str, parameters: Parameters) -> dict[str, Any]:
        """Answer GetHealthCheckStatus: the last finding of each checker."""
        return self._observations(account, parameters, "GetHealthCheckStatus", lambda opinion: opinion.last)

    def last_failure_reason(self, account: str, parameters: Parameters) -> dict[str, Any]:
        """Answer GetHealthCheckLastFailureReason: the last failure each checker has found."""
        operation = "GetHealthCheckLastFailureReason"
        return self._observations(account, parameters, operation, lambda opinion: opinion.last_failure)

    def _observations(
        self, account: str, parameters: Parameters, operation: str, chosen: Callable[[_Opinion], Finding | None]
    ) -> dict[str, Any]:
        check = self._checks.find(account, parameters["HealthCheckId"])
        if check.config["Type"] == "CALCULATED":
            raise invalid_input(f"{operation} can't be used for a calculated health check: {check.id}")
        opinions = self._of(check.id).opinions
        checkers = checkers_in(check.config.get("Regions", ()))
        findings = ((checker, chosen(opinions[checker])) for checker in checkers if checker in opinions)
        return {
            "HealthCheckObservations": [
                {
                    "Region": checker.region,
                    "IPAddress": checker.address,
                    "StatusReport": {"Status": finding.report, "CheckedTime": finding.at},
                }
                for checker, finding in findings
                if finding is not None
            ]
        }

    def _of(self, check_id: str) -> _Watched:
        return self._watched.setdefault(check_id, _Watched())

    def _forget(self, watched: _Watched, now: float) -> None:
        """Keep the newest status that the name servers know, first, and what they are still to learn.

        A check's first status is known from the beginning: nobody ever held it to be anything else.
        """
        while len(watched.became) > 1 and watched.became[1][0] <= now - self.propagation_seconds:
            del watched.became[0]

    def _status(self, check: HealthCheck) -> bool:
        # A disabled check counts as healthy, an inverted one as the opposite of what it would count as.
        as_found = check.config["Disabled"] or self._as_found(check)
        return bool(as_found) is not check.config["Inverted"]

    def _as_found(self, check: HealthCheck) -> bool:
        match check.config["Type"]:
            case "CALCULATED":
                needed: int = check.config["HealthThreshold"]
                return sum(self._child(child) for child in check.config.get("ChildHealthChecks", ())) >= needed
            case "CLOUDWATCH_METRIC":
                return self._metric(check)
            case "RECOVERY_CONTROL":
                return True  # nobody switches routing controls here
            case _:
                return self._endpoint(check)

    def _child(self, check_id: str) -> bool:
        child = self._checks.known(check_id)
        if child is not None:
            return self._status(child)
        became = self._of(check_id).became
        return became[-1][1] if became else True

    def _endpoint(self, check: HealthCheck) -> bool:
        watched = self._of(check.id)
        checkers = checkers_in(check.config.get("Regions", ()))
        watched.silent |= {checker for checker in checkers if not self.reports(checker)}
        counted = [checker for checker in checkers if checker not in watched.silent]
        if 2 * len(counted) >= len(checkers):
            found_healthy = sum(watched.opinions.get(checker, _Opinion()).healthy for checker in counted)
            watched.endpoint_healthy = found_healthy > _SHARE_TO_BE_HEALTHY * len(counted)
        return watched.endpoint_healthy

    def _metric(self, check: HealthCheck) -> bool:
        watched = self._of(check.id)
        state = self.metric_state(check)
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
