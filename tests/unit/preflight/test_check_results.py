"""Results of checks on stub facts, for cases that the sandbox can't show and for exact limits."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cognito_failover.common.region import RegionRole, route_all_to, split_traffic
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.core.model.records import RecordsSnapshot
from cognito_failover.core.preflight_result import CheckOutcome
from cognito_failover.preflight.facts import FactUnavailableError
from cognito_failover.preflight.readers import canary, dns, keys, pool, regional_services
from cognito_failover.preflight.readers.canary import CanarySignIn, SecretVersion
from cognito_failover.probe.canary_credentials import Credentials
from cognito_failover.probe.jwks_cache import CachedJwks, CachedKey, list_key_sources
from cognito_failover.routing.dns.question import DnsQuestion
from cognito_failover.routing.health_check_status import HealthCheckStatus, HealthVerdict
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
ISSUER_SOURCE, _, STANDBY_SOURCE = list_key_sources(make_settings())
CLAIMS = {"iss": "https://issuer", "sub": "ada", "aud": "app", "client_id": "app"}
CERTIFICATE = "arn:aws:acm:us-east-1:1:certificate/1"
TOTP = {"SoftwareTokenMfaConfiguration": {"Enabled": True}}
REFUSED = "OperationNotEnabledException"
ZONE = ZoneInfo(name="example.com.", is_private=False, name_servers=("ns1.x", "ns2.x"))


def make_signed_in(**changes: Any) -> CanarySignIn:
    claims = {**CLAIMS, **changes}
    return CanarySignIn(identity=claims, access=claims, kids=frozenset({"k1"}))


def make_tokens(standby: CanarySignIn) -> dict[Any, Any]:
    return {(canary.sign_in, P): make_signed_in(), (canary.sign_in, S): standby}


def make_served_keys(**keys_by_source: Any) -> dict[Any, Any]:
    sources = {"issuer": ISSUER_SOURCE, "standby": STANDBY_SOURCE}
    return {(canary.list_served_keys, sources[name]): served for name, served in keys_by_source.items()}


def make_limits(primary: int, standby: int) -> dict[Any, Any]:
    return {(regional_services.read_sign_in_limit, P): primary, (regional_services.read_sign_in_limit, S): standby}


def make_replica(status: str = "ACTIVE", region: str = VIRGINIA, role: str = "SECONDARY") -> dict[Any, Any]:
    return {pool.list_replicas: ({"Role": role, "RegionName": region, "Status": status},)}


def make_versions(standby: SecretVersion, primary: str = "2") -> dict[Any, Any]:
    return {
        (canary.read_secret_version, VIRGINIA): standby,
        (canary.read_secret_version, TOKYO): SecretVersion(primary_region="", current=primary),
    }


def make_clients(*providers: list[str]) -> dict[Any, Any]:
    described = tuple({"ClientId": "c", "SupportedIdentityProviders": names} for names in providers)
    return {pool.read_app_clients: pool.AppClients(total=len(described), described=described)}


def make_write_results(password: str, attributes: str) -> dict[Any, Any]:
    return {
        (canary.try_write, "ChangePassword"): password,
        (canary.try_write, "UpdateUserAttributes"): attributes,
    }


@pytest.mark.parametrize(
    ("check", "facts", "expected"),
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
        ("quota-sign-in", make_limits(120, 120), PASSED),
        ("quota-sign-in", make_limits(121, 120), FAILED),
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
        ("keys-list-standby", make_tokens(make_signed_in()) | make_served_keys(issuer=frozenset({"k1", "k2"})), PASSED),
        ("keys-list-standby", make_tokens(make_signed_in()) | make_served_keys(issuer=frozenset({"k2"})), FAILED),
        (
            "keys-list-standby",
            make_tokens(make_signed_in()) | make_served_keys(issuer="It answered with 404."),
            UNKNOWN,
        ),
        ("keys-list-standby", make_tokens(make_signed_in()), UNKNOWN),
        ("keys-served", make_served_keys(issuer="It lists no usable key."), FAILED),
        ("keys-served-standby", make_served_keys(standby=frozenset("a"), issuer=frozenset("a")), PASSED),
        ("keys-served-standby", make_served_keys(standby=frozenset("a"), issuer=frozenset("b")), FAILED),
        ("keys-served-standby", make_served_keys(standby=frozenset("a"), issuer="404."), UNKNOWN),
        ("keys-served-standby", make_served_keys(standby="It answered with 404."), FAILED),
        ("writes-refused", make_write_results(REFUSED, REFUSED), PASSED),
        ("writes-refused", make_write_results("", REFUSED), FAILED),
        ("writes-refused", make_write_results("NotAuthorizedException", REFUSED), UNKNOWN),
        ("accelerated-recovery", {dns.read_zone: ZONE}, FAILED),
        ("zone-delegated", {dns.read_zone: ZoneInfo(name="x.", is_private=True, name_servers=())}, FAILED),
    ],
)
def test_check_outcome_follows_from_facts(check: str, facts: dict[Any, Any], expected: CheckOutcome) -> None:
    assert get_outcome(check, facts) is expected


@pytest.mark.parametrize(
    ("delegation", "message"),
    [
        ({"ns1.x.", "ns2.x."}, "example.com. is delegated to the zone's 2 name servers."),
        ({"ns1.x."}, "example.com. is delegated not to ns2.x.."),
        ({"ns1.x.", "ns2.x.", "ns3.y."}, "example.com. is delegated to ns3.y., which are not the zone's name servers."),
        (set(), "The parent zone does not delegate example.com. to any name server."),
    ],
)
def test_delegation_message_has_missing_and_unexpected_servers(delegation: set[str], message: str) -> None:
    facts = {dns.read_zone: ZONE, dns.read_delegation: frozenset(delegation), **make_addresses()}
    assert run_check("zone-delegated", facts).message == message


def make_addresses(**white_label: str) -> dict[Any, Any]:
    """Return facts with the addresses of the zone's name servers, of a foreign one, and of white-label names."""
    by_server = {"ns1.x.": "192.0.2.1", "ns2.x.": "192.0.2.2", "ns3.y.": "192.0.2.3"}
    by_server |= {f"{label}.example.com.": address for label, address in white_label.items()}
    return {(dns.read_server_addresses, server): frozenset(address.split()) for server, address in by_server.items()}


