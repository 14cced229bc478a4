"""Each misconfiguration of a healthy site fails its check."""

from operator import attrgetter

import pytest

from cognito_failover.preflight.registry import ALL_CHECKS
from cognito_failover.preflight.runner import RUN_TIMEOUT_SECONDS
from cognito_failover.routing.latch.s3_switch import THROWN_TOKEN
from tests.integration.preflight.healthy_site import (
    BUCKET,
    TOKYO,
    VIRGINIA,
    HealthySite,
    PreflightProcess,
    list_checks_with_outcome,
)
from tests.integration.preflight.misconfigurations import MISCONFIGURATIONS, Misconfiguration, set_delegation

DAY_SECONDS = 86_400
NOT_REPRODUCIBLE_HERE = {
    "pool-tier": "a replicated pool can't have it; see test_pool_without_replica_fails_every_replication_check",
    "issuer-updated": "see test_pool_without_replica_fails_every_replication_check",
    "key-multi-region": "see test_pool_without_replica_fails_every_replication_check",
    "domain-certificate": "see test_expiring_certificate_is_reported_in_advance",
    "canary-signs-in-standby": "fails with every misconfiguration that rejects the canary",
    "canary-second-factor": "the sandbox has no second factors; see tests/unit/preflight",
    "tokens-alike": "a replica in the sandbox has the same claims; see tests/unit/preflight",
    "keys-list-standby": "a replica in the sandbox signs with the same keys; see tests/unit/preflight",
    "keys-served-standby": "a replica in the sandbox serves the same keys; see tests/unit/preflight",
    "writes-refused": "a replica in the sandbox refuses writes; see tests/unit/preflight",
    "target-health-ignored": "see test_alias_pair_that_evaluates_targets_is_warned_about",
    "secret-alike": "the sandbox replicates a new version at once; see tests/unit/preflight",
}


@pytest.mark.parametrize("misconfiguration", MISCONFIGURATIONS, ids=attrgetter("failing_check"))
def test_misconfiguration_fails_its_check(
    misconfiguration: Misconfiguration, site: HealthySite, preflight_process: PreflightProcess
) -> None:
    check, also_failing = misconfiguration.failing_check, misconfiguration.also_failing
    with misconfiguration.apply_temporarily(site):
        findings = preflight_process.run_checks_until_stable(
            expected_unknown=misconfiguration.unknown_checks, expected_failed=also_failing | {check}
        )
    assert list_checks_with_outcome(findings, "failed") - {check} == also_failing - {check}
    assert findings[check]["outcome"] == "failed"
    assert findings[check]["remedy"]
    assert list_checks_with_outcome(findings, "unknown") <= misconfiguration.unknown_checks


def test_every_check_has_a_misconfiguration_or_a_reason() -> None:
    failing = {misconfiguration.failing_check for misconfiguration in MISCONFIGURATIONS}
    assert {check.id for check in ALL_CHECKS} == failing | NOT_REPRODUCIBLE_HERE.keys()


def test_expiring_certificate_is_reported_in_advance(preflight_process: PreflightProcess) -> None:
    findings = preflight_process.run_checks(ahead_seconds=340 * DAY_SECONDS)
    assert list_checks_with_outcome(findings, "failed") == {"domain-certificate", "keys-kept"}


def test_pool_without_replica_fails_every_replication_check(site: HealthySite) -> None:
    pool_id = site.client("cognito-idp", TOKYO).create_user_pool(PoolName="old", UserPoolTier="LITE")["UserPool"]["Id"]
    process = PreflightProcess(site.sandbox, site.environment | {"USER_POOL_ID": pool_id})
    findings = process.run_checks()
    process.close()
    replication_checks = {"replica-active", "pool-tier", "issuer-updated", "key-multi-region"}
    assert list_checks_with_outcome(findings, "failed") >= replication_checks


