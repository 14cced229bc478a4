"""The app client decides which attributes a user may read and write."""

from typing import Any

import pytest

from tests.integration.sandbox_cognito.cloud import PRIMARY, STANDBY, SignedUpPool, expect_error


def set_client_attributes(pool: SignedUpPool, **lists: list[str]) -> None:
    pool.primary.update_user_pool_client(
        UserPoolId=pool.id, ClientId=pool.client_id, ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"], **lists
    )


def update_attribute(pool: SignedUpPool, name: str, value: str) -> Any:
    return pool.primary.update_user_attributes(
        AccessToken=pool.request_tokens(PRIMARY)["AccessToken"], UserAttributes=[{"Name": name, "Value": value}]
    )


def read_profile(pool: SignedUpPool, region: str) -> dict[str, str]:
    client = pool.primary if region == PRIMARY else pool.standby
    user = client.get_user(AccessToken=pool.request_tokens(region)["AccessToken"])
    return {attribute["Name"]: attribute["Value"] for attribute in user["UserAttributes"]}


def test_client_without_lists_may_read_and_write_all(replicated: SignedUpPool) -> None:
    update_attribute(replicated, "updated_at", "1800000000")
    assert read_profile(replicated, PRIMARY)["updated_at"] == "1800000000"


def test_change_arrives_on_the_replica_with_its_lag(replicated: SignedUpPool) -> None:
    update_attribute(replicated, "updated_at", "1800000000")
    assert "updated_at" not in read_profile(replicated, STANDBY)
    replicated.cloud.clock.advance(20)
    assert read_profile(replicated, STANDBY)["updated_at"] == "1800000000"


def test_client_writes_only_listed_attributes(replicated: SignedUpPool) -> None:
    set_client_attributes(replicated, WriteAttributes=["updated_at"])
    update_attribute(replicated, "updated_at", "1")
    assert expect_error(lambda: update_attribute(replicated, "nickname", "Aiko")) == (
        "NotAuthorizedException",
        "A client attempted to write unauthorized attribute",
        400,
    )


def test_client_reads_only_listed_attributes_and_sub(replicated: SignedUpPool) -> None:
    update_attribute(replicated, "nickname", "Aiko")
    update_attribute(replicated, "updated_at", "1")
    set_client_attributes(replicated, ReadAttributes=["updated_at"])
    assert read_profile(replicated, PRIMARY).keys() == {"sub", "updated_at"}


@pytest.mark.parametrize("value", ["soon", "-1", "1.5", ""])
def test_time_of_a_change_is_a_number(replicated: SignedUpPool, value: str) -> None:
    assert expect_error(lambda: update_attribute(replicated, "updated_at", value))[0] == "InvalidParameterException"