@pytest.mark.parametrize(
    ("white_label", "outcome"),
    [
        ({"a": "192.0.2.1", "b": "192.0.2.2"}, PASSED),
        ({"a": "192.0.2.1 192.0.2.2"}, PASSED),
        ({"a": "192.0.2.1"}, FAILED),
        ({"a": "192.0.2.1", "b": "192.0.2.2", "c": "192.0.2.9"}, FAILED),
        ({"a": "192.0.2.1", "b": "192.0.2.2 192.0.2.9"}, FAILED),
        ({"a": "192.0.2.1", "b": "192.0.2.2", "c": ""}, FAILED),
    ],
)
def test_white_label_name_servers_pass_with_the_same_addresses(
    white_label: dict[str, str], outcome: CheckOutcome
) -> None:
    delegated = frozenset(f"{label}.example.com." for label in white_label)
    facts = {dns.read_zone: ZONE, dns.read_delegation: delegated, **make_addresses(**white_label)}
    assert get_outcome("zone-delegated", facts) is outcome


def test_name_server_whose_addresses_are_unread_makes_delegation_unknown() -> None:
    facts = {dns.read_zone: ZONE, dns.read_delegation: frozenset({"a.example.com."}), **make_addresses()}
    assert get_outcome("zone-delegated", facts) is UNKNOWN


@pytest.mark.parametrize(("days", "expected"), [(30, PASSED), (29.9, FAILED), (-1, FAILED)])
def test_certificate_must_be_valid_for_thirty_days(days: float, expected: CheckOutcome) -> None:
    expires_at = datetime.fromtimestamp(NOW, UTC) + timedelta(days=days)
    facts = {
        pool.read_custom_domain: {"CustomDomainConfig": {"CertificateArn": CERTIFICATE}},
        (regional_services.read_certificate, CERTIFICATE): {"Status": "ISSUED", "NotAfter": expires_at},
    }
    assert get_outcome("domain-certificate", facts, **MANAGED) is expected


