"""The record group from the settings."""

import pytest

from cognito_failover.common.errors import LeverRefusedError
from cognito_failover.common.region import PerRole
from cognito_failover.routing.records.record_group import RecordGroup
from cognito_failover.settings.controller import Settings
from tests.unit.routing.records.examples import DOMAIN, TOKYO, VIRGINIA, make_group, make_record


def make_settings() -> Settings:
    return Settings(
        primary_region=TOKYO,
        standby_region=VIRGINIA,
        user_pool_id=f"{TOKYO}_abc",
        client_id="client",
        canary_secret_arn=f"arn:aws:secretsmanager:{VIRGINIA}:123456789012:secret:canary",
        hosted_zone_id="Z1",
        domain_name="Auth.Example.com",
        primary_target="d-tokyo.example.net",
        standby_target="d-virginia.example.net",
        table_name="table",
        topic_arn="arn:aws:sns:us-east-1:123456789012:topic",
    )


def test_settings_define_record_group() -> None:
    assert RecordGroup.from_settings(make_settings()) == make_group()
    assert RecordGroup.from_settings(make_settings()).domain_name == DOMAIN


def test_record_that_matches_no_target_is_rejected() -> None:
    group = make_group(targets=PerRole(primary="new.example.net", standby="other.example.net"))
    with pytest.raises(LeverRefusedError, match="points at the target of neither Region"):
        group.get_role(make_record(TOKYO, 255))
