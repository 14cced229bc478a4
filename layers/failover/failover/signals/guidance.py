"""What was done about a transition, and what a person may do now. Pure."""

from dataclasses import dataclass
from typing import assert_never

from failover.decision.announcement import Kind
from failover.decision.drill import DrillOutcome
from failover.decision.request import Action, Pace
from failover.decision.rules import Rule
from failover.probe.verdict import Verdict
from failover.region import Side
from failover.settings import FailbackPolicy
from failover.signals.situation import Situation
from failover.timetext import span

_NOTHING = "Nothing."
_NOTHING_MOVED = "Nothing was moved."


@dataclass(frozen=True, slots=True, kw_only=True)
class Guidance:
    """Two parts of a message, each one or more sentences."""

    done: str
    to_do: str


def guide(situation: Situation) -> Guidance:
    """Return what was done and what to do now."""
    guidance = _guide(situation)
    if situation.goes_on_by_itself:
        return Guidance(
            done=guidance.done, to_do=f"Nothing: the drill goes on by itself. {_to_end_the_drill(situation)}"
        )
    return guidance


def _guide(situation: Situation) -> Guidance:  # noqa: C901, PLR0911, PLR0912 - one return for each case of a closed set
    settings, kind = situation.settings, situation.announcement.kind
    match kind:
        case Kind.ADOPTED:
            return Guidance(
                done=f"What steers {settings.sign_in_name} was taken as the starting point. {_NOTHING_MOVED}",
                to_do="See that it is what you expect; if so, nothing.",
            )
        case Kind.SUSPECTED:
            return Guidance(
                done=f"{_NOTHING_MOVED} The Region is looked at every {settings.round_interval_seconds} s.",
                to_do=f"Nothing yet: {settings.suspect_rounds} sick rounds in a row lead to a decision, or one more "
                "for every three healthy ones in between.",
            )
        case Kind.SUSPICION_CLEARED:
            return Guidance(done=_NOTHING_MOVED, to_do=_NOTHING)
        case Kind.BLOCKED:
            return Guidance(
                done=f"{_NOTHING_MOVED} The rule is tried again every round.", to_do=_when_blocked(situation)
            )
        case Kind.WOULD_MOVE:
            return Guidance(
                done=f"{_NOTHING_MOVED} Automation was told to watch only.",
                to_do=f"{_by_hand(situation)} {_to_resume(situation)}",
            )
        case Kind.MOVE_DECIDED:
            return Guidance(
                done=f"Every lever that moves {settings.sign_in_name} is being driven.",
                to_do=f"Wait for the confirmation, which usually follows within two minutes. {_to_abort(situation)}",
            )
        case Kind.MOVE_SUBMITTED:
            return Guidance(done="The change was given to Route 53.", to_do=f"Nothing. {_to_abort(situation)}")
        case Kind.LATCH_SET:
            return Guidance(done="The latch was set in the standby Region.", to_do=f"Nothing. {_to_abort(situation)}")
        case Kind.LATCH_ARRIVED:
            return Guidance(done="The answer of its health check was seen from outside.", to_do=_NOTHING)
        case Kind.WEIGHTS_FOLLOWED:
            return Guidance(done="The weights were set to where users are already; nobody moved by it.", to_do=_NOTHING)
        case Kind.STEP_CONFIRMED:
            return Guidance(
                done="A share of the users was moved, and the name servers' answer was read back.",
                to_do=f"Nothing: the next step follows by itself while sign-in works. {_to_abort(situation)}",
            )
        case Kind.MOVE_CONFIRMED:
            return _when_confirmed(situation)
        case Kind.MOVE_DELAYED:
            return Guidance(
                done=_when_delayed(situation),
                to_do=f"If users can't wait: {_break_glass(situation)}",
            )
        case Kind.MOVE_WITHDRAWN:
            return Guidance(
                done="The move was given up before any lever took it.",
                to_do=f"Nothing, unless you want it all the same. {_by_hand(situation)}",
            )
        case Kind.MOVE_HASTENED:
            return Guidance(
                done="All that was left of the move is being made in one step, since the Region it leaves is sick.",
                to_do="Wait for the confirmation, which usually follows within two minutes.",
            )
        case Kind.MOVE_REVERTING:
            return Guidance(
                done="The weights are being set back to where users came from.",
                to_do="Wait for the confirmation, then find out why it had to go back.",
            )
        case Kind.MOVE_OVERTAKEN | Kind.HELD:
            return Guidance(
                done="What steers users was left as it was found. No automatic move begins until you acknowledge.",
                to_do=f"See whether users of {settings.sign_in_name} are where you want them, and who changed the "
                f"{settings.what_steers} if somebody did. {_to_acknowledge(situation)}",
            )
        case Kind.ACKNOWLEDGED | Kind.RESUMED:
            return Guidance(done="Automation goes on.", to_do=_NOTHING)
        case Kind.PAUSED:
            return Guidance(
                done="Rounds go on, but no automatic move begins.",
                to_do=f"To end it earlier, {situation.ask(Action.RESUME)}.",
            )
        case Kind.OBSERVE_ONLY_SET:
            return Guidance(
                done="Rounds go on, but no automatic move begins; what would have been done is told.",
                to_do=f"Nothing ends this by itself. {_to_resume(situation)}",
            )
        case Kind.ATTACHMENT:
            return Guidance(done=_NOTHING_MOVED, to_do="Nothing, if it was you; whoever asked is told what is left.")
        case Kind.CONCERN:
            return Guidance(done=_NOTHING_MOVED, to_do=_when_concerned(situation))
        case Kind.RECOVERED:
            return Guidance(done=_NOTHING_MOVED, to_do=_when_recovered(situation))
        case Kind.LEVER_PROBLEM:
            return _when_the_lever_fails(situation)
        case Kind.LEVER_MENDED:
            return Guidance(done="Moves are possible again.", to_do=_NOTHING)
        case Kind.LATCH_PROBLEM:
            return Guidance(
                done="The controller goes on watching, and looks at the latch again every minute. Other levers move "
                "users all the same, and a move tries this one, too.",
                to_do=f"If it is out of reach, see that S3 (or CloudWatch, for the metric form) works in "
                f"{situation.standby}, and that the controller's role may still read and set the latch; if its health "
                f"check was taken off, do as said above.",
            )
        case Kind.LATCH_MENDED:
            return Guidance(done="The latch can move users again.", to_do=_NOTHING)
        case Kind.PREFLIGHT_FAILED:
            return Guidance(
                done=f"{_NOTHING_MOVED} It is looked at every hour.",
                to_do="Run failoverctl preflight, which shows every check and what to do about it; it also tells "
                "whether it is mended.",
            )
        case Kind.PREFLIGHT_MENDED:
            return Guidance(done=_NOTHING_MOVED, to_do=_NOTHING)
        case Kind.DRILL_STARTED:
            return Guidance(
                done="Everything it needs was seen to be so; its plan is above.",
                to_do=f"Nothing: it brings users home by itself. {_to_end_the_drill(situation)}",
            )
        case Kind.DRILL_HOLDS:
            return Guidance(
                done=f"Users were moved to {situation.standby}.",
                to_do=f"Try your app on {situation.standby}. {_to_end_the_drill(situation)}",
            )
        case Kind.DRILL_ABORTED:
            return Guidance(
                done=f"Users go back to {situation.primary} as soon as it is known to serve.",
                to_do="Wait for the drill's end, then find out why it was aborted.",
            )
        case Kind.DRILL_ENDED:
            return _when_a_drill_has_ended(situation)
        case Kind.DRILL_REFUSED:
            return Guidance(
                done=_NOTHING_MOVED,
                to_do="Put right what is in its way, and ask again; a scheduled one is tried again next time.",
            )
        case Kind.REFUSED:
            return Guidance(done=_NOTHING_MOVED, to_do="Nothing, if it was you; whoever asked was told why.")
        case _:
            assert_never(kind)


