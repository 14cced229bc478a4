"""What messages claim, and the facts of the world that must then hold."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from re import Match

from cognito_failover.common.region import RegionRole
from cognito_failover.common.text import format_duration, format_iso_utc
from cognito_failover.core.model.event import Event, EventKind
from cognito_failover.core.model.state import ControllerState
from cognito_failover.core.verdict import OUTAGE_VERDICTS, Verdict
from tests.support.controller_harness import ControllerHarness
from tests.support.dns_view import DnsView


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """The world when a text is written.

    Attributes
    ----------
    world
        The harness, for facts that neither DNS nor the state shows.
    state
        The state that was saved with the text.
    dns
        What clients are answered now.
    previous_dns
        What they were answered at the moment before.
    event
        The event of the text; None for the message of a round.
    roles_moved_to
        The Regions that DNS has answered with since the controller first changed a lever in this move, by move id.

    """

    world: ControllerHarness
    state: ControllerState
    dns: DnsView
    previous_dns: DnsView
    event: Event | None
    roles_moved_to: dict[str, set[RegionRole]]

    def get_role(self, region: str) -> RegionRole:
        """Return the role of a Region."""
        return next(role for role, name in self.world.settings.regions if name == region)


type Predicate = Callable[[Match[str], Moment], bool]
"""Returns whether what the match says holds at that moment."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One thing that texts say, by pattern, and what must then hold."""

    pattern: str
    holds: Predicate


R = "(ap-northeast-1|us-east-1)"
DURATION = r"((?:\d[\d.]* (?:h|min|s) ?)+)"


def _are_all_users_on(match: Match[str], moment: Moment) -> bool:
    return moment.dns.are_all_users_on(moment.get_role(match[1]))


def _are_shown_users_on(match: Match[str], moment: Moment) -> bool:
    return moment.dns.roles == {moment.get_role(match[1])}


def _have_servers_agreed(match: Match[str], moment: Moment) -> bool:
    return int(match[1]) <= moment.dns.count_servers_on(moment.get_role(match[3]))


def _has_witness(_: Match[str], moment: Moment) -> bool:
    return bool(moment.dns.roles)


def _moved_nobody(_: Match[str], moment: Moment) -> bool:
    move = moment.event.move if moment.event else None
    return move is None or move.target not in moment.roles_moved_to.get(move.id, set())


def _does_not_move(_: Match[str], moment: Moment) -> bool:
    return moment.state.move is None or not moment.state.move.is_started


def _stays(_: Match[str], moment: Moment) -> bool:
    return moment.state.move is None


def _changes_no_answer(_: Match[str], moment: Moment) -> bool:
    return moment.dns.roles <= moment.previous_dns.roles


def _are_read_back(match: Match[str], moment: Moment) -> bool:
    return moment.world.weights == (int(match[1]), int(match[2]))


TEXT_CLAIMS = (
    Claim(rf"All users are (?:on|sent to) {R}", _are_all_users_on),
    Claim(rf"All users that DNS shows are (?:on|sent to) {R}", _are_shown_users_on),
    Claim(rf"Users are on {R}\.", _are_all_users_on),
    Claim(rf"(\d+) of (\d+) name servers answer with {R} only", _have_servers_agreed),
    Claim(r"name servers confirmed it", _has_witness),
    Claim(r"cancelled before it moved users|users were not moved|Users were not moved", _moved_nobody),
    Claim(r"Users were not moved\.", _does_not_move),
    Claim(r"Traffic stays where it is", _stays),
    Claim(r"This did not move users", _changes_no_answer),
    Claim(r"The weights of primary and standby are read back as (\d+) and (\d+)", _are_read_back),
)
"""Claims of any text: messages of events and of rounds, and the notifications that people get."""


def _describes_suspicion(match: Match[str], moment: Moment) -> bool:
    suspicion = moment.state.active_suspicion
    return (match[2], match[3]) == (str(suspicion.sick_rounds), str(suspicion.rounds)) and suspicion.role is (
        moment.get_role(match[1])
    )


def _describes_streak(match: Match[str], moment: Moment) -> bool:
    streak = moment.state.streaks[moment.get_role(match[1])]
    duration = format_duration(moment.world.clock.now - streak.since)
    return (match[2], match[3], match[4].strip()) == (streak.verdict, str(streak.rounds), duration)


def _describes_move(match: Match[str], moment: Moment) -> bool:
    move = moment.state.move
    return (
        move is not None
        and (match[1] is None or move.source is moment.get_role(match[1]))
        and (move.target is moment.get_role(match[2]))
    )


