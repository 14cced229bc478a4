"""Lambda triggers that run while somebody signs in: each Region has its own."""

from collections.abc import Mapping
from typing import Any

from cognito_failover.common.region import RegionRole
from cognito_failover.core.preflight_result import CheckSeverity
from cognito_failover.preflight.check import CheckResult, PreflightCheck, failed, not_applicable, passed
from cognito_failover.preflight.facts import FactUnavailableError, Snapshot
from cognito_failover.preflight.policy_evaluation import PolicyDecision, evaluate_policy
from cognito_failover.preflight.readers.pool import read_pool
from cognito_failover.preflight.readers.regional_services import read_function, read_function_policy

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
"""The others run when something is written, which a replica refuses."""

_COGNITO_SERVICE = "cognito-idp.amazonaws.com"


def _read_triggers(snapshot: Snapshot, role: RegionRole) -> dict[str, str]:
    """Return the function of each trigger that runs in a sign-in, by its name."""
    configured: Mapping[str, Any] = snapshot(read_pool, role).get("LambdaConfig") or {}
    arns = {
        # Version 2 of a trigger has a name of its own.
        name.removesuffix("Config"): value["LambdaArn"] if isinstance(value, Mapping) else value
        for name, value in configured.items()
        if isinstance(value, str) or "LambdaArn" in value
    }
    return {name: str(arn) for name, arn in sorted(arns.items()) if name in _SIGN_IN_TRIGGERS}


def _read_standby_triggers(snapshot: Snapshot) -> dict[str, str]:
    """Return those of the standby whose functions can be looked at there."""
    region = snapshot.settings.standby_region
    return {
        name: arn for name, arn in _read_triggers(snapshot, RegionRole.STANDBY).items() if arn.split(":")[3] == region
    }


def _check_triggers_set(snapshot: Snapshot) -> CheckResult:
    primary, standby = _read_triggers(snapshot, RegionRole.PRIMARY), _read_triggers(snapshot, RegionRole.STANDBY)
    missing = [name for name in primary if name not in standby]
    if missing:
        return failed(f"Set in {snapshot.settings.primary_region}, and not in the standby: {', '.join(missing)}.")
    return passed(f"The standby has each of the primary's triggers: {', '.join(primary) or 'there are none'}.")


def _check_triggers_in_region(snapshot: Snapshot) -> CheckResult:
    region, standby = snapshot.settings.standby_region, _read_triggers(snapshot, RegionRole.STANDBY)
    misplaced = [f"{name} ({arn})" for name, arn in standby.items() if arn.split(":")[3] != region]
    if misplaced:
        return failed(f"Of the standby's triggers not in {region}: {', '.join(misplaced)}.")
    return passed(f"All {len(standby)} of the standby's triggers are in {region}.")


def _check_functions_exist(snapshot: Snapshot) -> CheckResult:
    standby = _read_standby_triggers(snapshot)
    missing = [f"{name} ({arn})" for name, arn in standby.items() if snapshot(read_function, arn) is None]
    if missing:
        return failed(f"There is no function for: {', '.join(missing)}.")
    return (
        passed(f"The functions of all {len(standby)} exist.") if standby else not_applicable("There are no triggers.")
    )


def _check_invocation_allowed(snapshot: Snapshot) -> CheckResult:
    standby = _read_standby_triggers(snapshot)
    if not standby:
        return not_applicable("There are no triggers.")
    arn = str(snapshot(read_pool, RegionRole.STANDBY)["Arn"])
    context = {"aws:sourcearn": arn, "aws:sourceaccount": arn.split(":")[4]}
    decisions = {
        name: evaluate_policy(
            snapshot(read_function_policy, of),
            service=_COGNITO_SERVICE,
            action="lambda:InvokeFunction",
            context=context,
        )
        for name, of in standby.items()
    }
    if refused := [name for name, answer in decisions.items() if answer is PolicyDecision.NO]:
        return failed(f"Cognito may not invoke, for {arn}: {', '.join(refused)}.")
    if unclear := [name for name, answer in decisions.items() if answer is PolicyDecision.UNCLEAR]:
        raise FactUnavailableError(
            f"Whether Cognito may invoke {unclear[0]} hangs on a condition that is not understood."
        )
    return passed(f"Cognito may invoke all {len(standby)} for the replica.")


CHECKS = (
    PreflightCheck(
        id="triggers-set",
        severity=CheckSeverity.HIGH,
        criterion="the standby has every trigger of the primary that runs in a sign-in",
        remedy="Deploy the function in the standby Region, and set it there (UpdateUserPool in that Region).",
        evaluate=_check_triggers_set,
    ),
    PreflightCheck(
        id="triggers-in-region",
        severity=CheckSeverity.HIGH,
        criterion="the functions of the standby's triggers are in the standby Region",
        remedy="Deploy the function in the standby Region, and set that one.",
        evaluate=_check_triggers_in_region,
    ),
    PreflightCheck(
        id="triggers-exist",
        severity=CheckSeverity.HIGH,
        criterion="these functions exist",
        remedy="Deploy the function again, or set the trigger to one that exists.",
        evaluate=_check_functions_exist,
    ),
    PreflightCheck(
        id="triggers-permitted",
        severity=CheckSeverity.HIGH,
        criterion="they may be invoked by Cognito for the replica's ARN",
        remedy="Add a permission to the function in the standby Region (AddPermission), with the replica's ARN as its "
        "source.",
        evaluate=_check_invocation_allowed,
    ),
)
