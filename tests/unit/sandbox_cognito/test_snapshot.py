from sandbox.cognito.pools import Pool
from sandbox.cognito.snapshot import capture, merge, new_replica

ARN = "arn:aws:cognito-idp:ap-northeast-1:123456789012:userpool/ap-northeast-1_pool"


def primary() -> Pool:
    return {
        "Id": "ap-northeast-1_pool",
        "Arn": ARN,
        "Policies": {"PasswordPolicy": {"MinimumLength": 8}},
        "LambdaConfig": {"PreSignUp": "here"},
        "UserPoolTags": {"stage": "primary"},
        "_users": {"ada": {"Username": "ada", "_password": "one", "_auth_events": ["primary"]}},
        "_clients": {"client": {}},
        "_groups": {},
    }


def test_a_new_replica_has_settings_but_neither_users_nor_clients() -> None:
    replica = new_replica(primary(), "us-east-1", {"stage": "standby"})

    assert replica["Policies"] == primary()["Policies"]
    assert (replica["_users"], replica["_clients"]) == ({}, {})
    assert (replica["LambdaConfig"], replica["UserPoolTags"]) == ({}, {"stage": "standby"})
    assert replica["Arn"] == ARN.replace(":ap-northeast-1:", ":us-east-1:")


def test_what_changes_later_is_not_in_an_earlier_capture() -> None:
    pool = primary()
    captured = capture(pool)
    pool["_users"]["ada"]["_password"] = "two"
    pool["Policies"]["PasswordPolicy"]["MinimumLength"] = 99

    assert captured["_users"]["ada"]["_password"] == "one"
    assert captured["Policies"]["PasswordPolicy"]["MinimumLength"] == 8


def test_a_replica_keeps_what_is_its_regions_own() -> None:
    replica = new_replica(primary(), "us-east-1", {})
    merge(capture(primary()), replica, "us-east-1")
    replica["_users"]["ada"]["_auth_events"] = ["standby"]
    replica["LambdaConfig"] = {"PreSignUp": "there"}

    merge(capture(primary()), replica, "us-east-1")

    assert replica["_users"]["ada"] == {"Username": "ada", "_password": "one", "_auth_events": ["standby"]}
    assert replica["LambdaConfig"] == {"PreSignUp": "there"}


def test_a_setting_that_is_gone_goes_from_the_replica_too() -> None:
    pool = primary() | {"DeviceConfiguration": {}}
    replica = new_replica(pool, "us-east-1", {})
    assert "DeviceConfiguration" in replica

    merge(capture(primary()), replica, "us-east-1")

    assert "DeviceConfiguration" not in replica


def test_two_replicas_share_no_default() -> None:
    one, other = (new_replica(primary(), "us-east-1", {}) for _ in range(2))
    one["_users"]["ada"] = {}
    one["LambdaConfig"]["PreSignUp"] = "there"

    assert (other["_users"], other["LambdaConfig"]) == ({}, {})
