"""Lambda triggers that run while somebody signs in: each Region has its own."""

from collections.abc import Mapping
from typing import Any

from failover.decision.preflight import Severity
from failover.preflight.check import Check, Judgement, failed, not_applicable, passed
from failover.preflight.facts import Facts, UnreadError
from failover.preflight.policies import Answer, lets_in
from failover.preflight.reading.pool import pool
from failover.preflight.reading.surroundings import function, function_policy
from failover.region import Side

_IN_SIGN_IN = frozenset(
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

_SERVICE = "cognito-idp.amazonaws.com"


def _triggers(facts: Facts, side: Side) -> dict[str, str]:
    """Return the function of each trigger that runs in a sign-in, by its name."""
    configured: Mapping[str, Any] = facts(pool, side).get("LambdaConfig") or {}
    arns = {
        # Version 2 of a trigger has a name of its own.
        name.removesuffix("Config"): value["LambdaArn"] if isinstance(value, Mapping) else value
        for name, value in configured.items()
        if isinstance(value, str) or "LambdaArn" in value
    }
    return {name: str(arn) for name, arn in sorted(arns.items()) if name in _IN_SIGN_IN}


def _of_standby(facts: Facts) -> dict[str, str]:
    """Return those of the standby whose functions can be looked at there."""
    region = facts.settings.standby_region
    return {name: arn for name, arn in _triggers(facts, Side.STANDBY).items() if arn.split(":")[3] == region}


def _set(facts: Facts) -> Judgement:
    here, there = _triggers(facts, Side.PRIMARY), _triggers(facts, Side.STANDBY)
    missing = [name for name in here if name not in there]
    if missing:
        return failed(f"Set in {facts.settings.primary_region}, and not in the standby: {', '.join(missing)}.")
    return passed(f"The standby has each of the primary's triggers: {', '.join(here) or 'there are none'}.")


def _in_region(facts: Facts) -> Judgement:
    region, there = facts.settings.standby_region, _triggers(facts, Side.STANDBY)
    astray = [f"{name} ({arn})" for name, arn in there.items() if arn.split(":")[3] != region]
    if astray:
        return failed(f"Of the standby's triggers not in {region}: {', '.join(astray)}.")
    return passed(f"All {len(there)} of the standby's triggers are in {region}.")


def _exist(facts: Facts) -> Judgement:
    there = _of_standby(facts)
    missing = [f"{name} ({arn})" for name, arn in there.items() if facts(function, arn) is None]
    if missing:
        return failed(f"There is no function for: {', '.join(missing)}.")
    return passed(f"The functions of all {len(there)} exist.") if there else not_applicable("There are no triggers.")


def _permitted(facts: Facts) -> Judgement:
    there = _of_standby(facts)
    if not there:
        return not_applicable("There are no triggers.")
    arn = str(facts(pool, Side.STANDBY)["Arn"])
    context = {"aws:sourcearn": arn, "aws:sourceaccount": arn.split(":")[4]}
    answers = {
        name: lets_in(facts(function_policy, of), service=_SERVICE, action="lambda:InvokeFunction", context=context)
        for name, of in there.items()
    }
    if refused := [name for name, answer in answers.items() if answer is Answer.NO]:
        return failed(f"Cognito may not invoke, for {arn}: {', '.join(refused)}.")
    if unclear := [name for name, answer in answers.items() if answer is Answer.UNCLEAR]:
        raise UnreadError(f"Whether Cognito may invoke {unclear[0]} hangs on a condition that is not understood.")
    return passed(f"Cognito may invoke all {len(there)} for the replica.")


CHECKS = (
    Check(
        id="triggers-set",
        severity=Severity.HIGH,
        passes="the standby has every trigger of the primary that runs in a sign-in",
        remedy="Deploy the function in the standby Region, and set it there (UpdateUserPool in that Region).",
        judge=_set,
    ),
    Check(
        id="triggers-in-region",
        severity=Severity.HIGH,
        passes="the functions of the standby's triggers are in the standby Region",
        remedy="Deploy the function in the standby Region, and set that one.",
        judge=_in_region,
    ),
    Check(
        id="triggers-exist",
        severity=Severity.HIGH,
        passes="these functions exist",
        remedy="Deploy the function again, or set the trigger to one that exists.",
        judge=_exist,
    ),
    Check(
        id="triggers-permitted",
        severity=Severity.HIGH,
        passes="they may be invoked by Cognito for the replica's ARN",
        remedy="Add a permission to the function in the standby Region (AddPermission), with the replica's ARN as its "
        "source.",
        judge=_permitted,
    ),
)
