"""The replica, and what replication stands on: tier, issuer and key."""

from cognito_failover.common.region import RegionRole
from cognito_failover.core.preflight_result import CheckSeverity
from cognito_failover.preflight.check import CheckResult, PreflightCheck, failed, passed
from cognito_failover.preflight.facts import FactUnavailableError, Snapshot
from cognito_failover.preflight.policy_evaluation import PolicyDecision, evaluate_policy
from cognito_failover.preflight.readers.keys import read_key, read_key_arn, read_key_policy, replace_arn_region
from cognito_failover.preflight.readers.pool import list_replicas, read_replicated_settings

_TIERS = ("ESSENTIALS", "PLUS")

KEY_SERVICES = ("cognito-idp.amazonaws.com", "identitystore.amazonaws.com")
"""Whoever uses the key for a replicated pool (Cognito's developer guide)."""

_KEY_USE_ACTIONS = ("kms:Encrypt", "kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo", "kms:GenerateDataKey")
_KEY_READ_ACTIONS = ("kms:DescribeKey",)
"""Calls that carry no encryption context."""


def _check_replica_active(snapshot: Snapshot) -> CheckResult:
    region = snapshot.settings.standby_region
    secondary = [each for each in snapshot(list_replicas) if each["Role"] == "SECONDARY"]
    if not secondary:
        return failed(f"{snapshot.settings.user_pool_id} has no replica.")
    [replica, *_] = secondary
    if replica["RegionName"] != region:
        return failed(f"The replica is in {replica['RegionName']}, and this controller moves users to {region}.")
    if replica["Status"] != "ACTIVE":
        return failed(f"The replica in {region} is {replica['Status']}, and signs nobody in.")
    return passed(f"The replica in {region} is ACTIVE, and SECONDARY.")


def _check_tier(snapshot: Snapshot) -> CheckResult:
    tier = snapshot(read_replicated_settings).get("UserPoolTier", "")
    return (
        passed(f"The tier is {tier}.") if tier in _TIERS else failed(f"The tier is {tier}, which has no replication.")
    )


def _check_issuer(snapshot: Snapshot) -> CheckResult:
    kind = snapshot(read_replicated_settings).get("IssuerConfiguration", {}).get("Type", "ORIGINAL")
    if kind == "UPDATED":
        return passed("The issuer is of type UPDATED: tokens of both Regions have the same.")
    return failed(f"The issuer is of type {kind}: tokens of the standby have another iss, which apps refuse.")


def _check_key_multi_region(snapshot: Snapshot) -> CheckResult:
    arn = snapshot(read_key_arn)
    if not arn:
        return failed("The pool is encrypted with a key that AWS owns, which replication can't use.")
    metadata = snapshot(read_key, RegionRole.PRIMARY)
    if metadata is None or not metadata.get("MultiRegion"):
        return failed(f"{arn} is no multi-Region key.")
    return passed(f"{arn} is a multi-Region key.")


def _check_key_enabled(snapshot: Snapshot, role: RegionRole) -> CheckResult:
    region = snapshot.settings.regions[role]
    metadata = snapshot(read_key, role)
    if metadata is None:
        return failed(f"The pool's key is not in {region}; nobody can be signed in there for long.")
    state = metadata["KeyState"]
    if state != "Enabled":
        return failed(f"The pool's key in {region} is {state}; nobody can be signed in there for long.")
    return passed(f"The pool's key in {region} is Enabled.")


