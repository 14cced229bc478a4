"""Which record sets of a group answer a query."""

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
        All record sets with that name and type; they share a routing policy.
    healthy
        Whether a record set counts as healthy; one without a health check does.
    chance
        Where the policy leaves it to chance.

    Returns
    -------
    list of RecordSet
        One, or up to eight of a multivalue group. Where the policy depends on where the asker is (latency,
        geolocation, geoproximity, IP-based), which no query in a sandbox says, the first healthy one by identifier.

    """
    # When nothing is healthy, everything counts as healthy: Route 53 always answers.
    alive = [record_set for record_set in group if is_healthy(record_set)] or list(group)
    match group[0].policy:
        case "Weight":
            return [_choose_by_weight(alive, random_source)]
        case "Failover":
            return [next((one for one in alive if one.policy_value == "PRIMARY"), alive[0])]
        case "MultiValueAnswer":
            return random_source.sample(alive, min(len(alive), _MULTIVALUE_LIMIT))
        case _:
            return [min(alive, key=lambda record_set: record_set.set_identifier)]


def _choose_by_weight(candidates: Sequence[StoredRecordSet], random_source: random.Random) -> StoredRecordSet:
    """Draw by weight; record sets with weight zero count only when no other is left, and then equally."""
    weights = [record_set.policy_value for record_set in candidates]
    return random_source.choices(candidates, weights if any(weights) else None)[0]
