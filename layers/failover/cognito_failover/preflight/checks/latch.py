"""Checks of the latch's bucket policy and stack policy."""

from collections.abc import Iterable
from ipaddress import IPv4Network, ip_network

from cognito_failover.core.preflight_result import CheckSeverity
from cognito_failover.preflight.check import CheckResult, PreflightCheck, failed, not_applicable, passed
from cognito_failover.preflight.facts import ServiceResponse, Snapshot
from cognito_failover.preflight.policy_evaluation import as_list
from cognito_failover.preflight.readers.dns import read_bucket_policy, read_health_checker_ranges
from cognito_failover.preflight.readers.regional_services import read_stack_policy
from cognito_failover.routing.latch.stack_policy import PROTECTED_POLICY, UNPROTECTED_POLICY


def _find_allowed_readers(statements: Iterable[ServiceResponse]) -> list[IPv4Network]:
    """Return the address ranges that a bucket policy permits to read objects."""
    ranges = [
        value
        for statement in statements
        if statement.get("Effect") == "Allow" and "s3:GetObject" in as_list(statement.get("Action"))
        for value in as_list(statement.get("Condition", {}).get("IpAddress", {}).get("aws:SourceIp"))
    ]
    networks = (ip_network(value) for value in ranges)
    return [network for network in networks if isinstance(network, IPv4Network)]


def _check_latch_readers(snapshot: Snapshot) -> CheckResult:
    if not snapshot.settings.latch_bucket:
        return not_applicable("The stack has no latch in a bucket.")
    allowed = _find_allowed_readers(snapshot.read(read_bucket_policy))
    # S3's Regional endpoint has IPv4 addresses only.
    networks = (ip_network(value) for value in snapshot.read(read_health_checker_ranges))
    published = [network for network in networks if isinstance(network, IPv4Network)]
    excluded = [str(network) for network in published if not any(network.subnet_of(other) for other in allowed)]
    if excluded:
        return failed(
            f"{len(excluded)} of {len(published)} published ranges of health checkers can't read the latch: "
            f"{', '.join(excluded)}."
        )
    return passed(f"All {len(published)} published ranges of health checkers can read the latch.")


def _check_stack_policy(snapshot: Snapshot) -> CheckResult:
    if not snapshot.settings.latch_check_ids:
        return not_applicable("The stack has no latch to protect.")
    policy = snapshot.read(read_stack_policy)
    if policy == PROTECTED_POLICY:
        return passed("The stack policy protects the latch.")
    if policy in ({}, UNPROTECTED_POLICY):
        return failed("The stack has no stack policy that protects the latch from removal.")
    if "Deny" not in str(policy):
        return failed("The stack has its own stack policy, which denies nothing.")
    return passed("The stack has its own stack policy with a Deny statement, which attach does not change.")


CHECKS = (
    PreflightCheck(
        id="latch-readers",
        severity=CheckSeverity.HIGH,
        criterion="the latch's bucket policy permits all published address ranges of Route 53's health checkers",
        remedy="Deploy with the ranges from aws route53 get-checker-ip-ranges in HealthCheckerRanges.",
        evaluate=_check_latch_readers,
    ),
    PreflightCheck(
        id="stack-policy",
        severity=CheckSeverity.LOW,
        criterion="a stack policy protects the latch from replacement and removal",
        remedy="Run failoverctl attach again: it sets the stack policy. If the stack has another policy, add the "
        "statements that the command shows.",
        evaluate=_check_stack_policy,
    ),
)
