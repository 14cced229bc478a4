"""The proof: client and users are seen in the standby Region, and the canary signs in there as on the primary."""

from failoverctl.replicate.canary import find_user
from failoverctl.replicate.errors import RefusedError
from failoverctl.replicate.replica import replica_status
from failoverctl.replicate.secret import read_secret
from failoverctl.replicate.signing_in import access_token_claims
from failoverctl.replicate.site import Pool, Site, canaries
from failoverctl.replicate.step import Finding, Meaning, Patience, State


class Arrival:
    """Client and users in the standby Region."""

    meaning = Meaning(name="arrival", why="Even on an ACTIVE replica they are seen only some tens of seconds later.")
    patience = Patience(seconds=600)

    def look(self, site: Site) -> Finding:
        """Read them back there."""
        pool = site.pool()
        client_id = site.client_id(pool["Id"]) if pool else None
        if pool is None or client_id is None or replica_status(site, pool) not in {"ACTIVE", "INACTIVE"}:
            return Finding(state=State.WAIT, found="nothing to be seen yet", wanted="client and users, the same")
        missing = self._missing(site, pool, client_id)
        if missing:
            return Finding(
                state=State.WAIT,
                found=f"not seen in {site.wish.standby} yet, or not as on the primary: {', '.join(missing)}",
                wanted="client and users, the same",
            )
        return Finding(state=State.DONE, found=f"client and users are seen in {site.wish.standby}")

    @staticmethod
    def _missing(site: Site, pool: Pool, client_id: str) -> list[str]:
        missing = []
        try:
            site.standby.describe_user_pool_client(UserPoolId=pool["Id"], ClientId=client_id)
        except site.standby.exceptions.ResourceNotFoundException:
            missing.append(f"app client {client_id}")
        for name in canaries(pool):
            here = find_user(site.primary, pool["Id"], name)
            if here is None or find_user(site.standby, pool["Id"], name) != here:
                missing.append(name)
        return missing

    def change(self, site: Site) -> None:
        """Do nothing: Cognito brings them."""


class SignIn:
    """A sign-in in the standby Region with tokens that claim the same."""

    meaning = Meaning(
        name="sign-in", why="That it can be signed in to is the proof of a replica, and of the secret's password there."
    )
    # Four sign-ins at most: from five failed ones on Cognito locks the user out.
    patience = Patience(seconds=60, interval_seconds=20)

    def look(self, site: Site) -> Finding:
        """Sign in in both Regions, and compare."""
        pool = site.pool()
        held = read_secret(site, pool) if pool else None
        client_id = site.client_id(pool["Id"]) if pool else None
        if pool is None or held is None or client_id is None or replica_status(site, pool) != "ACTIVE":
            return Finding(state=State.WAIT, found="not possible yet", wanted="the same claims in both Regions")
        there = access_token_claims(site.standby, client_id, held.content)
        if there is None:
            return Finding(state=State.WAIT, found=f"{site.wish.standby} does not let the canary in yet")
        here = access_token_claims(site.primary, client_id, held.content)
        if here is None:
            return Finding(state=State.WAIT, found=f"{site.wish.primary} does not let the canary in yet")
        if here != there:
            raise RefusedError(
                f"The tokens differ: {site.wish.primary} claims {here}, {site.wish.standby} claims {there}. Programs "
                f"that check tokens would tell the Regions apart."
            )
        claimed = ", ".join(f"{name} {value}" for name, value in there.items())
        return Finding(state=State.DONE, found=f"the same in both Regions: {claimed}")

    def change(self, site: Site) -> None:
        """Do nothing: the password comes with the user."""