def _describes_step(match: Match[str], moment: Moment) -> bool:
    """Compare the weights with the step: all users on a Region, or a share of them."""
    role = moment.get_role(match[2])
    share = 100 if match[1] in {"all users", "all users back"} else int(match[1].split()[0])
    primary, standby = moment.world.weights
    weight = primary if role is RegionRole.PRIMARY else standby
    return abs(100 * weight / (primary + standby) - share) < 1


def _is_confirmed_step(match: Match[str], moment: Moment) -> bool:
    if match[1].startswith("all"):
        return moment.dns.roles == {moment.get_role(match[2])}
    return _describes_step(match, moment)


def _describes_latch(match: Match[str], moment: Moment) -> bool:
    latch = next(latch for name, latch in moment.world.latches.items() if name == match[1])
    is_thrown = match[2] == "set"
    return latch.thrown is is_thrown and moment.get_role(match[3]) is (
        RegionRole.STANDBY if is_thrown else RegionRole.PRIMARY
    )


def _has_check_followed(match: Match[str], moment: Moment) -> bool:
    name = match[1]
    latch = next(latch for latch_name, latch in moment.world.latches.items() if latch_name == name)
    return latch.check_state is next(
        saved.is_thrown for saved_name, saved in moment.state.latches.items() if saved_name == name
    )


def _is_under_way(match: Match[str], moment: Moment) -> bool:
    ids = {each.id for each in (moment.state.move, moment.state.drill) if each}
    return moment.state.hold is None and match[1] in ids


def _is_switch_there(match: Match[str], moment: Moment) -> bool:
    latch = next(latch for name, latch in moment.world.latches.items() if name == match[1])
    return latch.thrown is (moment.get_role(match[2]) is RegionRole.STANDBY)


def _is_domain_presumed(match: Match[str], moment: Moment) -> bool:
    return moment.dns.domain in {None, moment.get_role(match[1])}


def _is_duration_of_move(match: Match[str], moment: Moment) -> bool:
    move = moment.event.move if moment.event else None
    return move is not None and match[1].strip() == format_duration(moment.world.clock.now - move.decided_at)


def _is_duration_since_cause(match: Match[str], moment: Moment) -> bool:
    move = moment.event.move if moment.event else None
    are_there = _are_shown_users_on if "that DNS shows" in match[0] else _are_all_users_on
    return (
        move is not None
        and match[2].strip() == format_duration(moment.world.clock.now - move.suspected_at)
        and are_there(match, moment)
    )


def _returns_to(match: Match[str], moment: Moment) -> bool:
    move = moment.state.move
    return move is not None and move.destination is moment.get_role(match[1])


def _takes_all_at_once(match: Match[str], moment: Moment) -> bool:
    move = moment.state.move
    return move is not None and move.is_on_last_step and move.destination is moment.get_role(match[1])


def _is_held(_: Match[str], moment: Moment) -> bool:
    return moment.state.hold is not None and moment.state.move is None


def _are_weights_synced(match: Match[str], moment: Moment) -> bool:
    role = moment.get_role(match[1])
    primary, standby = moment.world.weights
    other = standby if role is RegionRole.PRIMARY else primary
    return other == 0 and moment.dns.roles <= moment.previous_dns.roles


def _is_share_elsewhere(match: Match[str], moment: Moment) -> bool:
    role = moment.get_role(match[2])
    return role in moment.dns.roles | {moment.dns.domain} and int(match[1]) > 0


def _do_records_lead_to(match: Match[str], moment: Moment) -> bool:
    return moment.dns.roles == {moment.get_role(match[1])}


def _is_not_needed(_: Match[str], moment: Moment) -> bool:
    move = moment.state.move
    is_sick = moment.world.prober.verdicts[moment.state.users_role] in OUTAGE_VERDICTS
    return not is_sick and (move is None or move.is_automatic_failback)


def _was_degraded(match: Match[str], moment: Moment) -> bool:
    streak = moment.state.streaks[moment.get_role(match[1])]
    since = streak.since if match[2] == Verdict.UNVERIFIED else streak.serving_since
    return streak.serving_rounds > 0 and match[3].strip() == format_duration(moment.world.clock.now - since)


def _is_paused_until(match: Match[str], moment: Moment) -> bool:
    pause = moment.state.pause
    return pause is not None and format_iso_utc(pause.until) == match[1]


def _were_users_moved(match: Match[str], moment: Moment) -> bool:
    return moment.state.last_move is not None and moment.state.last_move.destination is moment.get_role(match[1])


def _has_drill(match: Match[str], moment: Moment) -> bool:
    return moment.state.drill is not None and moment.state.drill.id == match[1]