@pytest.mark.parametrize(
    ("arn", "status"), [(CERTIFICATE.replace("us-east-1", TOKYO), "ISSUED"), (CERTIFICATE, "EXPIRED")]
)
def test_certificate_in_another_region_or_not_issued_fails(arn: str, status: str) -> None:
    facts = {
        pool.read_custom_domain: {"CustomDomainConfig": {"CertificateArn": arn}},
        (regional_services.read_certificate, arn): {"Status": status},
    }
    assert get_outcome("domain-certificate", facts, **MANAGED) is FAILED


@pytest.mark.parametrize(
    ("failover", "expected"),
    [
        ({"SecondaryRegion": VIRGINIA, "PrimaryRoute53HealthCheckId": "d"}, PASSED),
        ({"SecondaryRegion": "eu-west-1", "PrimaryRoute53HealthCheckId": "d"}, FAILED),
        ({"SecondaryRegion": VIRGINIA, "PrimaryRoute53HealthCheckId": "other"}, FAILED),
        (None, FAILED),
    ],
)
def test_domain_failover_must_name_standby_and_latch_check(failover: Any, expected: CheckOutcome) -> None:
    facts = {pool.read_custom_domain: {"Routing": {"Failover": failover}}}
    assert get_outcome("domain-failover", facts, **MANAGED) is expected


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
    facts = {dns.read_records: make_records_snapshot(split_traffic(S, 50))}
    assert get_outcome("name-servers-alike", facts) is NOT_APPLICABLE


def make_status(check_id: str, verdict: HealthVerdict = HealthVerdict.HEALTHY, *defects: str) -> HealthCheckStatus:
    return HealthCheckStatus(check_id=check_id, verdict=verdict, reason="2 of 16 report success", defects=defects)


def make_check_facts(*statuses: HealthCheckStatus, record_check: str = "") -> dict[Any, Any]:
    """Return facts with these checks. The standby's record has the given check."""
    records = [
        {
            "Name": "auth.example.com.",
            "Type": "CNAME",
            "SetIdentifier": VIRGINIA,
            "Weight": 0,
            "ResourceRecords": [{"Value": "standby.example.com"}],
            "HealthCheckId": record_check,
        }
    ]
    return {
        dns.list_steering_record_sets: tuple(records) if record_check else (),
        **{(dns.read_health_check, status.check_id): status for status in statuses},
    }


GONE = make_status("gone", HealthVerdict.MISSING, "gone does not exist")
STANDBY_RECORD = "auth.example.com. CNAME 'us-east-1' to standby.example.com. (weight 0)"


@pytest.mark.parametrize("settings", [{}, LATCHED])
def test_missing_check_on_record_fails_with_the_records_name(settings: dict[str, str]) -> None:
    facts = make_check_facts(make_status("r"), make_status("s"), GONE, record_check="gone")
    result = run_check("checks-exist", facts, **settings)
    assert result.outcome is FAILED
    assert result.message == f"gone does not exist ({STANDBY_RECORD})."


@pytest.mark.parametrize("check", ["checks-exist", "checks-healthy"])
def test_checks_of_stack_and_records_are_read(check: str) -> None:
    facts = make_check_facts(make_status("r"), make_status("s"), make_status("own"), record_check="own")
    result = run_check(check, facts, **LATCHED)
    assert result.outcome is PASSED
    assert "all 3 health checks" in result.message.lower()
    assert get_outcome(check, make_check_facts()) is NOT_APPLICABLE


@pytest.mark.parametrize("check", ["checks-exist", "checks-healthy"])
def test_unreadable_check_is_unknown_unless_another_one_fails(check: str) -> None:
    unreadable = make_check_facts(make_status("r")) | {(dns.read_health_check, "s"): FactUnavailableError("Throttled.")}
    with pytest.raises(FactUnavailableError, match=r"s \(standby target\): Throttled\."):
        run_check(check, unreadable, **LATCHED)
    own = make_status("own", HealthVerdict.UNHEALTHY, "own is disabled")
    assert get_outcome(check, unreadable | make_check_facts(own, record_check="own"), **LATCHED) is FAILED


