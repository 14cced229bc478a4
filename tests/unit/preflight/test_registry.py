"""The registry, and what holds of every check in it."""

import re

import pytest

from cognito_failover.core.preflight_result import CheckOutcome, CheckSeverity
from cognito_failover.preflight.check import PreflightCheck
from cognito_failover.preflight.registry import load_checks
from tests.unit.preflight.stub_facts import get_outcome

CHECKS = load_checks()
MANAGED = {"managed_login_domain": "login.example.com", "domain_latch_check_id": "d", "latch_bucket": "latch"}


def test_check_ids_are_unique() -> None:
    assert len({check.id for check in CHECKS}) == len(CHECKS)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_check_has_pass_condition_and_remedy(check: PreflightCheck) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", check.id)
    assert not check.criterion.endswith(".")
    assert check.remedy[0].isupper()
    assert check.remedy.endswith(".")


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_check_without_facts_neither_passes_nor_fails(check: PreflightCheck) -> None:
    assert get_outcome(check.id, {}, **MANAGED) in {CheckOutcome.UNKNOWN, CheckOutcome.NOT_APPLICABLE}


def test_only_harmful_conditions_invisible_to_probes_block() -> None:
    bars = {check.id for check in CHECKS if check.blocks_failover}
    assert bars == {"key-enabled-standby", "keys-list-standby"}
    assert all(check.severity is CheckSeverity.HIGH for check in CHECKS if check.blocks_failover)


def test_only_one_check_is_active() -> None:
    assert [check.id for check in CHECKS if check.active] == ["writes-refused"]
