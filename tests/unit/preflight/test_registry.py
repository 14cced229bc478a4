"""The registry, and properties of every check in it."""

import pkgutil
import re

import pytest

from cognito_failover.core.preflight_result import CheckOutcome, CheckSeverity
from cognito_failover.preflight import checks
from cognito_failover.preflight.check import PreflightCheck
from cognito_failover.preflight.registry import ALL_CHECKS
from tests.unit.preflight.stub_facts import get_outcome

MANAGED = {"managed_login_domain": "login.example.com", "domain_latch_check_id": "d", "latch_bucket": "latch"}


def test_registry_has_the_checks_of_every_module() -> None:
    names = sorted(module.name for module in pkgutil.iter_modules(checks.__path__))
    assert tuple(check for name in names for check in getattr(checks, name).CHECKS) == ALL_CHECKS


def test_check_ids_are_unique() -> None:
    assert len({check.id for check in ALL_CHECKS}) == len(ALL_CHECKS)


@pytest.mark.parametrize("check", ALL_CHECKS, ids=lambda check: check.id)
def test_id_criterion_and_remedy_of_check_are_well_formed(check: PreflightCheck) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", check.id)
    assert not check.criterion.endswith(".")
    assert check.remedy[0].isupper()
    assert check.remedy.endswith(".")


@pytest.mark.parametrize("check", ALL_CHECKS, ids=lambda check: check.id)
def test_check_without_facts_neither_passes_nor_fails(check: PreflightCheck) -> None:
    assert get_outcome(check.id, {}, **MANAGED) in {CheckOutcome.UNKNOWN, CheckOutcome.NOT_APPLICABLE}


def test_two_checks_of_high_severity_block_failover() -> None:
    blocking = {check.id for check in ALL_CHECKS if check.blocks_failover}
    assert blocking == {"key-enabled-standby", "keys-list-standby"}
    assert all(check.severity is CheckSeverity.HIGH for check in ALL_CHECKS if check.blocks_failover)


def test_only_one_check_is_active() -> None:
    assert [check.id for check in ALL_CHECKS if check.active] == ["writes-refused"]
