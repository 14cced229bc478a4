"""Checks of the Lambda triggers that run during a sign-in. Each Region has its own functions."""

from collections.abc import Mapping
from typing import Any

from cognito_failover.common.region import RegionRole
from cognito_failover.core.preflight_result import CheckSeverity
from cognito_failover.preflight.check import CheckResult, PreflightCheck, failed, not_applicable, passed
from cognito_failover.preflight.facts import FactUnavailableError, Snapshot
from cognito_failover.preflight.policy_evaluation import PolicyDecision, evaluate_policy
from cognito_failover.preflight.readers.pool import read_pool
from cognito_failover.preflight.readers.regional_services import (
    read_average_duration,
    read_function,
    read_function_policy,
)

_SIGN_IN_TRIGGERS = frozenset(
    {
        "CreateAuthChallenge",
        "CustomEmailSender",
        "CustomMessage",
        "CustomSMSSender",
        "DefineAuthChallenge",
        "InboundFederation",
        "PostAuthentication",
        "PreAuthentication",
        "PreTokenGeneration",
        "UserMigration",
        "VerifyAuthChallengeResponse",
    }
)
"""The other triggers run on writes, which a replica refuses."""

_USUAL_SHARE = 0.5
"""The share of the probe's read timeout that the triggers may usually take."""

_COGNITO_SERVICE = "cognito-idp.amazonaws.com"


def _read_triggers(snapshot: Snapshot, role: RegionRole) -> dict[str, str]:
    """Return the function's ARN of each trigger that runs in a sign-in, by the trigger's name."""
    configured: Mapping[str, Any] = snapshot.read(read_pool, role).get("LambdaConfig") or {}
    arns = {
        # Version 2 of a trigger has the suffix "Config".
        name.removesuffix("Config"): value["LambdaArn"] if isinstance(value, Mapping) else value
        for name, value in configured.items()
        if isinstance(value, str) or "LambdaArn" in value
    }
    return {name: str(arn) for name, arn in sorted(arns.items()) if name in _SIGN_IN_TRIGGERS}


def _read_standby_triggers(snapshot: Snapshot) -> dict[str, str]:
    """Return the standby's triggers whose functions are in the standby Region."""
    region = snapshot.settings.standby_region
    return {
        name: arn for name, arn in _read_triggers(snapshot, RegionRole.STANDBY).items() if arn.split(":")[3] == region
    }


def _check_triggers_set(snapshot: Snapshot) -> CheckResult:
    primary, standby = _read_triggers(snapshot, RegionRole.PRIMARY), _read_triggers(snapshot, RegionRole.STANDBY)
    missing = [name for name in primary if name not in standby]
    if missing:
        return failed(
            f"Triggers set in {snapshot.settings.primary_region}, but not in the standby: {', '.join(missing)}."
        )
    return passed(f"The standby has all triggers of the primary: {', '.join(primary) or 'there are none'}.")


def _check_triggers_in_region(snapshot: Snapshot) -> CheckResult:
    region, standby = snapshot.settings.standby_region, _read_triggers(snapshot, RegionRole.STANDBY)
    misplaced = [f"{name} ({arn})" for name, arn in standby.items() if arn.split(":")[3] != region]
    if misplaced:
        return failed(f"Triggers of the standby that are not in {region}: {', '.join(misplaced)}.")
    return passed(f"All {len(standby)} of the standby's triggers are in {region}.")


def _check_functions_exist(snapshot: Snapshot) -> CheckResult:
    standby = _read_standby_triggers(snapshot)
    missing = [f"{name} ({arn})" for name, arn in standby.items() if snapshot.read(read_function, arn) is None]
    if missing:
        return failed(f"Triggers whose function does not exist: {', '.join(missing)}.")
    if not standby:
        return not_applicable("There are no triggers.")
    return passed(f"The functions of all {len(standby)} triggers exist.")


def _check_invocation_allowed(snapshot: Snapshot) -> CheckResult:
    standby = _read_standby_triggers(snapshot)
    if not standby:
        return not_applicable("There are no triggers.")
    arn = str(snapshot.read(read_pool, RegionRole.STANDBY)["Arn"])
    context = {"aws:sourcearn": arn, "aws:sourceaccount": arn.split(":")[4]}
    decisions = {
        name: evaluate_policy(
            snapshot.read(read_function_policy, function_arn),
            service=_COGNITO_SERVICE,
            action="lambda:InvokeFunction",
            context=context,
        )
        for name, function_arn in standby.items()
    }
    if refused := [name for name, decision in decisions.items() if decision is PolicyDecision.NO]:
        return failed(f"Cognito has no permission to invoke these triggers for {arn}: {', '.join(refused)}.")
    if unclear := [name for name, decision in decisions.items() if decision is PolicyDecision.UNCLEAR]:
        raise FactUnavailableError(
            f"Preflight can't evaluate the function policy of {unclear[0]}: it has a condition that preflight does not "
            "support."
        )
    return passed(f"Cognito has permission to invoke all {len(standby)} triggers for the replica.")


def _check_durations(snapshot: Snapshot) -> CheckResult:
    """Check that the probe waits longer than the triggers usually take: it can't tell a slow one from a dead Region."""
    limit = _USUAL_SHARE * snapshot.settings.read_timeout_seconds
    durations = {
        snapshot.settings.regions[role]: sum(
            snapshot.read(read_average_duration, arn) for arn in _read_triggers(snapshot, role).values()
        )
        for role in RegionRole
    }
    described = " and ".join(f"{seconds:.1f} s in {region}" for region, seconds in durations.items())
    if max(durations.values()) > limit:
        return failed(f"The triggers of a sign-in take {described} on average. The probe waits for {2 * limit:g} s.")
    return passed(f"The triggers of a sign-in take {described} on average.")


CHECKS = (
    PreflightCheck(
        id="triggers-set",
        severity=CheckSeverity.HIGH,
        criterion="the standby has every trigger of the primary that runs in a sign-in",
        remedy="Deploy the function in the standby Region, and set the trigger there (UpdateUserPool in that Region).",
        evaluate=_check_triggers_set,
    ),
    PreflightCheck(
        id="triggers-in-region",
        severity=CheckSeverity.HIGH,
        criterion="the functions of the standby's triggers are in the standby Region",
        remedy="Deploy the function in the standby Region, and set the standby's trigger to it.",
        evaluate=_check_triggers_in_region,
    ),
    PreflightCheck(
        id="triggers-exist",
        severity=CheckSeverity.HIGH,
        criterion="the functions of the standby's triggers exist",
        remedy="Deploy the function again, or set the trigger to a function that exists.",
        evaluate=_check_functions_exist,
    ),
    PreflightCheck(
        id="triggers-permitted",
        severity=CheckSeverity.HIGH,
        criterion="the functions of the standby's triggers permit Cognito to invoke them for the replica's ARN",
        remedy="Add a permission to the function in the standby Region (AddPermission), with the replica's ARN as "
        "SourceArn.",
        evaluate=_check_invocation_allowed,
    ),
    PreflightCheck(
        id="triggers-quick",
        severity=CheckSeverity.MEDIUM,
        criterion="the triggers of a sign-in usually take less than half of the probe's read timeout",
        remedy="Make the triggers faster, or raise ReadTimeoutSeconds. A trigger that hangs looks like a Region that "
        "hangs, and users are moved.",
        evaluate=_check_durations,
    ),
)