def _when_blocked(situation: Situation) -> str:  # noqa: C901, PLR0911, PLR0912 - one return for each case of a closed set
    if situation.state is None or not situation.announcement.rule:
        return f"To see what holds it up now, {situation.ask(Action.STATUS)}."
    rule = Rule(situation.announcement.rule)
    target = situation.state.active.other
    region = situation.settings.regions[target]
    by_hand = _by_hand(situation)
    match rule:
        case Rule.ONE_MOVE_AT_A_TIME:
            return f"Wait for the move under way. {_to_abort(situation)}"
        case Rule.WORLD_UNDERSTOOD:
            return f"Put it right as said above. {_break_glass(situation)}"
        case Rule.TARGET_SERVES:
            return (
                f"Find out whether {region} can sign users in. If you know that it can, "
                f"{situation.move_to(target, override=Rule.TARGET_SERVES)}. If both Regions are down, moving helps "
                f"nobody."
            )
        case Rule.STANDBY_FIT:
            return (
                f"Mend what is named above, then run failoverctl preflight: the rule goes by the newest result. If you "
                f"know better, {situation.move_to(target, override=Rule.STANDBY_FIT)}."
            )
        case Rule.REPLICA_FRESH:
            return (
                f"Decide what is worse: nobody can sign in, or users and passwords of that time are missing in "
                f"{region}. To move all the same, {situation.move_to(target, override=Rule.REPLICA_FRESH)}."
            )
        case Rule.NOT_CUT_OFF:
            return f"Look at sign-in from outside {situation.standby}, where the controller runs. {by_hand}"
        case Rule.RECOVERED:
            return f"Decide whether {region} is to be trusted already; otherwise it follows by itself. {by_hand}"
        case Rule.STARTING_GRACE:
            return f"Nothing, if you can wait that long. {by_hand}"
        case Rule.ACKNOWLEDGED:
            return f"Make sure that users are where you want them. {_to_acknowledge(situation)} {by_hand}"
        case Rule.LAST_MOVE_KEPT | Rule.WEIGHTS_FOLLOWED:
            return f"Nothing: these rules keep only a failback back. {by_hand}"
        case Rule.COOL_DOWN | Rule.DAILY_BOUND:
            return (
                f"Traffic has moved lately, and moving again may be the wrong cure: look at both Regions. {by_hand} "
                f"{_to_acknowledge(situation)}"
            )
        case Rule.NOT_PAUSED | Rule.NOT_OBSERVE_ONLY:
            return f"{by_hand} {_to_resume(situation)}"
        case _:
            assert_never(rule)


