"""The article's set-up: complete, repeatable, and resumable from wherever it broke off."""

import json
from dataclasses import replace

import pytest
from botocore.exceptions import ConnectionClosedError

from sandbox.article import Plan, SetUp, set_up
from sandbox.article_wait import AmbiguousError, OutOfPatienceError
from tests.integration.sandbox_cognito.cloud import PRIMARY, STANDBY, Cloud

PLAN = Plan(primary=PRIMARY, standby=STANDBY, addresses={PRIMARY: "127.10.1.3", STANDBY: "127.10.2.3"})
_READS = ("Get", "List", "Describe", "AdminGet", "InitiateAuth")


def run(cloud: Cloud, plan: Plan = PLAN) -> SetUp:
    return set_up(cloud.client, plan, cloud.clock.pass_seconds)


def test_managed_login_is_set_up_where_it_is_asked_for(cloud: Cloud) -> None:
    plan = replace(PLAN, login_domain="login.example.com")

    done = run(cloud, plan)
    calls = len(cloud.calls)
    again = run(cloud, plan)

    assert done.login is not None
    assert again == done
    assert [call for call in cloud.calls[calls:] if not call.startswith(_READS)] == []
    described = cloud.client("cognito-idp", STANDBY).describe_user_pool_domain(Domain="login.example.com")
    assert described["DomainDescription"]["CloudFrontDistribution"] == done.login.distribution
    records = cloud.client("route53", STANDBY).list_resource_record_sets(HostedZoneId=done.zone.id)
    values = {record["Name"]: record["ResourceRecords"][0]["Value"] for record in records["ResourceRecordSets"]}
    assert values["login.example.com."] == done.login.distribution
    assert values["example.com."] != ""


def test_everything_of_the_article_is_there(cloud: Cloud) -> None:
    done = run(cloud)

    primary, standby = (cloud.client("cognito-idp", region) for region in (PRIMARY, STANDBY))
    described = primary.describe_user_pool(UserPoolId=done.pool_id)["UserPool"]
    assert described["KeyConfiguration"]["KmsKeyArn"] == done.key_arns[PRIMARY]
    assert described["IssuerConfiguration"] == {"Type": "UPDATED"}
    replicas = primary.list_user_pool_replicas(UserPoolId=done.pool_id)["UserPoolReplicas"]
    assert {(r["RegionName"], r["Status"], r["Role"]) for r in replicas} == {
        (STANDBY, "ACTIVE", "SECONDARY"),
        (PRIMARY, "ACTIVE", "PRIMARY"),
    }
    for user in (done.canary, done.person):
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


def test_the_domain_leads_to_the_primary_and_the_targets_have_addresses(cloud: Cloud) -> None:
    done = run(cloud)

    records = cloud.client("route53", STANDBY).list_resource_record_sets(HostedZoneId=done.zone.id)
    found = {
        (r["Name"], r.get("SetIdentifier"), r.get("Weight"), r["ResourceRecords"][0]["Value"])
        for r in records["ResourceRecordSets"]
        if r["Type"] in {"A", "CNAME"}
    }
    assert found == {
        ("primary.target.example.com.", None, None, "127.10.1.3"),
        ("standby.target.example.com.", None, None, "127.10.2.3"),
        ("auth.example.com.", PRIMARY, 255, "primary.target.example.com"),
        ("auth.example.com.", STANDBY, 0, "standby.target.example.com"),
    }
    assert len(done.zone.name_servers) == 4


def test_the_weighted_pair_can_be_left_to_the_controller(cloud: Cloud) -> None:
    plan = Plan(primary=PRIMARY, standby=STANDBY, addresses=PLAN.addresses, weighted_records=False)

    done = run(cloud, plan)

    records = cloud.client("route53", STANDBY).list_resource_record_sets(HostedZoneId=done.zone.id)
    assert not [r for r in records["ResourceRecordSets"] if r["Type"] == "CNAME"]


def test_a_second_call_changes_nothing_and_returns_the_same(cloud: Cloud) -> None:
    first = run(cloud)
    cloud.calls.clear()

    assert run(cloud) == first
    assert cloud.calls
    assert [call for call in cloud.calls if not call.startswith(_READS)] == []


