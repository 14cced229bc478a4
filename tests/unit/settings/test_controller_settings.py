"""Settings that contradict each other are rejected with their values."""

from typing import Any

import pytest

from cognito_failover.common.errors import SettingsError
from cognito_failover.common.time_budget import LEVER_BUDGET_SECONDS
from cognito_failover.controller.bounded_calls import MIN_SET_LATCH_SECONDS, MIN_SUBMIT_SECONDS
from cognito_failover.routing.latch import s3_switch
from cognito_failover.routing.records import route53_zone
from cognito_failover.settings.controller import FailbackPolicy, Settings
from cognito_failover.settings.validation import RANGES
from tests.support.settings import TOKYO, VIRGINIA, make_settings

REFUSED_SETTINGS: list[tuple[dict[str, Any], str]] = [
    ({"standby_region": TOKYO}, f"PRIMARY_REGION and STANDBY_REGION are both {TOKYO}"),
    (
        {"user_pool_id": "eu-west-1_abc"},
        f"USER_POOL_ID is 'eu-west-1_abc', but the id of a pool in {TOKYO} begins with {TOKYO}_",
    ),
    (
        {"canary_secret_arn": f"arn:aws:secretsmanager:{TOKYO}:111122223333:secret:canary"},
        f"CANARY_SECRET_ARN names a secret in {TOKYO}.*Replicate the secret to {VIRGINIA}",
    ),
    ({"canary_secret_arn": "canary"}, "CANARY_SECRET_ARN names a secret in no Region"),
    ({"witness_regions": ("eu-west-1", TOKYO)}, f"WITNESS_REGIONS names {TOKYO}. Use Regions that the pool is not in"),
    ({"witness_regions": ()}, "WITNESS_REGIONS is empty"),
    ({"public_resolvers": ("dns.google",)}, "PUBLIC_RESOLVERS names 'dns.google', which is not an IP address"),
    ({"public_resolvers": ("none", "1.1.1.1")}, "PUBLIC_RESOLVERS names 'none', which is not an IP address"),
    ({"public_resolvers": ("1.1.1.1",) * 7}, "PUBLIC_RESOLVERS names 7 resolvers. Name at most 6"),
    ({"remote_observers": (TOKYO,)}, f"OBSERVERS names {TOKYO}, the primary Region"),
    ({"remote_observers": (VIRGINIA,)}, f"OBSERVERS names {VIRGINIA}, where the controller observes"),
    ({"remote_observers": ("eu-west-1", "eu-west-1")}, "OBSERVERS is eu-west-1,eu-west-1, which names a Region twice"),
    ({"remote_observers": ("Ireland",)}, "OBSERVERS is 'Ireland', which is not a Region name"),
    (
        {"drill_window": "Tuesday night"},
        "DRILL_WINDOW: 'Tuesday night' is not a weekly time window. Use days and hours, such as Tue 02:00-05:00 UTC",
    ),
    (
        {"connect_timeout_seconds": 3.0, "read_timeout_seconds": 3.5},
        r"CONNECT_TIMEOUT_SECONDS \+ READ_TIMEOUT_SECONDS is 6\.5, longer than PROBE_DEADLINE_SECONDS, 5",
    ),
    (
        {"probe_deadline_seconds": 7.5},
        r"PROBE_DEADLINE_SECONDS \+ 3 s to act is 10\.5, longer than ROUND_INTERVAL_SECONDS, 10; .* Shorten the",
    ),
    ({"round_interval_seconds": 25}, "ROUND_INTERVAL_SECONDS is 25, .* Use 10, 12, 15, 20, 30 or 60"),
    ({"recovery_rounds": 3}, "RECOVERY_ROUNDS is 3, not more than SUSPECT_ROUNDS, 3"),
    (
        {"cool_down_seconds": 100},
        "COOL_DOWN_SECONDS is 100, less than the 30 s that 3 rounds of 10 s need .* plus the 120 s .* Use 150 or more",
    ),
    ({"target_probe_path": "health"}, "TARGET_PROBE_PATH is 'health'; it must begin with a slash"),
    ({"primary_target_zone_id": "Z1"}, "PRIMARY_TARGET_ZONE_ID and STANDBY_TARGET_ZONE_ID go together"),
    ({"standby_target": "tokyo.target.example.com"}, "PRIMARY_TARGET and STANDBY_TARGET are both tokyo"),
    ({"primary_target": "192.0.2.1,a.example.com"}, "PRIMARY_TARGET is 192.0.2.1,a.example.com, which mixes"),
    (
        {"standby_target": "192.0.2.1", "primary_target_zone_id": "Z1", "standby_target_zone_id": "Z2"},
        "STANDBY_TARGET is 192.0.2.1, an address, and an alias record can't point to an address",
    ),
    ({"primary_region": "Tokyo"}, "PRIMARY_REGION is 'Tokyo', which is not a Region name"),
    ({"suspect_rounds": 1}, "SUSPECT_ROUNDS is 1; it must be from 2 to 30"),
    ({"round_interval_seconds": 5}, "ROUND_INTERVAL_SECONDS is 5; it must be from 10 to 60"),
    ({"probe_deadline_seconds": float("nan")}, "PROBE_DEADLINE_SECONDS is nan; it must be from 1 to 50"),
    (
        {"failback_policy": FailbackPolicy.STEPPED},
        "FAILBACK_POLICY is stepped, and MAX_AUTOMATIC_MOVES_PER_DAY is 2. .* Use 3 or more, or FAILBACK_POLICY man",
    ),
    ({"max_automatic_moves_per_day": 0}, "MAX_AUTOMATIC_MOVES_PER_DAY is 0; it must be from 1 to 20"),
]


