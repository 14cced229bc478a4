"""The settings that an update of a pool repeats, and the differences that matter."""

import pytest

from failoverctl.replicate.update_settings import build_update_settings, find_differences

MEMBERS = frozenset({"AdminCreateUserConfig", "LambdaConfig", "Policies", "PoolName", "UserPoolTags", "UserPoolTier"})


def test_read_only_settings_are_dropped_and_name_is_kept() -> None:
    pool = {"Id": "p", "Name": "mine", "Arn": "arn", "UserPoolTier": "PLUS"}

    assert build_update_settings(pool, MEMBERS) == {"PoolName": "mine", "UserPoolTier": "PLUS"}


def test_empty_settings_are_dropped() -> None:
    assert build_update_settings({"Name": "mine", "LambdaConfig": {}, "UserPoolTags": {}}, MEMBERS) == {
        "PoolName": "mine"
    }


def test_aws_tags_are_dropped() -> None:
    tags = {"aws:cloudformation:stack-name": "pool", "team": "identity"}

    assert build_update_settings({"Name": "mine", "UserPoolTags": tags}, MEMBERS)["UserPoolTags"] == {
        "team": "identity"
    }
    assert build_update_settings({"Name": "mine", "UserPoolTags": {"aws:a": "b"}}, MEMBERS) == {"PoolName": "mine"}


@pytest.mark.parametrize(("password_policy", "days"), [({"TemporaryPasswordValidityDays": 3}, 3), ({}, 7)])
def test_temporary_password_days_are_sent_once(password_policy: dict[str, int], days: int) -> None:
    pool = {
        "Name": "mine",
        "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": True, "UnusedAccountValidityDays": 7},
        "Policies": {"PasswordPolicy": {"MinimumLength": 8, **password_policy}},
    }

    settings = build_update_settings(pool, MEMBERS)

    assert settings["AdminCreateUserConfig"] == {"AllowAdminCreateUserOnly": True}
    assert settings["Policies"]["PasswordPolicy"]["TemporaryPasswordValidityDays"] == days
    assert pool["AdminCreateUserConfig"] == {"AllowAdminCreateUserOnly": True, "UnusedAccountValidityDays": 7}


def test_changed_setting_is_reported_with_old_value() -> None:
    assert find_differences({"UserPoolTags": {"a": "b"}, "Id": "p"}, {"UserPoolTags": {}, "Id": "p"}) == {
        "UserPoolTags": {"a": "b"}
    }


def test_intended_change_is_no_difference() -> None:
    assert find_differences({"LastModifiedDate": 1, "IssuerConfiguration": 1}, {"LastModifiedDate": 2}) == {}
