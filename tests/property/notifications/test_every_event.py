"""Properties of every event's message and detail: SNS accepts it, and it is complete."""

import json
import re
from dataclasses import replace

from hypothesis import assume, given
from hypothesis import strategies as st

from cognito_failover.common.region import RegionRole
from cognito_failover.core.model.drill import DrillKind, DrillOutcome, DrillStage
from cognito_failover.core.model.event import DRILL_KINDS, Event, EventKind
from cognito_failover.core.model.move import MoveMode
from cognito_failover.core.model.state import ControllerState
from cognito_failover.core.operator.request import parse_request
from cognito_failover.core.rules import Rule
from cognito_failover.core.verdict import Verdict
from cognito_failover.notifications.catalogue import format_call_to_action, format_headline
from cognito_failover.notifications.context import EventContext
from cognito_failover.notifications.eventbridge_event import build_detail, format_detail_type
from cognito_failover.notifications.message import compose_message
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
    "ACTIONS TAKEN",
    f"WHAT DOES NOT WORK ON {VIRGINIA}",
    "IDENTIFIERS",
)

instants = st.floats(min_value=NOW, max_value=NOW + 600)
moves = st.builds(
    lambda is_automatic, target, mode, last_error, reached_at, drill_id: replace(
        make_move(),
        is_automatic=is_automatic,
        source=target.opposite,
        target=target,
        mode=mode,
        steps=mode.steps,
        last_error=last_error,
        first_submitted_at=reached_at,
        first_in_sync_at=reached_at,
        drill_id=drill_id,
    ),
    st.booleans(),
    st.sampled_from(RegionRole),
    st.sampled_from([MoveMode.ALL_AT_ONCE, MoveMode.STEPPED, MoveMode.ROLLBACK]),
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
    lambda active_role, drill: make_state(active_role=active_role, drill=drill),
    st.sampled_from(RegionRole),
    st.none() | drills,
)
domains = st.sampled_from(["auth.example.com", ".".join(["a" * 60] * 4)])


@given(events, states, domains)
def test_subject_is_valid_for_sns(event: Event, state: ControllerState | None, domain: str) -> None:
    subject = compose_message(event, make_settings(domain_name=domain), state).subject
    assert re.fullmatch(r"[\x21-\x7e][\x20-\x7e]{0,98}", subject)


@given(events, events, states, states, domains)
def test_incident_has_one_subject_and_its_drills_another(
    one: Event, other: Event, state: ControllerState | None, later_state: ControllerState | None, domain: str
) -> None:
    pair = [replace(event, incident_id=f"incident-{int(NOW)}") for event in (one, other)]
    drill_flags = [bool(event.drill_id) or event.kind in DRILL_KINDS for event in pair]
    subjects = {
        compose_message(event, make_settings(domain_name=domain), state_then).subject
        for event, state_then in zip(pair, (state, later_state), strict=True)
    }
    assert len(subjects) == len(set(drill_flags))


REGION_NAMES = st.from_regex(r"[a-z]{2}(-[a-z]{1,20}){1,4}-[0-9]", fullmatch=True)
DOMAINS = st.from_regex(r"([a-z0-9-]{1,40}\.){1,5}[a-z]{2,20}", fullmatch=True)
GSM_AND_ASCII = re.compile(r"[A-Za-z0-9 @$!\"#%&'()*+,\-./:;<=>?_]+")


@given(events, states, DOMAINS, REGION_NAMES, REGION_NAMES.filter(lambda region: region != VIRGINIA))
def test_text_message_fits_one_sms_for_any_names(
    event: Event, state: ControllerState | None, domain: str, primary: str, standby: str
) -> None:
    assume(primary != standby)
    settings = make_settings(
        domain_name=domain,
        primary_region=primary,
        standby_region=standby,
        user_pool_id=f"{primary}_AbCdEfGhI",
        canary_secret_arn=f"arn:aws:secretsmanager:{standby}:123456789012:secret:canary-AbCdEf",
        topic_arn=f"arn:aws:sns:{standby}:123456789012:notifications",
    )
    text = compose_message(event, settings, state).sms
    assert len(f"Cognito failover> {text}") <= 140
    assert GSM_AND_ASCII.fullmatch(text)
    context = EventContext(event=event, settings=settings, state=state)
    assert format_call_to_action(context) in text
    assert format_headline(context)[:20] in text
    assert domain[:14] in text


@given(events, states)
def test_message_attributes_are_within_limit_and_nonempty(event: Event, state: ControllerState | None) -> None:
    attributes = compose_message(event, make_settings(), state).attributes
    assert len(attributes) <= 10
    assert all(attributes.values())


@given(events, states, plain_sentences)
def test_every_body_section_is_nonempty(event: Event, state: ControllerState | None, sentence: str) -> None:
    headline, *parts = (
        compose_message(replace(event, message=sentence), make_settings(), state).body.strip().split("\n\n")
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
def test_every_proposed_request_is_valid(event: Event, state: ControllerState | None) -> None:
    next_steps = compose_message(event, make_settings(), state).body.split("WHAT TO DO NOW\n")[-1]
    for request in re.findall(r"\{\"action.*?\}", next_steps):
        parse_request(json.loads(request))


@given(events, states)
def test_drill_marker_is_present_only_for_drills(event: Event, state: ControllerState | None) -> None:
    message, detail = compose_message(event, make_settings(), state), build_detail(event, make_settings(), state)
    has_marker = message.subject.startswith(("DRILL: ", "Drill ", "Drill: "))
    assert has_marker is bool(event.drill_id or event.kind in DRILL_KINDS)
    is_real = event.drill is not None and event.drill.outcome is DrillOutcome.INTERRUPTED  # by an outage, for example
    assert ("\n\nDRILL\n" in message.body) is bool(event.drill_id and not is_real)
    assert (detail["drill"] and detail["drill"]["id"]) == (event.drill_id or None)


@given(events, states)
def test_event_detail_is_plain_json(event: Event, state: ControllerState | None) -> None:
    detail = json.loads(json.dumps(build_detail(event, make_settings(), state), allow_nan=False))
    validate_event(detail)
    assert detail["kind"] == event.kind
    assert format_detail_type(event.kind)


@given(st.lists(events, max_size=5), st.lists(st.booleans(), min_size=2, max_size=2))
def test_failing_channels_never_raise_and_only_delivered_events_return(
    published: list[Event], working: list[bool]
) -> None:
    channels = [RecordingChannel(before=(lambda _: None) if works else refuse_event) for works in working]
    delivered = make_publisher(*channels).publish(published)
    assert delivered == (tuple(published) if all(working) else ())