def test_check_may_be_in_the_account_of_a_zone_elsewhere() -> None:
    zone_role = {"hosted_zone_role_arn": "arn:aws:iam::210987654321:role/zone"}
    facts = make_check_facts(make_status("r"), make_status("s"), GONE, record_check="gone")
    with pytest.raises(FactUnavailableError, match="It may be in the account of the zone"):
        run_check("checks-exist", facts, **LATCHED, **zone_role)
    lost = make_check_facts(make_status("r"), make_status("s", HealthVerdict.MISSING, "s does not exist"))
    assert get_outcome("checks-exist", lost, **LATCHED, **zone_role) is FAILED


def test_unhealthy_check_of_standby_fails_with_what_it_means() -> None:
    unhealthy = make_status("s", HealthVerdict.UNHEALTHY)
    result = run_check("checks-healthy", make_check_facts(make_status("r"), unhealthy, record_check="s"), **LATCHED)
    assert result.outcome is FAILED
    assert f"s (standby target; {STANDBY_RECORD}) is unhealthy: 2 of 16 report success." in result.message
    assert "Neither weights nor the latch move users there." in result.message


def test_check_of_set_latch_may_be_unhealthy() -> None:
    facts = make_check_facts(make_status("r", HealthVerdict.UNHEALTHY), make_status("s"))
    facts[dns.is_latch_set, SteeredName.RECORDS] = True
    result = run_check("checks-healthy", facts, **LATCHED)
    assert result.outcome is PASSED
    assert result.message == "The latch is set, so its check is unhealthy: r (latch of the records)."


def test_unhealthy_check_of_released_latch_fails() -> None:
    facts = make_check_facts(make_status("r", HealthVerdict.UNHEALTHY), make_status("s"))
    facts[dns.is_latch_set, SteeredName.RECORDS] = False
    result = run_check("checks-healthy", facts, **LATCHED)
    assert result.outcome is FAILED
    assert "r (latch of the records) is unhealthy" in result.message


def test_unhealthy_check_of_unreadable_latch_is_unknown() -> None:
    facts = make_check_facts(make_status("r", HealthVerdict.UNHEALTHY), make_status("s"))
    assert get_outcome("checks-healthy", facts, **LATCHED) is UNKNOWN


def test_disabled_inverted_check_of_latch_is_not_a_set_latch() -> None:
    disabled = make_status("r", HealthVerdict.UNHEALTHY, "r is disabled and inverted, so it always counts as unhealthy")
    facts = make_check_facts(disabled, make_status("s"))
    assert get_outcome("checks-healthy", facts, **LATCHED) is FAILED
    assert (
        "r is disabled and inverted, so it always counts as unhealthy"
        in run_check("checks-exist", facts, **LATCHED).message
    )


def test_check_without_verdict_is_unknown_and_not_passed() -> None:
    facts = make_check_facts(make_status("r"), make_status("s", HealthVerdict.UNKNOWN))
    assert get_outcome("checks-healthy", facts, **LATCHED) is UNKNOWN
    assert get_outcome("checks-exist", facts, **LATCHED) is PASSED


@pytest.mark.parametrize(("evaluates", "expected"), [(True, FAILED), (False, PASSED)])
def test_alias_that_evaluates_its_target_fails(evaluates: bool, expected: CheckOutcome) -> None:
    alias = {"HostedZoneId": "Z1", "DNSName": "standby.example.com.", "EvaluateTargetHealth": evaluates}
    record = {"Name": "auth.example.com.", "Type": "A", "SetIdentifier": VIRGINIA, "Weight": 0, "AliasTarget": alias}
    result = run_check("target-health-ignored", {dns.list_steering_record_sets: (record,)})
    assert result.outcome is expected
    assert ("auth.example.com. A 'us-east-1' to standby.example.com." in result.message) is evaluates


def test_latch_is_not_attached_without_state_txt_record() -> None:
    settings = make_settings(**LATCHED)
    record_sets = tuple(
        {"Name": "auth.example.com.", "Type": "CNAME", "ResourceRecords": [{"Value": target}], "HealthCheckId": check}
        for (_, target), check in zip(settings.targets, "rs", strict=True)
    )
    records = replace(make_records_snapshot(), record_sets=record_sets)
    facts = {dns.read_records: records, (dns.has_latch_state_record, SteeredName.RECORDS): False}
    result = run_check("latch-records-attached", facts, **LATCHED)
    assert result.outcome is FAILED
    assert "the state TXT record is missing" in result.message


