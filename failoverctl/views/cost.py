"""A bill as JSON and as a table."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from rich import box
from rich.console import RenderableType
from rich.table import Table

from failoverctl.cost.bill import Bill, BilledComponent
from failoverctl.cost.invocation_profile import UsageMeasurements
from failoverctl.cost.prices import BillingItem, Price
from failoverctl.views.text import plain_text

MIN_SHOWN_USD = 0.005
_MIN_ROUNDED_QUANTITY = 1000


def serialize_bill(bill: Bill, prices: Mapping[BillingItem, Price], measurements: UsageMeasurements) -> dict[str, Any]:
    """Return a bill as a JSON object."""
    used_items = {line.usage.item for part in bill.components for line in part.lines}
    noted_dates = [price.noted_on for item, price in prices.items() if item in used_items]
    return {
        "done": True,
        "currency": "USD",
        "usd": bill.usd,
        "due_usd": bill.billed_usd,
        "prices_noted_from": min(noted_dates).isoformat(),
        "prices_noted_to": max(noted_dates).isoformat(),
        "measured_on": measurements.measured_on.isoformat(),
        "parts": [_serialize_component(part) for part in bill.components],
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
            if item in used_items
        },
    }


def _serialize_component(component: BilledComponent) -> dict[str, Any]:
    return {
        "name": component.name,
        "usd": component.usd,
        "due_usd": component.billed_usd,
        "lines": [
            {
                "what": line.usage.description,
                "item": line.usage.item.value,
                "count": line.usage.quantity,
                "known": line.usage.certainty.value,
                "usd": line.usd,
                "due_usd": line.billed_usd,
            }
            for line in component.lines
        ],
    }


def render_cost(answer: Mapping[str, Any]) -> Iterator[RenderableType]:
    """Show a bill without the lines that cost less than half a cent."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("per month")
    table.add_column("quantity", justify="right")
    table.add_column("basis")
    table.add_column("$ list price", justify="right", no_wrap=True)
    table.add_column("$ to pay", justify="right", no_wrap=True)
    for part in answer["parts"]:
        for line in part["lines"]:
            if line["usd"] >= MIN_SHOWN_USD:
                table.add_row(
                    plain_text(line["what"]),
                    format_quantity(line["count"]),
                    line["known"],
                    f"{line['usd']:,.2f}",
                    f"{line['due_usd']:,.2f}",
                )
        total = (f"{part['usd']:,.2f}", f"{part['due_usd']:,.2f}")
        table.add_row(plain_text(part["name"], style="bold"), "", "", *total, style="bold", end_section=True)
    table.add_row("total", "", "", f"{answer['usd']:,.2f}", f"{answer['due_usd']:,.2f}", style="bold")
    yield table
    yield plain_text("")
    first, last = (date.fromisoformat(answer[name]) for name in ("prices_noted_from", "prices_noted_to"))
    yield plain_text(
        f"List prices of us-east-1 as third parties report them, noted from {first} to {last}. None was read on AWS's "
        f"own page. Other Regions differ. --json names each source."
    )
    yield plain_text(
        f"To pay: after the account's monthly free tier, if nothing else uses it. Given: by you. Counted: in the "
        f"templates. Measured: in the sandbox, on {answer['measured_on']}. Estimated: partly measured, or assumed."
    )
    yield plain_text(
        "Not included: KMS requests, SMS and e-mail to users, threat protection, your own targets, the zone, and the "
        "probes' traffic (about 3 GB a month; 100 GB are free)."
    )


def format_quantity(quantity: float) -> str:
    """Return a quantity with thousands separators, and two decimals if it is small and not whole."""
    if quantity >= _MIN_ROUNDED_QUANTITY or float(quantity).is_integer():
        return f"{quantity:,.0f}"
    return f"{quantity:.2f}"