def _has_ended_drill(match: Match[str], moment: Moment) -> bool:
    return moment.state.last_drill is not None and moment.state.last_drill.id == match[1]


def _is_bound_for(match: Match[str], moment: Moment) -> bool:
    if match[1] == "on":
        return moment.dns.are_all_users_on(moment.get_role(match[2]))
    return moment.state.move is not None and moment.state.move.destination is moment.get_role(match[2])


def _has_problem_with_records(_: Match[str], moment: Moment) -> bool:
    records = moment.state.records
    return records is not None and bool(records.problem or records.read_error)


def _has_no_problem_with_records(_: Match[str], moment: Moment) -> bool:
    return not _has_problem_with_records(_, moment)


def _has_latch_problem(match: Match[str], moment: Moment) -> bool:
    return any(latch.problem for name, latch in moment.state.latches.items() if name == match[1])


def _can_latch_be_read(match: Match[str], moment: Moment) -> bool:
    return all(latch.read_failing_since is None for name, latch in moment.state.latches.items() if name == match[1])


def _is_latch_attached(match: Match[str], moment: Moment) -> bool:
    return all(latch.dns_watch is not None for name, latch in moment.state.latches.items() if name == match[1])


_STEP = rf"(all users(?: back)?|\d+ % of the users) on {R}"
_MOVE_COUNTED = Claim(rf"{R} was sick in (\d+) of (\d+) rounds", _describes_suspicion)
_MOVE_IN_A_ROW = Claim(rf"{R} has been sick for ((\d+)) rounds", _describes_suspicion)

