"""What was done about a transition, and what a person may do now. Pure."""

from dataclasses import dataclass
from typing import assert_never

from cognito_failover.common.region import RegionRole
from cognito_failover.common.text import format_duration
from cognito_failover.core.model.drill import DrillOutcome
from cognito_failover.core.model.event import EventKind
from cognito_failover.core.operator.request import FailbackMode, OperatorAction
from cognito_failover.core.rules import Rule
from cognito_failover.core.verdict import Verdict
from cognito_failover.notifications.context import EventContext
from cognito_failover.settings.controller import FailbackPolicy

_NO_ACTION = "Nothing."
_NO_MOVE = "Nothing was moved."


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """Two parts of a message, each one or more sentences."""

    actions_taken: str
    next_steps: str


def advise(context: EventContext) -> Advice:
    """Return what was done and what to do now."""
    advice = _advise_on_event(context)
    if context.is_drill_step:
        return Advice(
            actions_taken=advice.actions_taken,
            next_steps=f"Nothing: the drill goes on by itself. {_describe_drill_abort(context)}",
        )
    return advice


def _advise_on_event(context: EventContext) -> Advice:  # noqa: C901, PLR0911, PLR0912 - one return for each case of a closed set
    settings, kind = context.settings, context.event.kind
    match kind:
        case EventKind.STATE_INITIALIZED:
            return Advice(
                actions_taken=f"What steers {settings.sign_in_name} was taken as the starting point. {_NO_MOVE}",
                next_steps="See that it is what you expect; if so, nothing.",
            )
        case EventKind.SUSPECTED:
            return Advice(
                actions_taken=f"{_NO_MOVE} The Region is looked at every {settings.round_interval_seconds} s.",
                next_steps=f"Nothing yet: {settings.suspect_rounds} sick rounds in a row lead to a decision, or one more "
                "for every three healthy ones in between.",
            )
        case EventKind.SUSPICION_CLEARED:
            return Advice(actions_taken=_NO_MOVE, next_steps=_NO_ACTION)
        case EventKind.BLOCKED:
            return Advice(
                actions_taken=f"{_NO_MOVE} The rule is tried again every round.",
                next_steps=_advise_when_blocked(context),
            )
        case EventKind.WOULD_MOVE:
            return Advice(
                actions_taken=f"{_NO_MOVE} Automation was told to watch only.",
                next_steps=f"{_describe_manual_move(context)} {_describe_resume(context)}",
            )
        case EventKind.MOVE_DECIDED:
            return Advice(
                actions_taken=f"Every lever that moves {settings.sign_in_name} is being driven.",
                next_steps=f"Wait for the confirmation, which usually follows within two minutes. {_describe_abort(context)}",
            )
        case EventKind.MOVE_SUBMITTED:
            return Advice(
                actions_taken="The change was given to Route 53.", next_steps=f"Nothing. {_describe_abort(context)}"
            )
        case EventKind.LATCH_SET:
            return Advice(
                actions_taken="The latch was set in the standby Region.",
                next_steps=f"Nothing. {_describe_abort(context)}",
            )
        case EventKind.LATCH_EFFECTIVE:
            return Advice(actions_taken="The answer of its health check was seen from outside.", next_steps=_NO_ACTION)
        case EventKind.WEIGHTS_SYNCED:
            return Advice(
                actions_taken="The weights were set to where users are already; nobody moved by it.",
                next_steps=_NO_ACTION,
            )
        case EventKind.STEP_CONFIRMED:
            return Advice(
                actions_taken="A share of the users was moved, and the name servers' answer was read back.",
                next_steps=f"Nothing: the next step follows by itself while sign-in works. {_describe_abort(context)}",
            )
        case EventKind.MOVE_CONFIRMED:
            return _advise_when_confirmed(context)
        case EventKind.MOVE_DELAYED:
            return Advice(
                actions_taken=_describe_delay(context),
                next_steps=f"If users can't wait: {_describe_break_glass(context)}",
            )
        case EventKind.MOVE_CANCELLED:
            return Advice(
                actions_taken="The move was given up before any lever took it.",
                next_steps=f"Nothing, unless you want it all the same. {_describe_manual_move(context)}",
            )
        case EventKind.MOVE_ACCELERATED:
            return Advice(
                actions_taken="All that was left of the move is being made in one step, since the Region it leaves is sick.",
                next_steps="Wait for the confirmation, which usually follows within two minutes.",
            )
        case EventKind.MOVE_ROLLING_BACK:
            return Advice(
                actions_taken="The weights are being set back to where users came from.",
                next_steps="Wait for the confirmation, then find out why it had to go back.",
            )
        case EventKind.MOVE_SUPERSEDED | EventKind.AUTOMATION_HELD:
            return Advice(
                actions_taken="What steers users was left as it was found. No automatic move begins until you acknowledge.",
                next_steps=f"See whether users of {settings.sign_in_name} are where you want them, and who changed the "
                f"{settings.traffic_source_name} if somebody did. {_describe_acknowledge(context)}",
            )
        case EventKind.ACKNOWLEDGED | EventKind.RESUMED:
            return Advice(actions_taken="Automation goes on.", next_steps=_NO_ACTION)
        case EventKind.PAUSED:
            return Advice(
                actions_taken="Rounds go on, but no automatic move begins.",
                next_steps=f"To end it earlier, {context.format_command(OperatorAction.RESUME)}.",
            )
        case EventKind.OBSERVE_ONLY_SET:
            return Advice(
                actions_taken="Rounds go on, but no automatic move begins; what would have been done is told.",
                next_steps=f"Nothing ends this by itself. {_describe_resume(context)}",
            )
        case EventKind.ATTACHMENT:
            return Advice(
                actions_taken=_NO_MOVE, next_steps="Nothing, if it was you; whoever asked is told what is left."
            )
        case EventKind.REGION_DEGRADED:
            return Advice(actions_taken=_NO_MOVE, next_steps=_advise_on_degradation(context))
        case EventKind.REGION_RECOVERED:
            return Advice(actions_taken=_NO_MOVE, next_steps=_advise_on_recovery(context))
        case EventKind.LEVER_PROBLEM:
            return _advise_on_lever_problem(context)
        case EventKind.LEVER_RECOVERED:
            return Advice(actions_taken="Moves are possible again.", next_steps=_NO_ACTION)
        case EventKind.LATCH_PROBLEM:
            return Advice(
                actions_taken="The controller goes on watching, and looks at the latch again every minute. Other levers move "
                "users all the same, and a move tries this one, too.",
                next_steps=f"If it is out of reach, see that S3 (or CloudWatch, for the metric form) works in "
                f"{context.standby}, and that the controller's role may still read and set the latch; if its health "
                f"check was taken off, do as said above.",
            )
        case EventKind.LATCH_RECOVERED:
            return Advice(actions_taken="The latch can move users again.", next_steps=_NO_ACTION)
        case EventKind.PREFLIGHT_FAILED:
            return Advice(
                actions_taken=f"{_NO_MOVE} It is looked at every hour.",
                next_steps="Run failoverctl preflight, which shows every check and what to do about it; it also tells "
                "whether it is mended.",
            )
        case EventKind.PREFLIGHT_RECOVERED:
            return Advice(actions_taken=_NO_MOVE, next_steps=_NO_ACTION)
        case EventKind.DRILL_STARTED:
            return Advice(
                actions_taken="Everything it needs was seen to be so; its plan is above.",
                next_steps=f"Nothing: it brings users home by itself. {_describe_drill_abort(context)}",
            )
        case EventKind.DRILL_ON_STANDBY:
            return Advice(
                actions_taken=f"Users were moved to {context.standby}.",
                next_steps=f"Try your app on {context.standby}. {_describe_drill_abort(context)}",
            )
        case EventKind.DRILL_ABORTED:
            return Advice(
                actions_taken=f"Users go back to {context.primary} as soon as it is known to serve.",
                next_steps="Wait for the drill's end, then find out why it was aborted.",
            )
        case EventKind.DRILL_ENDED:
            return _advise_after_drill(context)
        case EventKind.DRILL_REFUSED:
            return Advice(
                actions_taken=_NO_MOVE,
                next_steps="Put right what is in its way, and ask again; a scheduled one is tried again next time.",
            )
        case EventKind.REFUSED:
            return Advice(actions_taken=_NO_MOVE, next_steps="Nothing, if it was you; whoever asked was told why.")
        case _:
            assert_never(kind)


