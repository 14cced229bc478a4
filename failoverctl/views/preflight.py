"""A preflight: what failed first, with what to do; then what is not known; then how many passed."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from failover.decision.preflight import Outcome, Severity
from failoverctl.views.text import moment, sentence

type Finding = Mapping[str, Any]

_STYLES = {Severity.HIGH: "bold red", Severity.MEDIUM: "yellow", Severity.LOW: ""}
_SPACE = Text()


def preflight_view(answer: Mapping[str, Any], *, shows_all: bool) -> Iterator[RenderableType]:
    """Show what the preflight function answered.

    Parameters
    ----------
    answer
        With every finding.
    shows_all
        Whether checks that passed, or have nothing to check, are shown one by one.

    """
    found = {outcome: [each for each in answer["findings"] if each["outcome"] == outcome] for outcome in Outcome}
    yield _headline(answer, found)
    if answer["kept_problem"]:
        yield sentence(f"The controller does not know of it: {answer['kept_problem']}", style="bold red")
    for severity in Severity:
        failed = [each for each in found[Outcome.FAILED] if each["severity"] == severity]
        yield from _failures(failed, severity)
    if found[Outcome.UNKNOWN]:
        yield _SPACE
        yield sentence("Not known, because it could not be read:", style="bold")
        yield _lines(found[Outcome.UNKNOWN])
    if shows_all:
        for outcome, title in ((Outcome.PASSED, "Passed:"), (Outcome.NOT_APPLICABLE, "Nothing to check:")):
            if found[outcome]:
                yield _SPACE
                yield sentence(title, style="bold")
                yield _lines(found[outcome])
    yield from _comparisons(answer["findings"])


def _headline(answer: Mapping[str, Any], found: Mapping[Outcome, Sequence[Finding]]) -> Text:
    counts = ", ".join(
        f"{len(found[outcome])} {outcome.value}" for outcome in (Outcome.PASSED, Outcome.FAILED, Outcome.UNKNOWN)
    )
    high = answer["high_failed"]
    if high:
        verdict, style = f"A failover would not go well now ({high} of high severity).", "bold red"
    elif any(each["severity"] == Severity.HIGH for each in found[Outcome.UNKNOWN]):
        verdict, style = "Nothing of high severity was found, but not all of it could be looked at.", "bold yellow"
    else:
        verdict, style = "Nothing of high severity was found.", "bold green"
    return Text.assemble((verdict, style), f" {counts}, at {moment(answer['at'])} UTC.")


def _failures(failed: Sequence[Finding], severity: Severity) -> Iterator[RenderableType]:
    for each in failed:
        yield _SPACE
        yield Text.assemble((f"{severity}  {each['check']}", _STYLES[severity]), f": {each['sentence']}")
        yield sentence(f"  {each['remedy']}")
        if each["bars"]:
            yield sentence("  While it is so, nobody is moved to the standby, by the rule standby-fit.", style="bold")


def _lines(findings: Sequence[Finding]) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column()
    for each in findings:
        table.add_row(f"  {each['check']}", sentence(each["sentence"]))
    return table


def _comparisons(findings: Sequence[Finding]) -> Iterator[RenderableType]:
    for each in findings:
        if not each["table"]:
            continue
        heading, *rows = each["table"]
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
        for name in heading:
            table.add_column(name, overflow="fold")
        for row in rows:
            table.add_row(*(sentence(cell) for cell in row))
        yield _SPACE
        yield sentence(f"{each['check']}:", style="bold")
        yield table
