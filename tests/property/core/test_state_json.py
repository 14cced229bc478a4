"""Any state equals itself after it was written as JSON and read again."""

import msgspec
from hypothesis import given, settings

from failover.decision.state import State
from tests.support.any_state import states


@given(state=states)
@settings(max_examples=60)
def test_a_state_survives_its_json(state: State) -> None:
    assert msgspec.json.decode(msgspec.json.encode(state), type=State) == state