def _when_concerned(situation: Situation) -> str:
    side, verdict = situation.announcement.side, situation.announcement.verdict
    if side is None or verdict is None:
        return f"Look whether it still is so: {situation.ask(Action.STATUS)}."
    region = situation.settings.regions[side]
    match verdict:
        case Verdict.HEALTHY:
            return _NOTHING
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
                f"Check the canary before anything else: its secret {situation.settings.canary_secret_arn} against the "
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
                f"See whether {situation.settings.expected_issuer}/.well-known/jwks.json can be read. Sign-in works "
                f"and moves are not barred, but services that don't keep the keys may refuse the tokens."
            )
        case Verdict.UNKNOWN:
            return (
                "Look at the controller's network and its log: it can't see enough to judge, and moves nothing "
                "for as long."
            )
        case _:
            assert_never(verdict)


def _when_confirmed(situation: Situation) -> Guidance:
    move = situation.announcement.move
    if move is None:
        return Guidance(done="All users were moved.", to_do="See that users sign in.")
    destination = situation.settings.regions[move.destination]
    took = span(max(0.0, situation.announcement.at - move.suspected_at))
    done = f"All users are sent to {destination}, as the name servers confirmed after {took}."
    if move.reverting:
        return Guidance(done=done, to_do="See that users sign in, and find out why the move had to go back.")
    if move.destination is Side.PRIMARY:
        return Guidance(done=done, to_do=f"See that users sign in. {situation.standby} stands by again.")
    return Guidance(
        done=done,
        to_do=f"See that users sign in. {_how_they_come_back(situation)} Tell your users what does not work meanwhile.",
    )


def _how_they_come_back(situation: Situation) -> str:
    state, settings = situation.state, situation.settings
    if state is None or not state.to_return:
        return (
            f"Users stay on {situation.standby} when {situation.primary} comes back; once you trust it, "
            f"{situation.ask(Action.FAILBACK)}."
        )
    how = "in steps" if settings.failback_policy is FailbackPolicy.IN_STEPS and settings.moves_records else "at once"
    recovered = span(settings.recovery_rounds * settings.round_interval_seconds)
    return (
        f"They come back {how} and by themselves (FailbackPolicy is {settings.failback_policy}), once "
        f"{situation.primary} has been healthy for {recovered} and the cool-down is over; the status says what they "
        f"wait for. To let them stay for longer, {situation.ask(Action.PAUSE)}."
    )