CLAIMS_BY_KIND: dict[EventKind, tuple[Claim, ...]] = {
    EventKind.STATE_INITIALIZED: (
        Claim(r"ap-northeast-1 (\d+), us-east-1 (\d+)", _are_read_back),
        Claim(r"all users on|there are none yet", lambda _match, _moment: True),
    ),
    EventKind.SUSPECTED: (Claim(rf"{R} is suspect, sick in (\d+) of (\d+) rounds", _describes_suspicion),),
    EventKind.SUSPICION_CLEARED: (Claim(r"A move is not needed any more", _is_not_needed),),
    EventKind.BLOCKED: (_MOVE_COUNTED, _MOVE_IN_A_ROW),
    EventKind.WOULD_MOVE: (_MOVE_COUNTED, _MOVE_IN_A_ROW),
    EventKind.MOVE_DECIDED: (
        Claim(rf"Traffic moves (?:from {R} )?to {R}", _describes_move),
        Claim(rf"Drill \S+: {_STEP}", lambda _match, moment: moment.state.move is not None),
    ),
    EventKind.MOVE_SUBMITTED: (Claim(rf"Route 53 has accepted the change: {_STEP}", _describes_step),),
    EventKind.LATCH_SET: (Claim(rf"The latch of the (\S+) is (set|released); .* send users to {R}", _describes_latch),),
    EventKind.LATCH_EFFECTIVE: (
        Claim(r"The health check of the latch of the (\S+) has followed", _has_check_followed),
        Claim(rf"Cognito's own domain is assumed to be on {R}", _is_domain_presumed),
        Claim(rf"The health check of the latch of the (\S+) can't be seen\. .* presumed on {R}", _is_switch_there),
    ),
    EventKind.STEP_CONFIRMED: (Claim(rf"Confirmed: {_STEP}", _is_confirmed_step),),
    EventKind.MOVE_CONFIRMED: (
        Claim(rf"All users (?:that DNS shows )?are on {R}, {DURATION}since", _is_duration_since_cause),
    ),
    EventKind.MOVE_DELAYED: (Claim(rf"has been under way for {DURATION}:", _is_duration_of_move),),
    EventKind.MOVE_CANCELLED: (
        Claim(r"cancelled before it moved users", _moved_nobody),
        Claim(r"is cancelled", lambda _match, moment: moment.state.move is None),
    ),
    EventKind.MOVE_ACCELERATED: (Claim(rf"takes all users to {R} at once", _takes_all_at_once),),
    EventKind.MOVE_ROLLING_BACK: (Claim(rf"Traffic goes back to {R}", _returns_to),),
    EventKind.MOVE_SUPERSEDED: (Claim(r"has ended unfinished, and automation waits", _is_held),),
    EventKind.WEIGHTS_SYNCED: (Claim(rf"The weights of the records now also send users to {R}", _are_weights_synced),),
    EventKind.LOCATION_DIFFERS: (Claim(rf"DNS sends (\d+) % of the users of \S* to {R},", _is_share_elsewhere),),
    EventKind.LOCATION_RESTORED: (
        Claim(rf"DNS sends all users of auth.example.com to {R} again", _do_records_lead_to),
        Claim(rf"DNS sends all users of (?:login.example.com)? to {R} again", _is_domain_presumed),
    ),
    # An abort holds automation at once, while its users are still on their way back.
    EventKind.AUTOMATION_HELD: (
        Claim(r"Automation waits for an acknowledgement", lambda _match, moment: moment.state.hold is not None),
    ),
    EventKind.ACKNOWLEDGED: (
        Claim(r"Automation continues", lambda _match, moment: moment.state.hold is None),
        Claim(r"(\S+) continues\.$", _is_under_way),
    ),
    EventKind.PAUSED: (Claim(r"paused automation until (\S+):", _is_paused_until),),
    EventKind.RESUMED: (
        Claim(
            r"resumed automation",
            lambda _match, moment: moment.state.pause is None and not moment.state.is_observe_only,
        ),
    ),
    EventKind.OBSERVE_ONLY_SET: (Claim(r"to observe only", lambda _match, moment: moment.state.is_observe_only),),
    EventKind.REGION_DEGRADED: (
        Claim(rf"{R} has been (\S+) for (\d+) rounds \({DURATION}\)", _describes_streak),
        Claim(rf"{R} was sick in (\d+) of (\d+) rounds", _describes_suspicion),
    ),
    EventKind.REGION_RECOVERED: (Claim(rf"{R} was (\S+) and has now been healthy for {DURATION}", _was_degraded),),
    EventKind.LEVER_PROBLEM: (
        Claim(r"can't be used|have not been read", _has_problem_with_records),
        Claim(r"The region TXT record .* and the domain's records have (\d+) and (\d+)", _are_read_back),
    ),
    EventKind.LEVER_RECOVERED: (
        Claim(r"can be (?:used|moved) again", _has_no_problem_with_records),
        Claim(r"agrees with its records again", _has_no_problem_with_records),
    ),
    EventKind.LATCH_PROBLEM: (
        Claim(r"The latch of the (\S+) (?:is not attached as before|has not been read)", _has_latch_problem),
    ),
    EventKind.LATCH_RECOVERED: (
        Claim(r"The latch of the (\S+) can be read again", _can_latch_be_read),
        Claim(r"The latch of the (\S+) is attached again", _is_latch_attached),
    ),
    EventKind.DRILL_STARTED: (
        Claim(r"Drill (\S+) \(tabletop\) starts", _has_ended_drill),
        Claim(r"Drill (\S+) \((?!tabletop)\S+\) starts", _has_drill),
    ),
    EventKind.DRILL_ON_STANDBY: (Claim(rf"users were moved to {R}, and stay there", _were_users_moved),),
    EventKind.DRILL_ABORTED: (
        Claim(
            r"Drill (\S+) is aborted",
            lambda match, moment: _has_drill(match, moment) or _has_ended_drill(match, moment),
        ),
    ),
    EventKind.DRILL_ENDED: (
        Claim(r"Drill (\S+) has ended", _has_ended_drill),
        Claim(rf"Users are (on|on their way to) {R}\.", _is_bound_for),
    ),
}
"""The claims of each kind of event. Each message of a kind makes at least one of them."""

KINDS_WITHOUT_CLAIM = {
    EventKind.ATTACHMENT: "The operator saves it before it changes anything; it says only who asked.",
    EventKind.PREFLIGHT_FAILED: "It says what a check found, which the checks' own tests compare with the world.",
    EventKind.PREFLIGHT_RECOVERED: "As for a failed preflight.",
    EventKind.DRILL_REFUSED: "It repeats the answer to a request, which changes nothing.",
    EventKind.REFUSED: "As for a refused drill.",
}


def list_false_claims(text: str, moment: Moment) -> list[str]:
    """Return what a text says that does not hold at that moment."""
    is_message = moment.event is not None and text == moment.event.message
    text = text.split("Last error:", maxsplit=1)[0]  # it quotes an earlier attempt
    claims = (*TEXT_CLAIMS, *(CLAIMS_BY_KIND.get(moment.event.kind, ()) if moment.event and is_message else ()))
    return [
        match[0] for claim in claims for match in re.finditer(claim.pattern, text) if not claim.holds(match, moment)
    ]


def makes_a_claim(event: Event) -> bool:
    """Return whether the message of an event makes a claim of its kind."""
    return event.kind in KINDS_WITHOUT_CLAIM or any(
        re.search(claim.pattern, event.message) for claim in CLAIMS_BY_KIND[event.kind]
    )
