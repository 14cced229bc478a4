"""``make costs``: saves the templates' resources for ``failoverctl cost``, and writes the table in docs/cost.md."""

import sys

from bench.benchmark import deployed_stack
from bench.benchmark.process_runner import ROOT
from failoverctl.cost import invocation_profile, prices
from failoverctl.cost.bill import Bill, BilledComponent, compute_bill
from failoverctl.cost.controller import estimate_controller
from failoverctl.cost.deployed import DeployedResources
from failoverctl.cost.function_usage import ComputeConfig
from failoverctl.cost.invocation_profile import ScheduledFunction
from failoverctl.cost.optional_components import LatchType, estimate_latches
from failoverctl.cost.pool import PoolTier
from failoverctl.views.cost import MIN_SHOWN_USD, format_quantity

PAGE = ROOT / "docs" / "cost.md"

TABLE_START, TABLE_END = "<!-- written by make costs -->\n", "<!-- up to here -->\n"


class PageMarkerError(RuntimeError):
    """The page lacks the markers around the table."""


def build_default_bill(deployed: DeployedResources) -> Bill:
    """Return the monthly cost of the controller's stack at its defaults, with records only (no managed login)."""
    stack, machine = deployed.controller, ComputeConfig(memory_mb=deployed.controller.memory_mb)
    profile = invocation_profile.read().get_profile(ScheduledFunction.CONTROLLER, stack.interval_seconds)
    parts = (
        estimate_controller(profile, stack, machine, PoolTier.ESSENTIALS),
        estimate_latches(LatchType.OBJECT, records=True, managed_login=False),
    )
    return compute_bill(parts, prices.read())


def render_table(billed: Bill) -> str:
    """Return the table of the page, with an introductory sentence."""
    total, due = f"{billed.usd:.0f}", f"{billed.billed_usd:.0f}"
    rows = [
        f"The controller and its latch cost about **{total} US dollars a month**, about {due} to pay:",
        "",
        "| what | how much | known by | dollars, nothing free | to pay |",
        "|---|---|---|---|---|",
    ]
    for part in billed.components:
        rows += _render_rows(part)
    rows.append(f"| **all together** | | | **{billed.usd:.2f}** | **{billed.billed_usd:.2f}** |")
    return "\n".join(rows) + "\n"


def _render_rows(part: BilledComponent) -> list[str]:
    shown = [line for line in part.lines if line.usd >= MIN_SHOWN_USD]
    rows = [(line.usage, f"{line.usd:.2f} | {line.billed_usd:.2f}") for line in shown]
    return [
        *(
            f"| {count.description} | {format_quantity(count.quantity)} | {count.certainty} | {dollars} |"
            for count, dollars in rows
        ),
        f"| **{part.name}** | | | **{part.usd:.2f}** | **{part.billed_usd:.2f}** |",
    ]


def replace_table(page: str, table_text: str) -> str:
    """Return the page with this table between its markers.

    Raises
    ------
    PageMarkerError
        If the page lacks the markers.

    """
    before, begins, rest = page.partition(TABLE_START)
    _, ends, after = rest.partition(TABLE_END)
    if not begins or not ends:
        raise PageMarkerError(
            f"docs/cost.md must have a line {TABLE_START.strip()} and one {TABLE_END.strip()} after it."
        )
    return before + begins + table_text + ends + after


def main() -> int:
    """Save the deployed resources, and write the table."""
    deployed = deployed_stack.read_deployed()
    deployed.save()
    PAGE.write_text(
        replace_table(PAGE.read_text(encoding="utf-8"), render_table(build_default_bill(deployed))), encoding="utf-8"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
