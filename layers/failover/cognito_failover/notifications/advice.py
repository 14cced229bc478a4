"""Texts of messages that depend on the state: what the controller did, and what a person can do. Pure."""

from typing import assert_never

from cognito_failover.common.region import RegionRole
from cognito_failover.common.text import format_duration
from cognito_failover.core.model.drill import DrillOutcome
from cognito_failover.core.operator.request import FailbackMode, OperatorAction
from cognito_failover.core.rules import Rule
from cognito_failover.core.user_location import describe_all_users
from cognito_failover.core.verdict import Verdict
from cognito_failover.notifications.context import EventContext
from cognito_failover.probe.https_client import USER_AGENT
from cognito_failover.settings.controller import FailbackPolicy

NOTHING_TO_DO = "Nothing to do."
NOT_MOVED = "Users were not moved."


def advise_on_blocked_move(context: EventContext) -> str:  # noqa: C901, PLR0911, PLR0912 - one case each
    """Return the way out of the rule that blocks the move."""
    if context.state is None or not context.event.rule:
        return f"To see what blocks the move now, {context.format_command(OperatorAction.STATUS)}."
    rule = Rule(context.event.rule)
    target = context.state.users_role.opposite
    region = context.settings.regions[target]
    manual_move = describe_manual_move(context)
    match rule:
        case Rule.ONE_MOVE_AT_A_TIME:
            return f"Wait for the current move. {describe_abort(context)}"
        case Rule.ROUTING_READABLE:
            return f"Correct it as described above. {describe_break_glass(context)}"
        case Rule.TARGET_HEALTHY:
            return (
                f"Check whether {region} can sign users in. If it can, "
                f"{context.format_move_command(target, override=Rule.TARGET_HEALTHY)}. "
                f"If both Regions are down, a move does not help."
            )
        case Rule.PREFLIGHT_PASSED:
            return (
                f"Fix the failed checks named above, then run failoverctl preflight: the rule uses the newest result. "
                f"To move anyway, {context.format_move_command(target, override=Rule.PREFLIGHT_PASSED)}."
            )
        case Rule.LAG_WITHIN_LIMIT:
            return (
                f"Decide which is worse: users can't sign in, or {region} lacks the users and passwords of that time. "
                f"To move anyway, {context.format_move_command(target, override=Rule.LAG_WITHIN_LIMIT)}."
            )
        case Rule.LEVER_AVAILABLE:
            return (
                f"Find out what steers the users: check the health checks on the records and EvaluateTargetHealth in "
                f"Route 53. {context.format_command(OperatorAction.STATUS).capitalize()} to see where DNS sends them."
            )
        case Rule.CONTROLLER_CONNECTED:
            return f"Check sign-in from outside {context.standby}, where the controller runs. {manual_move}"
        case Rule.PRIMARY_STABLE:
            return f"Wait: users return when {region} has been healthy for longer. If you trust it now: {manual_move}"
        case Rule.STARTUP_GRACE_PERIOD:
            return f"Wait, if users can wait that long. {manual_move}"
        case Rule.NO_HOLD:
            return f"Check that users are in the Region you want. {describe_acknowledge(context)} {manual_move}"
        case Rule.FAILOVER_RESERVE | Rule.WEIGHTS_SYNCED:
            return f"{NOTHING_TO_DO} This rule delays only an automatic failback. {manual_move}"
        case Rule.COOL_DOWN | Rule.DAILY_MOVE_LIMIT:
            return (
                f"Check both Regions: users moved recently, and another move may not help. {manual_move} "
                f"{describe_acknowledge(context)}"
            )
        case Rule.NOT_PAUSED | Rule.NOT_OBSERVE_ONLY:
            return f"{manual_move} {describe_resume(context)}"
        case _:
            assert_never(rule)


def advise_on_location(context: EventContext) -> str:
    """Return what to check when DNS sends users elsewhere than decided."""
    return (
        f"In Route 53, check the health checks of {context.settings.sign_in_name}, EvaluateTargetHealth, and the "
        f"latch. {describe_manual_move(context)}"
    )


