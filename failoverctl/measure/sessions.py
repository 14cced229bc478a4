"""Measures whether a sign-in of several calls can start in one Region and end in the other."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from failoverctl.measure.cognito import CognitoCallResult, call_cognito
from failoverctl.measure.context import MeasurementContext
from failoverctl.measure.measurement import (
    Assumption,
    Measurement,
    MeasurementError,
    MeasurementNotAllowedError,
    MeasurementSample,
)
from failoverctl.measure.resource_names import SESSION_USERNAME, build_orphan_message

REFUSED, ACCEPTED = "refused", "accepted"

_CHALLENGE_NAME = "NEW_PASSWORD_REQUIRED"
_POLL_INTERVAL_SECONDS = 1.0
_TIMEOUT_SECONDS = 120.0


@contextmanager
def _open_session(context: MeasurementContext) -> Iterator[Callable[[], MeasurementSample]]:
    pool = context.get_client("cognito-idp", context.deployment.primary)
    user = {"UserPoolId": context.deployment.pool_id, "Username": SESSION_USERNAME}
    try:
        pool.admin_get_user(**user)
    except pool.exceptions.UserNotFoundException:
        pass
    else:
        raise MeasurementNotAllowedError(build_orphan_message(f"The user {SESSION_USERNAME}"))

    def take_sample() -> MeasurementSample:
        password = _generate_password()
        try:
            pool.admin_create_user(**user, TemporaryPassword=password, MessageAction="SUPPRESS")
            session = _start_sign_in(context, context.deployment.standby, password)
            cross_region_result = _complete_sign_in(context, context.deployment.primary, session)
            # The same within one Region: shows that the other Region is the reason for a refusal.
            single_region_answer = ACCEPTED
            if not cross_region_result.is_success:
                session = _start_sign_in(context, context.deployment.primary, password)
                single_region_answer = _to_answer(_complete_sign_in(context, context.deployment.primary, session))
        finally:
            delete_user(pool, context.deployment.pool_id)
        answers = {
            "begun on the standby, ended on the primary": _to_answer(cross_region_result),
            "within the primary": single_region_answer,
        }
        return MeasurementSample(answers=answers)

    yield take_sample


def delete_user(pool: Any, pool_id: str) -> None:
    """Delete the user, if it exists."""
    try:
        pool.admin_delete_user(UserPoolId=pool_id, Username=SESSION_USERNAME)
    except pool.exceptions.UserNotFoundException:
        return


def _start_sign_in(context: MeasurementContext, region: str, password: str) -> str:
    request = {
        "AuthFlow": "USER_PASSWORD_AUTH",
        "ClientId": context.deployment.client_id,
        "AuthParameters": {"USERNAME": SESSION_USERNAME, "PASSWORD": password},
    }
    started_at = context.monotonic()
    while True:
        result = call_cognito(context, region, "InitiateAuth", request)
        if result.fields.get("ChallengeName") == _CHALLENGE_NAME:
            return str(result.fields["Session"])
        seconds = context.monotonic() - started_at
        # Until the user is replicated, some pools answer that the password is wrong.
        if result.code not in {"UserNotFoundException", "NotAuthorizedException"}:
            details = f"{result.code} {result.message}".rstrip()
            raise MeasurementError(
                f"{region} does not ask {SESSION_USERNAME} for a new password. It answers {details}. Leave out "
                f"sessions if the pool has another challenge first."
            )
        if seconds > _TIMEOUT_SECONDS:
            raise MeasurementError(
                f"After {seconds:.0f} s {region} does not have the user {SESSION_USERNAME}. Run the measurement lag."
            )
        context.sleep(_POLL_INTERVAL_SECONDS)


def _complete_sign_in(context: MeasurementContext, region: str, session_token: str) -> CognitoCallResult:
    request = {
        "ChallengeName": _CHALLENGE_NAME,
        "ClientId": context.deployment.client_id,
        "Session": session_token,
        "ChallengeResponses": {"USERNAME": SESSION_USERNAME, "NEW_PASSWORD": _generate_password()},
    }
    return call_cognito(context, region, "RespondToAuthChallenge", request)


def _to_answer(result: CognitoCallResult) -> str:
    return ACCEPTED if result.is_success else REFUSED


def _generate_password() -> str:
    """Return a password that common policies accept."""
    return f"{secrets.token_urlsafe(32)}aA1!"


SESSIONS = Measurement(
    name="sessions",
    question="Does a Region accept the Session of a sign-in that started in the other Region?",
    creates=f"a user {SESSION_USERNAME} with a secret temporary password; the pool's triggers run for it",
    cost="one monthly active user, if Cognito counts a deleted user",
    duration_seconds=(0, 10),
    assumptions=(
        Assumption(
            name="begun on the standby, ended on the primary",
            rationale="apps restart a sign-in that a move interrupts",
            expected_answer=REFUSED,
            if_violated="README and docs/clients.md on sign-ins in several calls",
        ),
        Assumption(
            name="within the primary",
            rationale="shows that the measurement itself works",
            expected_answer=ACCEPTED,
            if_violated="nothing: the row above is then void",
        ),
    ),
    open_session=_open_session,
)
