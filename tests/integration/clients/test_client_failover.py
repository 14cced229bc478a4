"""The Python and TypeScript clients with failing Regions. Both behave the same."""

import subprocess
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest

from sandbox.client import SandboxClient
from tests.integration.clients.conftest import MoveTraffic
from tests.integration.clients.programs import NODE_CLIENT, ClientProgram, require_node
from tests.support import load_scaling
from tests.support.settings import TOKYO, VIRGINIA

PASSWORD = "Users-password-1!"

type NewUser = Callable[..., dict[str, Any]]

_USER_NUMBERS = count()


@pytest.fixture
def new_user(sandbox: SandboxClient, replicated_pool: dict[str, Any]) -> NewUser:
    """Return a function that creates a user, and returns the order to sign in."""
    cognito = sandbox.client("cognito-idp", TOKYO)

    def make(*, must_change_password: bool = False) -> dict[str, Any]:
        name = f"user-{next(_USER_NUMBERS)}"
        cognito.admin_create_user(UserPoolId=replicated_pool["pool_id"], Username=name, MessageAction="SUPPRESS")
        cognito.admin_set_user_password(
            UserPoolId=replicated_pool["pool_id"], Username=name, Password=PASSWORD, Permanent=not must_change_password
        )
        return {"do": "sign-in", "username": name, "password": PASSWORD, "new_password": f"New-{PASSWORD}"}

    return make


def get_region_and_attempts(answer: dict[str, Any]) -> tuple[Any, Any]:
    """Return the Region of an order or its error, and the number of attempts."""
    return answer.get("region") or answer.get("error"), answer["attempts"]


def test_sign_in_uses_region_from_record(
    program: ClientProgram, move_region_record: MoveTraffic, new_user: NewUser
) -> None:
    order = new_user()
    assert get_region_and_attempts(program.send(order)) == (TOKYO, 1)
    move_region_record(VIRGINIA)
    assert get_region_and_attempts(program.send(order)) == (VIRGINIA, 1)
    move_region_record(TOKYO)
    assert get_region_and_attempts(program.send(order)) == (TOKYO, 1)


def test_sign_in_interrupted_between_calls_restarts_in_other_region(
    sandbox: SandboxClient, program: ClientProgram, move_region_record: MoveTraffic, new_user: NewUser
) -> None:
    assert program.send({**new_user(), "pause": True}) == {"paused": TOKYO}
    with sandbox.inject_fault(region=TOKYO, effect="dead"):
        move_region_record(VIRGINIA)
        assert get_region_and_attempts(program.send({})) == (VIRGINIA, 2)


def test_sign_in_in_failing_region_restarts_after_record_moves(
    sandbox: SandboxClient, program: ClientProgram, move_region_record: MoveTraffic, new_user: NewUser
) -> None:
    order = new_user()
    failing = {"region": TOKYO, "service": "cognito-idp", "effect": "error", "code": "InternalErrorException"}
    with sandbox.inject_fault(**failing):
        assert get_region_and_attempts(program.send(order)) == ("InternalErrorException", 1)
    paused = program.send({**order, "pause": True})
    with sandbox.inject_fault(**failing):
        move_region_record(VIRGINIA)
        assert (paused, get_region_and_attempts(program.send({}))) == ({"paused": TOKYO}, (VIRGINIA, 2))


@pytest.mark.usefixtures("move_region_record")
def test_wrong_password_is_not_retried(program: ClientProgram, new_user: NewUser) -> None:
    assert get_region_and_attempts(program.send({**new_user(), "password": "wrong"})) == ("NotAuthorizedException", 1)


def test_challenge_unsupported_by_replica_restarts_in_primary(
    program: ClientProgram, move_region_record: MoveTraffic, new_user: NewUser
) -> None:
    move_region_record(VIRGINIA)
    assert get_region_and_attempts(program.send(new_user(must_change_password=True))) == (TOKYO, 2)


def test_write_refused_by_replica_is_retried_in_primary_with_same_token(
    program: ClientProgram, move_region_record: MoveTraffic, new_user: NewUser
) -> None:
    move_region_record(VIRGINIA)
    signed_in = program.send(new_user())
    assert get_region_and_attempts(signed_in) == (VIRGINIA, 1)
    assert get_region_and_attempts(program.send({"do": "change-name", "token": signed_in["token"]})) == (TOKYO, 2)


def test_write_goes_to_primary_first(program: ClientProgram, move_region_record: MoveTraffic) -> None:
    move_region_record(VIRGINIA)
    order = {"do": "sign-up", "username": f"new-{next(_USER_NUMBERS)}", "password": PASSWORD}
    assert program.send(order)["region"] == TOKYO


def test_typescript_client_own_tests_pass() -> None:
    command = [require_node(), "--test", str(NODE_CLIENT / "dist" / "cognito-regions.test.js")]
    result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=load_scaling.get_wait_limit())  # noqa: S603 - our own tests
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(
    "program_text",
    [
        "const c = require('cognito-regions'); new c.RegionLookup",
        "import * as c from 'cognito-regions'; new c.RegionLookup",
    ],
    ids=["CommonJS", "ES module"],
)
def test_typescript_package_works_in_both_module_systems(program_text: str) -> None:
    kind = "module" if program_text.startswith("import") else "commonjs"
    options = "('auth.example.com', { regions: [], fallback: '' })"
    command = [require_node(), f"--input-type={kind}", "--eval", f"{program_text}{options}"]
    result = subprocess.run(command, cwd=NODE_CLIENT, capture_output=True, text=True, check=False)  # noqa: S603 - our own
    assert result.returncode == 0, result.stderr
