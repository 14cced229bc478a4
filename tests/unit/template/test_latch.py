"""The latch's bucket, checks and permissions, in every configuration."""

from typing import Any

import pytest
from ministack.core.iam_evaluator import EvalContext, evaluate, parse_policy_document

from failover.levers.latch_object import TOKEN
from failover.settings import Settings
from tests.unit.template.rendering import ACCOUNT, DOMAIN_ONLY, MANAGED_LOGIN, STANDBY_REGION, Rendering, load

BUCKET = "arn:aws:s3:::LatchBucket"
ZONE = "arn:aws:route53:::hostedzone/Z0123456789ABCDEFGHIJ"
POOL = f"arn:aws:cognito-idp:ap-northeast-1:{ACCOUNT}:userpool/ap-northeast-1_AbCdEfGhI"
CHANGE = "route53:ChangeResourceRecordSets"
OF_THE_LATCH = [
    "LatchBucket",
    "LatchBucketPolicy",
    "RecordsObjectCheck",
    "DomainObjectCheck",
    "RecordsMetricAlarm",
    "RecordsMetricCheck",
    "DomainMetricAlarm",
    "DomainMetricCheck",
    "StandbyTargetCheck",
]
BOTH = Rendering(**MANAGED_LOGIN)
METRIC = Rendering(LatchForm="metric", **MANAGED_LOGIN)


def decision(documents: list[Any], action: str, resource: str, **keys: Any) -> bool:
    call = EvalContext(
        principal_arn=f"arn:aws:sts::{ACCOUNT}:assumed-role/operator/operator",
        principal_type="AssumedRole",
        principal_account=ACCOUNT,
        action=action,
        resource_arn=resource,
        region=STANDBY_REGION,
        service_context={name.lower(): value for name, value in keys.items()},
    )
    return bool(evaluate(call, [parse_policy_document(each) for each in documents]).decision == "Allow")


def controller_may(rendering: Rendering, action: str, resource: str, **keys: Any) -> bool:
    return decision([rendering.resource("MovePolicy")["PolicyDocument"]], action, resource, **keys)


def operator_may(rendering: Rendering, action: str, resource: str, **keys: Any) -> bool:
    documents = [rendering.resource(name)["PolicyDocument"] for name in ("MovePolicy", "AttachPolicy")]
    return decision(documents, action, resource, **keys)


def batch(*names: str, record_type: str = "TXT") -> dict[str, list[str]]:
    return {
        f"{CHANGE}NormalizedRecordNames": list(names),
        f"{CHANGE}RecordTypes": [record_type],
        f"{CHANGE}Actions": ["DELETE", "CREATE"],
    }


def settings_of(rendering: Rendering) -> Settings:
    return Settings.from_env(rendering.environment("Controller"))


@pytest.mark.parametrize(
    ("parameters", "resources"),
    [
        ({}, {"LatchBucket", "LatchBucketPolicy", "RecordsObjectCheck", "StandbyTargetCheck"}),
        (
            MANAGED_LOGIN,
            {"LatchBucket", "LatchBucketPolicy", "RecordsObjectCheck", "DomainObjectCheck", "StandbyTargetCheck"},
        ),
        (DOMAIN_ONLY, {"LatchBucket", "LatchBucketPolicy", "DomainObjectCheck"}),
        ({"LatchForm": "metric"}, {"RecordsMetricAlarm", "RecordsMetricCheck", "StandbyTargetCheck"}),
        ({"LatchForm": "metric", **DOMAIN_ONLY}, {"DomainMetricAlarm", "DomainMetricCheck"}),
        ({"LatchForm": "none"}, set()),
        (
            {"StandbyHealthCheckId": "my-own", "RecordsHealthCheckId": "both"},
            {"LatchBucket", "LatchBucketPolicy", "RecordsObjectCheck"},
        ),
    ],
)
def test_each_configuration_deploys_what_it_needs(parameters: dict[str, str], resources: set[str]) -> None:
    rendering = Rendering(**parameters)

    assert set(rendering.deployed) & set(OF_THE_LATCH) == resources
    assert rendering.refusals() == []
    settings_of(rendering)


