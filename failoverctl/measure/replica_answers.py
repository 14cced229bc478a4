"""Measures a replica's answers to writes, and to calls that it allows."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from cognito_failover.probe.lag_marker import MARKER_ATTRIBUTE, parse_marker
from failoverctl.measure.cognito import SUCCESS, call_cognito, sign_in
from failoverctl.measure.context import MeasurementContext
from failoverctl.measure.measurement import Assumption, Measurement, MeasurementSample
from failoverctl.measure.resource_names import UNKNOWN_USERNAME

WRITE_REFUSED = "OperationNotEnabledException"

_WRITE_OPERATIONS = (
    "UpdateUserAttributes",
    "ChangePassword",
    "SetUserMFAPreference",
    "AssociateSoftwareToken",
    "SignUp",
    "ForgotPassword",
)


@contextmanager
def _open_session(context: MeasurementContext) -> Iterator[Callable[[], MeasurementSample]]:
    yield lambda: MeasurementSample(answers=_collect_answers(context))


def _collect_answers(context: MeasurementContext) -> dict[str, str]:
    region = context.deployment.standby
    tokens, credentials = sign_in(context, region), context.read_credentials()
    access = {"AccessToken": tokens.access_token}
    user = call_cognito(context, region, "GetUser", access)
    current_marker = parse_marker(dict(user.fields))
    # If a replica unexpectedly accepts a write, the value stays the same.
    marker = str(int(context.now()) if current_marker is None else current_marker)
    unknown_user = {"ClientId": context.deployment.client_id, "Username": UNKNOWN_USERNAME}
    requests: dict[str, dict[str, Any]] = {
        "UpdateUserAttributes": access | {"UserAttributes": [{"Name": MARKER_ATTRIBUTE, "Value": marker}]},
        "ChangePassword": access | {"PreviousPassword": credentials.password, "ProposedPassword": credentials.password},
        "SetUserMFAPreference": access | {"SoftwareTokenMfaSettings": {"Enabled": False}},
        "AssociateSoftwareToken": access,
        "SignUp": unknown_user | {"Password": "x"},  # no password policy accepts it
        "ForgotPassword": unknown_user,
    }
    answers = {
        operation: call_cognito(context, region, operation, request).code for operation, request in requests.items()
    }
    return {"GetUser": user.code, **answers}


REPLICA_ANSWERS = Measurement(
    name="replica-answers",
    question="Which error code does the replica return for each write? Does it return users' own data?",
    creates="nothing on a replica; elsewhere it writes the canary's own values again, and creates no user",
    cost="nothing",
    duration_seconds=(0, 2),
    assumptions=(
        Assumption(
            name="GetUser",
            rationale="the lag measurement and apps' profiles use it",
            expected_answer=SUCCESS,
            if_violated="`probe/lag_marker.py`: read the marker from a sign-in's token",
        ),
        *(
            Assumption(
                name=operation,
                rationale="apps show users that the change must wait",
                expected_answer=WRITE_REFUSED,
                if_violated="the code in docs/clients.md, both clients and `core/verdict.py`",
            )
            for operation in _WRITE_OPERATIONS
        ),
    ),
    open_session=_open_session,
)
