"""The choice of the record sets of a group that answer a query."""

import random
from collections.abc import Callable, Sequence

from sandbox.route53.records import StoredRecordSet

_MULTIVALUE_LIMIT = 8

type HealthPredicate = Callable[[StoredRecordSet], bool]


def choose_record_sets(
    group: Sequence[StoredRecordSet], *, is_healthy: HealthPredicate, random_source: random.Random
) -> list[StoredRecordSet]:
    """Choose the record sets that answer a query for a name and type.

    Parameters
    ----------
    group
        All record sets with that name and type. They share a routing policy.
    is_healthy
        Returns whether a record set counts as healthy. A record set without a health check does.
    random_source
        Random source for policies that draw.

    Returns
    -------
    list of StoredRecordSet
        One, or up to eight of a multivalue group. If the policy depends on the client's location (latency,
        geolocation, geoproximity, IP-based), which queries in the sandbox lack: the first healthy one by identifier.

    """
    # If nothing is healthy, everything counts as healthy: Route 53 always answers.
    alive = [record_set for record_set in group if is_healthy(record_set)] or list(group)
    match group[0].policy:
        case "Weight":
            return [_choose_by_weight(alive, random_source)]
        case "Failover":
            return [next((candidate for candidate in alive if candidate.policy_value == "PRIMARY"), alive[0])]
        case "MultiValueAnswer":
            return random_source.sample(alive, min(len(alive), _MULTIVALUE_LIMIT))
        case _:
            return [min(alive, key=lambda record_set: record_set.set_identifier)]


def _choose_by_weight(candidates: Sequence[StoredRecordSet], random_source: random.Random) -> StoredRecordSet:
    """Draw by weight. Record sets with weight zero count only if there are no others, and then equally."""
    weights = [record_set.policy_value for record_set in candidates]
    return random_source.choices(candidates, weights if any(weights) else None)[0]
