"""The preflight function: runs the checks, stores the result for the controller, and publishes metrics."""

import json
import logging
from collections.abc import Callable, Mapping
from typing import Any, TextIO

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import MetricUnit

from cognito_failover.common.errors import LedgerUnavailableError, RequestError
from cognito_failover.common.text import format_iso_millis
from cognito_failover.core.ports.stores import PreflightStore
from cognito_failover.core.preflight_result import CheckOutcome, CheckSeverity, PreflightResult
from cognito_failover.preflight.facts import CachedSnapshot, CheckContext
from cognito_failover.preflight.registry import ALL_CHECKS
from cognito_failover.preflight.runner import RUN_TIMEOUT_SECONDS, run_checks
from cognito_failover.telemetry.metrics import Metric, MetricSet, to_emf
from cognito_failover.telemetry.non_blocking_stream import NonBlockingStream

_ANSWER_RESERVE_SECONDS = 5.0
"""Part of the remaining time that is reserved to store the result and to answer."""


class PreflightFunction:
    """Handles the function's events.

    Parameters
    ----------
    make_context
        Returns the sources of facts, new for each run.
    ledger
        Stores the result.
    service
        The function's name, in every log line and as the dimension of every metric.
    stream
        Receives log lines and metrics.

    """

    def __init__(
        self, *, make_context: Callable[[], CheckContext], ledger: PreflightStore, service: str, stream: TextIO
    ) -> None:
        self._make_context = make_context
        self._ledger = ledger
        self._service = service
        self._stream = NonBlockingStream(stream)
        self._logger = Logger(service=service, logger_handler=logging.StreamHandler(self._stream), utc=True)

    def handle(self, event: object, *, remaining_seconds: Callable[[], float]) -> dict[str, Any]:
        """Run the checks, and return every finding.

        Parameters
        ----------
        event
            ``{"active": …}`` from a person. Any event without ``active`` is from the schedule.
        remaining_seconds
            Returns how long the process may still run.

        Raises
        ------
        LedgerUnavailableError
            If the result of a scheduled run can't be stored. Only this error shows it. A manual run reports it in the
            answer.

        """
        try:
            is_manual, active = _parse_request(event)
        except RequestError as error:
            return {"done": False, "message": str(error), "refused_by": "request"}
        seconds = min(RUN_TIMEOUT_SECONDS, remaining_seconds() - _ANSWER_RESERVE_SECONDS)
        preflight = run_checks(
            CachedSnapshot(self._make_context()), ALL_CHECKS, active=active, timeout_seconds=max(0.0, seconds)
        )
        store_error = self._store(preflight, is_manual=is_manual)
        self._publish(preflight, store_error)
        return {"done": True, "kept_problem": store_error, **to_json(preflight)}

    def _store(self, preflight: PreflightResult, *, is_manual: bool) -> str:
        try:
            self._ledger.save_preflight(preflight)
        except LedgerUnavailableError as error:
            if not is_manual:
                raise
            return str(error)
        return ""

    def _publish(self, preflight: PreflightResult, store_error: str) -> None:
        failed = [f"{finding.check} ({finding.severity}): {finding.message}" for finding in preflight.list_failed()]
        self._logger.info(
            "The preflight run is complete.",
            extra={
                "failed": failed,
                "unknown": [f"{finding.check}: {finding.message}" for finding in preflight.unknown],
                "passed": _count_passed(preflight),
                "kept_problem": store_error,
            },
        )
        self._stream.write(json.dumps(to_emf(build_metrics(preflight), service=self._service)) + "\n")


def build_metrics(preflight: PreflightResult) -> MetricSet:
    """Return the metrics of a run. Unknown checks do not count as failed, so a dead Region causes no alarm here."""
    counts = {
        "PreflightHighFailed": len(preflight.list_failed(CheckSeverity.HIGH)),
        "PreflightFailed": len(preflight.list_failed()),
        "PreflightUnknown": len(preflight.unknown),
    }
    return MetricSet(
        metrics=tuple(Metric(name=name, unit=MetricUnit.Count, value=count) for name, count in counts.items())
    )


def to_json(preflight: PreflightResult) -> dict[str, Any]:
    """Return a result with every finding as JSON values."""
    return {
        "at": format_iso_millis(preflight.at),
        "high_failed": len(preflight.list_failed(CheckSeverity.HIGH)),
        "findings": [
            {
                "check": finding.check,
                "severity": finding.severity,
                "outcome": finding.outcome,
                "message": finding.message,
                "remedy": finding.remedy,
                "blocks_failover": finding.blocks_failover,
                "table": [list(row) for row in finding.table],
            }
            for finding in preflight.findings
        ],
    }


def _count_passed(preflight: PreflightResult) -> int:
    return sum(finding.outcome is CheckOutcome.PASSED for finding in preflight.findings)


def _parse_request(event: object) -> tuple[bool, bool]:
    """Return whether a person requested the run, and whether to run the active checks.

    Raises
    ------
    RequestError
        If the event has ``active``, but is not valid.

    """
    if not isinstance(event, Mapping) or "active" not in event:
        return False, False
    active = event["active"]
    if not isinstance(active, bool) or set(event) != {"active"}:
        raise RequestError('The event must be {"active": false}, or {"active": true} to also try writes.')
    return True, active
