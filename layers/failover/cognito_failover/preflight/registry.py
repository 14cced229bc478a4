"""The list of all checks."""

from cognito_failover.preflight.check import PreflightCheck
from cognito_failover.preflight.checks import (
    canary,
    capacity,
    latch,
    managed_login,
    notifications,
    records,
    regional_settings,
    replica,
    token_keys,
    triggers,
    users,
)

ALL_CHECKS: tuple[PreflightCheck, ...] = (
    *canary.CHECKS,
    *capacity.CHECKS,
    *latch.CHECKS,
    *managed_login.CHECKS,
    *notifications.CHECKS,
    *records.CHECKS,
    *regional_settings.CHECKS,
    *replica.CHECKS,
    *token_keys.CHECKS,
    *triggers.CHECKS,
    *users.CHECKS,
)
