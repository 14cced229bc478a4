"""Whether tokens of one Region are good in the other, and how soon one that is revoked is not."""

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from failoverctl.measure.cognito import ANSWERED, Reply, SignedIn, call, sign_in
from failoverctl.measure.measurement import Assumption, MeasureError, Measurement, Sample
from failoverctl.measure.site import Site

ALIKE = "alike"
NO_REFRESH = "the app client allows no refresh"

_COMPARED = ("iss", "sub", "aud", "client_id")
_PAUSE_SECONDS = 0.5
_PATIENCE_SECONDS = 120.0


@contextmanager
def _opened(site: Site) -> Iterator[Callable[[], Sample]]:
    yield lambda: _sampled(site)


def _sampled(site: Site) -> Sample:
    primary, standby = site.subject.regions
    of_primary, of_standby = sign_in(site, primary), sign_in(site, standby)
    seconds: dict[str, float] = {}
    answers = {
        "claims": _difference(of_primary, of_standby),
        "lifetimes": _lifetimes(of_primary, of_standby),
        "access token of the primary on the standby": _user(site, standby, of_primary),
        "access token of the standby on the primary": _user(site, primary, of_standby),
    }
    own = _refreshed(site, primary, of_primary)
    if own.is_success:
        answers["refresh"] = "in both Regions"
        seconds["refresh token of the primary on the standby"] = _until(
            site, lambda: _refreshed(site, standby, of_primary).is_success, "the standby takes a refresh token"
        )
        seconds["refresh token of the standby on the primary"] = _until(
            site, lambda: _refreshed(site, primary, of_standby).is_success, "the primary takes a refresh token"
        )
        seconds["revoked on the primary, refused on the standby"] = _revoked(site, primary, standby, of_primary)
        seconds["revoked on the standby, refused on the primary"] = _revoked(site, standby, primary, of_standby)
    else:
        answers["refresh"] = NO_REFRESH if _is_about_the_client(own) else own.code
    return Sample(seconds=seconds, answers=answers)


def _refreshed(site: Site, region: str, tokens: SignedIn) -> Reply:
    request = {
        "AuthFlow": "REFRESH_TOKEN_AUTH",
        "ClientId": site.subject.client_id,
        "AuthParameters": {"REFRESH_TOKEN": tokens.refresh},
    }
    return call(site, region, "InitiateAuth", request)


def _is_about_the_client(reply: Reply) -> bool:
    return reply.code in {"InvalidParameterException", "UnauthorizedException", "UnsupportedOperationException"}


def _revoked(site: Site, here: str, there: str, tokens: SignedIn) -> float:
    request = {"Token": tokens.refresh, "ClientId": site.subject.client_id}
    reply = call(site, here, "RevokeToken", request)
    if not reply.is_success:
        raise MeasureError(
            f"RevokeToken in {here} was answered {reply.code}: {reply.message} Enable token revocation for the "
            f"canary's app client, or leave out tokens."
        )
    return _until(
        site, lambda: not _refreshed(site, there, tokens).is_success, f"{there} refuses what was revoked in {here}"
    )


def _until(site: Site, seen: Callable[[], bool], what: str) -> float:
    began = site.monotonic()
    while not seen():
        seconds = site.monotonic() - began
        if seconds > _PATIENCE_SECONDS:
            raise MeasureError(
                f"After {seconds:.0f} s it was not seen that {what}. That is an answer: it is not assumed."
            )
        site.sleep(_PAUSE_SECONDS)
    return site.monotonic() - began


def _user(site: Site, region: str, tokens: SignedIn) -> str:
    return call(site, region, "GetUser", {"AccessToken": tokens.access}).code


def _claims(token: str) -> Mapping[str, Any]:
    middle = token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
    return claims


def _difference(one: SignedIn, other: SignedIn) -> str:
    differing = [
        f"{kind} {name}"
        for kind, pair in (("id", (one.identity, other.identity)), ("access", (one.access, other.access)))
        for name in _COMPARED
        if _claims(pair[0]).get(name) != _claims(pair[1]).get(name)
    ]
    return f"differing: {', '.join(differing)}" if differing else ALIKE


def _lifetimes(one: SignedIn, other: SignedIn) -> str:
    def seconds(tokens: SignedIn) -> tuple[int, int]:
        found = [_claims(token) for token in (tokens.identity, tokens.access)]
        identity, access = (int(claims["exp"]) - int(claims["iat"]) for claims in found)
        return identity, access

    mine, theirs = seconds(one), seconds(other)
    return ALIKE if mine == theirs else f"{mine} s on the primary, {theirs} s on the standby"


def _crossing(of: str, matters: str, *, at_most_seconds: float) -> Assumption:
    return Assumption(
        of=of, matters=matters, at_most_seconds=at_most_seconds, otherwise="what docs/clients.md says of such tokens"
    )


_STAYS = "a user who signed in before a move stays signed in after it"
_GONE = "one who signed out in one Region is signed out in the other"

TOKENS = Measurement(
    name="tokens",
    asks="Are tokens of one Region good in the other, from when on, and until when after they are revoked?",
    makes="sign-ins of the canary, and the revocation of their tokens",
    costs="nothing",
    lasts_seconds=(0, 10),
    assumptions=(
        Assumption(
            of="claims",
            matters="apps would refuse tokens, or take users for others",
            answer=ALIKE,
            otherwise="nothing here: don't fail over; probes call a Region with wrong tokens sick",
        ),
        Assumption(
            of="lifetimes",
            matters="apps count on how long tokens last",
            answer=ALIKE,
            otherwise="say so to your apps; the controller doesn't depend on it",
        ),
        Assumption(
            of="access token of the primary on the standby",
            matters=_STAYS,
            answer=ANSWERED,
            otherwise="the clients in docs/clients.md: get new tokens after a move",
        ),
        Assumption(
            of="access token of the standby on the primary",
            matters="writes go to the primary with whatever token the user has",
            answer=ANSWERED,
            otherwise="the same",
        ),
        Assumption(
            of="refresh",
            matters="without it the rest can't be seen with this client",
            answer="in both Regions",
            otherwise="nothing: let a test client allow ALLOW_REFRESH_TOKEN_AUTH, or take this as not measured",
        ),
        _crossing("refresh token of the primary on the standby", _STAYS, at_most_seconds=60.0),
        _crossing("refresh token of the standby on the primary", _STAYS, at_most_seconds=60.0),
        _crossing("revoked on the primary, refused on the standby", _GONE, at_most_seconds=60.0),
        _crossing("revoked on the standby, refused on the primary", _GONE, at_most_seconds=60.0),
    ),
    open=_opened,
)