def _advise_when_blocked(context: EventContext) -> str:  # noqa: C901, PLR0911, PLR0912 - one return for each case of a closed set
    if context.state is None or not context.event.rule:
        return f"To see what holds it up now, {context.format_command(OperatorAction.STATUS)}."
    rule = Rule(context.event.rule)
    target = context.state.active_role.opposite
    region = context.settings.regions[target]
    manual_move = _describe_manual_move(context)
    match rule:
        case Rule.ONE_MOVE_AT_A_TIME:
            return f"Wait for the move under way. {_describe_abort(context)}"
        case Rule.ROUTING_READABLE:
            return f"Put it right as said above. {_describe_break_glass(context)}"
        case Rule.TARGET_HEALTHY:
            return (
                f"Find out whether {region} can sign users in. If you know that it can, "
                f"{context.format_move_command(target, override=Rule.TARGET_HEALTHY)}. If both Regions are down, moving helps "
                f"nobody."
            )
        case Rule.PREFLIGHT_PASSED:
            return (
                f"Mend what is named above, then run failoverctl preflight: the rule goes by the newest result. If you "
                f"know better, {context.format_move_command(target, override=Rule.PREFLIGHT_PASSED)}."
            )
        case Rule.LAG_WITHIN_LIMIT:
            return (
                f"Decide what is worse: nobody can sign in, or users and passwords of that time are missing in "
                f"{region}. To move all the same, {context.format_move_command(target, override=Rule.LAG_WITHIN_LIMIT)}."
            )
        case Rule.CONTROLLER_CONNECTED:
            return f"Look at sign-in from outside {context.standby}, where the controller runs. {manual_move}"
        case Rule.PRIMARY_STABLE:
            return f"Decide whether {region} is to be trusted already; otherwise it follows by itself. {manual_move}"
        case Rule.STARTUP_GRACE_PERIOD:
            return f"Nothing, if you can wait that long. {manual_move}"
        case Rule.NO_HOLD:
            return f"Make sure that users are where you want them. {_describe_acknowledge(context)} {manual_move}"
        case Rule.FAILOVER_RESERVE | Rule.WEIGHTS_SYNCED:
            return f"Nothing: these rules keep only a failback back. {manual_move}"
        case Rule.COOL_DOWN | Rule.DAILY_MOVE_LIMIT:
            return (
                f"Traffic has moved lately, and moving again may be the wrong cure: look at both Regions. {manual_move} "
                f"{_describe_acknowledge(context)}"
            )
        case Rule.NOT_PAUSED | Rule.NOT_OBSERVE_ONLY:
            return f"{manual_move} {_describe_resume(context)}"
        case _:
            assert_never(rule)


