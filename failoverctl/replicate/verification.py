"""The proof: client and users are seen in the standby Region, and the canary signs in there as on the primary."""

from failoverctl.replicate.canary import find_user
from failoverctl.replicate.context import Pool, ReplicationContext, get_canary_usernames
from failoverctl.replicate.errors import ReplicationRefusedError
from failoverctl.replicate.replica import read_replica_status
from failoverctl.replicate.secret import read_secret
from failoverctl.replicate.sign_in_check import read_access_token_claims
from failoverctl.replicate.step import StepDescription, StepState, StepStatus, WaitPolicy


class ReplicaContentCheck:
    """Client and users in the standby Region."""

    description = StepDescription(
        name="arrival", purpose="Even on an ACTIVE replica they are seen only some tens of seconds later."
    )
    wait_policy = WaitPolicy(timeout_seconds=600)

    def inspect(self, context: ReplicationContext) -> StepStatus:
        """Read them back there."""
        pool = context.find_pool()
        client_id = context.find_client_id(pool["Id"]) if pool else None
        if pool is None or client_id is None or read_replica_status(context, pool) not in {"ACTIVE", "INACTIVE"}:
            return StepStatus(
                state=StepState.WAIT, actual="nothing to be seen yet", desired="client and users, the same"
            )
        missing = self._find_missing(context, pool, client_id)
        if missing:
            return StepStatus(
                state=StepState.WAIT,
                actual=f"not seen in {context.spec.standby_region} yet, or not as on the primary: {', '.join(missing)}",
                desired="client and users, the same",
            )
        return StepStatus(state=StepState.DONE, actual=f"client and users are seen in {context.spec.standby_region}")

    @staticmethod
    def _find_missing(context: ReplicationContext, pool: Pool, client_id: str) -> list[str]:
        missing = []
        try:
            context.standby_cognito.describe_user_pool_client(UserPoolId=pool["Id"], ClientId=client_id)
        except context.standby_cognito.exceptions.ResourceNotFoundException:
            missing.append(f"app client {client_id}")
        for name in get_canary_usernames(pool):
            primary_user = find_user(context.primary_cognito, pool["Id"], name)
            if primary_user is None or find_user(context.standby_cognito, pool["Id"], name) != primary_user:
                missing.append(name)
        return missing

    def apply(self, context: ReplicationContext) -> None:
        """Do nothing: Cognito brings them."""


class ReplicaSignInCheck:
    """A sign-in in the standby Region with tokens that claim the same."""

    description = StepDescription(
        name="sign-in",
        purpose="That it can be signed in to is the proof of a replica, and of the secret's password there.",
    )
    # Four sign-ins at most: from five failed ones on Cognito locks the user out.
    wait_policy = WaitPolicy(timeout_seconds=60, interval_seconds=20)

    def inspect(self, context: ReplicationContext) -> StepStatus:
        """Sign in in both Regions, and compare."""
        pool = context.find_pool()
        secret = read_secret(context, pool) if pool else None
        client_id = context.find_client_id(pool["Id"]) if pool else None
        if pool is None or secret is None or client_id is None or read_replica_status(context, pool) != "ACTIVE":
            return StepStatus(
                state=StepState.WAIT, actual="not possible yet", desired="the same claims in both Regions"
            )
        standby_claims = read_access_token_claims(context.standby_cognito, client_id, secret.content)
        if standby_claims is None:
            return StepStatus(
                state=StepState.WAIT, actual=f"{context.spec.standby_region} does not let the canary in yet"
            )
        primary_claims = read_access_token_claims(context.primary_cognito, client_id, secret.content)
        if primary_claims is None:
            return StepStatus(
                state=StepState.WAIT, actual=f"{context.spec.primary_region} does not let the canary in yet"
            )
        if primary_claims != standby_claims:
            raise ReplicationRefusedError(
                f"The tokens differ: {context.spec.primary_region} claims {primary_claims}, {context.spec.standby_region} claims {standby_claims}. Programs "
                f"that check tokens would tell the Regions apart."
            )
        claims_text = ", ".join(f"{name} {value}" for name, value in standby_claims.items())
        return StepStatus(state=StepState.DONE, actual=f"the same in both Regions: {claims_text}")

    def apply(self, context: ReplicationContext) -> None:
        """Do nothing: the password comes with the user."""
