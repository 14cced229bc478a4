"""Any state equals itself after a JSON round trip."""

import msgspec
from hypothesis import given, settings

from cognito_failover.core.model.state import ControllerState
from tests.support.state_strategies import states


@given(state=states)
@settings(max_examples=60)
def test_state_json_round_trips(state: ControllerState) -> None:
    assert msgspec.json.decode(msgspec.json.encode(state), type=ControllerState) == state
