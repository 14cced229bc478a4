"""The secret's content, passwords, markers, and overdue rotations."""

import json
import re

import pytest

from cognito_failover.rotation.errors import RotationError
from cognito_failover.rotation.password import generate_password
from cognito_failover.rotation.secret_content import parse_content
from cognito_failover.rotation.secret_state import SecretDescription, compute_overdue_seconds, compute_rotation_marker
from tests.unit.rotation.rotation_harness import FIRST

NOW = 1_800_000_000.0
CREATION_HINT = "failoverctl replicate creates a secret that can be rotated"


@pytest.mark.parametrize("text", ["", "hunter-2", '["hunter-2"]', "null"])
def test_non_object_secret_is_rejected_without_content(text: str) -> None:
    with pytest.raises(RotationError, match=f"not a JSON object; {CREATION_HINT}") as refused:
        parse_content(text)
    assert "hunter-2" not in f"{refused.value}{refused.value.__cause__}{refused.value.__context__}"


@pytest.mark.parametrize("name", FIRST)
@pytest.mark.parametrize("value", [None, "", 7])
def test_missing_field_is_rejected_by_name(name: str, value: object) -> None:
    with pytest.raises(RotationError, match=f"no usable '{name}'; {CREATION_HINT}"):
        parse_content(json.dumps({**FIRST, name: value}))


def test_secret_with_one_user_is_rejected() -> None:
    with pytest.raises(RotationError, match=r"names one user twice\. A rotation needs two"):
        parse_content(json.dumps({**FIRST, "idle_username": FIRST["username"]}))


def test_parsed_secret_keeps_every_field() -> None:
    fields = {**FIRST, "note": {"nested": [1, 2]}}
    assert json.loads(parse_content(json.dumps(fields)).json_text) == fields


def test_password_meets_every_policy_and_is_new_each_time() -> None:
    passwords = {generate_password() for _ in range(50)}
    assert len(passwords) == 50
    for password in passwords:
        assert 99 <= len(password) <= 256
        assert all(re.search(kind, password) for kind in ("[a-z]", "[A-Z]", "[0-9]", "[-_!]"))
        assert re.fullmatch(r"[A-Za-z0-9_!-]+", password)


def test_rotation_marker_is_repeatable_and_less_than_any_time() -> None:
    markers = {compute_rotation_marker(f"token-{number}") for number in range(1000)}
    assert len(markers) > 990
    assert all(0 <= marker < 1_000_000_000 for marker in markers)
    assert compute_rotation_marker("token") == compute_rotation_marker("token")


def make_description(*, is_rotation_enabled: bool = True, next_rotation_at: float | None = None) -> SecretDescription:
    return SecretDescription(is_rotation_enabled=is_rotation_enabled, stages={}, next_rotation_at=next_rotation_at)


def test_rotation_is_overdue_from_planned_time() -> None:
    assert compute_overdue_seconds(make_description(next_rotation_at=NOW + 1), NOW) == 0
    assert compute_overdue_seconds(make_description(next_rotation_at=NOW - 90), NOW) == 90
    assert compute_overdue_seconds(make_description(), NOW) == 0


def test_overdue_time_of_disabled_rotation_is_an_error() -> None:
    with pytest.raises(RotationError, match="its password never changes"):
        compute_overdue_seconds(make_description(is_rotation_enabled=False), NOW)