def test_latch_is_not_attached_without_records() -> None:
    result = run_check("latch-records-attached", {dns.read_records: make_records_snapshot()}, **LATCHED)
    assert result.outcome is FAILED
    assert "auth.example.com has no records yet" in result.message


@pytest.mark.parametrize(
    ("allowed", "expected"),
    [
        (["15.177.0.0/18", "54.183.255.128/26"], PASSED),
        (["15.177.0.0/18"], FAILED),
        (["15.177.0.0/20", "54.183.255.128/26"], PASSED),
        (["15.177.16.0/20", "54.183.255.128/26"], FAILED),
        ([], FAILED),
    ],
)
def test_published_ranges_must_be_allowed(allowed: list[str], expected: CheckOutcome) -> None:
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Condition": {"IpAddress": {"aws:SourceIp": allowed}}}
    facts = {
        dns.read_bucket_policy: (statement,),
        dns.read_health_checker_ranges: ("15.177.2.0/23", "54.183.255.128/26", "2600:1f14::/36"),
    }
    assert get_outcome("latch-readers", facts, **LATCHED) is expected


@pytest.mark.parametrize(("age_seconds", "expected"), [(10_800, PASSED), (10_801, FAILED)])
def test_cached_keys_pass_for_three_hours(age_seconds: float, expected: CheckOutcome) -> None:
    cached = CachedJwks(fetched_at=NOW - age_seconds, keys={"k": CachedKey(jwk={}, listed_at=NOW)})
    assert get_outcome("keys-kept", {canary.read_cached_keys: cached}) is expected


def test_token_check_compares_claims_in_a_table() -> None:
    result = run_check("tokens-alike", make_tokens(make_signed_in(iss="https://other")))
    assert result.message == "Tokens of the two Regions differ in id iss, access iss: apps may refuse them."
    assert result.table[:3] == (
        ("token", "claim", TOKYO, VIRGINIA),
        ("id", "iss", "https://issuer", "https://other"),
        ("id", "sub", "ada", "identical"),
    )


def test_settings_that_differ_only_in_an_arns_region_are_the_same() -> None:
    def make_description(region: str) -> dict[str, Any]:
        arn = f"arn:aws:ses:{region}:1:identity/x"
        return {"EmailConfiguration": {"EmailSendingAccount": "DEVELOPER", "SourceArn": arn}}

    facts = {(pool.read_pool, P): make_description(TOKYO), (pool.read_pool, S): make_description(VIRGINIA)}
    assert get_outcome("email-alike", facts) is PASSED
    assert get_outcome("email-alike", {**facts, (pool.read_pool, S): {}}) is FAILED


def test_standby_needs_no_trigger_that_runs_on_writes() -> None:
    facts = {
        (pool.read_pool, P): {"LambdaConfig": {"PreSignUp": "arn:aws:lambda:x:1:function:f"}},
        (pool.read_pool, S): {},
    }
    assert get_outcome("triggers-set", facts) is PASSED


def test_trigger_version_two_is_the_same_trigger() -> None:
    version_two = {"PreTokenGenerationConfig": {"LambdaArn": "arn:aws:lambda:x:1:function:f", "LambdaVersion": "V2_0"}}
    facts = {
        (pool.read_pool, P): {"LambdaConfig": version_two},
        (pool.read_pool, S): {"LambdaConfig": {"PreTokenGeneration": "arn"}},
    }
    assert get_outcome("triggers-set", facts) is PASSED


@pytest.mark.parametrize(("suffix", "outcome"), [("", PASSED), ("-x1y2z3", FAILED)])
def test_secret_must_be_named_by_its_whole_arn(suffix: str, outcome: CheckOutcome) -> None:
    arn = make_settings().canary_secret_arn
    credentials = Credentials(version="1", username="canary", password="x")
    facts = {canary.read_credentials: credentials, canary.read_secret_arn: arn + suffix}
    assert get_outcome("secret-readable", facts) is outcome
