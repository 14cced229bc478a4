"""What an update repeats of a pool, and which differences matter."""

import pytest

from failoverctl.replicate.settings import differences, repeated

MEMBERS = frozenset({"AdminCreateUserConfig", "LambdaConfig", "Policies", "PoolName", "UserPoolTags", "UserPoolTier"})


def test_what_an_update_does_not_take_is_left_out_and_the_name_is_kept() -> None:
    pool = {"Id": "p", "Name": "mine", "Arn": "arn", "UserPoolTier": "PLUS"}

    assert repeated(pool, MEMBERS) == {"PoolName": "mine", "UserPoolTier": "PLUS"}


def test_what_is_shown_as_empty_is_not_given() -> None:
    assert repeated({"Name": "mine", "LambdaConfig": {}, "UserPoolTags": {}}, MEMBERS) == {"PoolName": "mine"}


def test_tags_of_aws_are_not_given_since_nobody_else_may() -> None:
    made_by_a_stack = {"aws:cloudformation:stack-name": "pool", "team": "identity"}

    assert repeated({"Name": "mine", "UserPoolTags": made_by_a_stack}, MEMBERS)["UserPoolTags"] == {"team": "identity"}
    assert repeated({"Name": "mine", "UserPoolTags": {"aws:a": "b"}}, MEMBERS) == {"PoolName": "mine"}


@pytest.mark.parametrize(("shown", "given"), [({"TemporaryPasswordValidityDays": 3}, 3), ({}, 7)])
def test_the_days_of_a_temporary_password_are_given_once(shown: dict[str, int], given: int) -> None:
    pool = {
        "Name": "mine",
        "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": True, "UnusedAccountValidityDays": 7},
        "Policies": {"PasswordPolicy": {"MinimumLength": 8, **shown}},
    }

    settings = repeated(pool, MEMBERS)

    assert settings["AdminCreateUserConfig"] == {"AllowAdminCreateUserOnly": True}
    assert settings["Policies"]["PasswordPolicy"]["TemporaryPasswordValidityDays"] == given
    assert pool["AdminCreateUserConfig"] == {"AllowAdminCreateUserOnly": True, "UnusedAccountValidityDays": 7}


def test_a_setting_that_changed_is_told_with_its_old_value() -> None:
    assert differences({"UserPoolTags": {"a": "b"}, "Id": "p"}, {"UserPoolTags": {}, "Id": "p"}) == {
        "UserPoolTags": {"a": "b"}
    }


def test_what_an_update_is_to_change_is_no_difference() -> None:
    assert differences({"LastModifiedDate": 1, "IssuerConfiguration": 1}, {"LastModifiedDate": 2}) == {}
