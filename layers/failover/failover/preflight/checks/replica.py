"""The replica, and what replication stands on: tier, issuer and key."""

from failover.decision.preflight import Severity
from failover.preflight.check import Check, Judgement, failed, passed
from failover.preflight.facts import Facts, UnreadError
from failover.preflight.policies import Answer, lets_in
from failover.preflight.reading.keys import in_region, key, key_arn, key_policy
from failover.preflight.reading.pool import replicas, shared
from failover.region import Side

_TIERS = ("ESSENTIALS", "PLUS")

KEY_SERVICES = ("cognito-idp.amazonaws.com", "identitystore.amazonaws.com")
"""Whoever uses the key for a replicated pool (Cognito's developer guide)."""

_KEY_USES = ("kms:Encrypt", "kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo", "kms:GenerateDataKey")
_KEY_READS = ("kms:DescribeKey",)
"""Calls that carry no encryption context."""


def _active(facts: Facts) -> Judgement:
    region = facts.settings.standby_region
    secondary = [each for each in facts(replicas) if each["Role"] == "SECONDARY"]
    if not secondary:
        return failed(f"{facts.settings.user_pool_id} has no replica.")
    [found, *_] = secondary
    if found["RegionName"] != region:
        return failed(f"The replica is in {found['RegionName']}, and this controller moves users to {region}.")
    if found["Status"] != "ACTIVE":
        return failed(f"The replica in {region} is {found['Status']}, and signs nobody in.")
    return passed(f"The replica in {region} is ACTIVE, and SECONDARY.")


def _tier(facts: Facts) -> Judgement:
    tier = facts(shared).get("UserPoolTier", "")
    return (
        passed(f"The tier is {tier}.") if tier in _TIERS else failed(f"The tier is {tier}, which has no replication.")
    )


def _issuer(facts: Facts) -> Judgement:
    kind = facts(shared).get("IssuerConfiguration", {}).get("Type", "ORIGINAL")
    if kind == "UPDATED":
        return passed("The issuer is of type UPDATED: tokens of both Regions have the same.")
    return failed(f"The issuer is of type {kind}: tokens of the standby have another iss, which apps refuse.")


def _multi_region(facts: Facts) -> Judgement:
    arn = facts(key_arn)
    if not arn:
        return failed("The pool is encrypted with a key that AWS owns, which replication can't use.")
    found = facts(key, Side.PRIMARY)
    if found is None or not found.get("MultiRegion"):
        return failed(f"{arn} is no multi-Region key.")
    return passed(f"{arn} is a multi-Region key.")


def _enabled(facts: Facts, side: Side) -> Judgement:
    region = facts.settings.regions[side]
    found = facts(key, side)
    if found is None:
        return failed(f"The pool's key is not in {region}; nobody can be signed in there for long.")
    state = found["KeyState"]
    if state != "Enabled":
        return failed(f"The pool's key in {region} is {state}; nobody can be signed in there for long.")
    return passed(f"The pool's key in {region} is Enabled.")


def _policy(facts: Facts, side: Side) -> Judgement:
    region = facts.settings.regions[side]
    statements = facts(key_policy, side)
    arn = in_region(facts(key_arn), region)
    context = _context(facts, arn.split(":"), region)
    lacking: list[str] = []
    unclear: list[str] = []
    for action in (*_KEY_USES, *_KEY_READS):
        without = {"kms:encryptioncontext:aws:cognito-idp:userpool-arn"} if action in _KEY_READS else set[str]()
        keys = {name: value for name, value in context.items() if name not in without}
        for service in KEY_SERVICES:
            answer = lets_in(statements, service=service, action=action, context=keys)
            if answer is Answer.NO:
                lacking.append(f"{action} to {service}")
            if answer is Answer.UNCLEAR:
                unclear.append(f"{action} to {service}")
    if lacking:
        return failed(f"The policy of the key in {region} doesn't grant {', '.join(lacking)}.")
    if unclear:
        raise UnreadError(
            f"Whether the policy of the key in {region} grants {unclear[0]} hangs on a condition that preflight does "
            f"not understand."
        )
    return passed(f"The policy of the key in {region} grants Cognito what it needs.")


def _context(facts: Facts, key_parts: list[str], region: str) -> dict[str, str]:
    partition, account = key_parts[1], key_parts[4]
    pool_arn = f"arn:{partition}:cognito-idp:{region}:{account}:userpool/{facts.settings.user_pool_id}"
    return {
        "aws:sourceaccount": account,
        "aws:sourcearn": pool_arn,
        "kms:encryptioncontext:aws:cognito-idp:userpool-arn": pool_arn,
    }


CHECKS = (
    Check(
        id="replica-active",
        severity=Severity.HIGH,
        passes="the pool's replica is in the standby Region, and ACTIVE",
        remedy="Make one with failoverctl replicate, or set it ACTIVE with UpdateUserPoolReplica.",
        judge=_active,
    ),
    Check(
        id="pool-tier",
        severity=Severity.HIGH,
        passes="the pool's tier is Essentials or Plus",
        remedy="Set the tier to Essentials or Plus: Lite has no replication.",
        judge=_tier,
    ),
    Check(
        id="issuer-updated",
        severity=Severity.HIGH,
        passes="the pool's issuer is of the type UPDATED",
        remedy="Set IssuerConfiguration to UPDATED, once all that checks tokens accepts the new issuer: failoverctl "
        "replicate does it.",
        judge=_issuer,
    ),
    Check(
        id="key-multi-region",
        severity=Severity.HIGH,
        passes="the pool is encrypted with a multi-Region key",
        remedy="Encrypt the pool with a multi-Region key: failoverctl replicate does it.",
        judge=_multi_region,
    ),
    Check(
        id="key-enabled-primary",
        severity=Severity.HIGH,
        passes="that key is enabled in the primary Region",
        remedy="Enable the key there, or cancel its deletion, at once: without it sign-in ends.",
        judge=lambda facts: _enabled(facts, Side.PRIMARY),
    ),
    Check(
        id="key-enabled-standby",
        severity=Severity.HIGH,
        passes="its replica in the standby Region is enabled",
        remedy="Enable the key there, or cancel its deletion; replicate it if it is missing.",
        judge=lambda facts: _enabled(facts, Side.STANDBY),
        bars=True,
    ),
    Check(
        id="key-policy-primary",
        severity=Severity.HIGH,
        passes="the key's policy in the primary Region lets Cognito use it for this pool",
        remedy="Put the statements of failoverctl replicate into the policy: its plan shows which.",
        judge=lambda facts: _policy(facts, Side.PRIMARY),
    ),
    Check(
        id="key-policy-standby",
        severity=Severity.HIGH,
        passes="so does its policy in the standby Region",
        remedy="Put the statements of failoverctl replicate into the policy there: its plan shows which.",
        judge=lambda facts: _policy(facts, Side.STANDBY),
    ),
)
