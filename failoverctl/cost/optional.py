"""What can be added to the controller: latches, observers, the front."""

from collections.abc import Iterator
from enum import StrEnum

from failoverctl.cost.bill import Count, Known, Part
from failoverctl.cost.deployed import Stack
from failoverctl.cost.minute import Minute
from failoverctl.cost.pool import REGIONS
from failoverctl.cost.prices import Item
from failoverctl.cost.running import BYTES_A_GIGABYTE, COMPRESSED, MINUTES_A_MONTH, Machine, running


class LatchForm(StrEnum):
    """What a latch is made of; the template's parameter of this name."""

    NONE = "none"
    OBJECT = "object"
    METRIC = "metric"


CHECKERS, CHECK_INTERVAL_SECONDS = 16, 10
"""Assumed: so many health checkers ask for a latch's object, each so often. Of an object that isn't there S3 bills the
question perhaps not at all."""

OBJECT_FEATURES = 3
"""HTTPS, string matching and the short interval."""

STANDBY_FEATURES = 1
"""The short interval; the check of the standby's target only connects."""

RULES = 2
"""Of the front's web ACL."""

ACCESS_LOG_BYTES = 300
"""Of a request in the front's log."""


def latches(form: LatchForm, *, records: bool, managed_login: bool) -> Part:
    """Return what the latches cost: one for the records, one for Cognito's own domain, as far as there are such.

    The controller looks after each once a minute.

    Parameters
    ----------
    form
        What they are made of.
    records, managed_login
        Whether there is a domain with weighted records, and one of Cognito's own.

    """
    count = records + managed_login
    return Part(name=f"the latch, as {form}", counts=tuple(_latches(form, count, standby_is_checked=records)))


def _latches(form: LatchForm, latches: int, *, standby_is_checked: bool) -> Iterator[Count]:
    if form is LatchForm.NONE or not latches:
        return
    counted, estimated = Known.COUNTED, Known.ESTIMATED
    checks = latches + standby_is_checked
    features = standby_is_checked * STANDBY_FEATURES + latches * OBJECT_FEATURES * (form is LatchForm.OBJECT)
    yield Count(what="Route 53 health checks", item=Item.HEALTH_CHECKS, count=checks, known=counted)
    yield Count(what="their features", item=Item.HEALTH_CHECK_FEATURES, count=features, known=counted)
    if form is LatchForm.OBJECT:
        asked = CHECKERS / CHECK_INTERVAL_SECONDS * 60 * MINUTES_A_MONTH
        yield Count(what="S3, by health checkers", item=Item.OBJECT_READS, count=latches * asked, known=estimated)
        yield Count(
            what="S3, by the controller", item=Item.OBJECT_READS, count=latches * MINUTES_A_MONTH, known=counted
        )
        return
    yield Count(what="CloudWatch, calls", item=Item.CLOUDWATCH_CALLS, count=latches * MINUTES_A_MONTH, known=counted)
    yield Count(what="CloudWatch metrics", item=Item.CLOUDWATCH_METRICS, count=latches, known=counted)
    yield Count(what="CloudWatch alarms", item=Item.CLOUDWATCH_ALARMS, count=latches, known=counted)


def observers(number: int, minute: Minute, stack: Stack, machine: Machine) -> Part:
    """Return what so many observers cost, one in each third Region.

    Parameters
    ----------
    number
        Of observers.
    minute
        What one invocation of an observer was seen to do.
    stack
        What its template deploys besides.
    machine
        What it runs on.

    """
    counts = (
        Count(what=one.what, item=one.item, count=number * one.count, known=one.known)
        for one in running(minute, stack, machine)
    )
    return Part(name=f"{number} observer{'s' if number > 1 else ''}", counts=tuple(counts))


def front(requests: float, minute: Minute, stack: Stack) -> Part:
    """Return what the front costs in both Regions.

    Parameters
    ----------
    requests
        Of users in a month; all go through the front of the Region that serves.
    minute
        Of the controller, whose probes go through both.
    stack
        The controller's, for how long logs are kept: the front's default is the same.

    """
    probes = REGIONS * MINUTES_A_MONTH * minute.rounds
    gigabytes = (requests + probes) * ACCESS_LOG_BYTES / BYTES_A_GIGABYTE
    stored = gigabytes * stack.log_retention_days / (365 / 12) * COMPRESSED
    given, counted, estimated = Known.GIVEN, Known.COUNTED, Known.ESTIMATED
    return Part(
        name="front.yaml in both Regions",
        counts=(
            Count(what="web ACLs", item=Item.WEB_ACLS, count=REGIONS, known=counted),
            Count(what="their rules", item=Item.WEB_ACL_RULES, count=REGIONS * RULES, known=counted),
            Count(what="API Gateway, users", item=Item.GATEWAY_REQUESTS, count=requests, known=given),
            Count(what="API Gateway, probes", item=Item.GATEWAY_REQUESTS, count=probes, known=counted),
            Count(what="AWS WAF, users", item=Item.WEB_ACL_REQUESTS, count=requests, known=given),
            Count(what="AWS WAF, probes", item=Item.WEB_ACL_REQUESTS, count=probes, known=counted),
            Count(what="access log, GB written", item=Item.LOGS_INGESTION, count=gigabytes, known=estimated),
            Count(what="access log, GB kept", item=Item.LOGS_STORAGE, count=stored, known=estimated),
        ),
    )