def _advise_on_degradation(context: EventContext) -> str:
    role, verdict = context.event.role, context.event.verdict
    if role is None or verdict is None:
        return f"Look whether it still is so: {context.format_command(OperatorAction.STATUS)}."
    region = context.settings.regions[role]
    match verdict:
        case Verdict.HEALTHY:
            return _NO_ACTION
        case Verdict.SICK:
            return (
                f"If it is your own target in {region} that fails, mend it; if Cognito, see the AWS Health Dashboard. "
                f"If users are there, the decision to move follows in a message of its own; if not, no failover to it "
                f"is possible while this lasts."
            )
        case Verdict.THROTTLED:
            return (
                f"Compare sign-ins with the quota of {region} (Service Quotas, UserAuthentication), and shed load or "
                f"ask for more. Moving users to a smaller quota makes it worse, so no automatic move is made for this, "
                f"nor to this Region."
            )
        case Verdict.TRIGGER:
            return (
                f"Look at the log of the pool's Lambda trigger in {region}; its configuration there is not replicated. "
                f"Unless you set CountTriggerAsSick, no automatic move is made for this."
            )
        case Verdict.CANARY_BROKEN:
            return (
                f"Check the canary before anything else: its secret {context.settings.canary_secret_arn} against the "
                f"user's password, the app client (USER_PASSWORD_AUTH), WAF. Users may be fine. No traffic is moved "
                f"for this, but until it is mended an outage of {region} can't be seen."
            )
        case Verdict.NOT_READY:
            return (
                f"See that the replica in {region} is ACTIVE and that users reach it by replication. No failover to it "
                f"is possible until it signs the canary in."
            )
        case Verdict.UNVERIFIED:
            return (
                f"See whether {context.settings.expected_issuer}/.well-known/jwks.json can be read. Sign-in works "
                f"and moves are not barred, but services that don't keep the keys may refuse the tokens."
            )
        case Verdict.UNKNOWN:
            return (
                "Look at the controller's network and its log: it can't see enough to judge, and moves nothing "
                "for as long."
            )
        case _:
            assert_never(verdict)


def _advise_when_confirmed(context: EventContext) -> Advice:
    move = context.event.move
    if move is None:
        return Advice(actions_taken="All users were moved.", next_steps="See that users sign in.")
    destination = context.settings.regions[move.destination]
    duration = format_duration(max(0.0, context.event.at - move.suspected_at))
    actions_taken = f"All users are sent to {destination}, as the name servers confirmed after {duration}."
    if move.is_rolling_back:
        return Advice(
            actions_taken=actions_taken, next_steps="See that users sign in, and find out why the move had to go back."
        )
    if move.destination is RegionRole.PRIMARY:
        return Advice(
            actions_taken=actions_taken, next_steps=f"See that users sign in. {context.standby} stands by again."
        )
    return Advice(
        actions_taken=actions_taken,
        next_steps=f"See that users sign in. {_describe_return(context)} Tell your users what does not work meanwhile.",
    )


