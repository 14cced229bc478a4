"""What the latch hangs on besides its health checks."""

from collections.abc import Iterable
from ipaddress import IPv4Network, ip_network

from failover.decision.preflight import Severity
from failover.preflight.check import Check, Judgement, failed, not_applicable, passed
from failover.preflight.facts import Document, Facts
from failover.preflight.policies import listed
from failover.preflight.reading.dns import bucket_policy, checker_ranges
from failover.preflight.reading.surroundings import stack_policy


def _admitted(statements: Iterable[Document]) -> list[IPv4Network]:
    """Return the addresses that a bucket's policy lets read objects."""
    ranges = [
        value
        for statement in statements
        if statement.get("Effect") == "Allow" and "s3:GetObject" in listed(statement.get("Action"))
        for value in listed(statement.get("Condition", {}).get("IpAddress", {}).get("aws:SourceIp"))
    ]
    networks = (ip_network(value) for value in ranges)
    return [network for network in networks if isinstance(network, IPv4Network)]


def _readers(facts: Facts) -> Judgement:
    if not facts.settings.latch_bucket:
        return not_applicable("The latch is no object.")
    admitted = _admitted(facts(bucket_policy))
    # S3's Regional endpoint has IPv4 addresses only.
    published = [network for each in facts(checker_ranges) if isinstance(network := ip_network(each), IPv4Network)]
    left_out = [str(each) for each in published if not any(each.subnet_of(other) for other in admitted)]
    if left_out:
        return failed(
            f"{len(left_out)} of {len(published)} published ranges of health checkers may not read the latch: "
            f"{', '.join(left_out)}."
        )
    return passed(f"All {len(published)} published ranges of health checkers may read the latch.")


def _stack_policy(facts: Facts) -> Judgement:
    if not facts.settings.latch_check_ids:
        return not_applicable("The stack has no latch that must not be removed.")
    if "Deny" in facts(stack_policy):
        return passed("The stack has a policy that denies something.")
    return failed("The stack has no policy that keeps the latch from being removed.")


CHECKS = (
    Check(
        id="latch-readers",
        severity=Severity.HIGH,
        passes="the policy of the latch's bucket admits every published address of Route 53's health checkers",
        remedy="Deploy with HealthCheckerRanges as aws route53 get-checker-ip-ranges shows them.",
        judge=_readers,
    ),
    Check(
        id="stack-policy",
        severity=Severity.LOW,
        passes="a stack policy keeps the latch from being replaced or removed",
        remedy="Repeat failoverctl attach, which sets it; add to a policy of your own what its answer says.",
        judge=_stack_policy,
    ),
)
