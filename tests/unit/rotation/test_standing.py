"""What a secret may hold, and when a rotation is overdue."""

import json
import re

import pytest

from failover.rotation.content import parse
from failover.rotation.errors import RotationError
from failover.rotation.password import new_password
from failover.rotation.standing import Described, mark_of, overdue_seconds
from tests.unit.rotation.stage import FIRST

NOW = 1_800_000_000.0
FOR_ROTATION = "failoverctl replicate makes a secret that can be rotated"


@pytest.mark.parametrize("text", ["", "hunter-2", '["hunter-2"]', "null"])
def test_a_secret_that_is_no_object_is_refused_without_showing_it(text: str) -> None:
    with pytest.raises(RotationError, match=f"no JSON object; {FOR_ROTATION}") as refused:
        parse(text)
    assert "hunter-2" not in f"{refused.value}{refused.value.__cause__}{refused.value.__context__}"


@pytest.mark.parametrize("name", FIRST)
@pytest.mark.parametrize("value", [None, "", 7])
def test_a_secret_without_a_field_is_refused_by_the_fields_name(name: str, value: object) -> None:
    with pytest.raises(RotationError, match=f"no usable '{name}'; {FOR_ROTATION}"):
        parse(json.dumps({**FIRST, name: value}))


def test_a_secret_of_one_user_is_refused() -> None:
    with pytest.raises(RotationError, match="names one user twice, and a rotation needs two"):
        parse(json.dumps({**FIRST, "idle_username": FIRST["username"]}))


def test_a_secret_survives_being_read_and_written() -> None:
    further = {**FIRST, "note": {"nested": [1, 2]}}
    assert json.loads(parse(json.dumps(further)).text) == further


def test_a_password_suits_every_policy_and_is_new_each_time() -> None:
    passwords = {new_password() for _ in range(50)}
    assert len(passwords) == 50
    for password in passwords:
        assert 99 <= len(password) <= 256
        assert all(re.search(kind, password) for kind in ("[a-z]", "[A-Z]", "[0-9]", "[-_!]"))
        assert re.fullmatch(r"[A-Za-z0-9_!-]+", password)


def test_a_rotations_marker_is_its_own_and_less_than_any_time() -> None:
    marks = {mark_of(f"token-{number}") for number in range(1000)}
    assert len(marks) > 990
    assert all(0 <= mark < 1_000_000_000 for mark in marks)
    assert mark_of("token") == mark_of("token")


def described(*, rotates: bool = True, next_rotation_at: float | None = None) -> Described:
    return Described(rotates=rotates, stages={}, next_rotation_at=next_rotation_at)


def test_a_rotation_is_overdue_from_when_it_was_planned() -> None:
    assert overdue_seconds(described(next_rotation_at=NOW + 1), NOW) == 0
    assert overdue_seconds(described(next_rotation_at=NOW - 90), NOW) == 90
    assert overdue_seconds(described(), NOW) == 0


def test_a_secret_that_is_never_rotated_is_no_matter_of_being_overdue() -> None:
    with pytest.raises(RotationError, match="its password is never changed"):
        overdue_seconds(described(rotates=False), NOW)