def _when_a_drill_has_ended(situation: Situation) -> Guidance:
    drill = situation.announcement.drill
    if drill and drill.outcome is DrillOutcome.CLEAN:
        return Guidance(done="Everything went as planned.", to_do=_NOTHING)
    state = situation.state
    if state and (state.move.destination if state.move else state.active) is Side.STANDBY:
        return Guidance(
            done=f"Users were left on {situation.standby}, or on their way there; the rules of every day hold again.",
            to_do=f"See why it ended. Once you trust {situation.primary}, {situation.ask(Action.FAILBACK)}.",
        )
    return Guidance(
        done=f"Users are on {situation.primary}; the rules of every day hold again.",
        to_do="See why it did not go as planned, before you count on a failover.",
    )


def _when_delayed(situation: Situation) -> str:
    move = situation.announcement.move
    trouble = f" The last attempt said: {move.trouble}" if move and move.trouble else ""
    return f"The change is tried again every round.{trouble}"


def _when_the_lever_fails(situation: Situation) -> Guidance:
    surveyed = situation.state.surveyed if situation.state else None
    if surveyed and surveyed.out_of_reach:
        return Guidance(
            done="The controller goes on watching, and tries Route 53 again every minute.",
            to_do="See the AWS Health Dashboard for Route 53 (its control plane is in us-east-1) and whether the "
            "controller's role may still read the zone. DNS goes on answering as it does now.",
        )
    return Guidance(
        done="What steers users was left as it was found. Until it is in order nothing can move, by hand neither.",
        to_do=f"Put it right as said above; the next look, within a minute, notices. {_break_glass(situation)}",
    )


def _when_recovered(situation: Situation) -> str:
    state = situation.state
    if situation.announcement.side is Side.PRIMARY and state and situation.users_are_away:
        if state.to_return:
            return f"Users are still on {situation.standby}. {_how_they_come_back(situation)}"
        return (
            f"Users are still on {situation.standby}, and stay there. When you are ready to fail back, "
            f"{situation.ask(Action.FAILBACK)}. Users come back in steps, or with the pace {Pace.IN_ONE} all at once."
        )
    return _NOTHING


def _break_glass(situation: Situation) -> str:
    settings = situation.settings
    records = (
        "The break-glass script (scripts/break_glass.py) moves users with Route 53 and your own credentials alone."
    )
    if settings.moves_records and not settings.latch_check_ids:
        return (
            f"{records} While Route 53's control plane, in us-east-1, does not answer, nobody can change a record, not "
            f"even so."
        )
    if not settings.latch_bucket:
        latch = (
            f"A latch that is attached moves users while 1 is published every minute as its metric in "
            f"{settings.latch_metric_namespace}, in {situation.standby}."
        )
    else:
        latch = (
            f"A latch that is attached moves users without Route 53's control plane: scripts/break_glass_latch.py "
            f"--bucket {settings.latch_bucket} --region {situation.standby} throws it with S3 and your own credentials "
            f"alone."
        )
    return f"{records} {latch}" if settings.moves_records else latch


def _by_hand(situation: Situation) -> str:
    move, state = situation.announcement.move, situation.state
    if move:
        return f"To move by hand, {situation.move_to(move.target)}."
    if state:
        return f"To move by hand, {situation.move_to(state.active.other)}."
    return f"To see what can be done by hand, {situation.ask(Action.STATUS)}."


def _to_abort(situation: Situation) -> str:
    return f"To take it back, {situation.ask(Action.ABORT)}."


def _to_end_the_drill(situation: Situation) -> str:
    return f"To end it early, {situation.ask(Action.ABORT)}."


def _to_acknowledge(situation: Situation) -> str:
    return f"To let automation go on, {situation.ask(Action.ACKNOWLEDGE)}."


def _to_resume(situation: Situation) -> str:
    if situation.settings.observe_only:
        return "To let automation move, deploy the stack with ObserveOnly=false."
    return f"To let automation move, {situation.ask(Action.RESUME)}."