def _check_key_policy(snapshot: Snapshot, role: RegionRole) -> CheckResult:
    region = snapshot.settings.regions[role]
    statements = snapshot(read_key_policy, role)
    arn = replace_arn_region(snapshot(read_key_arn), region)
    context = _build_condition_context(snapshot, arn.split(":"), region)
    missing: list[str] = []
    unclear: list[str] = []
    for action in (*_KEY_USE_ACTIONS, *_KEY_READ_ACTIONS):
        excluded_keys = (
            {"kms:encryptioncontext:aws:cognito-idp:userpool-arn"} if action in _KEY_READ_ACTIONS else set[str]()
        )
        keys = {name: value for name, value in context.items() if name not in excluded_keys}
        for service in KEY_SERVICES:
            decision = evaluate_policy(statements, service=service, action=action, context=keys)
            if decision is PolicyDecision.NO:
                missing.append(f"{action} to {service}")
            if decision is PolicyDecision.UNCLEAR:
                unclear.append(f"{action} to {service}")
    if missing:
        return failed(f"The policy of the key in {region} doesn't grant {', '.join(missing)}.")
    if unclear:
        raise FactUnavailableError(
            f"Whether the policy of the key in {region} grants {unclear[0]} hangs on a condition that preflight does "
            f"not understand."
        )
    return passed(f"The policy of the key in {region} grants Cognito what it needs.")


def _build_condition_context(snapshot: Snapshot, key_parts: list[str], region: str) -> dict[str, str]:
    partition, account = key_parts[1], key_parts[4]
    pool_arn = f"arn:{partition}:cognito-idp:{region}:{account}:userpool/{snapshot.settings.user_pool_id}"
    return {
        "aws:sourceaccount": account,
        "aws:sourcearn": pool_arn,
        "kms:encryptioncontext:aws:cognito-idp:userpool-arn": pool_arn,
    }


CHECKS = (
    PreflightCheck(
        id="replica-active",
        severity=CheckSeverity.HIGH,
        criterion="the pool's replica is in the standby Region, and ACTIVE",
        remedy="Make one with failoverctl replicate, or set it ACTIVE with UpdateUserPoolReplica.",
        evaluate=_check_replica_active,
    ),
    PreflightCheck(
        id="pool-tier",
        severity=CheckSeverity.HIGH,
        criterion="the pool's tier is Essentials or Plus",
        remedy="Set the tier to Essentials or Plus: Lite has no replication.",
        evaluate=_check_tier,
    ),
    PreflightCheck(
        id="issuer-updated",
        severity=CheckSeverity.HIGH,
        criterion="the pool's issuer is of the type UPDATED",
        remedy="Set IssuerConfiguration to UPDATED, once all that checks tokens accepts the new issuer: failoverctl "
        "replicate does it.",
        evaluate=_check_issuer,
    ),
    PreflightCheck(
        id="key-multi-region",
        severity=CheckSeverity.HIGH,
        criterion="the pool is encrypted with a multi-Region key",
        remedy="Encrypt the pool with a multi-Region key: failoverctl replicate does it.",
        evaluate=_check_key_multi_region,
    ),
    PreflightCheck(
        id="key-enabled-primary",
        severity=CheckSeverity.HIGH,
        criterion="that key is enabled in the primary Region",
        remedy="Enable the key there, or cancel its deletion, at once: without it sign-in ends.",
        evaluate=lambda facts: _check_key_enabled(facts, RegionRole.PRIMARY),
    ),
    PreflightCheck(
        id="key-enabled-standby",
        severity=CheckSeverity.HIGH,
        criterion="its replica in the standby Region is enabled",
        remedy="Enable the key there, or cancel its deletion; replicate it if it is missing.",
        evaluate=lambda facts: _check_key_enabled(facts, RegionRole.STANDBY),
        blocks_failover=True,
    ),
    PreflightCheck(
        id="key-policy-primary",
        severity=CheckSeverity.HIGH,
        criterion="the key's policy in the primary Region lets Cognito use it for this pool",
        remedy="Put the statements of failoverctl replicate into the policy: its plan shows which.",
        evaluate=lambda facts: _check_key_policy(facts, RegionRole.PRIMARY),
    ),
    PreflightCheck(
        id="key-policy-standby",
        severity=CheckSeverity.HIGH,
        criterion="so does its policy in the standby Region",
        remedy="Put the statements of failoverctl replicate into the policy there: its plan shows which.",
        evaluate=lambda facts: _check_key_policy(facts, RegionRole.STANDBY),
    ),
)
