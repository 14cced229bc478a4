"""``make costs``: tells ``failoverctl cost`` what the templates deploy, and writes the table in docs/cost.md."""

import sys

from bench import running_stack
from bench.running_process import ROOT
from failoverctl.cost import minute, prices
from failoverctl.cost.bill import Bill, BilledPart, bill
from failoverctl.cost.controller import controller
from failoverctl.cost.deployed import Deployed
from failoverctl.cost.minute import Function
from failoverctl.cost.optional import LatchForm, latches
from failoverctl.cost.pool import Tier
from failoverctl.cost.running import Machine
from failoverctl.views.cost import LEAST_SHOWN_USD, how_much

PAGE = ROOT / "docs" / "cost.md"

BEGINS, ENDS = "<!-- written by make costs -->\n", "<!-- up to here -->\n"


class MarkerError(RuntimeError):
    """The page has no place for the table."""


def at_defaults(deployed: Deployed) -> Bill:
    """Return what the controller's stack costs at its defaults, where only a domain's records are moved."""
    stack, machine = deployed.controller, Machine(memory_mb=deployed.controller.memory_mb)
    each_minute = minute.read().minute(Function.CONTROLLER, stack.interval_seconds)
    parts = (
        controller(each_minute, stack, machine, Tier.ESSENTIALS),
        latches(LatchForm.OBJECT, records=True, managed_login=False),
    )
    return bill(parts, prices.read())


def table(billed: Bill) -> str:
    """Return the page's table, with a sentence before it."""
    total, due = f"{billed.usd:.0f}", f"{billed.due_usd:.0f}"
    rows = [
        f"The controller and its latch cost about **{total} US dollars a month**, about {due} to pay:",
        "",
        "| what | how much | known by | dollars, nothing free | to pay |",
        "|---|---|---|---|---|",
    ]
    for part in billed.parts:
        rows += _rows(part)
    rows.append(f"| **all together** | | | **{billed.usd:.2f}** | **{billed.due_usd:.2f}** |")
    return "\n".join(rows) + "\n"


def _rows(part: BilledPart) -> list[str]:
    shown = [line for line in part.lines if line.usd >= LEAST_SHOWN_USD]
    rows = [(line.count, f"{line.usd:.2f} | {line.due_usd:.2f}") for line in shown]
    return [
        *(f"| {count.what} | {how_much(count.count)} | {count.known} | {dollars} |" for count, dollars in rows),
        f"| **{part.name}** | | | **{part.usd:.2f}** | **{part.due_usd:.2f}** |",
    ]


def with_table(page: str, written: str) -> str:
    """Return the page's text with this table in its place.

    Raises
    ------
    MarkerError
        If it has none.

    """
    before, begins, rest = page.partition(BEGINS)
    _, ends, after = rest.partition(ENDS)
    if not begins or not ends:
        raise MarkerError(f"docs/cost.md must have a line {BEGINS.strip()} and one {ENDS.strip()} after it.")
    return before + begins + written + ends + after


def main() -> int:
    """Write both."""
    deployed = running_stack.read()
    deployed.save()
    PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8"), table(at_defaults(deployed))), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