@pytest.mark.parametrize(("changes", "message"), REFUSED_SETTINGS)
def test_contradictory_settings_are_rejected_with_names_and_numbers(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        make_settings(**changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"cool_down_seconds": 150},
        {"recovery_rounds": 4},
        {"probe_deadline_seconds": 7.0},
        {"round_interval_seconds": 60, "cool_down_seconds": 300},
        {"target_probe_path": "/health"},
        {"primary_target_zone_id": "Z1", "standby_target_zone_id": "Z2"},
        {"primary_target": "192.0.2.1,2001:db8::1", "standby_target": "192.0.2.2,2001:db8::2"},
    ],
)
def test_exact_limit_is_accepted(changes: dict[str, Any]) -> None:
    accepted = make_settings(**changes)
    assert {name: getattr(accepted, name) for name in changes} == changes


def test_word_none_disables_the_three_default_resolvers() -> None:
    assert make_settings(public_resolvers=("none",)).resolvers == ()
    assert make_settings().resolvers == ("1.1.1.1", "8.8.8.8", "9.9.9.9")


@pytest.mark.parametrize("interval", [10, 12, 15, 20, 30, 60])
def test_longest_accepted_round_fits_its_lease_with_slow_levers(interval: int) -> None:
    deadline = min(interval - LEVER_BUDGET_SECONDS, RANGES["probe_deadline_seconds"][1])
    accepted = make_settings(round_interval_seconds=interval, probe_deadline_seconds=deadline)
    latches_hang = 2 * (s3_switch.CONNECT_TIMEOUT_SECONDS + s3_switch.READ_TIMEOUT_SECONDS)
    survey = 2 * (route53_zone.CONNECT_TIMEOUT_SECONDS + route53_zone.READ_TIMEOUT_SECONDS)
    assert deadline + latches_hang + survey + MIN_SUBMIT_SECONDS <= accepted.lease_seconds


def test_record_change_budget_covers_its_timeouts() -> None:
    assert MIN_SUBMIT_SECONDS == route53_zone.CONNECT_TIMEOUT_SECONDS + route53_zone.READ_TIMEOUT_SECONDS
    assert MIN_SET_LATCH_SECONDS == s3_switch.CONNECT_TIMEOUT_SECONDS + s3_switch.READ_TIMEOUT_SECONDS


def test_defaults_decide_within_thirty_seconds() -> None:
    assert make_settings().max_detection_seconds == 30


def test_without_faster_suspicion_interval_decision_takes_forty_seconds() -> None:
    assert make_settings(suspect_interval_seconds=10).max_detection_seconds == 40


ENVIRONMENT = {
    "PRIMARY_REGION": TOKYO,
    "STANDBY_REGION": VIRGINIA,
    "USER_POOL_ID": f"{TOKYO}_Example00",
    "CLIENT_ID": "1example23456789",
    "CANARY_SECRET_ARN": f"arn:aws:secretsmanager:{VIRGINIA}:111122223333:secret:canary-AbCdEf",
    "HOSTED_ZONE_ID": "Z0EXAMPLE",
    "DOMAIN_NAME": "auth.example.com",
    "PRIMARY_TARGET": "tokyo.target.example.com",
    "STANDBY_TARGET": "virginia.target.example.com",
    "TABLE_NAME": "ledger",
    "TOPIC_ARN": f"arn:aws:sns:{VIRGINIA}:111122223333:failover",
}


def test_environment_is_read_by_name_and_type() -> None:
    read = Settings.from_env(
        {
            **ENVIRONMENT,
            "WITNESS_REGIONS": "eu-west-1, eu-central-1",
            "SUSPECT_ROUNDS": "4",
            "READ_TIMEOUT_SECONDS": "2.5",
            "OBSERVE_ONLY": "True",
            "ISSUER": "",
            "FAILBACK_POLICY": "all-at-once",
            "MAX_AUTOMATIC_MOVES_PER_DAY": "3",
        }
    )
    assert read == make_settings(
        witness_regions=("eu-west-1", "eu-central-1"),
        suspect_rounds=4,
        read_timeout_seconds=2.5,
        observe_only=True,
        failback_policy=FailbackPolicy.ALL_AT_ONCE,
        max_automatic_moves_per_day=3,
    )


@pytest.mark.parametrize("name", sorted(ENVIRONMENT))
def test_missing_variable_is_named(name: str) -> None:
    with pytest.raises(SettingsError, match=f"{name} is not set"):
        Settings.from_env({**ENVIRONMENT, name: " "})


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("SUSPECT_ROUNDS", "three", "SUSPECT_ROUNDS is 'three'; it must be a number, such as 3"),
        ("READ_TIMEOUT_SECONDS", "3s", "READ_TIMEOUT_SECONDS is '3s'; it must be a number, such as 3.0"),
        ("FAILBACK_POLICY", "later", "FAILBACK_POLICY is 'later'; it must be one of manual, stepped, all-at-once"),
        ("OBSERVE_ONLY", "yes", "OBSERVE_ONLY is 'yes'; it must be true or false"),
    ],
)
def test_wrong_type_is_named_with_valid_example(name: str, text: str, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        Settings.from_env({**ENVIRONMENT, name: text})
