"""A pool broken in one way is found by the name of that way; mended, it is all green again."""

import pytest

from failover.preflight.look import LOOK_SECONDS
from failover.preflight.registry import registry
from tests.integration.preflight.site import TOKYO, VIRGINIA, Looker, Site, outcomes
from tests.integration.preflight.ways import WAYS, Way

DAY_SECONDS = 86_400
NOT_TO_BE_BROKEN_HERE = {
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


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.breaks)
def test_each_way_of_breaking_it_is_found_by_name(way: Way, site: Site, looker: Looker) -> None:
    with way.broken(site):
        found = looker.look_clearly(hidden=way.hides, broken=way.besides | {way.breaks})
    assert outcomes(found, "failed") - {way.breaks} == way.besides - {way.breaks}
    assert found[way.breaks]["outcome"] == "failed"
    assert found[way.breaks]["remedy"]
    assert outcomes(found, "unknown") <= way.hides


def test_every_check_is_broken_somewhere() -> None:
    broken = {way.breaks for way in WAYS}
    assert {check.id for check in registry()} == broken | NOT_TO_BE_BROKEN_HERE.keys()


def test_a_certificate_that_ends_soon_is_found_before_it_does(looker: Looker) -> None:
    found = looker.look(ahead_seconds=340 * DAY_SECONDS)
    assert outcomes(found, "failed") == {"domain-certificate", "keys-kept"}


def test_a_pool_that_was_never_replicated_fails_all_that_replication_stands_on(site: Site) -> None:
    lite = site.client("cognito-idp", TOKYO).create_user_pool(PoolName="old", UserPoolTier="LITE")["UserPool"]["Id"]
    looker = Looker(site.sandbox, site.environment | {"USER_POOL_ID": lite})
    found = looker.look()
    looker.close()
    of_replication = {"replica-active", "pool-tier", "issuer-updated", "key-multi-region"}
    assert outcomes(found, "failed") >= of_replication


def test_with_the_primary_dead_nothing_of_high_severity_fails_and_the_look_ends_in_time(
    site: Site, looker: Looker
) -> None:
    with site.sandbox.fault(region=TOKYO, effect="dead"):
        found = looker.look()
    assert outcomes(found, "failed") == set()
    assert found["canary-signs-in-primary"]["outcome"] == "unknown"
    assert found["canary-signs-in-standby"]["outcome"] == "passed"
    assert found["replica-active"]["outcome"] == "passed"
    late = [check for check, finding in found.items() if f"within {LOOK_SECONDS:.0f} s" in str(finding["sentence"])]
    assert late == []


def test_a_missing_permission_makes_a_check_unknown_with_the_reason(site: Site, looker: Looker) -> None:
    denied = {"effect": "error", "code": "AccessDeniedException", "status": 400, "message": "not authorized"}
    with site.sandbox.fault(service="kms", operation="GetKeyPolicy", region=VIRGINIA, **denied):
        found = looker.look_clearly(hidden=frozenset({"key-policy-standby"}))
    assert outcomes(found, "unknown") == {"key-policy-standby"}
    assert "GetKeyPolicy answered AccessDeniedException" in str(found["key-policy-standby"]["sentence"])
    assert "role may not ask" in str(found["key-policy-standby"]["sentence"])
