"""What checks conclude, on both sides of their lines, where the sandbox can't show it or the line is fine."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from failover.decision.preflight import Outcome
from failover.levers.authority import Question
from failover.levers.latch import LatchName
from failover.levers.lever import Survey
from failover.levers.zone import ZoneFacts
from failover.preflight.reading import canary, dns, keys, pool, surroundings
from failover.preflight.reading.canary import SecretVersion, SignIn
from failover.probe.keys import KeptKey, KeptKeys, key_sources
from failover.region import Side, all_to, share_to
from tests.support.settings import settings
from tests.unit.preflight.known import NOW, judged, outcome

TOKYO, VIRGINIA = "ap-northeast-1", "us-east-1"
P, S = Side.PRIMARY, Side.STANDBY
PASSED, FAILED, UNKNOWN, NOT_APPLICABLE = Outcome.PASSED, Outcome.FAILED, Outcome.UNKNOWN, Outcome.NOT_APPLICABLE
MANAGED = {"managed_login_domain": "login.example.com", "domain_latch_check_id": "d", "latch_bucket": "latch"}
LATCHED = {"records_latch_check_id": "r", "standby_check_id": "s", "latch_bucket": "latch"}
ISSUERS, _, STANDBYS = key_sources(settings())
CLAIMS = {"iss": "https://issuer", "sub": "ada", "aud": "app", "client_id": "app"}
CERTIFICATE = "arn:aws:acm:us-east-1:1:certificate/1"
TOTP = {"SoftwareTokenMfaConfiguration": {"Enabled": True}}
REFUSED = "OperationNotEnabledException"
ZONE = ZoneFacts(name="example.com.", private=False, name_servers=("ns1.x", "ns2.x"))


def signed_in(**changes: Any) -> SignIn:
    claims = {**CLAIMS, **changes}
    return SignIn(identity=claims, access=claims, kids=frozenset({"k1"}))


def tokens(there: SignIn) -> dict[Any, Any]:
    return {(canary.sign_in, P): signed_in(), (canary.sign_in, S): there}


def listed(**by_place: Any) -> dict[Any, Any]:
    places = {"issuer": ISSUERS, "standby": STANDBYS}
    return {(canary.listed_keys, places[name]): found for name, found in by_place.items()}


def quotas(primary: float, standby: float) -> dict[Any, Any]:
    return {(surroundings.sign_in_quota, P): primary, (surroundings.sign_in_quota, S): standby}


def replica(status: str = "ACTIVE", region: str = VIRGINIA, role: str = "SECONDARY") -> dict[Any, Any]:
    return {pool.replicas: ({"Role": role, "RegionName": region, "Status": status},)}


def versions(standby: SecretVersion, primary: str = "2") -> dict[Any, Any]:
    return {
        (canary.secret_version, VIRGINIA): standby,
        (canary.secret_version, TOKYO): SecretVersion(primary_region="", current=primary),
    }


def clients(*providers: list[str]) -> dict[Any, Any]:
    return {pool.app_clients: tuple({"ClientId": "c", "SupportedIdentityProviders": each} for each in providers)}


def writes(password: str, attributes: str) -> dict[Any, Any]:
    return {
        (canary.refusal_of_write, "ChangePassword"): password,
        (canary.refusal_of_write, "UpdateUserAttributes"): attributes,
    }


@pytest.mark.parametrize(
    ("check", "known", "expected"),
    [
        ("replica-active", replica(), PASSED),
        ("replica-active", replica("CREATING"), FAILED),
        ("replica-active", replica(region="eu-west-1"), FAILED),
        ("replica-active", replica(role="PRIMARY"), FAILED),
        ("pool-tier", {pool.shared: {"UserPoolTier": "PLUS"}}, PASSED),
        ("pool-tier", {pool.shared: {"UserPoolTier": "LITE"}}, FAILED),
        ("issuer-updated", {pool.shared: {"IssuerConfiguration": {"Type": "UPDATED"}}}, PASSED),
        ("issuer-updated", {pool.shared: {}}, FAILED),
        ("key-multi-region", {keys.key_arn: "arn", (keys.key, P): {"MultiRegion": True}}, PASSED),
        ("key-multi-region", {keys.key_arn: "arn", (keys.key, P): {"MultiRegion": False}}, FAILED),
        ("key-multi-region", {keys.key_arn: ""}, FAILED),
        ("key-enabled-standby", {(keys.key, S): {"KeyState": "Enabled"}}, PASSED),
        ("key-enabled-standby", {(keys.key, S): {"KeyState": "PendingDeletion"}}, FAILED),
        ("key-enabled-standby", {(keys.key, S): None}, FAILED),
        ("quota-sign-in", quotas(120, 120), PASSED),
        ("quota-sign-in", quotas(121, 120), FAILED),
        ("totp-required", {pool.mfa: {"MfaConfiguration": "ON", **TOTP}}, FAILED),
        ("totp-required", {pool.mfa: {"MfaConfiguration": "ON", **TOTP, "EmailMfaConfiguration": {"A": 1}}}, PASSED),
        ("totp-users", {pool.mfa: {"MfaConfiguration": "OFF"}}, PASSED),
        ("totp-users", {pool.mfa: {"MfaConfiguration": "OPTIONAL", **TOTP}}, FAILED),
        ("federated-only", clients([], ["COGNITO", "X"]), PASSED),
        ("federated-only", clients(["COGNITO"], ["X"]), FAILED),
        ("canary-second-factor", {canary.second_factors: ()}, PASSED),
        ("canary-second-factor", {canary.second_factors: ("SMS_MFA",)}, FAILED),
        ("secret-alike", versions(SecretVersion(primary_region="", current="1")), PASSED),
        ("secret-alike", versions(SecretVersion(primary_region=TOKYO, current="2")), PASSED),
        ("secret-alike", versions(SecretVersion(primary_region=TOKYO, current="1")), FAILED),
        ("tokens-alike", tokens(signed_in()), PASSED),
        ("tokens-alike", tokens(signed_in(iss="https://other")), FAILED),
        ("tokens-alike", tokens(signed_in(sub="bob")), FAILED),
        ("tokens-alike", tokens(signed_in(aud="other")), FAILED),
        ("tokens-alike", tokens(SignIn(refusal="No.")), UNKNOWN),
        ("tokens-alike", {(canary.sign_in, S): signed_in()}, UNKNOWN),
        ("keys-list-standby", tokens(signed_in()) | listed(issuer=frozenset({"k1", "k2"})), PASSED),
        ("keys-list-standby", tokens(signed_in()) | listed(issuer=frozenset({"k2"})), FAILED),
        ("keys-list-standby", tokens(signed_in()) | listed(issuer="It answered with 404."), UNKNOWN),
        ("keys-list-standby", tokens(signed_in()), UNKNOWN),
        ("keys-served", listed(issuer="It lists no usable key."), FAILED),
        ("keys-served-standby", listed(standby=frozenset("a"), issuer=frozenset("a")), PASSED),
        ("keys-served-standby", listed(standby=frozenset("a"), issuer=frozenset("b")), FAILED),
        ("keys-served-standby", listed(standby=frozenset("a"), issuer="404."), UNKNOWN),
        ("keys-served-standby", listed(standby="It answered with 404."), FAILED),
        ("writes-refused", writes(REFUSED, REFUSED), PASSED),
        ("writes-refused", writes("", REFUSED), FAILED),
        ("writes-refused", writes("NotAuthorizedException", REFUSED), UNKNOWN),
        ("accelerated-recovery", {dns.zone: ZONE}, FAILED),
        ("zone-delegated", {dns.zone: ZoneFacts(name="x.", private=True, name_servers=())}, FAILED),
    ],
)
def test_a_check_concludes_from_what_was_read(check: str, known: dict[Any, Any], expected: Outcome) -> None:
    assert outcome(check, known) is expected


@pytest.mark.parametrize(
    ("delegation", "said"),
    [
        ({"ns1.x.", "ns2.x."}, "example.com. is delegated to the zone's 2 name servers."),
        ({"ns1.x."}, "example.com. is delegated not to ns2.x.."),
        ({"ns1.x.", "ns2.x.", "ns3.y."}, "example.com. is delegated to ns3.y., which are not the zone's."),
        (set(), "Nobody above example.com. delegates it to any name server."),
    ],
)
def test_a_delegation_to_some_or_to_others_is_told_apart(delegation: set[str], said: str) -> None:
    known = {dns.zone: ZONE, dns.delegation: frozenset(delegation)}
    assert judged("zone-delegated", known).sentence == said


@pytest.mark.parametrize(("days", "expected"), [(30, PASSED), (29.9, FAILED), (-1, FAILED)])
def test_a_certificate_must_be_valid_for_thirty_days(days: float, expected: Outcome) -> None:
    ends = datetime.fromtimestamp(NOW, UTC) + timedelta(days=days)
    known = {
        pool.domain: {"CustomDomainConfig": {"CertificateArn": CERTIFICATE}},
        (surroundings.certificate, CERTIFICATE): {"Status": "ISSUED", "NotAfter": ends},
    }
    assert outcome("domain-certificate", known, **MANAGED) is expected


@pytest.mark.parametrize(
    ("arn", "status"), [(CERTIFICATE.replace("us-east-1", TOKYO), "ISSUED"), (CERTIFICATE, "EXPIRED")]
)
def test_a_certificate_elsewhere_or_not_issued_fails(arn: str, status: str) -> None:
    known = {
        pool.domain: {"CustomDomainConfig": {"CertificateArn": arn}},
        (surroundings.certificate, arn): {"Status": status},
    }
    assert outcome("domain-certificate", known, **MANAGED) is FAILED


@pytest.mark.parametrize(
    ("failover", "expected"),
    [
        ({"SecondaryRegion": VIRGINIA, "PrimaryRoute53HealthCheckId": "d"}, PASSED),
        ({"SecondaryRegion": "eu-west-1", "PrimaryRoute53HealthCheckId": "d"}, FAILED),
        ({"SecondaryRegion": VIRGINIA, "PrimaryRoute53HealthCheckId": "other"}, FAILED),
        (None, FAILED),
    ],
)
def test_the_domains_failover_leads_to_our_region_by_our_check(failover: Any, expected: Outcome) -> None:
    known = {pool.domain: {"Routing": {"Failover": failover}}}
    assert outcome("domain-failover", known, **MANAGED) is expected


def survey(weights: Any = None) -> Survey:
    return Survey(weights=weights or all_to(P), record_sets=(), lacking=(), ttl_seconds=60)


QUESTION = Question(name="auth.example.com.", record_type="CNAME")


def answering(*values: str) -> dict[Question, tuple[frozenset[str], ...]]:
    return {QUESTION: tuple(frozenset({value}) for value in values)}


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({"ns1": answering("a", "a"), "ns2": answering("a")}, PASSED),
        ({"ns1": answering("a"), "ns2": answering("b")}, FAILED),
        ({"ns1": answering("a", "b")}, FAILED),
        ({"ns1": answering("a"), "ns2": answering()}, FAILED),
    ],
)
def test_name_servers_must_all_answer_alike(answers: Any, expected: Outcome) -> None:
    assert outcome("name-servers-alike", {dns.survey: survey(), dns.answers: answers}) is expected


def test_while_users_are_on_both_sides_answers_are_not_compared() -> None:
    known = {dns.survey: survey(share_to(S, 50))}
    assert outcome("name-servers-alike", known) is NOT_APPLICABLE


@pytest.mark.parametrize(("found", "expected"), [({}, PASSED), ({"Disabled": True}, FAILED), (None, FAILED)])
def test_every_health_check_must_exist_and_be_enabled(found: Any, expected: Outcome) -> None:
    known = {(dns.health_check, "r"): {}, (dns.health_check, "s"): found}
    assert outcome("checks-exist", known, **LATCHED) is expected


def test_records_with_our_checks_and_without_the_latchs_beacon_are_not_attached() -> None:
    known_settings = settings(**LATCHED)
    record_sets = tuple(
        {"Name": "auth.example.com.", "Type": "CNAME", "ResourceRecords": [{"Value": target}], "HealthCheckId": check}
        for (_, target), check in zip(known_settings.targets, "rs", strict=True)
    )
    found = replace(survey(), record_sets=record_sets)
    known = {dns.survey: found, (dns.beacon_of_latch, LatchName.RECORDS): False}
    verdict = judged("latch-records-attached", known, **LATCHED)
    assert verdict.outcome is FAILED
    assert "the pair that shows the latch's state is missing" in verdict.sentence


def test_where_there_are_no_records_yet_none_are_said_to_carry_our_checks() -> None:
    verdict = judged("latch-records-attached", {dns.survey: survey()}, **LATCHED)
    assert verdict.outcome is FAILED
    assert "auth.example.com has no records yet" in verdict.sentence


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
def test_every_published_range_lies_within_an_admitted_one(admitted: list[str], expected: Outcome) -> None:
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Condition": {"IpAddress": {"aws:SourceIp": admitted}}}
    known = {
        dns.bucket_policy: (statement,),
        dns.checker_ranges: ("15.177.2.0/23", "54.183.255.128/26", "2600:1f14::/36"),
    }
    assert outcome("latch-readers", known, **LATCHED) is expected


@pytest.mark.parametrize(("age_seconds", "expected"), [(10_800, PASSED), (10_801, FAILED)])
def test_kept_keys_are_fresh_for_three_hours(age_seconds: float, expected: Outcome) -> None:
    kept = KeptKeys(fetched_at=NOW - age_seconds, keys={"k": KeptKey(jwk={}, listed_at=NOW)})
    assert outcome("keys-kept", {canary.kept_keys: kept}) is expected


def test_the_comparison_of_tokens_is_a_table_as_it_was_first_published() -> None:
    judgement = judged("tokens-alike", tokens(signed_in(iss="https://other")))
    assert judgement.sentence == "Tokens of the two Regions differ in id iss, access iss: apps tell them apart."
    assert judgement.table[:3] == (
        ("token", "claim", TOKYO, VIRGINIA),
        ("id", "iss", "https://issuer", "https://other"),
        ("id", "sub", "ada", "identical"),
    )


def test_arns_of_the_same_thing_in_two_regions_are_alike() -> None:
    def described(region: str) -> dict[str, Any]:
        arn = f"arn:aws:ses:{region}:1:identity/x"
        return {"EmailConfiguration": {"EmailSendingAccount": "DEVELOPER", "SourceArn": arn}}

    known = {(pool.pool, P): described(TOKYO), (pool.pool, S): described(VIRGINIA)}
    assert outcome("email-alike", known) is PASSED
    assert outcome("email-alike", {**known, (pool.pool, S): {}}) is FAILED


def test_a_trigger_of_writes_needs_no_counterpart_on_the_replica() -> None:
    known = {(pool.pool, P): {"LambdaConfig": {"PreSignUp": "arn:aws:lambda:x:1:function:f"}}, (pool.pool, S): {}}
    assert outcome("triggers-set", known) is PASSED


def test_a_trigger_of_version_two_is_the_same_trigger() -> None:
    second = {"PreTokenGenerationConfig": {"LambdaArn": "arn:aws:lambda:x:1:function:f", "LambdaVersion": "V2_0"}}
    known = {(pool.pool, P): {"LambdaConfig": second}, (pool.pool, S): {"LambdaConfig": {"PreTokenGeneration": "arn"}}}
    assert outcome("triggers-set", known) is PASSED
