"""Settings of an example deployment. A test changes the ones it is about."""

from typing import Any

from cognito_failover.settings.controller import Settings

TOKYO, VIRGINIA = "ap-northeast-1", "us-east-1"

COGNITO_DOMAIN_ONLY = {
    "domain_name": "",
    "primary_target": "",
    "standby_target": "",
    "managed_login_domain": "login.example.com",
    "domain_latch_check_id": "domain-check",
    "latch_bucket": "latch-bucket",
}
"""Changes for a deployment that moves only Cognito's own domain."""


def make_settings(**changes: Any) -> Settings:
    """Return valid settings with these changes."""
    defaults: dict[str, Any] = {
        "primary_region": TOKYO,
        "standby_region": VIRGINIA,
        "user_pool_id": f"{TOKYO}_Example00",
        "client_id": "1example23456789",
        "canary_secret_arn": f"arn:aws:secretsmanager:{VIRGINIA}:111122223333:secret:canary-AbCdEf",
        "hosted_zone_id": "Z0EXAMPLE",
        "domain_name": "auth.example.com",
        "primary_target": "tokyo.target.example.com",
        "standby_target": "virginia.target.example.com",
        "table_name": "ledger",
        "topic_arn": f"arn:aws:sns:{VIRGINIA}:111122223333:failover",
    }
    return Settings(**{**defaults, **changes})
