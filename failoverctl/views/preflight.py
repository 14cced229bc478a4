"""A preflight: what failed first, with what to do; then what is not known; then how many passed."""

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
    """Show what the preflight function answered.

    Parameters
    ----------
    answer
        With every finding.
    shows_all
        Whether checks that passed, or have nothing to check, are shown one by one.

    """
    findings_by_outcome = {
        outcome: [each for each in answer["findings"] if each["outcome"] == outcome] for outcome in CheckOutcome
    }
    yield _render_headline(answer, findings_by_outcome)
    if answer["kept_problem"]:
        yield plain_text(f"The controller does not know of it: {answer['kept_problem']}", style="bold red")
    for severity in CheckSeverity:
        failed = [each for each in findings_by_outcome[CheckOutcome.FAILED] if each["severity"] == severity]
        yield from _render_failures(failed, severity)
    if findings_by_outcome[CheckOutcome.UNKNOWN]:
        yield _BLANK_LINE
        yield plain_text("Not known, because it could not be read:", style="bold")
        yield _render_findings(findings_by_outcome[CheckOutcome.UNKNOWN])
    if shows_all:
        for outcome, title in ((CheckOutcome.PASSED, "Passed:"), (CheckOutcome.NOT_APPLICABLE, "Nothing to check:")):
            if findings_by_outcome[outcome]:
                yield _BLANK_LINE
                yield plain_text(title, style="bold")
                yield _render_findings(findings_by_outcome[outcome])
    yield from _render_comparisons(answer["findings"])


def _render_headline(
    answer: Mapping[str, Any], findings_by_outcome: Mapping[CheckOutcome, Sequence[CheckFinding]]
) -> Text:
    counts = ", ".join(
        f"{len(findings_by_outcome[outcome])} {outcome.value}"
        for outcome in (CheckOutcome.PASSED, CheckOutcome.FAILED, CheckOutcome.UNKNOWN)
    )
    high = answer["high_failed"]
    if high:
        verdict, style = f"A failover would not go well now ({high} of high severity).", "bold red"
    elif any(each["severity"] == CheckSeverity.HIGH for each in findings_by_outcome[CheckOutcome.UNKNOWN]):
        verdict, style = "Nothing of high severity was found, but not all of it could be looked at.", "bold yellow"
    else:
        verdict, style = "Nothing of high severity was found.", "bold green"
    return Text.assemble((verdict, style), f" {counts}, at {format_time(answer['at'])} UTC.")


def _render_failures(failed: Sequence[CheckFinding], severity: CheckSeverity) -> Iterator[RenderableType]:
    for each in failed:
        yield _BLANK_LINE
        yield Text.assemble((f"{severity}  {each['check']}", _STYLES[severity]), f": {each['message']}")
        yield plain_text(f"  {each['remedy']}")
        if each["blocks_failover"]:
            yield plain_text(
                "  While it is so, nobody is moved to the standby, by the rule preflight-passed.", style="bold"
            )


def _render_findings(findings: Sequence[CheckFinding]) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column()
    for each in findings:
        table.add_row(f"  {each['check']}", plain_text(each["message"]))
    return table


def _render_comparisons(findings: Sequence[CheckFinding]) -> Iterator[RenderableType]:
    for each in findings:
        if not each["table"]:
            continue
        heading, *rows = each["table"]
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
        for name in heading:
            table.add_column(name, overflow="fold")
        for row in rows:
            table.add_row(*(plain_text(cell) for cell in row))
        yield _BLANK_LINE
        yield plain_text(f"{each['check']}:", style="bold")
        yield table
