"""The plan of a move: the status, where users go, and what will not work there."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from rich.console import RenderableType

from cognito_failover.common.region import RegionRole
from cognito_failover.core.operator.request import FailbackMode, OperatorAction
from cognito_failover.core.verdict import Verdict
from cognito_failover.notifications.replica_limitations import list_replica_limitations
from failoverctl.views.status import describe_move, render_status
from failoverctl.views.text import plain_text

_SERVING_VERDICTS = frozenset({Verdict.HEALTHY, Verdict.UNVERIFIED})

type Status = Mapping[str, Any]


def render_move_plan(
    status: Status, now: datetime, action: OperatorAction, fields: Mapping[str, Any]
) -> Iterator[RenderableType]:
    """Show what a person needs to know before confirming a move."""
    yield from render_status(status, now, with_history=False)
    if "phase" not in status:
        return
    yield plain_text("")
    if action is OperatorAction.ABORT:
        move = status["move"]
        yield plain_text(
            f"Users return to {move['from']}: {describe_move(move)}" if move else "No move is under way.", style="bold"
        )
        return
    regions = {known["role"]: region for region, known in status["regions"].items()}
    role = RegionRole.STANDBY if action is OperatorAction.FAILOVER else RegionRole.PRIMARY
    is_all_at_once = role is RegionRole.STANDBY or fields.get("mode") == FailbackMode.ALL_AT_ONCE
    yield plain_text(
        f"{'All users move at once' if is_all_at_once else 'Users move in steps'} "
        f"from {regions[role.opposite]} to {regions[role]}.",
        style="bold",
    )
    region_status = status["regions"][regions[role]]
    if region_status["verdict"] not in _SERVING_VERDICTS:
        yield plain_text(f"{regions[role]} is {region_status['verdict']}: {region_status['detail']}", style="bold red")
    if role is RegionRole.STANDBY:
        yield plain_text(f"What will not work on {regions[role]}, until you fail back:")
        primary = regions[RegionRole.PRIMARY]
        for limitation in list_replica_limitations(primary=primary, sign_in_name=status["domain"]):
            yield plain_text(f"- {limitation}")