@pytest.mark.parametrize("name", OF_THE_LATCH)
def test_what_users_may_hang_on_outlives_the_stack(name: str) -> None:
    declared = load()["Resources"][name]

    assert (declared["DeletionPolicy"], declared["UpdateReplacePolicy"]) == ("Retain", "Retain")


@pytest.mark.parametrize("name", [name for name in OF_THE_LATCH if name.endswith("Check")])
def test_no_parameter_can_replace_a_health_check(name: str) -> None:
    config = load()["Resources"][name]["Properties"]["HealthCheckConfig"]

    assert isinstance(config["Type"], str)
    assert isinstance(config.get("RequestInterval", 10), int)


def test_an_object_that_is_present_makes_its_check_unhealthy_at_once() -> None:
    for latch, key in (("Records", "records"), ("Domain", "domain")):
        config = BOTH.resource(f"{latch}ObjectCheck")["HealthCheckConfig"]

        assert config["Type"] == "HTTPS_STR_MATCH"
        assert config["Inverted"] is True
        assert config["SearchString"] == TOKEN
        assert (config["RequestInterval"], config["FailureThreshold"]) == (10, 1)
        assert config["FullyQualifiedDomainName"] == "LatchBucket.s3.us-east-1.amazonaws.com"
        assert config["ResourcePath"] == f"/{key}"


def test_a_metric_of_one_makes_its_check_unhealthy_and_silence_changes_nothing() -> None:
    for latch, name in (("Records", "records"), ("Domain", "domain")):
        alarm, check = METRIC.resource(f"{latch}MetricAlarm"), METRIC.resource(f"{latch}MetricCheck")
        config = check["HealthCheckConfig"]

        assert (alarm["Namespace"], alarm["MetricName"]) == (settings_of(METRIC).latch_metric_namespace, name)
        assert (alarm["Statistic"], alarm["ComparisonOperator"], alarm["Threshold"]) == (
            "Maximum",
            "GreaterThanOrEqualToThreshold",
            1,
        )
        assert config["AlarmIdentifier"] == {"Name": f"{latch}MetricAlarm", "Region": STANDBY_REGION}
        assert config["InsufficientDataHealthStatus"] == "LastKnownStatus"
        assert "Inverted" not in config


def test_nobody_but_health_checkers_reads_the_two_objects_and_only_over_tls() -> None:
    allow, deny = BOTH.resource("LatchBucketPolicy")["PolicyDocument"]["Statement"]

    assert (allow["Effect"], allow["Action"]) == ("Allow", "s3:GetObject")
    assert allow["Resource"] == [f"{BUCKET}/records", f"{BUCKET}/domain"]
    assert list(allow["Condition"]) == ["IpAddress"]
    assert len(allow["Condition"]["IpAddress"]["aws:SourceIp"]) == 17
    assert (deny["Effect"], deny["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})


def test_block_public_access_is_fully_on_and_objects_need_no_key() -> None:
    bucket = BOTH.resource("LatchBucket")
    rules = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]

    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert len(bucket["PublicAccessBlockConfiguration"]) == 4
    assert [rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] for rule in rules] == ["AES256"]
    assert "BucketName" not in bucket


def test_a_latch_may_be_set_and_read_and_nothing_else_in_its_bucket() -> None:
    for key in ("records", "domain"):
        for action in ("s3:PutObject", "s3:DeleteObject", "s3:GetObject"):
            assert controller_may(BOTH, action, f"{BUCKET}/{key}")
    assert controller_may(BOTH, "s3:ListBucket", BUCKET)
    assert not controller_may(BOTH, "s3:PutObject", f"{BUCKET}/another")
    assert not controller_may(BOTH, "s3:PutBucketPolicy", BUCKET)
    assert not controller_may(Rendering(LatchForm="none"), "s3:PutObject", f"{BUCKET}/records")


