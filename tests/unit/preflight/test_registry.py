"""The registry, and what holds of every check in it."""

import re

import pytest

from failover.decision.preflight import Outcome, Severity
from failover.preflight.check import Check
from failover.preflight.registry import registry
from tests.unit.preflight.known import outcome

CHECKS = registry()
MANAGED = {"managed_login_domain": "login.example.com", "domain_latch_check_id": "d", "latch_bucket": "latch"}


def test_no_two_checks_have_the_same_id() -> None:
    assert len({check.id for check in CHECKS}) == len(CHECKS)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_a_check_says_when_it_passes_and_what_to_do(check: Check) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", check.id)
    assert not check.passes.endswith(".")
    assert check.remedy[0].isupper()
    assert check.remedy.endswith(".")


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_a_check_that_can_read_nothing_neither_passes_nor_fails(check: Check) -> None:
    assert outcome(check.id, {}, **MANAGED) in {Outcome.UNKNOWN, Outcome.NOT_APPLICABLE}


def test_only_what_no_probe_can_see_and_surely_harms_bars_a_move() -> None:
    bars = {check.id for check in CHECKS if check.bars}
    assert bars == {"key-enabled-standby", "keys-list-standby"}
    assert all(check.severity is Severity.HIGH for check in CHECKS if check.bars)


def test_only_one_check_does_more_than_read() -> None:
    assert [check.id for check in CHECKS if check.active] == ["writes-refused"]