def test_weights_that_have_moved_since_are_left_alone(cloud: Cloud) -> None:
    done = run(cloud)
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

    run(cloud)

    records = route53.list_resource_record_sets(HostedZoneId=done.zone.id)["ResourceRecordSets"]
    assert [r for r in records if r["Type"] == "CNAME"] == moved


@pytest.mark.parametrize("moment", ["asked", "answered"])
def test_a_set_up_that_broke_off_at_any_call_is_completed(cloud: Cloud, moment: str) -> None:
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
            done = run(cloud)
        except ConnectionClosedError:
            assert len(broken) == known + 1

    writes = {call.split()[0] for call in broken if not call.startswith(_READS)}
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
    assert run(cloud) == done
    assert [call for call in cloud.calls if not call.startswith(_READS)] == []


def test_statements_of_a_key_policy_are_kept(cloud: Cloud) -> None:
    done = run(cloud)

    for region in (PRIMARY, STANDBY):
        kms = cloud.client("kms", region)
        policy = json.loads(kms.get_key_policy(KeyId=done.key_arns[region], PolicyName="default")["Policy"])
        assert [s["Sid"] for s in policy["Statement"]] == [
            "Enable IAM User Permissions",
            "Allow Cognito to use the key",
        ]


def test_a_pool_whose_issuer_is_not_updated_keeps_its_other_settings(cloud: Cloud) -> None:
    cognito = cloud.client("cognito-idp", PRIMARY)
    policies = {"PasswordPolicy": {"MinimumLength": 12, "RequireSymbols": True}}
    pool = cognito.create_user_pool(PoolName=PLAN.name, UserPoolTier="PLUS", Policies=policies)["UserPool"]

    assert run(cloud).pool_id == pool["Id"]

    described = cognito.describe_user_pool(UserPoolId=pool["Id"])["UserPool"]
    assert described["Policies"]["PasswordPolicy"]["MinimumLength"] == 12
    assert described["UserPoolTier"] == "PLUS"


def test_a_lost_secret_is_replaced_and_the_password_with_it(cloud: Cloud) -> None:
    done = run(cloud)
    store = cloud.client("secretsmanager", STANDBY)
    old = json.loads(store.get_secret_value(SecretId=done.canary.secret_arn)["SecretString"])
    store.delete_secret(SecretId=done.canary.secret_arn, ForceDeleteWithoutRecovery=True)

    canary = run(cloud).canary

    new = json.loads(store.get_secret_value(SecretId=canary.secret_arn)["SecretString"])
    assert (canary.sub, new["sub"]) == (done.canary.sub, done.canary.sub)
    assert new["password"] != old["password"]
    for region in (PRIMARY, STANDBY):
        cloud.client("cognito-idp", region).initiate_auth(
            AuthFlow="USER_PASSWORD_AUTH",
            ClientId=done.client_id,
            AuthParameters={"USERNAME": canary.name, "PASSWORD": new["password"]},
        )


def test_a_secret_of_a_former_user_is_renewed(cloud: Cloud) -> None:
    done = run(cloud)
    cloud.client("cognito-idp", PRIMARY).admin_delete_user(UserPoolId=done.pool_id, Username=PLAN.canary)
    cloud.clock.pass_seconds(20)

    canary = run(cloud).canary

    secret = cloud.client("secretsmanager", STANDBY).get_secret_value(SecretId=canary.secret_arn)
    assert canary.sub != done.canary.sub
    assert json.loads(secret["SecretString"])["sub"] == canary.sub


def test_two_pools_of_the_planned_name_are_ambiguous(cloud: Cloud) -> None:
    for _ in range(2):
        cloud.client("cognito-idp", PRIMARY).create_user_pool(PoolName=PLAN.name)

    with pytest.raises(AmbiguousError, match="2 of user pools named 'cognito-failover'"):
        run(cloud)


def test_a_replica_that_never_comes_ends_the_patience(cloud: Cloud) -> None:
    cloud.are_linked = False

    with pytest.raises(OutOfPatienceError, match=r"replica of ap-northeast-1_.* in us-east-1 is created.*600 s"):
        run(cloud)
