"""Whatever is announced, in whatever state: a message that SNS takes and a person can use."""

import json
import re
from dataclasses import replace

from click import Context
from hypothesis import assume, given
from hypothesis import strategies as st

from cognito_failover.common.region import RegionRole
from cognito_failover.core.model.drill import DrillKind, DrillOutcome, DrillStage
from cognito_failover.core.model.event import DRILL_KINDS, Event, EventKind
from cognito_failover.core.model.move import ALL_AT_ONCE, ROLLBACK, STEPPED
from cognito_failover.core.model.state import ControllerState
from cognito_failover.core.operator.request import parse_request
from cognito_failover.core.rules import Rule
from cognito_failover.core.verdict import Verdict
from cognito_failover.notifications.call_to_action import MAX_LENGTH, format_call_to_action
from cognito_failover.notifications.context import EventContext
from cognito_failover.notifications.eventbridge_event import build_detail, format_detail_type
from cognito_failover.notifications.headline import format_headline
from cognito_failover.notifications.message import compose_message
from cognito_failover.notifications.severity import EventSeverity, rate_severity
from failoverctl.cli import LazyGroup
from tests.support.event_schema import validate_event
from tests.unit.notifications.examples import (
    NOW,
    TOKYO,
    VIRGINIA,
    RecordingChannel,
    make_drill,
    make_move,
    make_settings,
    make_state,
    refuse_event,
)
from tests.unit.notifications.test_publisher import make_publisher

TITLES = (
    "DRILL",
    "WHAT HAPPENED",
    "WHAT TO DO NOW",
    "RUNBOOK",
    "WHAT WAS DONE",
    f"WHAT DOES NOT WORK ON {VIRGINIA}",
    "WHICH",
)

COMMANDS = set(LazyGroup().list_commands(Context(LazyGroup())))

instants = st.floats(min_value=NOW, max_value=NOW + 600)
moves = st.builds(
    lambda automatic, target, steps, trouble, reached, drill_id: replace(
        make_move(),
        is_automatic=automatic,
        source=target.opposite,
        target=target,
        steps=steps,
        last_error=trouble,
        first_submitted_at=reached,
        first_in_sync_at=reached,
        drill_id=drill_id,
    ),
    st.booleans(),
    st.sampled_from(RegionRole),
    st.sampled_from([ALL_AT_ONCE, STEPPED, ROLLBACK]),
    st.sampled_from(["", "Route 53 answered Throttling."]),
    st.none() | instants,
    st.sampled_from(["", "drill-switchover-1782900000"]),
)
drills = st.builds(
    lambda kind, stage, outcome: replace(make_drill(), kind=kind, stage=stage, outcome=outcome),
    st.sampled_from(DrillKind),
    st.sampled_from(DrillStage),
    st.none() | st.sampled_from(DrillOutcome),
)
plain_sentences = st.sampled_from(
    [f"{region} has been {verdict}." for region in (TOKYO, VIRGINIA) for verdict in Verdict]
)
sentences = st.text(min_size=1, max_size=300) | plain_sentences
events = st.builds(
    Event,
    kind=st.sampled_from(EventKind),
    at=instants,
    message=sentences,
    move=st.none() | moves,
    role=st.none() | st.sampled_from(RegionRole),
    verdict=st.none() | st.sampled_from(Verdict),
    rule=st.just("") | st.sampled_from([rule.value for rule in Rule]),
    drill=st.none() | drills,
    incident_id=st.just("")
    | st.integers(min_value=int(NOW), max_value=int(NOW) + 600).map(lambda at: f"incident-{at}"),
)
states: st.SearchStrategy[ControllerState | None] = st.none() | st.builds(
    lambda active, drill_on: make_state(active_role=active, drill=drill_on),
    st.sampled_from(RegionRole),
    st.none() | drills,
)
domains = st.sampled_from(["auth.example.com", ".".join(["a" * 60] * 4)])


@given(events, states, domains)
def test_subject_is_valid_for_sns(announced: Event, known: ControllerState | None, domain: str) -> None:
    subject = compose_message(announced, make_settings(domain_name=domain), known).subject
    assert re.fullmatch(r"[\x21-\x7e][\x20-\x7e]{0,98}", subject)


@given(events, events, states, states, domains)
def test_same_incident_has_same_subject_except_drills(
    one: Event, other: Event, known: ControllerState | None, later: ControllerState | None, domain: str
) -> None:
    told = [replace(each, incident_id=f"incident-{int(NOW)}") for each in (one, other)]
    rehearsed = [bool(each.drill_id) or each.kind in DRILL_KINDS for each in told]
    subjects = {
        compose_message(each, make_settings(domain_name=domain), at_that_time).subject
        for each, at_that_time in zip(told, (known, later), strict=True)
    }
    assert len(subjects) == len(set(rehearsed))


