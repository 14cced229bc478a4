"""The journal holds the state as last saved, with its version and the message of the round."""

import pytest

from cognito_failover.common.region import RegionRole, route_all_to
from cognito_failover.core.model.event import Event, EventKind
from cognito_failover.core.model.state import ControllerState
from cognito_failover.core.transition import Transition
from cognito_failover.storage.journal import Journal
from cognito_failover_testing.memory_ledger import MemoryLedger

NOW = 1_800_000_000.0
STATE = ControllerState(
    created_at=NOW, active_role=RegionRole.PRIMARY, active_since=NOW, weights=route_all_to(RegionRole.PRIMARY)
)
PAUSED = Event(kind=EventKind.PAUSED, at=NOW, message="Paused.")


def test_journal_without_a_state_has_version_zero_and_no_state() -> None:
    journal = Journal(MemoryLedger(), None)
    assert (journal.has_state, journal.version) == (False, 0)
    with pytest.raises(ValueError, match="there is no saved state"):
        _ = journal.state


def test_version_of_the_journal_is_that_of_the_last_save() -> None:
    ledger = MemoryLedger()
    journal = Journal(ledger, None)
    for _ in range(3):
        journal.save(STATE)
        saved = ledger.load()
        assert saved
        assert journal.version == saved.version > 0


def test_transition_is_saved_with_its_message_and_events() -> None:
    journal = Journal(MemoryLedger(), None)
    assert journal.save_transition(Transition(state=STATE, message="Users move.", events=(PAUSED,))) == "Users move."
    assert journal.state.round_message == "Users move."
    assert [event.message for event in journal.state.undelivered_events] == ["Paused."]


def test_delivery_is_saved_only_if_it_changes_the_queue() -> None:
    journal = Journal(MemoryLedger(), None)
    journal.save(STATE, (PAUSED,))
    version = journal.version
    journal.drop_delivered(())
    assert journal.version == version
    journal.drop_delivered(journal.state.undelivered_events)
    assert journal.state.undelivered_events == ()
    assert journal.version > version
