"""The preflight function: looks, keeps the result where the controller finds it, measures, and answers."""

import json
import logging
from collections.abc import Callable, Mapping
from typing import Any, TextIO

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import MetricUnit

from failover.decision.preflight import Outcome, Preflight, Severity
from failover.errors import LedgerUnavailableError, RequestError
from failover.ledger.ledger import Ledger
from failover.preflight.facts import LiveFacts, Site
from failover.preflight.look import LOOK_SECONDS, look
from failover.preflight.registry import registry
from failover.signals.metrics import Metric, MetricSet, emf
from failover.signals.outlet import Outlet
from failover.timetext import timestamp

_ANSWERING_SECONDS = 5.0
"""What is kept back of the time allowed, to keep the result and to answer."""


class PreflightFunction:
    """Serves the function.

    Parameters
    ----------
    site
        Gives where a look reads, anew for each.
    ledger
        Where the result is kept.
    service
        The function that speaks: in every log line, and the dimension of every metric.
    stream
        Where log lines and metrics go.

    """

    def __init__(self, *, site: Callable[[], Site], ledger: Ledger, service: str, stream: TextIO) -> None:
        self._site = site
        self._ledger = ledger
        self._service = service
        self._outlet = Outlet(stream)
        self._logger = Logger(service=service, logger_handler=logging.StreamHandler(self._outlet), utc=True)

    def handle(self, event: object, *, remaining_seconds: Callable[[], float]) -> dict[str, Any]:
        """Look, and answer with every finding.

        Parameters
        ----------
        event
            A person's ``{"active": …}``; anything without it is the schedule's.
        remaining_seconds
            How long the process is still allowed to run.

        Raises
        ------
        LedgerUnavailableError
            If the result of a look that nobody waits for could not be kept: an error is all that shows it.

        """
        try:
            asked, active = _wish(event)
        except RequestError as error:
            return {"done": False, "message": str(error), "refused_by": "request"}
        seconds = min(LOOK_SECONDS, remaining_seconds() - _ANSWERING_SECONDS)
        preflight = look(LiveFacts(self._site()), registry(), active=active, seconds=max(0.0, seconds))
        trouble = self._kept(preflight, asked=asked)
        self._tell(preflight, trouble)
        return {"done": True, "kept_problem": trouble, **described(preflight)}

    def _kept(self, preflight: Preflight, *, asked: bool) -> str:
        try:
            self._ledger.put_preflight(preflight)
        except LedgerUnavailableError as error:
            if not asked:
                raise
            return str(error)
        return ""

    def _tell(self, preflight: Preflight, trouble: str) -> None:
        failed = [f"{finding.check} ({finding.severity}): {finding.sentence}" for finding in preflight.failed()]
        self._logger.info(
            "A preflight was made.",
            extra={
                "failed": failed,
                "unknown": [f"{finding.check}: {finding.sentence}" for finding in preflight.unknown],
                "passed": _passed(preflight),
                "kept_problem": trouble,
            },
        )
        self._outlet.write(json.dumps(emf(measured(preflight), service=self._service)) + "\n")


def measured(preflight: Preflight) -> MetricSet:
    """Return what is measured of a look. What is not known is not a failure: a dead Region sets off no alarm here."""
    counts = {
        "PreflightHighFailed": len(preflight.failed(Severity.HIGH)),
        "PreflightFailed": len(preflight.failed()),
        "PreflightUnknown": len(preflight.unknown),
    }
    return MetricSet(
        metrics=tuple(Metric(name=name, unit=MetricUnit.Count, value=count) for name, count in counts.items())
    )


def described(preflight: Preflight) -> dict[str, Any]:
    """Return a result as JSON values, every finding in it."""
    return {
        "at": timestamp(preflight.at),
        "high_failed": len(preflight.failed(Severity.HIGH)),
        "findings": [
            {
                "check": finding.check,
                "severity": finding.severity,
                "outcome": finding.outcome,
                "sentence": finding.sentence,
                "remedy": finding.remedy,
                "bars": finding.bars,
                "table": [list(row) for row in finding.table],
            }
            for finding in preflight.findings
        ],
    }


def _passed(preflight: Preflight) -> int:
    return sum(finding.outcome is Outcome.PASSED for finding in preflight.findings)


def _wish(event: object) -> tuple[bool, bool]:
    """Return whether a person asks, and whether the checks that do more than read are to be made."""
    if not isinstance(event, Mapping) or "active" not in event:
        return False, False
    active = event["active"]
    if not isinstance(active, bool) or set(event) != {"active"}:
        raise RequestError('The event must be {"active": false}, or true for the checks that try to write.')
    return True, active
