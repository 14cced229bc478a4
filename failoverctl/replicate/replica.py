"""The pool's replica: made, and let in on sign-in."""

from typing import TYPE_CHECKING, Any

from failoverctl.replicate.errors import RefusedError
from failoverctl.replicate.site import Pool, Site
from failoverctl.replicate.step import Finding, Meaning, Patience, State

if TYPE_CHECKING:
    from collections.abc import Mapping

_REGIONAL = {
    "LambdaConfig": "Lambda triggers",
    "EmailConfiguration": "e-mail",
    "SmsConfiguration": "SMS",
    "UserPoolTags": "tags",
}
"""What each Region has of its own, as ``DescribeUserPool`` shows it (Cognito's developer guide)."""

_NOT_SET: tuple[Any, ...] = (None, {}, {"EmailSendingAccount": "COGNITO_DEFAULT"})


def replica_status(site: Site, pool: Pool) -> str | None:
    """Return the status of the pool's replica in the standby Region; None if it has none.

    Raises
    ------
    RefusedError
        If the pool has a replica elsewhere.

    """
    pages: list[Mapping[str, Any]] = []
    token: dict[str, str] = {}
    while not pages or token:  # boto3 has no paginator for it
        pages.append(site.primary.list_user_pool_replicas(UserPoolId=pool["Id"], **token))
        token = {"NextToken": pages[-1]["NextToken"]} if "NextToken" in pages[-1] else {}
    for replica in (one for page in pages for one in page["UserPoolReplicas"] if one["Role"] == "SECONDARY"):
        if replica["RegionName"] != site.wish.standby:
            raise RefusedError(
                f"{pool['Id']} has a replica in {replica['RegionName']} ({replica['Status']}), its only one. "
                f"Use --standby {replica['RegionName']}; or make that one INACTIVE and delete it, then run this again."
            )
        return str(replica["Status"])
    return None


class Replica:
    """The replica in the standby Region."""

    meaning = Meaning(
        name="replica",
        why="Users, app clients and settings are copied to the standby Region from then on.",
        costs="About $0.0045 a month for each active user on Essentials, $0.006 on Plus.",
    )
    patience = Patience(seconds=600)

    def look(self, site: Site) -> Finding:
        """See whether there is one."""
        pool = site.pool()
        status = replica_status(site, pool) if pool else None
        match status:
            case None:
                return Finding(
                    state=State.CHANGE,
                    found=f"no replica in {site.wish.standby}",
                    wanted="one, which begins as INACTIVE; that takes about two minutes",
                )
            case "DELETING":
                raise RefusedError(
                    f"The replica in {site.wish.standby} is being deleted. Wait until it has gone, then run this again."
                )
            case "CREATING":
                return Finding(state=State.WAIT, found=f"the replica in {site.wish.standby} is CREATING")
            case _:
                return Finding(state=State.DONE, found=f"there is a replica in {site.wish.standby}")

    def change(self, site: Site) -> None:
        """Create it."""
        pool = site.existing_pool()
        site.primary.create_user_pool_replica(UserPoolId=pool["Id"], RegionName=site.wish.standby)


class Activation:
    """The replica that lets users sign in."""

    meaning = Meaning(
        name="activation",
        why="Only an ACTIVE replica signs anybody in. No traffic goes there by that alone.",
    )
    patience = Patience(seconds=120)

    def look(self, site: Site) -> Finding:
        """See whether it is, and what of the primary it doesn't have."""
        pool = site.pool()
        status = replica_status(site, pool) if pool else None
        notes = self._notes(site, pool, status) if pool else ()
        if status == "ACTIVE":
            return Finding(state=State.DONE, found=f"the replica in {site.wish.standby} is ACTIVE", notes=notes)
        return Finding(
            state=State.CHANGE,
            found=f"the replica is {status}" if status else "no replica yet",
            wanted="ACTIVE",
            notes=notes,
        )

    @staticmethod
    def _notes(site: Site, pool: Pool, status: str | None) -> tuple[str, ...]:
        notes = []
        replica: Pool = {}
        if status in {"ACTIVE", "INACTIVE"}:
            replica = site.standby.describe_user_pool(UserPoolId=pool["Id"])["UserPool"]
        missing = [
            what for name, what in _REGIONAL.items() if pool.get(name) not in _NOT_SET and replica.get(name) in _NOT_SET
        ]
        if missing:
            notes.append(
                f"Set on the primary, not replicated, and not set in {site.wish.standby}: {', '.join(missing)}. Set "
                f"them there yourself, or users meet defaults after a failover."
            )
        factors = site.primary.get_user_pool_mfa_config(UserPoolId=pool["Id"])
        if factors.get("SoftwareTokenMfaConfiguration", {}).get("Enabled"):
            notes.append("Users who need a code from an authenticator app (TOTP) can't sign in on the replica.")
        return tuple(notes)

    def change(self, site: Site) -> None:
        """Activate it."""
        pool = site.existing_pool()
        site.primary.update_user_pool_replica(UserPoolId=pool["Id"], RegionName=site.wish.standby, Status="ACTIVE")
