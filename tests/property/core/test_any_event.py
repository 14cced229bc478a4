"""Whatever JSON the operator function is given, it answers, and a wrong event changes nothing."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from failover.decision.request import Action, parse_request
from failover.errors import RequestError
from tests.support.world import World

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(), children, max_size=3),
    max_leaves=8,
)
FIELDS = ["reason", "token", "requested_by", "override", "pace", "minutes", "limit"]
nearly_right = st.fixed_dictionaries(
    {"action": st.sampled_from([action.value for action in Action])},
    optional={name: json_values | st.sampled_from(["drill", "t", 30, ["target-serves"], "in-one"]) for name in FIELDS},
)


@given(event=json_values | nearly_right)
@settings(max_examples=150)
def test_every_event_is_answered_and_a_wrong_one_changes_nothing(event: object) -> None:
    world = World().settle()
    before = world.memory.load()
    answer = world.handle(event, lambda: 0.0)
    assert isinstance(answer["done"], bool)
    assert json.dumps(answer)
    try:
        parse_request(event)
    except RequestError:
        assert answer["refused_by"] == "request"
        assert world.memory.load() == before
