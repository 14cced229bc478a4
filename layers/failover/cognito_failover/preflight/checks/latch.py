"""What the latch hangs on besides its health checks."""

from collections.abc import Iterable
from ipaddress import IPv4Network, ip_network

from cognito_failover.core.preflight_result import CheckSeverity
from cognito_failover.preflight.check import CheckResult, PreflightCheck, failed, not_applicable, passed
from cognito_failover.preflight.facts import ServiceResponse, Snapshot
from cognito_failover.preflight.policy_evaluation import as_list
from cognito_failover.preflight.readers.dns import read_bucket_policy, read_health_checker_ranges
from cognito_failover.preflight.readers.regional_services import read_stack_policy


def _find_allowed_readers(statements: Iterable[ServiceResponse]) -> list[IPv4Network]:
    """Return the addresses that a bucket's policy lets read objects."""
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
        return not_applicable("The latch is no object.")
    allowed = _find_allowed_readers(snapshot(read_bucket_policy))
    # S3's Regional endpoint has IPv4 addresses only.
    published = [
        network for each in snapshot(read_health_checker_ranges) if isinstance(network := ip_network(each), IPv4Network)
    ]
    excluded = [str(each) for each in published if not any(each.subnet_of(other) for other in allowed)]
    if excluded:
        return failed(
            f"{len(excluded)} of {len(published)} published ranges of health checkers may not read the latch: "
            f"{', '.join(excluded)}."
        )
    return passed(f"All {len(published)} published ranges of health checkers may read the latch.")


def _check_stack_policy(snapshot: Snapshot) -> CheckResult:
    if not snapshot.settings.latch_check_ids:
        return not_applicable("The stack has no latch that must not be removed.")
    if "Deny" in snapshot(read_stack_policy):
        return passed("The stack has a policy that denies something.")
    return failed("The stack has no policy that keeps the latch from being removed.")


CHECKS = (
    PreflightCheck(
        id="latch-readers",
        severity=CheckSeverity.HIGH,
        criterion="the policy of the latch's bucket admits every published address of Route 53's health checkers",
        remedy="Deploy with HealthCheckerRanges as aws route53 get-checker-ip-ranges shows them.",
        evaluate=_check_latch_readers,
    ),
    PreflightCheck(
        id="stack-policy",
        severity=CheckSeverity.LOW,
        criterion="a stack policy keeps the latch from being replaced or removed",
        remedy="Repeat failoverctl attach, which sets it; add to a policy of your own what its answer says.",
        evaluate=_check_stack_policy,
    ),
)