def advise_on_degradation(context: EventContext) -> str:  # noqa: C901, PLR0911, PLR0912 - one case each
    """Return what to check in a Region that is not healthy, and what its verdict means for a failover."""
    role, verdict = context.event.role, context.event.verdict
    if role is None or verdict is None:
        return f"To see whether it continues, {context.format_command(OperatorAction.STATUS)}."
    region = context.settings.regions[role]
    match verdict:
        case Verdict.HEALTHY:
            return NOTHING_TO_DO
        case Verdict.SICK:
            return (
                f"If your own target in {region} fails, fix it. If Cognito fails, see the AWS Health Dashboard. If "
                f"users are in this Region, another message reports the decision to move. If not, no failover to it is "
                f"possible until it recovers."
            )
        case Verdict.THROTTLED:
            return (
                f"Compare sign-ins with the quota of {region} (Service Quotas, UserAuthentication). Reduce the load, "
                f"or request a higher quota. A move to a smaller quota makes it worse. The controller makes no "
                f"automatic move because of this, and none to this Region."
            )
        case Verdict.TRIGGER:
            return (
                f"Read the log of the pool's Lambda trigger in {region}. The trigger's configuration is not "
                f"replicated. The controller makes no automatic move because of this, unless you set "
                f"CountTriggerAsSick."
            )
        case Verdict.INACTIVE:
            return (
                f"Activate the replica in {region}, or create it again. Until then no user can sign in there, and no "
                f"failover to it is possible."
            )
        case Verdict.TARGET_REFUSES:
            return (
                f"Sign in through {context.settings.sign_in_name} yourself. Check the domain mapping, the routes and "
                f"the web ACL of your target in {region}: Cognito accepts the same canary. The controller makes no "
                f"automatic move because of this, unless you set CountTargetRefusalAsSick."
            )
        case Verdict.INTERMEDIARY:
            return (
                f"Check the web ACLs in {region}, of the pool and of your target. Let them pass requests with the "
                f"User-Agent {USER_AGENT}. Users may be fine, and are not moved because of this. Until it is fixed, "
                f"the controller sees less of an outage of {region}."
            )
        case Verdict.CANARY_BROKEN:
            return (
                f"Check that the canary's secret {context.settings.canary_secret_arn} matches the user's password and "
                f"sub. Then check the app client (USER_PASSWORD_AUTH). Users may be fine, and are not moved because "
                f"of this. Until it is fixed, the controller sees an outage of {region} only if Cognito does not "
                f"answer, or answers with server errors."
            )
        case Verdict.NOT_READY:
            return (
                f"Check that users and app clients are replicated to {region}: the primary accepts the same canary. "
                f"No failover to it is possible until it signs the canary in."
            )
        case Verdict.UNVERIFIED:
            return (
                f"Check that {context.settings.expected_issuer}/.well-known/jwks.json can be read. Sign-in works, and "
                f"moves are allowed. Services that do not cache the keys may refuse the tokens."
            )
        case Verdict.UNKNOWN:
            return (
                "Check the controller's network and its log. It can't judge the Region, and does not move users until "
                "it can."
            )
        case _:
            assert_never(verdict)


def describe_no_action(context: EventContext) -> str:
    """Return that the event itself moved no users. A move under way has its own messages."""
    move = context.state.move if context.state else None
    return NOT_MOVED if move is None else f"This changed nothing about the move {move.id}, which is under way."


def describe_confirmed_move(context: EventContext) -> str:
    """Return where users are, and after how long the name servers confirmed it."""
    move = context.event.move
    if move is None:
        return "All users were moved."
    destination = context.settings.regions[move.destination]
    duration = format_duration(max(0.0, context.event.at - move.suspected_at))
    users = describe_all_users(context.state, context.settings) if context.state else "All users"
    return f"{users} are sent to {destination}. The name servers confirmed it after {duration}."


def advise_after_confirmed_move(context: EventContext) -> str:
    """Return what to check after a move, and how users return to the primary."""
    move, check = context.event.move, "Check that users can sign in."
    if move is None:
        return check
    if move.is_rolling_back:
        return f"{check} Then find out why the move was rolled back."
    if move.destination is RegionRole.PRIMARY:
        return f"{check} {context.standby} is the standby again."
    return f"{check} {_describe_return(context)} Inform your users of what does not work meanwhile."


def advise_on_recovery(context: EventContext) -> str:
    """Return how users return to a recovered primary, if they are on the standby."""
    state = context.state
    if not (context.event.role is RegionRole.PRIMARY and state and context.is_failed_over):
        return NOTHING_TO_DO
    if state.is_auto_failback_pending:
        return f"Users are still on {context.standby}. {_describe_return(context)}"
    return (
        f"Users stay on {context.standby} until you move them. When you are ready, "
        f"{context.format_command(OperatorAction.FAILBACK)}. Users return in steps, or with the mode "
        f"{FailbackMode.ALL_AT_ONCE} all at once."
    )


def _describe_return(context: EventContext) -> str:
    state, settings = context.state, context.settings
    if state is None or not state.is_auto_failback_pending:
        return (
            f"Users stay on {context.standby} when {context.primary} recovers. When you trust it, "
            f"{context.format_command(OperatorAction.FAILBACK)}."
        )
    is_stepped = settings.failback_policy is FailbackPolicy.STEPPED and settings.has_managed_records
    recovery_duration = format_duration(settings.recovery_rounds * settings.round_interval_seconds)
    return (
        f"Users return automatically, {'in steps' if is_stepped else 'all at once'} (FailbackPolicy is "
        f"{settings.failback_policy}), when {context.primary} has been healthy for {recovery_duration} and the "
        f"cool-down is over. The status shows what the failback waits for. To keep users on {context.standby} for "
        f"longer, {context.format_command(OperatorAction.PAUSE)}."
    )


