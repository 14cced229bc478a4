"""What a replica answers to calls that write, and to those it allows."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from failover.probe.marker import ATTRIBUTE, marker_in
from failoverctl.measure.cognito import ANSWERED, call, sign_in
from failoverctl.measure.measurement import Assumption, Measurement, Sample
from failoverctl.measure.names import NOBODY
from failoverctl.measure.site import Site

REFUSED = "OperationNotEnabledException"

_WRITES = (
    ("UpdateUserAttributes", "changing a profile"),
    ("ChangePassword", "changing a password"),
    ("SetUserMFAPreference", "choosing a second factor"),
    ("AssociateSoftwareToken", "adding an authenticator app"),
    ("SignUp", "signing up"),
    ("ForgotPassword", "resetting a password"),
)


@contextmanager
def _opened(site: Site) -> Iterator[Callable[[], Sample]]:
    yield lambda: Sample(answers=_answers(site))


def _answers(site: Site) -> dict[str, str]:
    region = site.subject.standby
    tokens, known = sign_in(site, region), site.credentials()
    access = {"AccessToken": tokens.access}
    user = call(site, region, "GetUser", access)
    held = marker_in(dict(user.fields))
    # What a replica might take against expectation leaves things as they are.
    marker = str(int(site.now()) if held is None else held)
    stranger = {"ClientId": site.subject.client_id, "Username": NOBODY}
    requests: dict[str, dict[str, Any]] = {
        "UpdateUserAttributes": access | {"UserAttributes": [{"Name": ATTRIBUTE, "Value": marker}]},
        "ChangePassword": access | {"PreviousPassword": known.password, "ProposedPassword": known.password},
        "SetUserMFAPreference": access | {"SoftwareTokenMfaSettings": {"Enabled": False}},
        "AssociateSoftwareToken": access,
        "SignUp": stranger | {"Password": "x"},  # which no policy takes
        "ForgotPassword": stranger,
    }
    answers = {operation: call(site, region, operation, request).code for operation, request in requests.items()}
    return {"GetUser": user.code, **answers}


REPLICA_ANSWERS = Measurement(
    name="replica-answers",
    asks="Which code does the replica give to each call that writes, and does it give users their own data?",
    makes="nothing, if the replica is one; else the canary's own values once more, and no user in any case",
    costs="nothing",
    lasts_seconds=(0, 2),
    assumptions=(
        Assumption(
            of="GetUser",
            matters="the lag is measured by it, and apps show a profile by it",
            answer=ANSWERED,
            otherwise="`probe/marker.py`: read the marker in another way, such as from the token of a sign-in",
        ),
        *(
            Assumption(
                of=operation,
                matters=f"apps tell users by the code that {what} must wait",
                answer=REFUSED,
                otherwise="the code in docs/clients.md, in both clients, and in `probe/verdict.py`",
            )
            for operation, what in _WRITES
        ),
    ),
    open=_opened,
)