REGION_NAMES = st.from_regex(r"[a-z]{2}(-[a-z]{1,20}){1,4}-[0-9]", fullmatch=True)
DOMAINS = st.from_regex(r"([a-z0-9-]{1,40}\.){1,5}[a-z]{2,20}", fullmatch=True)
GSM_AND_ASCII = re.compile(r"[A-Za-z0-9 @$!\"#%&'()*+,\-./:;<=>?_]+")


@given(events, states, DOMAINS, REGION_NAMES, REGION_NAMES.filter(lambda region: region != VIRGINIA))
def test_text_message_fits_one_sms_for_any_names(
    announced: Event, known: ControllerState | None, domain: str, primary: str, standby: str
) -> None:
    assume(primary != standby)
    named = make_settings(
        domain_name=domain,
        primary_region=primary,
        standby_region=standby,
        user_pool_id=f"{primary}_AbCdEfGhI",
        canary_secret_arn=f"arn:aws:secretsmanager:{standby}:123456789012:secret:canary-AbCdEf",
        topic_arn=f"arn:aws:sns:{standby}:123456789012:notifications",
    )
    text = compose_message(announced, named, known).sms
    assert len(f"Cognito failover> {text}") <= 140
    assert GSM_AND_ASCII.fullmatch(text)
    situation = EventContext(event=announced, settings=named, state=known)
    assert format_call_to_action(situation) in text
    assert format_headline(situation)[:20] in text
    assert domain[:14] in text


@given(events, states)
def test_call_to_action_is_short_and_its_commands_are_valid(announced: Event, known: ControllerState | None) -> None:
    brief = format_call_to_action(EventContext(event=announced, settings=make_settings(), state=known))
    assert len(brief) <= MAX_LENGTH
    assert brief.endswith(".")
    assert set(re.findall(r"failoverctl ([a-z-]+)", brief)) <= COMMANDS


@given(events, states)
def test_message_attributes_are_within_limit_and_nonempty(announced: Event, known: ControllerState | None) -> None:
    attributes = compose_message(announced, make_settings(), known).attributes
    assert len(attributes) <= 10
    assert all(attributes.values())


@given(events, states)
def test_drill_event_is_never_critical(announced: Event, known: ControllerState | None) -> None:
    found = rate_severity(EventContext(event=announced, settings=make_settings(), state=known))
    assert not (announced.drill_id and found is EventSeverity.CRITICAL)


@given(events, states, plain_sentences)
def test_every_body_section_is_nonempty(announced: Event, known: ControllerState | None, sentence: str) -> None:
    headline, *parts = (
        compose_message(replace(announced, message=sentence), make_settings(), known).body.strip().split("\n\n")
    )
    body = "\n\n".join(parts)
    assert headline.endswith(".")
    assert "\n" not in headline
    for part in parts:
        title, *text = part.split("\n")
        assert title in TITLES
        assert text
        assert all(line.strip() for line in text)
    assert "None" not in body


@given(events, states)
def test_every_proposed_event_is_accepted_by_operator(announced: Event, known: ControllerState | None) -> None:
    to_do = compose_message(announced, make_settings(), known).body.split("WHAT TO DO NOW\n")[-1]
    for proposed in re.findall(r"\{\"action.*?\}", to_do):
        parse_request(json.loads(proposed))


@given(events, states)
def test_drill_marker_is_present_only_for_drills(announced: Event, known: ControllerState | None) -> None:
    message, event = compose_message(announced, make_settings(), known), build_detail(announced, make_settings(), known)
    says_so = message.subject.startswith(("DRILL: ", "Drill "))
    assert says_so is bool(announced.drill_id or announced.kind in DRILL_KINDS)
    assert ("\n\nDRILL\n" in message.body) is bool(announced.drill_id)
    assert (event["drill"] and event["drill"]["id"]) == (announced.drill_id or None)


@given(events, states)
def test_event_detail_is_plain_json(announced: Event, known: ControllerState | None) -> None:
    told = json.loads(json.dumps(build_detail(announced, make_settings(), known), allow_nan=False))
    validate_event(told)
    assert told["kind"] == announced.kind
    assert format_detail_type(announced.kind)


@given(st.lists(events, max_size=5), st.lists(st.booleans(), min_size=2, max_size=2))
def test_failing_channels_never_raise_and_only_delivered_events_return(
    announced: list[Event], working: list[bool]
) -> None:
    channels = [RecordingChannel(before=(lambda _: None) if works else refuse_event) for works in working]
    told = make_publisher(*channels).publish(announced)
    assert told == (tuple(announced) if all(working) else ())
