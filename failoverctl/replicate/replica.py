"""Steps for the pool's replica: creation and activation."""

from typing import TYPE_CHECKING, Any

from failoverctl.replicate.context import Pool, ReplicationContext
from failoverctl.replicate.errors import ReplicationRefusedError
from failoverctl.replicate.regions import describe_unlisted
from failoverctl.replicate.step import StepDescription, StepState, StepStatus, WaitPolicy

if TYPE_CHECKING:
    from collections.abc import Mapping

_REGIONAL_SETTINGS = {
    "LambdaConfig": "Lambda triggers",
    "EmailConfiguration": "e-mail",
    "SmsConfiguration": "SMS",
    "UserPoolTags": "tags",
}
"""Settings that are not replicated, by their name in ``DescribeUserPool`` (Cognito's developer guide)."""

_SETTLED_STATUSES = frozenset({"ACTIVE", "INACTIVE"})
"""The statuses that end a change. Others, such as CREATING and PENDING_CREATE, lead to one of them."""

_UNSET_VALUES: tuple[Any, ...] = (None, {}, {"EmailSendingAccount": "COGNITO_DEFAULT"})


def read_replica_status(context: ReplicationContext, pool: Pool) -> str | None:
    """Return the status of the pool's replica in the standby Region; None if there is none.

    Raises
    ------
    ReplicationRefusedError
        If the pool has a replica in another Region.

    """
    pages: list[Mapping[str, Any]] = []
    token: dict[str, str] = {}
    while not pages or token:  # boto3 has no paginator for this operation
        pages.append(context.primary_cognito.list_user_pool_replicas(UserPoolId=pool["Id"], **token))
        token = {"NextToken": pages[-1]["NextToken"]} if "NextToken" in pages[-1] else {}
    replicas = [replica for page in pages for replica in page["UserPoolReplicas"] if replica["Role"] == "SECONDARY"]
    for replica in replicas:
        if replica["RegionName"] != context.spec.standby_region:
            raise ReplicationRefusedError(
                f"{pool['Id']} has a replica in {replica['RegionName']} ({replica['Status']}), and can have only one. "
                f"Use --standby {replica['RegionName']}. Or set that replica INACTIVE, delete it, and run this again."
            )
        return str(replica["Status"])
    return None


class PoolReplica:
    """The replica in the standby Region."""

    description = StepDescription(
        name="replica",
        purpose="Cognito copies users, app clients and settings to the standby Region.",
        cost="About $0.0045 a month for each active user on Essentials, $0.006 on Plus.",
    )
    wait_policy = WaitPolicy(timeout_seconds=600, can_take_hours=True)

    def inspect(self, context: ReplicationContext) -> StepStatus:
        """Return whether the replica exists. Its creation ends with one of the settled statuses."""
        pool, region = context.find_pool(), context.spec.standby_region
        status = read_replica_status(context, pool) if pool else None
        match status:
            case None:
                return StepStatus(
                    state=StepState.CHANGE,
                    actual=f"no replica in {region}",
                    desired="a replica, at first INACTIVE; this takes minutes to hours",
                    notes=describe_unlisted((context.spec.primary_region, region)),
                )
            case "DELETING":
                raise ReplicationRefusedError(
                    f"The replica in {region} is being deleted. Wait until it is deleted, then run this again."
                )
            case status if status in _SETTLED_STATUSES:
                return StepStatus(state=StepState.DONE, actual=f"there is a replica in {region}")
            case _:
                return StepStatus(state=StepState.WAIT, actual=f"the replica in {region} is {status}")

    def apply(self, context: ReplicationContext) -> None:
        """Create the replica."""
        pool = context.require_pool()
        context.primary_cognito.create_user_pool_replica(UserPoolId=pool["Id"], RegionName=context.spec.standby_region)


class ReplicaActivation:
    """The activated replica."""

    description = StepDescription(
        name="activation",
        purpose="Users can sign in only on an ACTIVE replica. Activation does not move traffic.",
    )
    wait_policy = WaitPolicy(timeout_seconds=120)

    def inspect(self, context: ReplicationContext) -> StepStatus:
        """Return whether the replica is ACTIVE, with notes on settings that it lacks."""
        pool = context.find_pool()
        status = read_replica_status(context, pool) if pool else None
        notes = self._list_notes(context, pool, status) if pool else ()
        if status == "ACTIVE":
            return StepStatus(
                state=StepState.DONE, actual=f"the replica in {context.spec.standby_region} is ACTIVE", notes=notes
            )
        if status is None or status in _SETTLED_STATUSES:
            actual = f"the replica is {status}" if status else "no replica yet"
            return StepStatus(state=StepState.CHANGE, actual=actual, desired="ACTIVE", notes=notes)
        return StepStatus(state=StepState.WAIT, actual=f"the replica is {status}", notes=notes)

    @staticmethod
    def _list_notes(context: ReplicationContext, pool: Pool, status: str | None) -> tuple[str, ...]:
        notes = []
        replica: Pool = {}
        if status in _SETTLED_STATUSES:
            replica = context.standby_cognito.describe_user_pool(UserPoolId=pool["Id"])["UserPool"]
        missing = [
            label
            for name, label in _REGIONAL_SETTINGS.items()
            if pool.get(name) not in _UNSET_VALUES and replica.get(name) in _UNSET_VALUES
        ]
        if missing:
            notes.append(
                f"Set on the primary, not replicated, and not set in {context.spec.standby_region}: "
                f"{', '.join(missing)}. Set them there yourself, or users get the defaults after a failover."
            )
        mfa_config = context.primary_cognito.get_user_pool_mfa_config(UserPoolId=pool["Id"])
        if mfa_config.get("SoftwareTokenMfaConfiguration", {}).get("Enabled"):
            notes.append(
                "Users whose sign-in needs a code of an authenticator app (TOTP) can't sign in on the replica."
            )
        return tuple(notes)

    def apply(self, context: ReplicationContext) -> None:
        """Activate the replica."""
        pool = context.require_pool()
        context.primary_cognito.update_user_pool_replica(
            UserPoolId=pool["Id"], RegionName=context.spec.standby_region, Status="ACTIVE"
        )