def test_alias_pair_that_evaluates_targets_is_warned_about(site: HealthySite) -> None:
    name, targets = "alias.example.com", site.set_up.targets
    for region, weight in ((TOKYO, 255), (VIRGINIA, 0)):
        alias = {"HostedZoneId": site.zone_id, "DNSName": targets[region], "EvaluateTargetHealth": region == VIRGINIA}
        record = {"Name": name, "Type": "A", "SetIdentifier": region, "Weight": weight, "AliasTarget": alias}
        site.change_records(("CREATE", record))
    zone_ids = {"PRIMARY_TARGET_ZONE_ID": site.zone_id, "STANDBY_TARGET_ZONE_ID": site.zone_id}
    process = PreflightProcess(site.sandbox, site.environment | zone_ids | {"DOMAIN_NAME": name})
    finding = process.run_checks()["target-health-ignored"]
    process.close()
    assert finding["outcome"] == "failed"
    assert f"{name}. A 'us-east-1'" in str(finding["message"])
    assert f"{name}. A 'ap-northeast-1'" not in str(finding["message"])


def test_throttled_health_checks_are_read_again(site: HealthySite, preflight_process: PreflightProcess) -> None:
    throttled = {"service": "route53", "operation": "GetHealthCheckStatus", "effect": "throttle", "fraction": 0.2}
    with site.sandbox.inject_fault(**throttled):
        outcomes = [preflight_process.run_checks()["checks-healthy"]["outcome"] for _ in range(4)]
    assert outcomes.count("passed") > 1  # three reads a run, each with four attempts


def test_set_latch_fails_no_check(site: HealthySite, preflight_process: PreflightProcess) -> None:
    site.client("s3").put_object(Bucket=BUCKET, Key="records", Body=THROWN_TOKEN.encode())
    try:
        site.wait_for_reports("Success", "records")
        findings = preflight_process.run_checks_until_stable()
        assert list_checks_with_outcome(findings, "failed") == set()
        assert "The latch is set" in str(findings["checks-healthy"]["message"])
    finally:
        site.client("s3").delete_object(Bucket=BUCKET, Key="records")
        site.wait_for_reports("Failure", "records")


def test_white_label_name_servers_pass(site: HealthySite, preflight_process: PreflightProcess) -> None:
    addresses = site.sandbox.description["name_servers"]
    glue = {f"ns{number}.example.com": address for number, address in enumerate(addresses)}
    names = tuple(glue)
    for name, address in glue.items():
        record = {"Name": name, "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": address}]}
        site.change_records(("CREATE", record))
    set_delegation(site, names, glue)
    try:
        assert preflight_process.run_checks()["zone-delegated"]["outcome"] == "passed"
        set_delegation(site, names[:3], glue)
        finding = preflight_process.run_checks()["zone-delegated"]
        assert finding["outcome"] == "failed"
        assert "example.com. is delegated not to ns-" in str(finding["message"])
    finally:
        set_delegation(site, site.set_up.zone.name_servers)


def test_dead_primary_fails_no_high_severity_check_and_ends_in_time(
    site: HealthySite, preflight_process: PreflightProcess
) -> None:
    with site.sandbox.inject_fault(region=TOKYO, effect="dead"):
        findings = preflight_process.run_checks()
    assert list_checks_with_outcome(findings, "failed") == set()
    assert findings["canary-signs-in-primary"]["outcome"] == "unknown"
    assert findings["canary-signs-in-standby"]["outcome"] == "passed"
    assert findings["replica-active"]["outcome"] == "passed"
    timed_out = [
        check for check, finding in findings.items() if f"within {RUN_TIMEOUT_SECONDS:.0f} s" in str(finding["message"])
    ]
    assert timed_out == []


def test_missing_permission_makes_check_unknown_with_reason(
    site: HealthySite, preflight_process: PreflightProcess
) -> None:
    denied = {"effect": "error", "code": "AccessDeniedException", "status": 400, "message": "not authorized"}
    with site.sandbox.inject_fault(service="kms", operation="GetKeyPolicy", region=VIRGINIA, **denied):
        findings = preflight_process.run_checks_until_stable(expected_unknown=frozenset({"key-policy-standby"}))
    assert list_checks_with_outcome(findings, "unknown") == {"key-policy-standby"}
    assert "GetKeyPolicy returned AccessDeniedException" in str(findings["key-policy-standby"]["message"])
    assert "role lacks a permission" in str(findings["key-policy-standby"]["message"])
