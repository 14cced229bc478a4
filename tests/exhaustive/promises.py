"""What every transition must keep to. The name of each promise is the sentence."""

from collections.abc import Callable

from failover.decision.knowledge import GOOD
from failover.decision.latching import are_touched
from failover.decision.move import Move
from failover.decision.rules import DAY_SECONDS, starting_grace_seconds
from failover.decision.state import State
from failover.levers.latch import LatchName
from failover.probe.verdict import Verdict
from failover.region import Side, Weights, all_to
from tests.exhaustive.walk import Transition, weights_in

type Promise = Callable[[Transition], bool]
"""Tells whether a transition keeps it."""


def never_moves_by_itself_to_a_region_not_known_to_serve(transition: Transition) -> bool:
    move = _automatic(transition)
    return move is None or _seen(transition, move.target) in GOOD


def never_gives_route_53_an_automatic_move_unless_the_cause_is_seen_in_that_round(transition: Transition) -> bool:
    before, move = transition.before, transition.before.move if transition.before else None
    if not transition.moved or before is None or move is None or not move.automatic or move.begun or move.reverting:
        return True
    if are_touched(before, move):  # the process may have died with the latch thrown: users may be on their way
        return True
    return _seen(transition, move.target) in GOOD and _seen(transition, move.source) not in GOOD


def never_moves_by_itself_without_enough_sick_rounds(transition: Transition) -> bool:
    move = _automatic(transition)
    if move is None:
        return True
    lacking_rounds = _before(transition).suspected.lacking_rounds(transition.settings)
    return _seen(transition, move.source) is Verdict.SICK and lacking_rounds <= 1


def never_moves_by_itself_when_cut_off(transition: Transition) -> bool:
    return not (_automatic(transition) and transition.event.cut_off)


def never_leaves_the_domain_without_a_target(transition: Transition) -> bool:
    return any(transition.traffic_after) or not transition.moved


def never_moves_by_itself_inside_a_cool_down(transition: Transition) -> bool:
    return not _automatic(transition) or _before(transition).cool_down_until <= transition.began_at


def never_moves_by_itself_more_often_than_the_bound(transition: Transition) -> bool:
    if not _automatic(transition):
        return True
    lately = [at for at in _before(transition).automatic_moves if transition.began_at - at < DAY_SECONDS]
    return len(lately) < transition.settings.max_automatic_moves_per_day


def never_moves_by_itself_while_paused_observing_or_held(transition: Transition) -> bool:
    if not _automatic(transition):
        return True
    before = _before(transition)
    paused = before.pause is not None and before.pause.until > transition.began_at
    return not (paused or before.observe_only or before.hold)


def says_what_keeps_a_wanted_move_from_beginning(transition: Transition) -> bool:
    after = transition.after
    if after is None or not transition.event.name.startswith("round") or after.move or transition.before is None:
        return True
    sick = after.streaks[after.active].verdict is Verdict.SICK
    wanted = sick and after.suspected.is_enough(transition.settings)
    ended = transition.before.move is not None or transition.begun is not None
    return ended or not wanted or bool(after.blocked_by)


def never_judges_before_it_has_watched_for_a_while(transition: Transition) -> bool:
    if not _automatic(transition):
        return True
    watched_seconds = transition.began_at - _before(transition).born_at
    return watched_seconds >= starting_grace_seconds(transition.settings)


def never_moves_on_lost_state(transition: Transition) -> bool:
    return transition.before is not None or not (transition.moved or transition.begun)


def creates_records_only_when_it_remembers_nothing(transition: Transition) -> bool:
    created = transition.traffic_after and not transition.traffic_before and not transition.event.edits
    return not created or transition.before is None


def never_overwrites_what_somebody_else_changed(transition: Transition) -> bool:
    if not transition.moved:
        return True
    before = _before(transition)
    own = [_pair(before.weights)]
    if before.move and before.move.progress:
        intent = before.move.progress.intent
        own += [_pair(intent.weights), weights_in(intent.before, transition.settings)]
    if before.trailing and before.trailing.intent:
        own += [_pair(before.trailing.intent.weights)]
    return transition.traffic_before in own


def never_moves_users_without_a_decided_move(transition: Transition) -> bool:
    if not transition.moved or transition.begun is not None:
        return True
    before = _before(transition)
    # Where a latch has moved the users, the weights follow them later.
    follow = before.trailing is not None and transition.traffic_after == _pair(all_to(before.active))
    return before.move is not None or follow


def forgets_a_hold_only_when_a_person_acknowledges(transition: Transition) -> bool:
    if transition.before is None or transition.after is None or not transition.before.hold:
        return True
    return transition.after.hold is not None or transition.event.name == "request: acknowledge"


def knows_where_users_are_when_a_move_is_confirmed(transition: Transition) -> bool:
    before, after = transition.before, transition.after
    if before is None or after is None or after.last_move_ended_at == before.last_move_ended_at:
        return True
    latch = after.latches.get(LatchName.RECORDS)
    if latch and latch.thrown and latch.sight:  # it sends users to the standby, whatever somebody makes of the weights
        return after.active is Side.STANDBY
    return transition.traffic_after == _pair(after.weights)


PROMISES: tuple[Promise, ...] = (
    never_moves_by_itself_to_a_region_not_known_to_serve,
    never_gives_route_53_an_automatic_move_unless_the_cause_is_seen_in_that_round,
    never_moves_by_itself_without_enough_sick_rounds,
    never_moves_by_itself_when_cut_off,
    never_leaves_the_domain_without_a_target,
    never_moves_by_itself_inside_a_cool_down,
    never_moves_by_itself_more_often_than_the_bound,
    never_moves_by_itself_while_paused_observing_or_held,
    says_what_keeps_a_wanted_move_from_beginning,
    never_judges_before_it_has_watched_for_a_while,
    never_moves_on_lost_state,
    creates_records_only_when_it_remembers_nothing,
    never_overwrites_what_somebody_else_changed,
    never_moves_users_without_a_decided_move,
    forgets_a_hold_only_when_a_person_acknowledges,
    knows_where_users_are_when_a_move_is_confirmed,
)


def _automatic(transition: Transition) -> Move | None:
    return transition.begun if transition.begun and transition.begun.automatic else None


def _before(transition: Transition) -> State:
    if transition.before is None:
        raise ValueError(f"nothing was remembered when it happened: {transition.event.name}")
    return transition.before


def _seen(transition: Transition, side: Side) -> Verdict | None:
    return transition.after.streaks[side].verdict if transition.after else None


def _pair(weights: Weights) -> tuple[int, ...]:
    return weights.primary, weights.standby
