"""Whether a sign-in that takes several calls can begin in one Region and end in the other."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from failoverctl.measure.cognito import Reply, call
from failoverctl.measure.measurement import Assumption, MeasureError, Measurement, NotAllowedError, Sample
from failoverctl.measure.names import USER
from failoverctl.measure.site import Site

REFUSED, ACCEPTED = "refused", "accepted"

_CHALLENGE = "NEW_PASSWORD_REQUIRED"
_PAUSE_SECONDS = 1.0
_PATIENCE_SECONDS = 120.0


@contextmanager
def _opened(site: Site) -> Iterator[Callable[[], Sample]]:
    pool = site.client("cognito-idp", site.subject.primary)
    user = {"UserPoolId": site.subject.pool_id, "Username": USER}
    try:
        pool.admin_get_user(**user)
    except pool.exceptions.UserNotFoundException:
        pass
    else:
        raise NotAllowedError(
            f"There is a user {USER}: another run is on, or one was cut off. If none is on: failoverctl measure "
            f"--clean-up --run."
        )

    def once() -> Sample:
        password = _password()
        try:
            pool.admin_create_user(**user, TemporaryPassword=password, MessageAction="SUPPRESS")
            session = _begun(site, site.subject.standby, password)
            crossed = _ended(site, site.subject.primary, session)
            # The same within one Region, so that a refusal is known to be for the Region and for nothing else.
            alone = ACCEPTED
            if not crossed.is_success:
                session = _begun(site, site.subject.primary, password)
                alone = _told(_ended(site, site.subject.primary, session))
        finally:
            remove_user(pool, site.subject.pool_id)
        answers = {"begun on the standby, ended on the primary": _told(crossed), "within the primary": alone}
        return Sample(answers=answers)

    yield once


def remove_user(pool: Any, pool_id: str) -> None:
    """Delete the user, if there is one."""
    try:
        pool.admin_delete_user(UserPoolId=pool_id, Username=USER)
    except pool.exceptions.UserNotFoundException:
        return


def _begun(site: Site, region: str, password: str) -> str:
    request = {
        "AuthFlow": "USER_PASSWORD_AUTH",
        "ClientId": site.subject.client_id,
        "AuthParameters": {"USERNAME": USER, "PASSWORD": password},
    }
    began = site.monotonic()
    while True:
        reply = call(site, region, "InitiateAuth", request)
        if reply.fields.get("ChallengeName") == _CHALLENGE:
            return str(reply.fields["Session"])
        seconds = site.monotonic() - began
        # A user that has not arrived is waited for. Some pools say of it that its password is wrong.
        if reply.code not in {"UserNotFoundException", "NotAuthorizedException"}:
            raise MeasureError(
                f"{region} does not ask {USER} for a new password, but answers {reply.code} {reply.message}".rstrip()
                + ". Leave out sessions if the pool asks for something else first."
            )
        if seconds > _PATIENCE_SECONDS:
            raise MeasureError(
                f"After {seconds:.0f} s {region} does not know the user {USER}: see the measurement lag."
            )
        site.sleep(_PAUSE_SECONDS)


def _ended(site: Site, region: str, session: str) -> Reply:
    request = {
        "ChallengeName": _CHALLENGE,
        "ClientId": site.subject.client_id,
        "Session": session,
        "ChallengeResponses": {"USERNAME": USER, "NEW_PASSWORD": _password()},
    }
    return call(site, region, "RespondToAuthChallenge", request)


def _told(reply: Reply) -> str:
    return ACCEPTED if reply.is_success else REFUSED


def _password() -> str:
    """Return one that every usual policy takes."""
    return f"{secrets.token_urlsafe(32)}aA1!"


SESSIONS = Measurement(
    name="sessions",
    asks="Does one Region take the Session of a sign-in that was begun in the other?",
    makes=f"a user {USER} with a temporary password, told to nobody; triggers run for it as for any",
    costs="one active user a month, where the month counts one that was deleted",
    lasts_seconds=(0, 10),
    assumptions=(
        Assumption(
            of="begun on the standby, ended on the primary",
            matters="users in the middle of a sign-in when a move comes must begin anew, and apps are told so",
            answer=REFUSED,
            otherwise="what the README and docs/clients.md say of sign-ins of several calls",
        ),
        Assumption(
            of="within the primary",
            matters="shows that the measurement itself works",
            answer=ACCEPTED,
            otherwise="nothing: the other answer then says nothing",
        ),
    ),
    open=_opened,
)
