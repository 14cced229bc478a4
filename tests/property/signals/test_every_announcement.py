"""Whatever is announced, in whatever state: a message that SNS takes and a person can use."""

import json
import re
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from failover.decision.announcement import OF_DRILLS, Announcement, Kind
from failover.decision.drill import DrillKind, DrillOutcome, DrillStage
from failover.decision.move import IN_ONE, IN_STEPS, REVERTED
from failover.decision.request import parse_request
from failover.decision.rules import Rule
from failover.decision.state import State
from failover.probe.verdict import Verdict
from failover.region import Side
from failover.signals.event import detail, detail_type
from failover.signals.messages import compose
from tests.support.event_schema import hold_to_schema
from tests.unit.signals.examples import NOW, TOKYO, VIRGINIA, Recorder, drill, move, refuse, settings, state
from tests.unit.signals.test_signals import signals

TITLES = ("DRILL", "WHAT HAPPENED", "WHAT WAS DONE", "WHAT TO DO NOW", f"WHAT DOES NOT WORK ON {VIRGINIA}", "WHICH")

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
)
states: st.SearchStrategy[State | None] = st.none() | st.builds(
    lambda active, drill_on: state(active=active, drill=drill_on), st.sampled_from(Side), st.none() | drills
)
domains = st.sampled_from(["auth.example.com", ".".join(["a" * 60] * 4)])


@given(announcements, states, domains)
def test_its_subject_is_what_sns_takes(announced: Announcement, known: State | None, domain: str) -> None:
    subject = compose(announced, settings(domain_name=domain), known).subject
    assert re.fullmatch(r"[\x21-\x7e][\x20-\x7e]{0,98}", subject)


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
