"""The reference setup: complete, idempotent, and resumable after any failure."""

import json
from dataclasses import replace

import pytest
from botocore.exceptions import ConnectionClosedError

from sandbox.reference_setup.polling import AmbiguousNameError, SetupTimeoutError
from sandbox.reference_setup.setup import SetupPlan, SetupResult, set_up
from tests.integration.sandbox_cognito.cloud import PRIMARY, STANDBY, InProcessCloud

PLAN = SetupPlan(primary=PRIMARY, standby=STANDBY, addresses={PRIMARY: "127.10.1.3", STANDBY: "127.10.2.3"})
_READ_PREFIXES = ("Get", "List", "Describe", "AdminGet", "InitiateAuth")


def run_setup(cloud: InProcessCloud, plan: SetupPlan = PLAN) -> SetupResult:
    return set_up(cloud.client, plan, cloud.clock.advance)


def test_setup_creates_managed_login_when_planned(cloud: InProcessCloud) -> None:
    plan = replace(PLAN, login_domain="login.example.com")

    done = run_setup(cloud, plan)
    calls = len(cloud.calls)
    again = run_setup(cloud, plan)

    assert done.login is not None
    assert again == done
    assert [call for call in cloud.calls[calls:] if not call.startswith(_READ_PREFIXES)] == []
    described = cloud.client("cognito-idp", STANDBY).describe_user_pool_domain(Domain="login.example.com")
    assert described["DomainDescription"]["CloudFrontDistribution"] == done.login.distribution
    records = cloud.client("route53", STANDBY).list_resource_record_sets(HostedZoneId=done.zone.id)
    values = {record["Name"]: record["ResourceRecords"][0]["Value"] for record in records["ResourceRecordSets"]}
    assert values["login.example.com."] == done.login.distribution
    assert values["example.com."] != ""


def test_setup_creates_every_resource(cloud: InProcessCloud) -> None:
    done = run_setup(cloud)

    primary, standby = (cloud.client("cognito-idp", region) for region in (PRIMARY, STANDBY))
    described = primary.describe_user_pool(UserPoolId=done.pool_id)["UserPool"]
    assert described["KeyConfiguration"]["KmsKeyArn"] == done.key_arns[PRIMARY]
    assert described["IssuerConfiguration"] == {"Type": "UPDATED"}
    replicas = primary.list_user_pool_replicas(UserPoolId=done.pool_id)["UserPoolReplicas"]
    assert {(r["RegionName"], r["Status"], r["Role"]) for r in replicas} == {
        (STANDBY, "ACTIVE", "SECONDARY"),
        (PRIMARY, "ACTIVE", "PRIMARY"),
    }
    for user in (done.canary, done.test_user):
        secret = json.loads(
            cloud.client("secretsmanager", STANDBY).get_secret_value(SecretId=user.secret_arn)["SecretString"]
        )
        assert (secret["username"], secret["sub"]) == (user.name, user.sub)
        for cognito in (primary, standby):
            answer = cognito.initiate_auth(
                AuthFlow="USER_PASSWORD_AUTH",
                ClientId=done.client_id,
                AuthParameters={"USERNAME": user.name, "PASSWORD": secret["password"]},
            )
            assert "AccessToken" in answer["AuthenticationResult"]


def test_domain_points_to_primary_and_targets_have_addresses(cloud: InProcessCloud) -> None:
    done = run_setup(cloud)

    records = cloud.client("route53", STANDBY).list_resource_record_sets(HostedZoneId=done.zone.id)
    answers = {
        (r["Name"], r.get("SetIdentifier"), r.get("Weight"), r["ResourceRecords"][0]["Value"])
        for r in records["ResourceRecordSets"]
        if r["Type"] in {"A", "CNAME"}
    }
    assert answers == {
        ("primary.target.example.com.", None, None, "127.10.1.3"),
        ("standby.target.example.com.", None, None, "127.10.2.3"),
        ("auth.example.com.", PRIMARY, 255, "primary.target.example.com"),
        ("auth.example.com.", STANDBY, 0, "standby.target.example.com"),
    }
    assert len(done.zone.name_servers) == 4


def test_weighted_records_can_be_left_to_controller(cloud: InProcessCloud) -> None:
    plan = SetupPlan(primary=PRIMARY, standby=STANDBY, addresses=PLAN.addresses, weighted_records=False)

    done = run_setup(cloud, plan)

    records = cloud.client("route53", STANDBY).list_resource_record_sets(HostedZoneId=done.zone.id)
    assert not [r for r in records["ResourceRecordSets"] if r["Type"] == "CNAME"]


def test_setup_is_idempotent(cloud: InProcessCloud) -> None:
    first = run_setup(cloud)
    cloud.calls.clear()

    assert run_setup(cloud) == first
    assert cloud.calls
    assert [call for call in cloud.calls if not call.startswith(_READ_PREFIXES)] == []