def describe_ended_drill(context: EventContext) -> str:
    """Return whether the drill succeeded. Where users are stands in the event."""
    if _has_drill_succeeded(context):
        return "The drill went as planned."
    return "The drill did not go as planned. The normal rules apply again."


def advise_after_drill(context: EventContext) -> str:
    """Return what to find out after a drill that did not succeed, and how to bring users back."""
    if _has_drill_succeeded(context):
        return NOTHING_TO_DO
    if _are_users_bound_for_standby(context):
        return (
            f"Find out why the drill ended. When you trust {context.primary}, "
            f"{context.format_command(OperatorAction.FAILBACK)}."
        )
    return "Find out why the drill did not succeed, before you rely on a failover."


def _has_drill_succeeded(context: EventContext) -> bool:
    drill = context.event.drill
    return drill is not None and drill.outcome is DrillOutcome.SUCCEEDED


def _are_users_bound_for_standby(context: EventContext) -> bool:
    state = context.state
    return state is not None and (state.move.destination if state.move else state.users_role) is RegionRole.STANDBY


def describe_retries(context: EventContext) -> str:
    """Return that a delayed move is retried, and its last error."""
    move = context.event.move
    last_error = f" Last error: {move.last_error}" if move and move.last_error else ""
    return f"The controller tries the change again every round.{last_error}"


def advise_on_hold(context: EventContext) -> str:
    """Return what to check before a person ends a hold."""
    settings = context.settings
    return (
        f"Check that the users of {settings.sign_in_name} are where you want them. If a person changed the "
        f"{settings.traffic_source_name}, find out who. {describe_acknowledge(context)}"
    )


def describe_lever_problem(context: EventContext) -> str:
    """Return what the controller does while the records can't be read or changed."""
    if context.is_route53_unreadable:
        return "The controller keeps watching sign-in, and tries Route 53 again every minute."
    return "Records and latches stay as they are. Until this is corrected, no move is possible, not even by hand."


def advise_on_lever_problem(context: EventContext) -> str:
    """Return how to make the records readable or changeable again."""
    if context.is_route53_unreadable:
        return (
            "See the AWS Health Dashboard for Route 53 (its control plane is in us-east-1). Check that the "
            "controller's role may still read the zone. DNS answers do not change meanwhile."
        )
    return f"Correct it as described above. The controller notices within a minute. {describe_break_glass(context)}"


def describe_break_glass(context: EventContext) -> str:
    """Return how to move users without the controller."""
    settings = context.settings
    records = "The break-glass script (scripts/break_glass.py) moves users with only Route 53 and your own credentials."
    if settings.has_managed_records and not settings.latch_check_ids:
        return f"{records} It needs Route 53's control plane (us-east-1), and can't help while that is down."
    if settings.latch_bucket:
        latch = (
            f"If a latch is attached, scripts/break_glass_latch.py --bucket {settings.latch_bucket} --region "
            f"{context.standby} sets it with only S3 and your own credentials. It works without Route 53's control "
            f"plane."
        )
    else:
        latch = (
            f"If a latch is attached, publish 1 every minute as its metric in {settings.latch_metric_namespace}, in "
            f"{context.standby}. It moves users for as long as you publish."
        )
    return f"{records} {latch}" if settings.has_managed_records else latch


def describe_manual_move(context: EventContext) -> str:
    """Return the command that makes this move by hand."""
    move, state = context.event.move, context.state
    if move:
        return f"To move users by hand, {context.format_move_command(move.target)}."
    if state:
        return f"To move users by hand, {context.format_move_command(state.users_role.opposite)}."
    return f"To see what you can do by hand, {context.format_command(OperatorAction.STATUS)}."


def describe_abort(context: EventContext) -> str:
    """Return the command that takes a move back."""
    return f"To take the move back, {context.format_command(OperatorAction.ABORT)}."


def describe_drill_abort(context: EventContext) -> str:
    """Return the command that ends a drill early."""
    return f"To end the drill early, {context.format_command(OperatorAction.ABORT)}."


def describe_acknowledge(context: EventContext) -> str:
    """Return the command that ends a hold."""
    hold = context.state.hold if context.state else None
    extra_fields = {"hold": hold.id} if hold else {}
    return f"To let automation continue, {context.format_command(OperatorAction.ACKNOWLEDGE, **extra_fields)}."


def describe_resume(context: EventContext) -> str:
    """Return how to end a pause or observe-only mode."""
    if context.settings.observe_only:
        return "To let automation move users, deploy the stack with ObserveOnly=false."
    return f"To let automation move users, {context.format_command(OperatorAction.RESUME)}."
