"""What a move would mean: how things stand, where users go, and what will not work there."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from rich.console import RenderableType

from failover.decision.request import Action, Pace
from failover.probe.verdict import Verdict
from failover.region import Side
from failover.signals.losses import lost_on_the_standby
from failoverctl.views.status import move_text, status_view
from failoverctl.views.text import sentence

_SERVING = frozenset({Verdict.HEALTHY, Verdict.UNVERIFIED})

type Status = Mapping[str, Any]


def plan_view(status: Status, now: datetime, action: Action, wish: Mapping[str, Any]) -> Iterator[RenderableType]:
    """Show what a person should know before saying yes."""
    yield from status_view(status, now, with_history=False)
    if "phase" not in status:
        return
    yield sentence("")
    if action is Action.ABORT:
        moved = status["move"]
        yield sentence(
            f"Users go back to {moved['from']}: {move_text(moved)}" if moved else "No move is under way.", style="bold"
        )
        return
    regions = {known["role"]: region for region, known in status["regions"].items()}
    side = Side.STANDBY if action is Action.FAILOVER else Side.PRIMARY
    at_once = side is Side.STANDBY or wish.get("pace") == Pace.IN_ONE
    yield sentence(
        f"{'All users move at once' if at_once else 'Users move in steps'} "
        f"from {regions[side.other]} to {regions[side]}.",
        style="bold",
    )
    known = status["regions"][regions[side]]
    if known["verdict"] not in _SERVING:
        yield sentence(f"{regions[side]} is {known['verdict']}: {known['detail']}", style="bold red")
    if side is Side.STANDBY:
        yield sentence(f"What will not work on {regions[side]}, until you fail back:")
        for loss in lost_on_the_standby(primary=regions[Side.PRIMARY], sign_in_name=status["domain"]):
            yield sentence(f"- {loss}")
