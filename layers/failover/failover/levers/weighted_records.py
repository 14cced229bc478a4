"""The lever that moves a custom auth domain by the weights of its Route 53 records."""

from dataclasses import replace

from failover.errors import LeverRefusedError, LeverUnavailableError
from failover.levers.authority import Authority
from failover.levers.confirmation import alias_hosts, conclude, expectations, questions_for
from failover.levers.lever import Confirmation, Intent, RecordSet, Sight, Standing, Survey
from failover.levers.record_group import RecordGroup, standing
from failover.levers.record_refusals import listed, refuse_unusable
from failover.levers.records import key_of
from failover.levers.zone import Action, Change, ChangeRejectedError, Zone
from failover.region import PerSide, Side, Weights

CONFIRM_BUDGET_SECONDS = 2.5
"""The longest one look at the name servers may take: it has to fit into what a round may spend on its levers."""


class WeightedRecords:
    """Moves a name by the weights of its pair of record sets; a `Lever`.

    Parameters
    ----------
    group
        What the record sets have to look like.
    zone
        The hosted zone that holds them.
    authority
        Who asks the zone's name servers.
    budget_seconds
        The longest one confirmation may take.

    """

    name = "weighted-records"

    def __init__(
        self,
        *,
        group: RecordGroup,
        zone: Zone,
        authority: Authority,
        budget_seconds: float = CONFIRM_BUDGET_SECONDS,
    ) -> None:
        self._group = group
        self._zone = zone
        self._authority = authority
        self._budget_seconds = budget_seconds

    def survey(self) -> Survey:
        """Read the record sets of the name and its beacon; see `Lever.survey`."""
        facts = self._zone.facts()
        domain_name = self._group.domain_name
        if facts.private:
            raise LeverRefusedError(
                f"The zone {facts.name} is private: users outside its VPCs never ask it. Give the public zone's id as "
                f"HOSTED_ZONE_ID."
            )
        if not f".{domain_name}".endswith(f".{facts.name}"):
            raise LeverRefusedError(
                f"The zone holds {facts.name}, and {domain_name} is no part of it. Give the id of the zone that holds "
                f"DOMAIN_NAME as HOSTED_ZONE_ID."
            )
        found = self._zone.record_sets((domain_name, self._group.beacon_name))
        return replace(self._group.understand(found, zone_name=facts.name), name_servers=facts.name_servers)

    def plan(self, survey: Survey, weights: Weights) -> Intent:
        """Return the change to these weights; see `Lever.plan`."""
        return self._group.plan(survey, weights)

    def standing(self, intent: Intent, survey: Survey) -> Standing:
        """Tell whether the world is as the intent found it, as it wants it, or somebody else's."""
        return standing(intent, survey)

    def submit(self, intent: Intent, found: Survey) -> str:
        """Make the change in one compare-and-set batch and return its id; see `Lever.submit`."""
        refuse_unusable(intent.weights)
        _refuse_foreign(intent, found)
        try:
            return self._zone.submit(_changes(found.record_sets, intent.after), comment=self._comment(intent))
        except ChangeRejectedError as rejection:
            if "protect" in str(rejection).lower():
                raise LeverRefusedError(
                    f"A record set protection forbids the change. Delete the protection (route53 "
                    f"DeleteResourceRecordSetProtections), or move by hand. Route 53 said: {rejection}"
                ) from rejection
            _refuse_foreign(intent, self.survey())
            raise LeverUnavailableError(
                f"Route 53 rejected the batch though the records are as expected, so they were being changed at that "
                f"moment, or it refuses one of the values; the next round tries again. It said: {rejection}"
            ) from rejection

    def in_sync(self, change_id: str) -> bool:
        """Tell whether Route 53 has brought the change to all its servers.

        Raises UnknownChangeError, a LeverUnavailableError, for an id it doesn't know: submit the change again.
        """
        return self._zone.in_sync(change_id)

    def answers(self, sight: Sight, side: Side) -> Confirmation:
        """Ask the authoritative name servers whether everybody is sent to this side; see `Lever.answers`."""
        pairs = self._pairs(sight.record_sets)
        look = self._authority.look(
            sight.name_servers, questions_for(pairs), hosts=alias_hosts(pairs), budget_seconds=self._budget_seconds
        )
        return conclude(look, expectations(pairs, side, look.addresses), new_region=self._group.regions[side])

    def read_back(self, intent: Intent) -> Confirmation:
        """Tell whether the records are as the intent wants them; see `Lever.read_back`."""
        moved = standing(intent, self.survey()) is Standing.AFTER
        shares = f"{intent.weights.primary} and {intent.weights.standby}"
        state = "read back as" if moved else "not yet"
        return Confirmation(
            moved=moved, silent=(), stale=(), detail=f"The weights of primary and standby are {state} {shares}."
        )

    def _pairs(self, record_sets: tuple[RecordSet, ...]) -> tuple[PerSide[RecordSet], ...]:
        by_name: dict[tuple[str, str], dict[Side, RecordSet]] = {}
        for record_set in record_sets:
            name, record_type, _ = key_of(record_set)
            by_name.setdefault((name, record_type), {})[self._group.side_of(record_set)] = record_set
        return tuple(PerSide(primary=pair[Side.PRIMARY], standby=pair[Side.STANDBY]) for pair in by_name.values())

    def _comment(self, intent: Intent) -> str:
        regions = self._group.regions
        return (
            f"cognito-failover: {regions.primary} {intent.weights.primary}, {regions.standby} {intent.weights.standby}"
        )


def _refuse_foreign(intent: Intent, found: Survey) -> None:
    if standing(intent, found) is Standing.FOREIGN:
        raise LeverRefusedError(
            f"Somebody else changed the records since the move was planned. Expected: {listed(intent.before)}. "
            f"Found: {listed(found.record_sets)}. They are left alone; acknowledge to go on from how they are now."
        )


def _changes(found: tuple[RecordSet, ...], wanted: tuple[RecordSet, ...]) -> tuple[Change, ...]:
    """Return the batch from one to the other.

    What stays the same is in it too: a DELETE of its exact values makes the batch fail in a world that is no longer
    the one that was read, and gives a change id to wait for where nothing differs.
    """
    return (
        *(Change(action=Action.DELETE, record_set=each) for each in found),
        *(Change(action=Action.CREATE, record_set=each) for each in wanted),
    )
