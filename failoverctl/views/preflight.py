"""A preflight result: failed checks with their remedy, then unknown ones, then the rest."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from cognito_failover.core.preflight_result import CheckOutcome, CheckSeverity
from failoverctl.views.text import format_time, plain_text

type CheckFinding = Mapping[str, Any]

_STYLES = {CheckSeverity.HIGH: "bold red", CheckSeverity.MEDIUM: "yellow", CheckSeverity.LOW: ""}
_BLANK_LINE = Text()


def render_preflight(answer: Mapping[str, Any], *, shows_all: bool) -> Iterator[RenderableType]:
    """Show the answer of the preflight function.

    Parameters
    ----------
    answer
        The answer, with all findings.
    shows_all
        Whether to also list the checks that passed or do not apply.

    """
    findings_by_outcome = {
        outcome: [finding for finding in answer["findings"] if finding["outcome"] == outcome]
        for outcome in CheckOutcome
    }
    yield _render_headline(answer, findings_by_outcome)
    if answer["kept_problem"]:
        yield plain_text(f"The result was not saved for the controller: {answer['kept_problem']}", style="bold red")
    for severity in CheckSeverity:
        failed = [finding for finding in findings_by_outcome[CheckOutcome.FAILED] if finding["severity"] == severity]
        yield from _render_failures(failed, severity)
    if findings_by_outcome[CheckOutcome.UNKNOWN]:
        yield _BLANK_LINE
        yield plain_text("Unknown, because a read failed:", style="bold")
        yield _render_findings(findings_by_outcome[CheckOutcome.UNKNOWN])
    if shows_all:
        for outcome, title in ((CheckOutcome.PASSED, "Passed:"), (CheckOutcome.NOT_APPLICABLE, "Nothing to check:")):
            if findings_by_outcome[outcome]:
                yield _BLANK_LINE
                yield plain_text(title, style="bold")
                yield _render_findings(findings_by_outcome[outcome])
    # Under a passed check, a table would read like a fault.
    yield from _render_comparisons(
        [each for each in answer["findings"] if shows_all or each["outcome"] != CheckOutcome.PASSED]
    )


def _render_headline(
    answer: Mapping[str, Any], findings_by_outcome: Mapping[CheckOutcome, Sequence[CheckFinding]]
) -> Text:
    counts = ", ".join(
        f"{len(findings_by_outcome[outcome])} {outcome.value}"
        for outcome in (CheckOutcome.PASSED, CheckOutcome.FAILED, CheckOutcome.UNKNOWN)
    )
    high = answer["high_failed"]
    if high:
        verdict, style = f"A failover may fail now: {high} of high severity failed.", "bold red"
    elif any(finding["severity"] == CheckSeverity.HIGH for finding in findings_by_outcome[CheckOutcome.UNKNOWN]):
        verdict, style = "No check of high severity failed, but some are unknown.", "bold yellow"
    else:
        verdict, style = "No check of high severity failed.", "bold green"
    return Text.assemble((verdict, style), f" {counts}, at {format_time(answer['at'])} UTC.")


def _render_failures(failed: Sequence[CheckFinding], severity: CheckSeverity) -> Iterator[RenderableType]:
    for finding in failed:
        yield _BLANK_LINE
        yield Text.assemble((f"{severity}  {finding['check']}", _STYLES[severity]), f": {finding['message']}")
        yield plain_text(f"  {finding['remedy']}")
        if finding["blocks_failover"]:
            yield plain_text("  It blocks automatic failovers (rule preflight-passed).", style="bold")


def _render_findings(findings: Sequence[CheckFinding]) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column()
    for finding in findings:
        table.add_row(f"  {finding['check']}", plain_text(finding["message"]))
    return table


def _render_comparisons(findings: Sequence[CheckFinding]) -> Iterator[RenderableType]:
    for finding in findings:
        if not finding["table"]:
            continue
        heading, *rows = finding["table"]
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
        for name in heading:
            table.add_column(name, overflow="fold")
        for row in rows:
            table.add_row(*(plain_text(cell) for cell in row))
        yield _BLANK_LINE
        yield plain_text(f"Compared by {finding['check']} ({finding['outcome']}):", style="bold")
        yield table
