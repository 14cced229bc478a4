"""Whatever is announced, in whatever state: a message that SNS takes and a person can use."""

import json
import re
from dataclasses import replace

from click import Context
from hypothesis import assume, given
from hypothesis import strategies as st

from failover.decision.announcement import OF_DRILLS, Announcement, Kind
from failover.decision.drill import DrillKind, DrillOutcome, DrillStage
from failover.decision.move import IN_ONE, IN_STEPS, REVERTED
from failover.decision.request import parse_request
from failover.decision.rules import Rule
from failover.decision.state import State
from failover.probe.verdict import Verdict
from failover.region import Side
from failover.signals.brief import MAX_LENGTH, in_brief
from failover.signals.event import detail, detail_type
from failover.signals.headline import headline
from failover.signals.messages import compose
from failover.signals.severity import Severity, severity
from failover.signals.situation import Situation
from failoverctl.program import Program
from tests.support.event_schema import hold_to_schema
from tests.unit.signals.examples import NOW, TOKYO, VIRGINIA, Recorder, drill, move, refuse, settings, state
from tests.unit.signals.test_signals import signals

TITLES = (
    "DRILL",
    "WHAT HAPPENED",
    "WHAT TO DO NOW",
    "RUNBOOK",
    "WHAT WAS DONE",
    f"WHAT DOES NOT WORK ON {VIRGINIA}",
    "WHICH",
)

COMMANDS = set(Program().list_commands(Context(Program())))

instants = st.floats(min_value=NOW, max_value=NOW + 600)
moves = st.builds(
    lambda automatic, target, steps, trouble, reached, drill_id: replace(
        move(),
        automatic=automatic,
        source=target.other,
        target=target,
        steps=steps,
        trouble=trouble,
        first_submitted_at=reached,
        first_in_sync_at=reached,
        drill=drill_id,
    ),
    st.booleans(),
    st.sampled_from(Side),
    st.sampled_from([IN_ONE, IN_STEPS, REVERTED]),
    st.sampled_from(["", "Route 53 answered Throttling."]),
    st.none() | instants,
    st.sampled_from(["", "drill-switchover-1782900000"]),
)
drills = st.builds(
    lambda kind, stage, outcome: replace(drill(), kind=kind, stage=stage, outcome=outcome),
    st.sampled_from(DrillKind),
    st.sampled_from(DrillStage),
    st.none() | st.sampled_from(DrillOutcome),
)
plain_sentences = st.sampled_from(
    [f"{region} has been {verdict}." for region in (TOKYO, VIRGINIA) for verdict in Verdict]
)
sentences = st.text(min_size=1, max_size=300) | plain_sentences
announcements = st.builds(
    Announcement,
    kind=st.sampled_from(Kind),
    at=instants,
    sentence=sentences,
    move=st.none() | moves,
    side=st.none() | st.sampled_from(Side),
    verdict=st.none() | st.sampled_from(Verdict),
    rule=st.just("") | st.sampled_from([rule.value for rule in Rule]),
    drill=st.none() | drills,
    incident=st.just("") | st.integers(min_value=int(NOW), max_value=int(NOW) + 600).map(lambda at: f"incident-{at}"),
)
states: st.SearchStrategy[State | None] = st.none() | st.builds(
    lambda active, drill_on: state(active=active, drill=drill_on), st.sampled_from(Side), st.none() | drills
)
domains = st.sampled_from(["auth.example.com", ".".join(["a" * 60] * 4)])


@given(announcements, states, domains)
def test_its_subject_is_what_sns_takes(announced: Announcement, known: State | None, domain: str) -> None:
    subject = compose(announced, settings(domain_name=domain), known).subject
    assert re.fullmatch(r"[\x21-\x7e][\x20-\x7e]{0,98}", subject)


@given(announcements, announcements, states, states, domains)
def test_two_of_one_incident_have_one_subject_unless_one_of_them_is_a_rehearsal(
    one: Announcement, other: Announcement, known: State | None, later: State | None, domain: str
) -> None:
    told = [replace(each, incident=f"incident-{int(NOW)}") for each in (one, other)]
    rehearsed = [bool(each.drill_id) or each.kind in OF_DRILLS for each in told]
    subjects = {
        compose(each, settings(domain_name=domain), at_that_time).subject
        for each, at_that_time in zip(told, (known, later), strict=True)
    }
    assert len(subjects) == len(set(rehearsed))


