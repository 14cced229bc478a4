from sandbox.cognito.pools import UserPoolState
from sandbox.cognito.replica_snapshot import apply_snapshot, build_replica, capture_snapshot

ARN = "arn:aws:cognito-idp:ap-northeast-1:123456789012:userpool/ap-northeast-1_pool"


def build_primary() -> UserPoolState:
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


def test_new_replica_has_settings_but_neither_users_nor_clients() -> None:
    replica = build_replica(build_primary(), "us-east-1", {"stage": "standby"})

    assert replica["Policies"] == build_primary()["Policies"]
    assert (replica["_users"], replica["_clients"]) == ({}, {})
    assert (replica["LambdaConfig"], replica["UserPoolTags"]) == ({}, {"stage": "standby"})
    assert replica["Arn"] == ARN.replace(":ap-northeast-1:", ":us-east-1:")


def test_later_changes_are_not_in_an_earlier_snapshot() -> None:
    pool = build_primary()
    captured = capture_snapshot(pool)
    pool["_users"]["ada"]["_password"] = "two"
    pool["Policies"]["PasswordPolicy"]["MinimumLength"] = 99

    assert captured["_users"]["ada"]["_password"] == "one"
    assert captured["Policies"]["PasswordPolicy"]["MinimumLength"] == 8


def test_replica_keeps_its_regional_settings() -> None:
    replica = build_replica(build_primary(), "us-east-1", {})
    apply_snapshot(capture_snapshot(build_primary()), replica, "us-east-1")
    replica["_users"]["ada"]["_auth_events"] = ["standby"]
    replica["LambdaConfig"] = {"PreSignUp": "there"}

    apply_snapshot(capture_snapshot(build_primary()), replica, "us-east-1")

    assert replica["_users"]["ada"] == {"Username": "ada", "_password": "one", "_auth_events": ["standby"]}
    assert replica["LambdaConfig"] == {"PreSignUp": "there"}


def test_removed_setting_is_removed_from_replica() -> None:
    pool = build_primary() | {"DeviceConfiguration": {}}
    replica = build_replica(pool, "us-east-1", {})
    assert "DeviceConfiguration" in replica

    apply_snapshot(capture_snapshot(build_primary()), replica, "us-east-1")

    assert "DeviceConfiguration" not in replica


def test_two_replicas_share_no_default() -> None:
    one, other = (build_replica(build_primary(), "us-east-1", {}) for _ in range(2))
    one["_users"]["ada"] = {}
    one["LambdaConfig"]["PreSignUp"] = "there"

    assert (other["_users"], other["LambdaConfig"]) == ({}, {})