def test_a_metric_may_be_published_in_the_latchs_namespace_only() -> None:
    own = {"cloudwatch:namespace": settings_of(METRIC).latch_metric_namespace}

    assert controller_may(METRIC, "cloudwatch:PutMetricData", "*", **own)
    assert not controller_may(METRIC, "cloudwatch:PutMetricData", "*", **{"cloudwatch:namespace": "Another"})
    assert not controller_may(BOTH, "cloudwatch:PutMetricData", "*", **own)


@pytest.mark.parametrize(
    "name",
    [
        "_latch.auth.example.com",
        "_latch-settling.auth.example.com",
        "_region.login.example.com",
        "_latch-settling.login.example.com",
    ],
)
def test_only_the_operator_may_show_a_latch_in_dns(name: str) -> None:
    assert operator_may(BOTH, CHANGE, ZONE, **batch(name))
    assert not controller_may(BOTH, CHANGE, ZONE, **batch(name))
    assert not operator_may(BOTH, CHANGE, ZONE, **batch(name, record_type="A"))
    assert not operator_may(BOTH, CHANGE, ZONE, **batch(name, "login.example.com"))


def test_only_the_operator_may_change_the_pools_domain() -> None:
    for rendering in (BOTH, Rendering(**DOMAIN_ONLY)):
        assert operator_may(rendering, "cognito-idp:UpdateUserPoolDomain", POOL)
        assert not operator_may(rendering, "cognito-idp:UpdateUserPoolDomain", f"{POOL}2")
        assert not controller_may(rendering, "cognito-idp:UpdateUserPoolDomain", POOL)
    assert not operator_may(Rendering(), "cognito-idp:UpdateUserPoolDomain", POOL)


def test_without_records_none_may_be_changed_but_the_beacon() -> None:
    alone = Rendering(**DOMAIN_ONLY)

    assert not controller_may(alone, CHANGE, ZONE, **batch("auth.example.com", record_type="CNAME"))
    assert not controller_may(alone, CHANGE, ZONE, **batch("", record_type="CNAME"))
    assert operator_may(alone, CHANGE, ZONE, **batch("_region.login.example.com"))
    assert controller_may(alone, "route53:ListResourceRecordSets", ZONE)


def test_the_standbys_check_connects_to_its_target() -> None:
    config = Rendering().resource("StandbyTargetCheck")["HealthCheckConfig"]

    assert (config["Type"], config["Port"]) == ("TCP", 443)
    assert config["FullyQualifiedDomainName"] == "standby.target.example.com"


def test_a_check_of_ones_own_takes_the_place_of_the_stacks() -> None:
    own = Rendering(
        RecordsHealthCheckId="both-1", DomainHealthCheckId="both-2", StandbyHealthCheckId="my-own", **MANAGED_LOGIN
    )
    settings = settings_of(own)

    assert settings.records_latch_check_id == "both-1"
    assert settings.domain_latch_check_id == "both-2"
    assert settings.standby_check_id == "my-own"


@pytest.mark.parametrize(
    ("parameters", "refusal"),
    [
        (dict.fromkeys(DOMAIN_ONLY, ""), "DomainName and ManagedLoginDomain are both empty"),
        ({"PrimaryTarget": ""}, "Give DomainName, PrimaryTarget and StandbyTarget all, or none of them."),
        ({**DOMAIN_ONLY, "StandbyTarget": "a.example.com"}, "Give DomainName, PrimaryTarget and StandbyTarget all"),
        ({"ManagedLoginDomain": "auth.example.com"}, "DomainName and ManagedLoginDomain are the same."),
        ({"LatchForm": "none", **MANAGED_LOGIN}, "ManagedLoginDomain moves by a latch only."),
    ],
)
def test_a_deploy_that_could_not_work_is_refused_before_anything_is_made(
    parameters: dict[str, str], refusal: str
) -> None:
    said = Rendering(**parameters).refusals()

    assert [sentence for sentence in said if sentence.startswith(refusal)], said
