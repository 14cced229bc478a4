"""What stops working for users who are sent to the replica. Pure."""

from collections.abc import Iterator


def list_replica_limitations(*, primary: str, sign_in_name: str) -> Iterator[str]:
    """Give what a replica refuses, by AWS's documentation of multi-Region replication, a sentence each.

    Parameters
    ----------
    primary
        The primary's Region.
    sign_in_name
        The domain that users sign in through.

    """
    yield "Sign-up, and confirming one."
    yield "Changing a password, or resetting a forgotten one."
    yield "Changing a profile, and every other change to users, groups, app clients or the pool."
    yield "Sign-in of users who need a code from an authenticator app (TOTP)."
    yield f"Sign-in through another identity provider, for users who never did so while on {primary}."
    yield "Anything changed just before the outage that had not been replicated yet."
    yield "A sign-in that was under way when traffic moved may have to begin again."
    yield f"Apps that call Cognito in {primary} by its own name do not follow {sign_in_name}."