def test_setup_keeps_moved_weights(cloud: InProcessCloud) -> None:
    done = run_setup(cloud)
    route53 = cloud.client("route53", STANDBY)
    pair = [
        r
        for r in route53.list_resource_record_sets(HostedZoneId=done.zone.id)["ResourceRecordSets"]
        if r["Type"] == "CNAME"
    ]
    moved = [record | {"Weight": 255 - record["Weight"]} for record in pair]
    route53.change_resource_record_sets(
        HostedZoneId=done.zone.id,
        ChangeBatch={"Changes": [{"Action": "UPSERT", "ResourceRecordSet": record} for record in moved]},
    )

    run_setup(cloud)

    records = route53.list_resource_record_sets(HostedZoneId=done.zone.id)["ResourceRecordSets"]
    assert [r for r in records if r["Type"] == "CNAME"] == moved


@pytest.mark.parametrize("moment", ["asked", "answered"])
def test_setup_resumes_after_failure_at_any_call(cloud: InProcessCloud, moment: str) -> None:
    broken: set[str] = set()

    def break_once(now: str, call: str) -> None:
        if now == moment and call not in broken:
            broken.add(call)
            raise ConnectionClosedError(endpoint_url=call)

    cloud.on_call = break_once
    done = None
    while done is None:
        known = len(broken)
        try:
            done = run_setup(cloud)
        except ConnectionClosedError:
            assert len(broken) == known + 1

    writes = {call.split()[0] for call in broken if not call.startswith(_READ_PREFIXES)}
    assert writes >= {
        "CreateKey",
        "ReplicateKey",
        "PutKeyPolicy",
        "CreateUserPool",
        "UpdateUserPool",
        "CreateUserPoolReplica",
        "UpdateUserPoolReplica",
        "CreateUserPoolClient",
        "AdminCreateUser",
        "AdminSetUserPassword",
        "CreateSecret",
        "CreateHostedZone",
        "ChangeResourceRecordSets",
    }
    cloud.calls.clear()
    assert run_setup(cloud) == done
    assert [call for call in cloud.calls if not call.startswith(_READ_PREFIXES)] == []


def test_setup_keeps_key_policy_statements(cloud: InProcessCloud) -> None:
    done = run_setup(cloud)

    for region in (PRIMARY, STANDBY):
        kms = cloud.client("kms", region)
        policy = json.loads(kms.get_key_policy(KeyId=done.key_arns[region], PolicyName="default")["Policy"])
        assert [s["Sid"] for s in policy["Statement"]] == [
            "Enable IAM User Permissions",
            "Allow Cognito to use the key",
        ]


def test_updating_issuer_keeps_other_pool_settings(cloud: InProcessCloud) -> None:
    cognito = cloud.client("cognito-idp", PRIMARY)
    policies = {"PasswordPolicy": {"MinimumLength": 12, "RequireSymbols": True}}
    pool = cognito.create_user_pool(PoolName=PLAN.name, UserPoolTier="PLUS", Policies=policies)["UserPool"]

    assert run_setup(cloud).pool_id == pool["Id"]

    described = cognito.describe_user_pool(UserPoolId=pool["Id"])["UserPool"]
    assert described["Policies"]["PasswordPolicy"]["MinimumLength"] == 12
    assert described["UserPoolTier"] == "PLUS"


def test_lost_secret_is_replaced_with_new_password(cloud: InProcessCloud) -> None:
    done = run_setup(cloud)
    store = cloud.client("secretsmanager", STANDBY)
    old = json.loads(store.get_secret_value(SecretId=done.canary.secret_arn)["SecretString"])
    store.delete_secret(SecretId=done.canary.secret_arn, ForceDeleteWithoutRecovery=True)

    canary = run_setup(cloud).canary

    new = json.loads(store.get_secret_value(SecretId=canary.secret_arn)["SecretString"])
    assert (canary.sub, new["sub"]) == (done.canary.sub, done.canary.sub)
    assert new["password"] != old["password"]
    for region in (PRIMARY, STANDBY):
        cloud.client("cognito-idp", region).initiate_auth(
            AuthFlow="USER_PASSWORD_AUTH",
            ClientId=done.client_id,
            AuthParameters={"USERNAME": canary.name, "PASSWORD": new["password"]},
        )


def test_secret_of_deleted_user_is_renewed(cloud: InProcessCloud) -> None:
    done = run_setup(cloud)
    cloud.client("cognito-idp", PRIMARY).admin_delete_user(UserPoolId=done.pool_id, Username=PLAN.canary)
    cloud.clock.advance(20)

    canary = run_setup(cloud).canary

    secret = cloud.client("secretsmanager", STANDBY).get_secret_value(SecretId=canary.secret_arn)
    assert canary.sub != done.canary.sub
    assert json.loads(secret["SecretString"])["sub"] == canary.sub


def test_two_pools_of_the_planned_name_are_ambiguous(cloud: InProcessCloud) -> None:
    for _ in range(2):
        cloud.client("cognito-idp", PRIMARY).create_user_pool(PoolName=PLAN.name)

    with pytest.raises(AmbiguousNameError, match="Found 2 user pools named 'cognito-failover'"):
        run_setup(cloud)


def test_missing_replica_raises_setup_timeout(cloud: InProcessCloud) -> None:
    cloud.are_linked = False

    with pytest.raises(SetupTimeoutError, match=r"600 s: The replica of ap-northeast-1_.* in us-east-1 is created"):
        run_setup(cloud)
