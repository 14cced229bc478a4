"""Every message of a random run is true when it is written, and people get few messages and all critical news."""

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from cognito_failover.core.model.event import EventKind
from cognito_failover.core.paging import MAX_MESSAGES_PER_HOUR, MESSAGE_INTERVAL_SECONDS
from tests.property.core.test_invariants import ControllerStateMachine, LatchControllerStateMachine
from tests.support.claims import CLAIMS_BY_KIND, KINDS_WITHOUT_CLAIM
from tests.support.message_checker import MessageChecker


class CheckedController(ControllerStateMachine):
    """The controller under random events, with every message compared with the world."""

    def __init__(self) -> None:
        super().__init__()
        self.world.zone.on_move = lambda _before, _after: None  # another test checks the moves
        self.world.memory.on_save = lambda _before, _after: None
        self.checker = MessageChecker(self.world)
        self.was_silent = False

    @rule(is_available=st.booleans())
    def set_notifications(self, is_available: bool) -> None:
        self.world.notifier.is_available = is_available
        self.was_silent |= not is_available

    @invariant()
    def every_message_is_true(self) -> None:
        assert self.checker.errors == []

    @invariant()
    def people_get_few_messages_an_hour(self) -> None:
        busiest = self.checker.find_busiest_hours()
        assert self.was_silent or all(busiest[severity] <= limit for severity, limit in MAX_MESSAGES_PER_HOUR.items())

    def teardown(self) -> None:
        self.world.notifier.is_available = True
        self.set_name_servers(silent=False, behind=False, spreads=True)
        self.restore_all(rounds=60)
        while self.world.state.paging.waiting:
            self.world.wait(MESSAGE_INTERVAL_SECONDS)
            self.restore_all(rounds=4)
        self.every_message_is_true()
        assert self.checker.list_lost_critical_news() == set()
        assert self.checker.count_unreported() <= 0, "each message is sent, or counted in one that is"


CheckedController.TestCase.settings = settings(
    max_examples=60,
    stateful_step_count=30,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # a shorter example is not worth ten minutes
)
test_messages_are_true_bounded_and_complete = CheckedController.TestCase


class CheckedLatchController(CheckedController, LatchControllerStateMachine):
    """The same with latches, which people and faults change while a move waits for another name."""

    def __init__(self) -> None:
        super().__init__()
        for latch in self.world.latches.values():
            latch.on_set = lambda _: None

    def teardown(self) -> None:
        for latch in self.world.latches.values():
            latch.is_available = latch.is_attached = latch.has_state_record = True
        super().teardown()


CheckedLatchController.TestCase.settings = CheckedController.TestCase.settings
test_messages_with_latches_are_true_bounded_and_complete = CheckedLatchController.TestCase


def test_every_event_kind_has_a_claim_or_a_reason_for_none() -> None:
    assert CLAIMS_BY_KIND.keys() | KINDS_WITHOUT_CLAIM.keys() == set(EventKind)
    assert not CLAIMS_BY_KIND.keys() & KINDS_WITHOUT_CLAIM.keys()
