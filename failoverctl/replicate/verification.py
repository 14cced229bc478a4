"""Steps that verify the replica: it has the client and the users, and the canary can sign in."""

from failoverctl.replicate.canary import find_user
from failoverctl.replicate.context import Pool, ReplicationContext, get_canary_usernames
from failoverctl.replicate.errors import ReplicationRefusedError
from failoverctl.replicate.replica import read_replica_status
from failoverctl.replicate.secret import read_secret
from failoverctl.replicate.sign_in_check import read_access_token_claims
from failoverctl.replicate.step import StepDescription, StepState, StepStatus, WaitPolicy


class ReplicaContentCheck:
    """The canary's client and users in the standby Region."""

    description = StepDescription(
        name="arrival", purpose="Client and users appear on an ACTIVE replica only tens of seconds later."
    )
    wait_policy = WaitPolicy(timeout_seconds=600, can_take_hours=True)

    def inspect(self, context: ReplicationContext) -> StepStatus:
        """Return whether client and users are in the standby Region, with the same values."""
        pool = context.find_pool()
        client_id = context.find_client_id(pool["Id"]) if pool else None
        if pool is None or client_id is None or read_replica_status(context, pool) not in {"ACTIVE", "INACTIVE"}:
            return StepStatus(state=StepState.WAIT, actual="no replica yet", desired="the same client and users")
        missing = self._find_missing(context, pool, client_id)
        if missing:
            return StepStatus(
                state=StepState.WAIT,
                actual=f"missing or different in {context.spec.standby_region}: {', '.join(missing)}",
                desired="the same client and users",
            )
        return StepStatus(state=StepState.DONE, actual=f"client and users are in {context.spec.standby_region}")

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
        """Do nothing: Cognito replicates them."""


class ReplicaSignInCheck:
    """A sign-in in the standby Region, with the same claims as on the primary."""

    description = StepDescription(
        name="sign-in",
        purpose="A sign-in proves that the replica works, with the secret's password.",
    )
    # At most four sign-ins: after five failed ones Cognito locks the user.
    wait_policy = WaitPolicy(timeout_seconds=60, interval_seconds=20)

    def inspect(self, context: ReplicationContext) -> StepStatus:
        """Return whether the canary can sign in to both Regions.

        Raises
        ------
        ReplicationRefusedError
            If the claims differ.

        """
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
                state=StepState.WAIT, actual=f"the canary can't sign in to {context.spec.standby_region} yet"
            )
        primary_claims = read_access_token_claims(context.primary_cognito, client_id, secret.content)
        if primary_claims is None:
            return StepStatus(
                state=StepState.WAIT, actual=f"the canary can't sign in to {context.spec.primary_region} yet"
            )
        if primary_claims != standby_claims:
            raise ReplicationRefusedError(
                f"The tokens differ: {primary_claims} in {context.spec.primary_region}, {standby_claims} in "
                f"{context.spec.standby_region}. Programs that check tokens may refuse those of one Region."
            )
        claims_text = ", ".join(f"{name} {value}" for name, value in standby_claims.items())
        return StepStatus(state=StepState.DONE, actual=f"the same in both Regions: {claims_text}")

    def apply(self, context: ReplicationContext) -> None:
        """Do nothing: Cognito replicates the password with the user."""
