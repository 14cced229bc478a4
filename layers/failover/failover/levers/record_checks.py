"""The health checks on the domain's records and their beacon, the latch's among them."""

from collections.abc import Iterable
from dataclasses import dataclass

from failover.errors import LeverRefusedError, UnknownChangeError
from failover.levers.lever import Intent, RecordSet, Sight, Survey
from failover.levers.record_group import RecordGroup
from failover.levers.records import describe
from failover.levers.weighted_records import WeightedRecords
from failover.region import PerSide, Side

_CHECK = "HealthCheckId"


class RecordChecks:
    """Attaches the records' latch; an `Attachment`.

    Parameters
    ----------
    lever
        Reads and changes the records, by compare-and-set.
    group
        Which record set stands for which side.
    checks
        The latch's check, for the primary's records, and the check of the standby's own target, for the standby's.

    """

    def __init__(self, *, lever: WeightedRecords, group: RecordGroup, checks: PerSide[str]) -> None:
        self._lever = lever
        self._group = group
        self._checks = checks
        self._change_id = ""

    def attached(self) -> bool:
        """Tell whether every record set carries its side's check."""
        carried = self._carried(self._survey())
        return all(each.found == each.ours for each in carried)

    def is_bare(self) -> bool:
        """Tell whether no record set carries its side's check."""
        carried = self._carried(self._survey())
        return not any(each.found == each.ours for each in carried)

    def attach(self) -> None:
        """Give every record set its side's check, in one batch."""
        survey = self._survey()
        self._refuse_others(survey)
        after = tuple({**each.record_set, _CHECK: each.ours} for each in self._carried(survey))
        self._submit(survey, after)

    def detach(self) -> None:
        """Take the two checks away, in one batch; another one is left where it is."""
        survey = self._survey()
        after = tuple(
            {key: value for key, value in each.record_set.items() if key != _CHECK or each.found != each.ours}
            for each in self._carried(survey)
        )
        self._submit(survey, after)

    def under_way(self) -> str:
        """Say why the last change has not arrived; asked by another process, the same values are set again."""
        survey = self._survey()
        if not self._change_id:
            self._submit(survey, survey.record_sets)
        try:
            if not self._lever.in_sync(self._change_id):
                return "Route 53 is still bringing the records' health checks to its name servers."
        except UnknownChangeError:
            self._change_id = ""
            return "Route 53 does not know the change of the records any more; the same values are set again."
        sight = Sight(record_sets=survey.record_sets, name_servers=survey.name_servers)
        shown = self._lever.answers(sight, Side.PRIMARY)
        return "" if shown.moved and not shown.silent else shown.detail

    def refuse_others(self) -> None:
        """Raise LeverRefusedError if any record set carries another check than its side's."""
        self._refuse_others(self._survey())

    def _survey(self) -> Survey:
        survey = self._lever.survey()
        if survey.lacking:
            raise LeverRefusedError(
                f"{len(survey.lacking)} record sets of {self._group.domain_name} do not exist yet. The controller "
                f"creates them within a minute, unless it is set to observe only; then create them, and repeat."
            )
        return survey

    def _carried(self, survey: Survey) -> tuple["_Carried", ...]:
        return tuple(
            _Carried(record_set=each, found=each.get(_CHECK, ""), ours=self._checks[self._group.side_of(each)])
            for each in survey.record_sets
        )

    def _refuse_others(self, survey: Survey) -> None:
        for each in self._carried(survey):
            if each.found and each.found != each.ours:
                raise LeverRefusedError(other_check(describe(each.record_set), each.found, each.ours))

    def _submit(self, survey: Survey, after: Iterable[RecordSet]) -> None:
        intent = Intent(before=survey.record_sets, after=tuple(after), weights=survey.weights)
        self._change_id = self._lever.submit(intent, survey)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Carried:
    """A record set, the check it has, and the one it should have; empty for none."""

    record_set: RecordSet
    found: str
    ours: str


def other_check(what: str, found: str, ours: str) -> str:
    """Return the refusal to replace somebody's check, with a check of both as the way out."""
    return (
        f"{what} already carries the health check {found}, and can carry only one. To keep it, make a calculated check "
        f"of both, which is healthy while both are: aws route53 create-health-check --caller-reference both-1 "
        f"--health-check-config Type=CALCULATED,HealthThreshold=2,ChildHealthChecks={found},{ours}. Deploy with its id "
        f"as the parameter RecordsHealthCheckId (DomainHealthCheckId for Cognito's domain, StandbyHealthCheckId for "
        f"the standby's record), take {found} off by hand, and attach. If {found} is no longer needed, such as the "
        f"check of an earlier deployment, take it off by hand, and attach."
    )
