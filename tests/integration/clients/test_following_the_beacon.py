"""The clients to copy, against Regions that fail: the same things happen in both languages."""

import subprocess
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest

from sandbox.attached import Sandbox
from tests.integration.clients.conftest import Move
from tests.integration.clients.programs import NODE_CLIENT, Program, node_or_skip
from tests.support import patience
from tests.support.settings import TOKYO, VIRGINIA

PASSWORD = "Users-password-1!"

type NewUser = Callable[..., dict[str, Any]]

_NUMBERS = count()


@pytest.fixture
def new_user(sandbox: Sandbox, article: dict[str, Any]) -> NewUser:
    """Return what makes a user, and the order to sign that user in."""
    cognito = sandbox.client("cognito-idp", TOKYO)

    def make(*, must_change_password: bool = False) -> dict[str, Any]:
        name = f"user-{next(_NUMBERS)}"
        cognito.admin_create_user(UserPoolId=article["pool_id"], Username=name, MessageAction="SUPPRESS")
        cognito.admin_set_user_password(
            UserPoolId=article["pool_id"], Username=name, Password=PASSWORD, Permanent=not must_change_password
        )
        return {"do": "sign-in", "username": name, "password": PASSWORD, "new_password": f"New-{PASSWORD}"}

    return make


def where(answer: dict[str, Any]) -> tuple[Any, Any]:
    """Return in which Region an order was carried out, or what became of it, and in how many attempts."""
    return answer.get("region") or answer.get("error"), answer["attempts"]


def test_sign_in_goes_where_the_beacon_says(program: Program, move_beacon: Move, new_user: NewUser) -> None:
    order = new_user()
    assert where(program.send(order)) == (TOKYO, 1)
    move_beacon(VIRGINIA)
    assert where(program.send(order)) == (VIRGINIA, 1)
    move_beacon(TOKYO)
    assert where(program.send(order)) == (TOKYO, 1)


def test_a_sign_in_caught_between_its_calls_begins_anew_in_the_other_region(
    sandbox: Sandbox, program: Program, move_beacon: Move, new_user: NewUser
) -> None:
    assert program.send({**new_user(), "pause": True}) == {"paused": TOKYO}
    with sandbox.fault(region=TOKYO, effect="dead"):
        move_beacon(VIRGINIA)
        assert where(program.send({})) == (VIRGINIA, 2)


def test_a_sign_in_in_a_failing_region_begins_anew_once_the_beacon_has_moved(
    sandbox: Sandbox, program: Program, move_beacon: Move, new_user: NewUser
) -> None:
    order = new_user()
    failing = {"region": TOKYO, "service": "cognito-idp", "effect": "error", "code": "InternalErrorException"}
    with sandbox.fault(**failing):
        assert where(program.send(order)) == ("InternalErrorException", 1)
    paused = program.send({**order, "pause": True})
    with sandbox.fault(**failing):
        move_beacon(VIRGINIA)
        assert (paused, where(program.send({}))) == ({"paused": TOKYO}, (VIRGINIA, 2))


@pytest.mark.usefixtures("move_beacon")
def test_a_wrong_password_is_tried_once(program: Program, new_user: NewUser) -> None:
    assert where(program.send({**new_user(), "password": "wrong"})) == ("NotAuthorizedException", 1)


def test_a_challenge_that_a_replica_can_not_finish_is_begun_anew_in_the_primary(
    program: Program, move_beacon: Move, new_user: NewUser
) -> None:
    move_beacon(VIRGINIA)
    assert where(program.send(new_user(must_change_password=True))) == (TOKYO, 2)


def test_a_write_that_a_replica_refuses_is_made_in_the_primary_with_the_same_token(
    program: Program, move_beacon: Move, new_user: NewUser
) -> None:
    move_beacon(VIRGINIA)
    signed_in = program.send(new_user())
    assert where(signed_in) == (VIRGINIA, 1)
    assert where(program.send({"do": "change-name", "token": signed_in["token"]})) == (TOKYO, 2)


def test_a_write_goes_to_the_primary_from_the_outset(program: Program, move_beacon: Move) -> None:
    move_beacon(VIRGINIA)
    order = {"do": "sign-up", "username": f"new-{next(_NUMBERS)}", "password": PASSWORD}
    assert program.send(order)["region"] == TOKYO


def test_what_the_typescript_client_promises_by_itself() -> None:
    command = [node_or_skip(), "--test", str(NODE_CLIENT / "dist" / "cognito-regions.test.js")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=patience.wait_limit())  # noqa: S603 - our own tests
    assert done.returncode == 0, done.stdout
