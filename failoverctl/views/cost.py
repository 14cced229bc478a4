"""A bill: to a script, and to a person."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from rich import box
from rich.console import RenderableType
from rich.table import Table

from failoverctl.cost.bill import Bill, BilledPart
from failoverctl.cost.minute import Measured
from failoverctl.cost.prices import Item, Price
from failoverctl.views.text import sentence

LEAST_SHOWN_USD = 0.005
_WHOLE_FROM = 1000


def described(bill: Bill, prices: Mapping[Item, Price], measured: Measured) -> dict[str, Any]:
    """Return a bill as a script reads it."""
    used = {line.count.item for part in bill.parts for line in part.lines}
    noted = [price.noted_on for item, price in prices.items() if item in used]
    return {
        "done": True,
        "currency": "USD",
        "usd": bill.usd,
        "due_usd": bill.due_usd,
        "prices_noted_from": min(noted).isoformat(),
        "prices_noted_to": max(noted).isoformat(),
        "measured_on": measured.measured_on.isoformat(),
        "parts": [_part(part) for part in bill.parts],
        "prices": {
            item.value: {
                "usd": price.usd,
                "per": price.per,
                "free": price.free,
                "unit": price.unit,
                "source": price.source,
                "noted_on": price.noted_on.isoformat(),
                "basis": price.basis.value,
            }
            for item, price in prices.items()
            if item in used
        },
    }


def _part(part: BilledPart) -> dict[str, Any]:
    return {
        "name": part.name,
        "usd": part.usd,
        "due_usd": part.due_usd,
        "lines": [
            {
                "what": line.count.what,
                "item": line.count.item.value,
                "count": line.count.count,
                "known": line.count.known.value,
                "usd": line.usd,
                "due_usd": line.due_usd,
            }
            for line in part.lines
        ],
    }


def cost_view(answer: Mapping[str, Any]) -> Iterator[RenderableType]:
    """Show a bill; what costs less than half a cent is left out."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("a month")
    table.add_column("how much", justify="right")
    table.add_column("known by")
    table.add_column("$, nothing free", justify="right", no_wrap=True)
    table.add_column("$ to pay", justify="right", no_wrap=True)
    for part in answer["parts"]:
        for line in part["lines"]:
            if line["usd"] >= LEAST_SHOWN_USD:
                table.add_row(
                    sentence(line["what"]),
                    how_much(line["count"]),
                    line["known"],
                    f"{line['usd']:,.2f}",
                    f"{line['due_usd']:,.2f}",
                )
        total = (f"{part['usd']:,.2f}", f"{part['due_usd']:,.2f}")
        table.add_row(sentence(part["name"], style="bold"), "", "", *total, style="bold", end_section=True)
    table.add_row("all together", "", "", f"{answer['usd']:,.2f}", f"{answer['due_usd']:,.2f}", style="bold")
    yield table
    yield sentence("")
    first, last = (date.fromisoformat(answer[name]) for name in ("prices_noted_from", "prices_noted_to"))
    yield sentence(
        f"List prices of us-east-1 as others report them, noted from {first} to {last}; none was read on AWS's own "
        f"page, and other Regions differ. --json names the source of each."
    )
    yield sentence(
        f"To pay: after what an account has free every month, if nothing else in it uses that. Given: by you. Counted: "
        f"in the templates. Measured: in the sandbox, on {answer['measured_on']}. Estimated: measured in part, or "
        f"assumed."
    )
    yield sentence(
        "Not counted: calls of the keys, SMS and e-mail to users, threat protection, your own targets, the zone, and "
        "the probes' traffic (some 3 GB a month of 100 GB free)."
    )


def how_much(count: float) -> str:
    """Return a count as people write it."""
    if count >= _WHOLE_FROM or float(count).is_integer():
        return f"{count:,.0f}"
    return f"{count:.2f}"
