"""The latch's bucket, checks and permissions, in every configuration."""

from typing import Any

import pytest
from ministack.core.iam_evaluator import EvalContext, evaluate, parse_policy_document

from cognito_failover.routing.latch.s3_switch import THROWN_TOKEN
from cognito_failover.settings.controller import Settings
from tests.unit.template.rendering import ACCOUNT, DOMAIN_ONLY, MANAGED_LOGIN, STANDBY_REGION, Rendering, load_template

BUCKET = "arn:aws:s3:::LatchBucket"
ZONE = "arn:aws:route53:::hostedzone/Z0123456789ABCDEFGHIJ"
POOL = f"arn:aws:cognito-idp:ap-northeast-1:{ACCOUNT}:userpool/ap-northeast-1_AbCdEfGhI"
CHANGE = "route53:ChangeResourceRecordSets"
LATCH_RESOURCES = [
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
BOTH_LATCHES = Rendering(**MANAGED_LOGIN)
METRIC = Rendering(LatchType="metric", **MANAGED_LOGIN)


def is_call_allowed(documents: list[Any], action: str, resource: str, **keys: Any) -> bool:
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
    return is_call_allowed([rendering.get_resource("MovePolicy")["PolicyDocument"]], action, resource, **keys)


def operator_may(rendering: Rendering, action: str, resource: str, **keys: Any) -> bool:
    documents = [rendering.get_resource(name)["PolicyDocument"] for name in ("MovePolicy", "AttachPolicy")]
    return is_call_allowed(documents, action, resource, **keys)


def make_batch(*names: str, record_type: str = "TXT") -> dict[str, list[str]]:
    return {
        f"{CHANGE}NormalizedRecordNames": list(names),
        f"{CHANGE}RecordTypes": [record_type],
        f"{CHANGE}Actions": ["DELETE", "CREATE"],
    }


def read_settings(rendering: Rendering) -> Settings:
    return Settings.from_env(rendering.read_environment("Controller"))


@pytest.mark.parametrize(
    ("parameters", "resources"),
    [
        ({}, {"LatchBucket", "LatchBucketPolicy", "RecordsObjectCheck", "StandbyTargetCheck"}),
        (
            MANAGED_LOGIN,
            {"LatchBucket", "LatchBucketPolicy", "RecordsObjectCheck", "DomainObjectCheck", "StandbyTargetCheck"},
        ),
        (DOMAIN_ONLY, {"LatchBucket", "LatchBucketPolicy", "DomainObjectCheck"}),
        ({"LatchType": "metric"}, {"RecordsMetricAlarm", "RecordsMetricCheck", "StandbyTargetCheck"}),
        ({"LatchType": "metric", **DOMAIN_ONLY}, {"DomainMetricAlarm", "DomainMetricCheck"}),
        ({"LatchType": "none"}, set()),
        (
            {"StandbyHealthCheckId": "my-own", "RecordsHealthCheckId": "both"},
            {"LatchBucket", "LatchBucketPolicy", "RecordsObjectCheck"},
        ),
    ],
)
def test_configuration_deploys_its_required_resources(parameters: dict[str, str], resources: set[str]) -> None:
    rendering = Rendering(**parameters)

    assert set(rendering.deployed_resources) & set(LATCH_RESOURCES) == resources
    assert rendering.list_rule_violations() == []
    read_settings(rendering)


@pytest.mark.parametrize("name", LATCH_RESOURCES)
def test_traffic_resources_are_retained(name: str) -> None:
    declared = load_template()["Resources"][name]

    assert (declared["DeletionPolicy"], declared["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")


@pytest.mark.parametrize("name", [name for name in LATCH_RESOURCES if name.endswith("Check")])
def test_no_parameter_replaces_health_check(name: str) -> None:
    config = load_template()["Resources"][name]["Properties"]["HealthCheckConfig"]

    assert isinstance(config["Type"], str)
    assert isinstance(config.get("RequestInterval", 10), int)


def test_existing_object_fails_check_immediately() -> None:
    for latch, key in (("Records", "records"), ("Domain", "domain")):
        config = BOTH_LATCHES.get_resource(f"{latch}ObjectCheck")["HealthCheckConfig"]

        assert config["Type"] == "HTTPS_STR_MATCH"
        assert config["Inverted"] is True
        assert config["SearchString"] == THROWN_TOKEN
        assert (config["RequestInterval"], config["FailureThreshold"]) == (10, 1)
        assert config["FullyQualifiedDomainName"] == "LatchBucket.s3.us-east-1.amazonaws.com"
        assert config["ResourcePath"] == f"/{key}"


def test_metric_of_one_fails_check_and_silence_changes_nothing() -> None:
    for latch, name in (("Records", "records"), ("Domain", "domain")):
        alarm, check = METRIC.get_resource(f"{latch}MetricAlarm"), METRIC.get_resource(f"{latch}MetricCheck")
        config = check["HealthCheckConfig"]

        assert (alarm["Namespace"], alarm["MetricName"]) == (read_settings(METRIC).latch_metric_namespace, name)
        assert (alarm["Statistic"], alarm["ComparisonOperator"], alarm["Threshold"]) == (
            "Maximum",
            "GreaterThanOrEqualToThreshold",
            1,
        )
        assert config["AlarmIdentifier"] == {"Name": f"{latch}MetricAlarm", "Region": STANDBY_REGION}
        assert config["InsufficientDataHealthStatus"] == "LastKnownStatus"
        assert "Inverted" not in config


def test_only_health_checkers_read_objects_over_tls() -> None:
    allow, deny = BOTH_LATCHES.get_resource("LatchBucketPolicy")["PolicyDocument"]["Statement"]

    assert (allow["Effect"], allow["Action"]) == ("Allow", "s3:GetObject")
    assert allow["Resource"] == [f"{BUCKET}/records", f"{BUCKET}/domain"]
    assert list(allow["Condition"]) == ["IpAddress"]
    assert len(allow["Condition"]["IpAddress"]["aws:SourceIp"]) == 17
    assert (deny["Effect"], deny["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})


def test_public_access_is_blocked_and_objects_use_no_kms_key() -> None:
    bucket = BOTH_LATCHES.get_resource("LatchBucket")
    rules = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]

    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert len(bucket["PublicAccessBlockConfiguration"]) == 4
    assert [rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] for rule in rules] == ["AES256"]
    assert "BucketName" not in bucket


def test_bucket_permissions_are_limited_to_latch_objects() -> None:
    for key in ("records", "domain"):
        for action in ("s3:PutObject", "s3:GetObject"):
            assert controller_may(BOTH_LATCHES, action, f"{BUCKET}/{key}")
        assert not controller_may(BOTH_LATCHES, "s3:DeleteObject", f"{BUCKET}/{key}")
    assert controller_may(BOTH_LATCHES, "s3:ListBucket", BUCKET)
    assert not controller_may(BOTH_LATCHES, "s3:PutObject", f"{BUCKET}/another")
    assert not controller_may(BOTH_LATCHES, "s3:PutBucketPolicy", BUCKET)
    assert not controller_may(Rendering(LatchType="none"), "s3:PutObject", f"{BUCKET}/records")


def test_metric_permission_is_limited_to_latch_namespace() -> None:
    own = {"cloudwatch:namespace": read_settings(METRIC).latch_metric_namespace}

    assert controller_may(METRIC, "cloudwatch:PutMetricData", "*", **own)
    assert not controller_may(METRIC, "cloudwatch:PutMetricData", "*", **{"cloudwatch:namespace": "Another"})
    assert not controller_may(BOTH_LATCHES, "cloudwatch:PutMetricData", "*", **own)


@pytest.mark.parametrize(
    "name",
    [
        "_latch.auth.example.com",
        "_latch-settling.auth.example.com",
        "_region.login.example.com",
        "_latch-settling.login.example.com",
    ],
)
def test_only_operator_may_change_state_records(name: str) -> None:
    assert operator_may(BOTH_LATCHES, CHANGE, ZONE, **make_batch(name))
    assert not controller_may(BOTH_LATCHES, CHANGE, ZONE, **make_batch(name))
    assert not operator_may(BOTH_LATCHES, CHANGE, ZONE, **make_batch(name, record_type="A"))
    assert not operator_may(BOTH_LATCHES, CHANGE, ZONE, **make_batch(name, "login.example.com"))


def test_only_operator_may_change_pool_domain() -> None:
    for rendering in (BOTH_LATCHES, Rendering(**DOMAIN_ONLY)):
        assert operator_may(rendering, "cognito-idp:UpdateUserPoolDomain", POOL)
        assert not operator_may(rendering, "cognito-idp:UpdateUserPoolDomain", f"{POOL}2")
        assert not controller_may(rendering, "cognito-idp:UpdateUserPoolDomain", POOL)
    assert not operator_may(Rendering(), "cognito-idp:UpdateUserPoolDomain", POOL)


def test_without_records_only_state_record_may_change() -> None:
    alone = Rendering(**DOMAIN_ONLY)

    assert not controller_may(alone, CHANGE, ZONE, **make_batch("auth.example.com", record_type="CNAME"))
    assert not controller_may(alone, CHANGE, ZONE, **make_batch("", record_type="CNAME"))
    assert operator_may(alone, CHANGE, ZONE, **make_batch("_region.login.example.com"))
    assert controller_may(alone, "route53:ListResourceRecordSets", ZONE)


def test_standby_check_connects_to_its_target() -> None:
    config = Rendering().get_resource("StandbyTargetCheck")["HealthCheckConfig"]

    assert (config["Type"], config["Port"]) == ("TCP", 443)
    assert config["FullyQualifiedDomainName"] == "standby.target.example.com"


def test_own_check_replaces_stack_check() -> None:
    own = Rendering(
        RecordsHealthCheckId="both-1", DomainHealthCheckId="both-2", StandbyHealthCheckId="my-own", **MANAGED_LOGIN
    )
    settings = read_settings(own)

    assert settings.records_latch_check_id == "both-1"
    assert settings.domain_latch_check_id == "both-2"
    assert settings.standby_check_id == "my-own"


@pytest.mark.parametrize(
    ("parameters", "refusal"),
    [
        (dict.fromkeys(DOMAIN_ONLY, ""), "DomainName and ManagedLoginDomain are both empty"),
        ({"PrimaryTarget": ""}, "Give all of DomainName, PrimaryTarget and StandbyTarget, or none."),
        ({**DOMAIN_ONLY, "StandbyTarget": "a.example.com"}, "Give all of DomainName, PrimaryTarget and StandbyTarget"),
        ({"ManagedLoginDomain": "auth.example.com"}, "DomainName and ManagedLoginDomain are the same."),
        ({"LatchType": "none", **MANAGED_LOGIN}, "Only a latch can move ManagedLoginDomain."),
    ],
)
def test_invalid_deployment_is_rejected_before_creation(parameters: dict[str, str], refusal: str) -> None:
    said = Rendering(**parameters).list_rule_violations()

    assert [sentence for sentence in said if sentence.startswith(refusal)], said
