"""The pool's replica: made, and let in on sign-in."""

from typing import TYPE_CHECKING, Any

from failoverctl.replicate.context import Pool, ReplicationContext
from failoverctl.replicate.errors import ReplicationRefusedError
from failoverctl.replicate.step import StepDescription, StepState, StepStatus, WaitPolicy

if TYPE_CHECKING:
    from collections.abc import Mapping

_REGIONAL_SETTINGS = {
    "LambdaConfig": "Lambda triggers",
    "EmailConfiguration": "e-mail",
    "SmsConfiguration": "SMS",
    "UserPoolTags": "tags",
}
"""What each Region has of its own, as ``DescribeUserPool`` shows it (Cognito's developer guide)."""

_UNSET_VALUES: tuple[Any, ...] = (None, {}, {"EmailSendingAccount": "COGNITO_DEFAULT"})


def read_replica_status(context: ReplicationContext, pool: Pool) -> str | None:
    """Return the status of the pool's replica in the standby Region; None if it has none.

    Raises
    ------
    RefusedError
        If the pool has a replica elsewhere.

    """
    pages: list[Mapping[str, Any]] = []
    token: dict[str, str] = {}
    while not pages or token:  # boto3 has no paginator for it
        pages.append(context.primary_cognito.list_user_pool_replicas(UserPoolId=pool["Id"], **token))
        token = {"NextToken": pages[-1]["NextToken"]} if "NextToken" in pages[-1] else {}
    for replica in (one for page in pages for one in page["UserPoolReplicas"] if one["Role"] == "SECONDARY"):
        if replica["RegionName"] != context.spec.standby_region:
            raise ReplicationRefusedError(
                f"{pool['Id']} has a replica in {replica['RegionName']} ({replica['Status']}), its only one. "
                f"Use --standby {replica['RegionName']}; or make that one INACTIVE and delete it, then run this again."
            )
        return str(replica["Status"])
    return None


class PoolReplica:
    """The replica in the standby Region."""

    description = StepDescription(
        name="replica",
        purpose="Users, app clients and settings are copied to the standby Region from then on.",
        cost="About $0.0045 a month for each active user on Essentials, $0.006 on Plus.",
    )
    wait_policy = WaitPolicy(timeout_seconds=600)

    def inspect(self, context: ReplicationContext) -> StepStatus:
        """See whether there is one."""
        pool = context.find_pool()
        status = read_replica_status(context, pool) if pool else None
        match status:
            case None:
                return StepStatus(
                    state=StepState.CHANGE,
                    actual=f"no replica in {context.spec.standby_region}",
                    desired="one, which begins as INACTIVE; that takes about two minutes",
                )
            case "DELETING":
                raise ReplicationRefusedError(
                    f"The replica in {context.spec.standby_region} is being deleted. Wait until it has gone, then run this again."
                )
            case "CREATING":
                return StepStatus(
                    state=StepState.WAIT, actual=f"the replica in {context.spec.standby_region} is CREATING"
                )
            case _:
                return StepStatus(state=StepState.DONE, actual=f"there is a replica in {context.spec.standby_region}")

    def apply(self, context: ReplicationContext) -> None:
        """Create it."""
        pool = context.require_pool()
        context.primary_cognito.create_user_pool_replica(UserPoolId=pool["Id"], RegionName=context.spec.standby_region)


class ReplicaActivation:
    """The replica that lets users sign in."""

    description = StepDescription(
        name="activation",
        purpose="Only an ACTIVE replica signs anybody in. No traffic goes there by that alone.",
    )
    wait_policy = WaitPolicy(timeout_seconds=120)

    def inspect(self, context: ReplicationContext) -> StepStatus:
        """See whether it is, and what of the primary it doesn't have."""
        pool = context.find_pool()
        status = read_replica_status(context, pool) if pool else None
        notes = self._list_notes(context, pool, status) if pool else ()
        if status == "ACTIVE":
            return StepStatus(
                state=StepState.DONE, actual=f"the replica in {context.spec.standby_region} is ACTIVE", notes=notes
            )
        return StepStatus(
            state=StepState.CHANGE,
            actual=f"the replica is {status}" if status else "no replica yet",
            desired="ACTIVE",
            notes=notes,
        )

    @staticmethod
    def _list_notes(context: ReplicationContext, pool: Pool, status: str | None) -> tuple[str, ...]:
        notes = []
        replica: Pool = {}
        if status in {"ACTIVE", "INACTIVE"}:
            replica = context.standby_cognito.describe_user_pool(UserPoolId=pool["Id"])["UserPool"]
        missing = [
            what
            for name, what in _REGIONAL_SETTINGS.items()
            if pool.get(name) not in _UNSET_VALUES and replica.get(name) in _UNSET_VALUES
        ]
        if missing:
            notes.append(
                f"Set on the primary, not replicated, and not set in {context.spec.standby_region}: {', '.join(missing)}. Set "
                f"them there yourself, or users meet defaults after a failover."
            )
        mfa_config = context.primary_cognito.get_user_pool_mfa_config(UserPoolId=pool["Id"])
        if mfa_config.get("SoftwareTokenMfaConfiguration", {}).get("Enabled"):
            notes.append("Users who need a code from an authenticator app (TOTP) can't sign in on the replica.")
        return tuple(notes)

    def apply(self, context: ReplicationContext) -> None:
        """Activate it."""
        pool = context.require_pool()
        context.primary_cognito.update_user_pool_replica(
            UserPoolId=pool["Id"], RegionName=context.spec.standby_region, Status="ACTIVE"
        )