REGION_NAMES = st.from_regex(r"[a-z]{2}(-[a-z]{1,20}){1,4}-[0-9]", fullmatch=True)
DOMAINS = st.from_regex(r"([a-z0-9-]{1,40}\.){1,5}[a-z]{2,20}", fullmatch=True)
GSM_AND_ASCII = re.compile(r"[A-Za-z0-9 @$!\"#%&'()*+,\-./:;<=>?_]+")


@given(announcements, states, DOMAINS, REGION_NAMES, REGION_NAMES.filter(lambda region: region != VIRGINIA))
def test_it_fits_into_one_text_message_whatever_the_names(
    announced: Announcement, known: State | None, domain: str, primary: str, standby: str
) -> None:
    assume(primary != standby)
    named = settings(
        domain_name=domain,
        primary_region=primary,
        standby_region=standby,
        user_pool_id=f"{primary}_AbCdEfGhI",
        canary_secret_arn=f"arn:aws:secretsmanager:{standby}:123456789012:secret:canary-AbCdEf",
        topic_arn=f"arn:aws:sns:{standby}:123456789012:notifications",
    )
    text = compose(announced, named, known).text
    assert len(f"Cognito failover> {text}") <= 140
    assert GSM_AND_ASCII.fullmatch(text)
    situation = Situation(announcement=announced, settings=named, state=known)
    assert in_brief(situation) in text
    assert headline(situation)[:20] in text
    assert domain[:14] in text


@given(announcements, states)
def test_the_one_thing_to_do_is_short_and_each_command_in_it_is_one(
    announced: Announcement, known: State | None
) -> None:
    brief = in_brief(Situation(announcement=announced, settings=settings(), state=known))
    assert len(brief) <= MAX_LENGTH
    assert brief.endswith(".")
    assert set(re.findall(r"failoverctl ([a-z-]+)", brief)) <= COMMANDS


@given(announcements, states)
def test_its_attributes_are_as_many_as_a_queue_takes_and_none_is_empty(
    announced: Announcement, known: State | None
) -> None:
    attributes = compose(announced, settings(), known).attributes
    assert len(attributes) <= 10
    assert all(attributes.values())


@given(announcements, states)
def test_a_rehearsal_is_never_critical(announced: Announcement, known: State | None) -> None:
    found = severity(Situation(announcement=announced, settings=settings(), state=known))
    assert not (announced.drill_id and found is Severity.CRITICAL)


@given(announcements, states, plain_sentences)
def test_every_part_of_its_body_says_something(announced: Announcement, known: State | None, sentence: str) -> None:
    headline, *parts = compose(replace(announced, sentence=sentence), settings(), known).body.strip().split("\n\n")
    body = "\n\n".join(parts)
    assert headline.endswith(".")
    assert "\n" not in headline
    for part in parts:
        title, *text = part.split("\n")
        assert title in TITLES
        assert text
        assert all(line.strip() for line in text)
    assert "None" not in body


@given(announcements, states)
def test_every_event_it_proposes_is_one_that_the_operator_accepts(announced: Announcement, known: State | None) -> None:
    to_do = compose(announced, settings(), known).body.split("WHAT TO DO NOW\n")[-1]
    for proposed in re.findall(r"\{\"action.*?\}", to_do):
        parse_request(json.loads(proposed))


@given(announcements, states)
def test_it_says_that_it_is_of_a_drill_if_and_only_if_it_is(announced: Announcement, known: State | None) -> None:
    message, event = compose(announced, settings(), known), detail(announced, settings(), known)
    says_so = message.subject.startswith(("DRILL: ", "Drill "))
    assert says_so is bool(announced.drill_id or announced.kind in OF_DRILLS)
    assert ("\n\nDRILL\n" in message.body) is bool(announced.drill_id)
    assert (event["drill"] and event["drill"]["id"]) == (announced.drill_id or None)


@given(announcements, states)
def test_its_event_is_json_of_strings_numbers_and_nothing_unsaid(announced: Announcement, known: State | None) -> None:
    told = json.loads(json.dumps(detail(announced, settings(), known), allow_nan=False))
    hold_to_schema(told)
    assert told["kind"] == announced.kind
    assert detail_type(announced.kind)


@given(st.lists(announcements, max_size=5), st.lists(st.booleans(), min_size=2, max_size=2))
def test_channels_that_fail_never_raise_and_only_what_arrived_everywhere_is_returned(
    announced: list[Announcement], working: list[bool]
) -> None:
    channels = [Recorder(before=(lambda _: None) if works else refuse) for works in working]
    told = signals(*channels).tell(announced)
    assert told == (tuple(announced) if all(working) else ())
