"""Checks of the replica, and of the tier, issuer and key that replication needs."""

from cognito_failover.common.region import RegionRole
from cognito_failover.core.preflight_result import CheckSeverity
from cognito_failover.preflight.check import CheckResult, PreflightCheck, failed, passed
from cognito_failover.preflight.facts import FactUnavailableError, Snapshot
from cognito_failover.preflight.policy_evaluation import PolicyDecision, evaluate_policy
from cognito_failover.preflight.readers.keys import read_key, read_key_arn, read_key_policy, replace_arn_region
from cognito_failover.preflight.readers.pool import list_replicas, read_replicated_settings

_TIERS = ("ESSENTIALS", "PLUS")

KEY_SERVICES = ("cognito-idp.amazonaws.com", "identitystore.amazonaws.com")
"""The services that use the key of a replicated pool (source: Cognito's developer guide)."""

_KEY_USE_ACTIONS = (
    "kms:Encrypt",
    "kms:Decrypt",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
    "kms:GenerateDataKeyWithoutPlaintext",
)
"""What the key policy in Cognito's developer guide grants. It grants neither GenerateDataKey nor CreateGrant."""

_KEY_READ_ACTIONS = ("kms:DescribeKey",)
"""Calls without an encryption context."""


def _check_replica_active(snapshot: Snapshot) -> CheckResult:
    region = snapshot.settings.standby_region
    secondaries = [replica for replica in snapshot.read(list_replicas) if replica["Role"] == "SECONDARY"]
    if not secondaries:
        return failed(f"{snapshot.settings.user_pool_id} has no replica.")
    [replica, *_] = secondaries
    if replica["RegionName"] != region:
        return failed(f"The replica is in {replica['RegionName']}, but this controller moves users to {region}.")
    if replica["Status"] != "ACTIVE":
        return failed(f"The replica in {region} is {replica['Status']}, so users can't sign in there.")
    return passed(f"The replica in {region} is ACTIVE and SECONDARY.")


def _check_tier(snapshot: Snapshot) -> CheckResult:
    tier = snapshot.read(read_replicated_settings).get("UserPoolTier", "")
    return (
        passed(f"The tier is {tier}.")
        if tier in _TIERS
        else failed(f"The tier is {tier}, which does not support replication.")
    )


def _check_issuer(snapshot: Snapshot) -> CheckResult:
    issuer_type = snapshot.read(read_replicated_settings).get("IssuerConfiguration", {}).get("Type", "ORIGINAL")
    if issuer_type == "UPDATED":
        return passed("The issuer type is UPDATED: tokens of both Regions have the same iss.")
    return failed(f"The issuer type is {issuer_type}: apps refuse the standby's tokens, which have another iss.")


def _check_key_multi_region(snapshot: Snapshot) -> CheckResult:
    arn = snapshot.read(read_key_arn)
    if not arn:
        return failed("The pool is encrypted with an AWS owned key, which replication can't use.")
    metadata = snapshot.read(read_key, RegionRole.PRIMARY)
    if metadata is None or not metadata.get("MultiRegion"):
        return failed(f"{arn} is not a multi-Region key.")
    return passed(f"{arn} is a multi-Region key.")


def _check_key_enabled(snapshot: Snapshot, role: RegionRole) -> CheckResult:
    region = snapshot.settings.regions[role]
    metadata = snapshot.read(read_key, role)
    if metadata is None:
        return failed(f"The pool's key is not in {region}: sign-in will soon fail there.")
    state = metadata["KeyState"]
    if state != "Enabled":
        return failed(f"The pool's key in {region} is {state}: sign-in will soon fail there.")
    return passed(f"The pool's key in {region} is Enabled.")


def _check_key_policy(snapshot: Snapshot, role: RegionRole) -> CheckResult:
    region = snapshot.settings.regions[role]
    statements = snapshot.read(read_key_policy, role)
    arn = replace_arn_region(snapshot.read(read_key_arn), region)
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
        return failed(f"The policy of the key in {region} does not grant {', '.join(missing)}.")
    if unclear:
        raise FactUnavailableError(
            f"Preflight can't evaluate the policy of the key in {region}. A condition that preflight does not support "
            f"decides whether it grants {unclear[0]}."
        )
    return passed(f"The policy of the key in {region} grants all permissions that Cognito needs.")


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
        criterion="the pool's replica is in the standby Region and is ACTIVE",
        remedy="Create the replica with failoverctl replicate, or set it to ACTIVE with UpdateUserPoolReplica.",
        evaluate=_check_replica_active,
    ),
    PreflightCheck(
        id="pool-tier",
        severity=CheckSeverity.HIGH,
        criterion="the pool's tier is Essentials or Plus",
        remedy="Set the tier to Essentials or Plus. Lite does not support replication.",
        evaluate=_check_tier,
    ),
    PreflightCheck(
        id="issuer-updated",
        severity=CheckSeverity.HIGH,
        criterion="the pool's issuer type is UPDATED",
        remedy="When every service that verifies tokens accepts the new issuer, set IssuerConfiguration to UPDATED "
        "with failoverctl replicate.",
        evaluate=_check_issuer,
    ),
    PreflightCheck(
        id="key-multi-region",
        severity=CheckSeverity.HIGH,
        criterion="the pool is encrypted with a multi-Region key",
        remedy="Encrypt the pool with a multi-Region key: run failoverctl replicate.",
        evaluate=_check_key_multi_region,
    ),
    PreflightCheck(
        id="key-enabled-primary",
        severity=CheckSeverity.HIGH,
        criterion="the pool's key is enabled in the primary Region",
        remedy="Enable the key in the primary Region now, or cancel its deletion. Without it, sign-in stops.",
        evaluate=lambda snapshot: _check_key_enabled(snapshot, RegionRole.PRIMARY),
    ),
    PreflightCheck(
        id="key-enabled-standby",
        severity=CheckSeverity.HIGH,
        criterion="the key's replica in the standby Region is enabled",
        remedy="Enable the key in the standby Region, or cancel its deletion. If it is missing, replicate it.",
        evaluate=lambda snapshot: _check_key_enabled(snapshot, RegionRole.STANDBY),
        blocks_failover=True,
    ),
    PreflightCheck(
        id="key-policy-primary",
        severity=CheckSeverity.HIGH,
        criterion="the key's policy in the primary Region permits Cognito to use it for this pool",
        remedy="Add the statements that the plan of failoverctl replicate shows to the key's policy in the primary "
        "Region.",
        evaluate=lambda snapshot: _check_key_policy(snapshot, RegionRole.PRIMARY),
    ),
    PreflightCheck(
        id="key-policy-standby",
        severity=CheckSeverity.HIGH,
        criterion="the key's policy in the standby Region permits Cognito to use it for this pool",
        remedy="Add the statements that the plan of failoverctl replicate shows to the key's policy in the standby "
        "Region.",
        evaluate=lambda snapshot: _check_key_policy(snapshot, RegionRole.STANDBY),
    ),
)
