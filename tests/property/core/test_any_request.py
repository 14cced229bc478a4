"""The operator function answers any JSON event, and an invalid event changes nothing."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from cognito_failover.common.errors import RequestError
from cognito_failover.core.operator.request import OperatorAction, parse_request
from tests.support.controller_harness import ControllerHarness

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(), children, max_size=3),
    max_leaves=8,
)
FIELDS = ["reason", "token", "requested_by", "override", "mode", "minutes", "limit"]
nearly_valid_requests = st.fixed_dictionaries(
    {"action": st.sampled_from([action.value for action in OperatorAction])},
    optional={
        name: json_values | st.sampled_from(["drill", "t", 30, ["target-healthy"], "all-at-once"]) for name in FIELDS
    },
)


@given(event=json_values | nearly_valid_requests)
@settings(max_examples=150)
def test_every_request_is_answered_and_invalid_ones_change_nothing(event: object) -> None:
    world = ControllerHarness().settle()
    before = world.memory.load()
    answer = world.handle(event, lambda: 0.0)
    assert isinstance(answer["done"], bool)
    assert json.dumps(answer)
    try:
        parse_request(event)
    except RequestError:
        assert answer["refused_by"] == "request"
        assert world.memory.load() == before
