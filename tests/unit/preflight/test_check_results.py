"""What checks conclude, on both sides of their lines, where the sandbox can't show it or the line is fine."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cognito_failover.common.latch_name import LatchName
from cognito_failover.common.region import RegionRole, route_all_to, split_traffic
from cognito_failover.core.model.records import RecordsSnapshot
from cognito_failover.core.preflight_result import CheckOutcome
from cognito_failover.preflight.readers import canary, dns, keys, pool, regional_services
from cognito_failover.preflight.readers.canary import CanarySignIn, SecretVersion
from cognito_failover.probe.jwks_cache import CachedJwks, CachedKey, list_key_sources
from cognito_failover.routing.dns.question import DnsQuestion
from cognito_failover.routing.records.hosted_zone import ZoneInfo
from tests.support.settings import make_settings
from tests.unit.preflight.stub_facts import NOW, get_outcome, run_check

TOKYO, VIRGINIA = "ap-northeast-1", "us-east-1"
P, S = RegionRole.PRIMARY, RegionRole.STANDBY
PASSED, FAILED, UNKNOWN, NOT_APPLICABLE = (
    CheckOutcome.PASSED,
    CheckOutcome.FAILED,
    CheckOutcome.UNKNOWN,
    CheckOutcome.NOT_APPLICABLE,
)
MANAGED = {"managed_login_domain": "login.example.com", "domain_latch_check_id": "d", "latch_bucket": "latch"}
LATCHED = {"records_latch_check_id": "r", "standby_check_id": "s", "latch_bucket": "latch"}
ISSUERS, _, STANDBYS = list_key_sources(make_settings())
CLAIMS = {"iss": "https://issuer", "sub": "ada", "aud": "app", "client_id": "app"}
CERTIFICATE = "arn:aws:acm:us-east-1:1:certificate/1"
TOTP = {"SoftwareTokenMfaConfiguration": {"Enabled": True}}
REFUSED = "OperationNotEnabledException"
ZONE = ZoneInfo(name="example.com.", is_private=False, name_servers=("ns1.x", "ns2.x"))


def make_signed_in(**changes: Any) -> CanarySignIn:
    claims = {**CLAIMS, **changes}
    return CanarySignIn(identity=claims, access=claims, kids=frozenset({"k1"}))


def make_tokens(there: CanarySignIn) -> dict[Any, Any]:
    return {(canary.sign_in, P): make_signed_in(), (canary.sign_in, S): there}


def make_listing(**by_place: Any) -> dict[Any, Any]:
    places = {"issuer": ISSUERS, "standby": STANDBYS}
    return {(canary.list_served_keys, places[name]): found for name, found in by_place.items()}


def make_quotas(primary: float, standby: float) -> dict[Any, Any]:
    return {(regional_services.read_sign_in_quota, P): primary, (regional_services.read_sign_in_quota, S): standby}


def make_replica(status: str = "ACTIVE", region: str = VIRGINIA, role: str = "SECONDARY") -> dict[Any, Any]:
    return {pool.list_replicas: ({"Role": role, "RegionName": region, "Status": status},)}


def make_versions(standby: SecretVersion, primary: str = "2") -> dict[Any, Any]:
    return {
        (canary.read_secret_version, VIRGINIA): standby,
        (canary.read_secret_version, TOKYO): SecretVersion(primary_region="", current=primary),
    }


def make_clients(*providers: list[str]) -> dict[Any, Any]:
    return {pool.read_app_clients: tuple({"ClientId": "c", "SupportedIdentityProviders": each} for each in providers)}


def make_writable_attributes(password: str, attributes: str) -> dict[Any, Any]:
    return {
        (canary.try_write, "ChangePassword"): password,
        (canary.try_write, "UpdateUserAttributes"): attributes,
    }


@pytest.mark.parametrize(
    ("check", "known", "expected"),
    [
        ("replica-active", make_replica(), PASSED),
        ("replica-active", make_replica("CREATING"), FAILED),
        ("replica-active", make_replica(region="eu-west-1"), FAILED),
        ("replica-active", make_replica(role="PRIMARY"), FAILED),
        ("pool-tier", {pool.read_replicated_settings: {"UserPoolTier": "PLUS"}}, PASSED),
        ("pool-tier", {pool.read_replicated_settings: {"UserPoolTier": "LITE"}}, FAILED),
        ("issuer-updated", {pool.read_replicated_settings: {"IssuerConfiguration": {"Type": "UPDATED"}}}, PASSED),
        ("issuer-updated", {pool.read_replicated_settings: {}}, FAILED),
        ("key-multi-region", {keys.read_key_arn: "arn", (keys.read_key, P): {"MultiRegion": True}}, PASSED),
        ("key-multi-region", {keys.read_key_arn: "arn", (keys.read_key, P): {"MultiRegion": False}}, FAILED),
        ("key-multi-region", {keys.read_key_arn: ""}, FAILED),
        ("key-enabled-standby", {(keys.read_key, S): {"KeyState": "Enabled"}}, PASSED),
        ("key-enabled-standby", {(keys.read_key, S): {"KeyState": "PendingDeletion"}}, FAILED),
        ("key-enabled-standby", {(keys.read_key, S): None}, FAILED),
        ("quota-sign-in", make_quotas(120, 120), PASSED),
        ("quota-sign-in", make_quotas(121, 120), FAILED),
        ("totp-required", {pool.read_mfa_config: {"MfaConfiguration": "ON", **TOTP}}, FAILED),
        (
            "totp-required",
            {pool.read_mfa_config: {"MfaConfiguration": "ON", **TOTP, "EmailMfaConfiguration": {"A": 1}}},
            PASSED,
        ),
        ("totp-users", {pool.read_mfa_config: {"MfaConfiguration": "OFF"}}, PASSED),
        ("totp-users", {pool.read_mfa_config: {"MfaConfiguration": "OPTIONAL", **TOTP}}, FAILED),
        ("federated-only", make_clients([], ["COGNITO", "X"]), PASSED),
        ("federated-only", make_clients(["COGNITO"], ["X"]), FAILED),
        ("canary-second-factor", {canary.read_second_factors: ()}, PASSED),
        ("canary-second-factor", {canary.read_second_factors: ("SMS_MFA",)}, FAILED),
        ("secret-alike", make_versions(SecretVersion(primary_region="", current="1")), PASSED),
        ("secret-alike", make_versions(SecretVersion(primary_region=TOKYO, current="2")), PASSED),
        ("secret-alike", make_versions(SecretVersion(primary_region=TOKYO, current="1")), FAILED),
        ("tokens-alike", make_tokens(make_signed_in()), PASSED),
        ("tokens-alike", make_tokens(make_signed_in(iss="https://other")), FAILED),
        ("tokens-alike", make_tokens(make_signed_in(sub="bob")), FAILED),
        ("tokens-alike", make_tokens(make_signed_in(aud="other")), FAILED),
        ("tokens-alike", make_tokens(CanarySignIn(refusal="No.")), UNKNOWN),
        ("tokens-alike", {(canary.sign_in, S): make_signed_in()}, UNKNOWN),
        ("keys-list-standby", make_tokens(make_signed_in()) | make_listing(issuer=frozenset({"k1", "k2"})), PASSED),
        ("keys-list-standby", make_tokens(make_signed_in()) | make_listing(issuer=frozenset({"k2"})), FAILED),
        ("keys-list-standby", make_tokens(make_signed_in()) | make_listing(issuer="It answered with 404."), UNKNOWN),
        ("keys-list-standby", make_tokens(make_signed_in()), UNKNOWN),
        ("keys-served", make_listing(issuer="It lists no usable key."), FAILED),
        ("keys-served-standby", make_listing(standby=frozenset("a"), issuer=frozenset("a")), PASSED),
        ("keys-served-standby", make_listing(standby=frozenset("a"), issuer=frozenset("b")), FAILED),
        ("keys-served-standby", make_listing(standby=frozenset("a"), issuer="404."), UNKNOWN),
        ("keys-served-standby", make_listing(standby="It answered with 404."), FAILED),
        ("writes-refused", make_writable_attributes(REFUSED, REFUSED), PASSED),
        ("writes-refused", make_writable_attributes("", REFUSED), FAILED),
        ("writes-refused", make_writable_attributes("NotAuthorizedException", REFUSED), UNKNOWN),
        ("accelerated-recovery", {dns.read_zone: ZONE}, FAILED),
        ("zone-delegated", {dns.read_zone: ZoneInfo(name="x.", is_private=True, name_servers=())}, FAILED),
    ],
)
def test_check_result_follows_from_facts(check: str, known: dict[Any, Any], expected: CheckOutcome) -> None:
    assert get_outcome(check, known) is expected


@pytest.mark.parametrize(
    ("delegation", "said"),
    [
        ({"ns1.x.", "ns2.x."}, "example.com. is delegated to the zone's 2 name servers."),
        ({"ns1.x."}, "example.com. is delegated not to ns2.x.."),
        ({"ns1.x.", "ns2.x.", "ns3.y."}, "example.com. is delegated to ns3.y., which are not the zone's."),
        (set(), "Nobody above example.com. delegates it to any name server."),
    ],
)
def test_full_and_partial_delegation_are_distinguished(delegation: set[str], said: str) -> None:
    known = {dns.read_zone: ZONE, dns.read_delegation: frozenset(delegation)}
    assert run_check("zone-delegated", known).message == said


@pytest.mark.parametrize(("days", "expected"), [(30, PASSED), (29.9, FAILED), (-1, FAILED)])
def test_certificate_must_be_valid_for_thirty_days(days: float, expected: CheckOutcome) -> None:
    ends = datetime.fromtimestamp(NOW, UTC) + timedelta(days=days)
    known = {
        pool.read_custom_domain: {"CustomDomainConfig": {"CertificateArn": CERTIFICATE}},
        (regional_services.read_certificate, CERTIFICATE): {"Status": "ISSUED", "NotAfter": ends},
    }
    assert get_outcome("domain-certificate", known, **MANAGED) is expected


@pytest.mark.parametrize(
    ("arn", "status"), [(CERTIFICATE.replace("us-east-1", TOKYO), "ISSUED"), (CERTIFICATE, "EXPIRED")]
)
def test_certificate_elsewhere_or_unissued_fails(arn: str, status: str) -> None:
    known = {
        pool.read_custom_domain: {"CustomDomainConfig": {"CertificateArn": arn}},
        (regional_services.read_certificate, arn): {"Status": status},
    }
    assert get_outcome("domain-certificate", known, **MANAGED) is FAILED


@pytest.mark.parametrize(
    ("failover", "expected"),
    [
        ({"SecondaryRegion": VIRGINIA, "PrimaryRoute53HealthCheckId": "d"}, PASSED),
        ({"SecondaryRegion": "eu-west-1", "PrimaryRoute53HealthCheckId": "d"}, FAILED),
        ({"SecondaryRegion": VIRGINIA, "PrimaryRoute53HealthCheckId": "other"}, FAILED),
        (None, FAILED),
    ],
)
def test_domain_failover_uses_own_region_and_check(failover: Any, expected: CheckOutcome) -> None:
    known = {pool.read_custom_domain: {"Routing": {"Failover": failover}}}
    assert get_outcome("domain-failover", known, **MANAGED) is expected


def make_records_snapshot(weights: Any = None) -> RecordsSnapshot:
    return RecordsSnapshot(weights=weights or route_all_to(P), record_sets=(), missing=(), ttl_seconds=60)


QUESTION = DnsQuestion(name="auth.example.com.", record_type="CNAME")


def make_answers(*values: str) -> dict[DnsQuestion, tuple[frozenset[str], ...]]:
    return {QUESTION: tuple(frozenset({value}) for value in values)}


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({"ns1": make_answers("a", "a"), "ns2": make_answers("a")}, PASSED),
        ({"ns1": make_answers("a"), "ns2": make_answers("b")}, FAILED),
        ({"ns1": make_answers("a", "b")}, FAILED),
        ({"ns1": make_answers("a"), "ns2": make_answers()}, FAILED),
    ],
)
def test_name_servers_must_agree(answers: Any, expected: CheckOutcome) -> None:
    assert (
        get_outcome("name-servers-alike", {dns.read_records: make_records_snapshot(), dns.query_name_servers: answers})
        is expected
    )


def test_split_traffic_skips_answer_comparison() -> None:
    known = {dns.read_records: make_records_snapshot(split_traffic(S, 50))}
    assert get_outcome("name-servers-alike", known) is NOT_APPLICABLE


@pytest.mark.parametrize(("found", "expected"), [({}, PASSED), ({"Disabled": True}, FAILED), (None, FAILED)])
def test_health_checks_must_exist_and_be_enabled(found: Any, expected: CheckOutcome) -> None:
    known = {(dns.read_health_check, "r"): {}, (dns.read_health_check, "s"): found}
    assert get_outcome("checks-exist", known, **LATCHED) is expected


def test_own_checks_without_state_record_are_not_attached() -> None:
    known_settings = make_settings(**LATCHED)
    record_sets = tuple(
        {"Name": "auth.example.com.", "Type": "CNAME", "ResourceRecords": [{"Value": target}], "HealthCheckId": check}
        for (_, target), check in zip(known_settings.targets, "rs", strict=True)
    )
    found = replace(make_records_snapshot(), record_sets=record_sets)
    known = {dns.read_records: found, (dns.has_latch_state_record, LatchName.RECORDS): False}
    verdict = run_check("latch-records-attached", known, **LATCHED)
    assert verdict.outcome is FAILED
    assert "the pair that shows the latch's state is missing" in verdict.message


def test_missing_records_are_not_reported_as_carrying_checks() -> None:
    verdict = run_check("latch-records-attached", {dns.read_records: make_records_snapshot()}, **LATCHED)
    assert verdict.outcome is FAILED
    assert "auth.example.com has no records yet" in verdict.message


@pytest.mark.parametrize(
    ("admitted", "expected"),
    [
        (["15.177.0.0/18", "54.183.255.128/26"], PASSED),
        (["15.177.0.0/18"], FAILED),
        (["15.177.0.0/20", "54.183.255.128/26"], PASSED),
        (["15.177.16.0/20", "54.183.255.128/26"], FAILED),
        ([], FAILED),
    ],
)
def test_published_ranges_must_be_allowed(admitted: list[str], expected: CheckOutcome) -> None:
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Condition": {"IpAddress": {"aws:SourceIp": admitted}}}
    known = {
        dns.read_bucket_policy: (statement,),
        dns.read_health_checker_ranges: ("15.177.2.0/23", "54.183.255.128/26", "2600:1f14::/36"),
    }
    assert get_outcome("latch-readers", known, **LATCHED) is expected


@pytest.mark.parametrize(("age_seconds", "expected"), [(10_800, PASSED), (10_801, FAILED)])
def test_saved_keys_are_fresh_for_three_hours(age_seconds: float, expected: CheckOutcome) -> None:
    kept = CachedJwks(fetched_at=NOW - age_seconds, keys={"k": CachedKey(jwk={}, listed_at=NOW)})
    assert get_outcome("keys-kept", {canary.read_cached_keys: kept}) is expected


def test_token_comparison_table_is_unchanged() -> None:
    judgement = run_check("tokens-alike", make_tokens(make_signed_in(iss="https://other")))
    assert judgement.message == "Tokens of the two Regions differ in id iss, access iss: apps tell them apart."
    assert judgement.table[:3] == (
        ("token", "claim", TOKYO, VIRGINIA),
        ("id", "iss", "https://issuer", "https://other"),
        ("id", "sub", "ada", "identical"),
    )


def test_arns_of_two_regions_are_equivalent() -> None:
    def make_description(region: str) -> dict[str, Any]:
        arn = f"arn:aws:ses:{region}:1:identity/x"
        return {"EmailConfiguration": {"EmailSendingAccount": "DEVELOPER", "SourceArn": arn}}

    known = {(pool.read_pool, P): make_description(TOKYO), (pool.read_pool, S): make_description(VIRGINIA)}
    assert get_outcome("email-alike", known) is PASSED
    assert get_outcome("email-alike", {**known, (pool.read_pool, S): {}}) is FAILED


def test_write_trigger_needs_no_counterpart_on_replica() -> None:
    known = {
        (pool.read_pool, P): {"LambdaConfig": {"PreSignUp": "arn:aws:lambda:x:1:function:f"}},
        (pool.read_pool, S): {},
    }
    assert get_outcome("triggers-set", known) is PASSED


def test_trigger_version_two_is_the_same_trigger() -> None:
    second = {"PreTokenGenerationConfig": {"LambdaArn": "arn:aws:lambda:x:1:function:f", "LambdaVersion": "V2_0"}}
    known = {
        (pool.read_pool, P): {"LambdaConfig": second},
        (pool.read_pool, S): {"LambdaConfig": {"PreTokenGeneration": "arn"}},
    }
    assert get_outcome("triggers-set", known) is PASSED
