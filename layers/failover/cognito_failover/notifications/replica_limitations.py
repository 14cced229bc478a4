"""What does not work for users who sign in through the replica. Pure."""

from collections.abc import Iterator


def list_replica_limitations(*, primary: str, sign_in_name: str) -> Iterator[str]:
    """Yield one sentence for each limitation, from AWS's documentation of multi-Region replication.

    Parameters
    ----------
    primary
        The primary Region.
    sign_in_name
        The domain that users sign in through.

    """
    yield "Sign-up, and its confirmation."
    yield "Changing a password, or resetting a forgotten one."
    yield "Changing a profile, or anything else of users, groups, app clients or the pool."
    yield "Sign-in with a code from an authenticator app (TOTP)."
    yield f"First sign-in through another identity provider, if the user never did it on {primary}."
    yield "Changes made just before the outage, if they were not replicated yet."
    yield "A sign-in that was in progress during the move may have to start again."
    yield f"Apps that call Cognito in {primary} by its own name do not follow {sign_in_name}."
