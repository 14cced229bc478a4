"""The group of records that settings describe."""

import pytest

from failover.errors import LeverRefusedError
from failover.levers.record_group import RecordGroup
from failover.region import PerSide
from failover.settings import Settings
from tests.unit.lever.examples import DOMAIN, TOKYO, VIRGINIA, group, record


def settings() -> Settings:
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


def test_the_settings_say_which_records_to_look_for() -> None:
    assert RecordGroup.from_settings(settings()) == group()
    assert RecordGroup.from_settings(settings()).domain_name == DOMAIN


def test_a_saved_record_that_fits_neither_target_any_more_is_refused() -> None:
    changed = group(targets=PerSide(primary="new.example.net", standby="other.example.net"))
    with pytest.raises(LeverRefusedError, match="points at neither side's target"):
        changed.side_of(record(TOKYO, 255))