def _describe_return(context: EventContext) -> str:
    state, settings = context.state, context.settings
    if state is None or not state.is_auto_failback_pending:
        return (
            f"Users stay on {context.standby} when {context.primary} comes back; once you trust it, "
            f"{context.format_command(OperatorAction.FAILBACK)}."
        )
    mode_text = (
        "in steps" if settings.failback_policy is FailbackPolicy.STEPPED and settings.has_managed_records else "at once"
    )
    recovery_duration = format_duration(settings.recovery_rounds * settings.round_interval_seconds)
    return (
        f"They come back {mode_text} and by themselves (FailbackPolicy is {settings.failback_policy}), once "
        f"{context.primary} has been healthy for {recovery_duration} and the cool-down is over; the status says what they "
        f"wait for. To let them stay for longer, {context.format_command(OperatorAction.PAUSE)}."
    )


def _advise_after_drill(context: EventContext) -> Advice:
    drill = context.event.drill
    if drill and drill.outcome is DrillOutcome.SUCCEEDED:
        return Advice(actions_taken="Everything went as planned.", next_steps=_NO_ACTION)
    state = context.state
    if state and (state.move.destination if state.move else state.active_role) is RegionRole.STANDBY:
        return Advice(
            actions_taken=f"Users were left on {context.standby}, or on their way there; the rules of every day hold again.",
            next_steps=f"See why it ended. Once you trust {context.primary}, {context.format_command(OperatorAction.FAILBACK)}.",
        )
    return Advice(
        actions_taken=f"Users are on {context.primary}; the rules of every day hold again.",
        next_steps="See why it did not go as planned, before you count on a failover.",
    )


def _describe_delay(context: EventContext) -> str:
    move = context.event.move
    last_error = f" The last attempt said: {move.last_error}" if move and move.last_error else ""
    return f"The change is tried again every round.{last_error}"


def _advise_on_lever_problem(context: EventContext) -> Advice:
    saved_records = context.state.records if context.state else None
    if saved_records and saved_records.read_error:
        return Advice(
            actions_taken="The controller goes on watching, and tries Route 53 again every minute.",
            next_steps="See the AWS Health Dashboard for Route 53 (its control plane is in us-east-1) and whether the "
            "controller's role may still read the zone. DNS goes on answering as it does now.",
        )
    return Advice(
        actions_taken="What steers users was left as it was found. Until it is in order nothing can move, by hand neither.",
        next_steps=f"Put it right as said above; the next look, within a minute, notices. {_describe_break_glass(context)}",
    )


def _advise_on_recovery(context: EventContext) -> str:
    state = context.state
    if context.event.role is RegionRole.PRIMARY and state and context.is_failed_over:
        if state.is_auto_failback_pending:
            return f"Users are still on {context.standby}. {_describe_return(context)}"
        return (
            f"Users are still on {context.standby}, and stay there. When you are ready to fail back, "
            f"{context.format_command(OperatorAction.FAILBACK)}. Users come back in steps, or with the mode {FailbackMode.ALL_AT_ONCE} all at once."
        )
    return _NO_ACTION


def _describe_break_glass(context: EventContext) -> str:
    settings = context.settings
    records = (
        "The break-glass script (scripts/break_glass.py) moves users with Route 53 and your own credentials alone."
    )
    if settings.has_managed_records and not settings.latch_check_ids:
        return (
            f"{records} While Route 53's control plane, in us-east-1, does not answer, nobody can change a record, not "
            f"even so."
        )
    if not settings.latch_bucket:
        latch = (
            f"A latch that is attached moves users while 1 is published every minute as its metric in "
            f"{settings.latch_metric_namespace}, in {context.standby}."
        )
    else:
        latch = (
            f"A latch that is attached moves users without Route 53's control plane: scripts/break_glass_latch.py "
            f"--bucket {settings.latch_bucket} --region {context.standby} throws it with S3 and your own credentials "
            f"alone."
        )
    return f"{records} {latch}" if settings.has_managed_records else latch


def _describe_manual_move(context: EventContext) -> str:
    move, state = context.event.move, context.state
    if move:
        return f"To move by hand, {context.format_move_command(move.target)}."
    if state:
        return f"To move by hand, {context.format_move_command(state.active_role.opposite)}."
    return f"To see what can be done by hand, {context.format_command(OperatorAction.STATUS)}."


def _describe_abort(context: EventContext) -> str:
    return f"To take it back, {context.format_command(OperatorAction.ABORT)}."


def _describe_drill_abort(context: EventContext) -> str:
    return f"To end it early, {context.format_command(OperatorAction.ABORT)}."


def _describe_acknowledge(context: EventContext) -> str:
    return f"To let automation go on, {context.format_command(OperatorAction.ACKNOWLEDGE)}."


def _describe_resume(context: EventContext) -> str:
    if context.settings.observe_only:
        return "To let automation move, deploy the stack with ObserveOnly=false."
    return f"To let automation move, {context.format_command(OperatorAction.RESUME)}."
