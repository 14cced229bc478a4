"""A pool broken in one way is found by the name of that way; mended, it is all green again."""

import pytest

from cognito_failover.preflight.registry import load_checks
from cognito_failover.preflight.runner import RUN_TIMEOUT_SECONDS
from tests.integration.preflight.healthy_site import (
    TOKYO,
    VIRGINIA,
    HealthySite,
    PreflightProcess,
    list_checks_with_outcome,
)
from tests.integration.preflight.misconfigurations import MISCONFIGURATIONS, Misconfiguration

DAY_SECONDS = 86_400
NOT_REPRODUCIBLE_HERE = {
    "pool-tier": "Cognito keeps a replicated pool from it; see test_a_pool_that_was_never_replicated",
    "issuer-updated": "the same",
    "key-multi-region": "the same",
    "domain-certificate": "see test_a_certificate_that_ends_soon",
    "canary-signs-in-standby": "with every way that keeps the canary out",
    "canary-second-factor": "the sandbox gives nobody a second factor; see tests/unit/preflight",
    "tokens-alike": "no replica of the sandbox gives other claims; see tests/unit/preflight",
    "keys-list-standby": "nor signs with other keys",
    "keys-served-standby": "nor serves others",
    "writes-refused": "nor takes writes",
    "secret-alike": "its Secrets Manager brings a new version to a replica at once; see tests/unit/preflight",
}


@pytest.mark.parametrize("way", MISCONFIGURATIONS, ids=lambda misconfiguration: misconfiguration.failing_check)
def test_misconfiguration_fails_its_check(
    way: Misconfiguration, site: HealthySite, preflight_process: PreflightProcess
) -> None:
    with way.apply_temporarily(site):
        found = preflight_process.run_checks_until_stable(
            hidden=way.unknown_checks, broken=way.also_failing | {way.failing_check}
        )
    assert list_checks_with_outcome(found, "failed") - {way.failing_check} == way.also_failing - {way.failing_check}
    assert found[way.failing_check]["outcome"] == "failed"
    assert found[way.failing_check]["remedy"]
    assert list_checks_with_outcome(found, "unknown") <= way.unknown_checks


def test_every_check_is_covered() -> None:
    broken = {way.failing_check for way in MISCONFIGURATIONS}
    assert {check.id for check in load_checks()} == broken | NOT_REPRODUCIBLE_HERE.keys()


def test_expiring_certificate_is_reported_in_advance(preflight_process: PreflightProcess) -> None:
    found = preflight_process.run_checks(ahead_seconds=340 * DAY_SECONDS)
    assert list_checks_with_outcome(found, "failed") == {"domain-certificate", "keys-kept"}


def test_pool_without_replica_fails_every_replication_check(site: HealthySite) -> None:
    lite = site.client("cognito-idp", TOKYO).create_user_pool(PoolName="old", UserPoolTier="LITE")["UserPool"]["Id"]
    looker = PreflightProcess(site.sandbox, site.environment | {"USER_POOL_ID": lite})
    found = looker.run_checks()
    looker.close()
    of_replication = {"replica-active", "pool-tier", "issuer-updated", "key-multi-region"}
    assert list_checks_with_outcome(found, "failed") >= of_replication


def test_dead_primary_fails_no_high_severity_check_and_ends_in_time(
    site: HealthySite, preflight_process: PreflightProcess
) -> None:
    with site.sandbox.inject_fault(region=TOKYO, effect="dead"):
        found = preflight_process.run_checks()
    assert list_checks_with_outcome(found, "failed") == set()
    assert found["canary-signs-in-primary"]["outcome"] == "unknown"
    assert found["canary-signs-in-standby"]["outcome"] == "passed"
    assert found["replica-active"]["outcome"] == "passed"
    late = [
        check for check, finding in found.items() if f"within {RUN_TIMEOUT_SECONDS:.0f} s" in str(finding["message"])
    ]
    assert late == []


def test_missing_permission_makes_check_unknown_with_reason(
    site: HealthySite, preflight_process: PreflightProcess
) -> None:
    denied = {"effect": "error", "code": "AccessDeniedException", "status": 400, "message": "not authorized"}
    with site.sandbox.inject_fault(service="kms", operation="GetKeyPolicy", region=VIRGINIA, **denied):
        found = preflight_process.run_checks_until_stable(hidden=frozenset({"key-policy-standby"}))
    assert list_checks_with_outcome(found, "unknown") == {"key-policy-standby"}
    assert "GetKeyPolicy answered AccessDeniedException" in str(found["key-policy-standby"]["message"])
    assert "role may not ask" in str(found["key-policy-standby"]["message"])
