"""Messages claim only what is known, also when answers are lost."""

from cognito_failover.common.errors import LeverUnavailableError
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.core.model.event import EventKind
from cognito_failover.core.verdict import Verdict
from tests.support.controller_harness import ControllerHarness
from tests.support.dns_view import NAME_SERVERS
from tests.support.message_checker import MessageChecker

SICK, HEALTHY = Verdict.SICK, Verdict.HEALTHY


def lose_answer_of_latch_and_refuse_weights(world: ControllerHarness) -> None:
    def lose(call: str) -> None:
        if call == "latch-records.set":
            raise LeverUnavailableError("S3 gave no answer")

    def refuse(call: str) -> None:
        if call == "zone.submit":
            raise LeverUnavailableError("Route 53 is down")

    world.fault_injector.after_call, world.fault_injector.before_call = lose, refuse


def test_latch_with_a_lost_answer_is_never_said_to_have_moved_no_user() -> None:
    world = ControllerHarness(latches=[SteeredName.RECORDS]).settle()
    checker = MessageChecker(world)
    world.set_primary(SICK).run(2)
    lose_answer_of_latch_and_refuse_weights(world)
    world.run(1)
    world.latches[SteeredName.RECORDS].is_available = False
    world.set_primary(HEALTHY).run(60)
    world.restore_all()
    world.latches[SteeredName.RECORDS].is_available = True
    world.run(30)

    assert EventKind.MOVE_CANCELLED not in world.event_kinds
    assert EventKind.MOVE_CONFIRMED in world.event_kinds
    assert checker.errors == []


def test_move_without_any_answer_of_a_name_server_is_never_confirmed() -> None:
    world = ControllerHarness().settle()
    checker = MessageChecker(world)
    world.name_servers.silent = set(NAME_SERVERS)
    world.set_primary(SICK).run(60)

    assert EventKind.MOVE_DELAYED in world.event_kinds
    assert EventKind.MOVE_CONFIRMED not in world.event_kinds
    assert checker.errors == []
