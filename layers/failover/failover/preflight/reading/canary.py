"""Readings of the canary: its secret, what it may sign in to, and what its tokens claim."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import jwt
from botocore.exceptions import ClientError

from failover.preflight.facts import Document, Facts, UnreadError
from failover.preflight.reading.keys import in_region
from failover.preflight.reading.pool import code_of, cognito
from failover.probe.answer import Answer, Challenged, Refused, SignedIn, Silent
from failover.probe.canary import CanarySecretError, Credentials, parse_secret
from failover.probe.https import SilenceError
from failover.probe.keys import KeptKeys, KeySource, parse_jwks
from failover.probe.login import Login, cognito_endpoint
from failover.probe.verdict import INTERNAL_CODES, THROTTLING_CODES
from failover.region import Side

_OK = 200
_TOO_MANY_REQUESTS = 429
_SERVER_ERROR = 500

_CURRENT = "AWSCURRENT"

_GONE = frozenset({"ResourceNotFoundException", "InvalidRequestException"})
"""What Secrets Manager answers of a secret that isn't there, or is being deleted."""

MARKER = "updated_at"
"""An attribute of the canary's that nothing depends on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """What came of a sign-in.

    Attributes
    ----------
    identity, access
        The claims of the two tokens; empty if there are none.
    kids
        The keys that they are signed with.
    refusal
        Why there are none, as a sentence; empty if there are.
    access_token
        As it was given; never shown.

    """

    identity: Mapping[str, Any] = field(default_factory=dict)
    access: Mapping[str, Any] = field(default_factory=dict)
    kids: frozenset[str] = frozenset()
    refusal: str = ""
    access_token: str = field(default="", repr=False)


def credentials(facts: Facts) -> Credentials | str:
    """Return who the canary is, or why its secret is of no use."""
    try:
        return parse_secret(facts.site.secret.read())
    except CanarySecretError as error:
        cause = error.__cause__
        if cause is None or (isinstance(cause, ClientError) and code_of(cause) in _GONE):
            return str(error)
        raise


def sign_in(facts: Facts, side: Side) -> SignIn:
    """Sign the canary in once, as users' apps do. A Region that fails, throttles or is silent is not read."""
    known = facts(credentials)
    if isinstance(known, str):
        raise UnreadError(known)
    login = Login(client_id=facts.settings.client_id, https=facts.site.https, monotonic=time.monotonic)
    region = facts.settings.regions[side]
    return _understood(login.attempt(cognito_endpoint(region), known), region)


def _understood(answer: Answer, region: str) -> SignIn:
    match answer:
        case SignedIn():
            tokens = (answer.tokens.identity, answer.tokens.access)
            identity, access = (jwt.decode(token, options={"verify_signature": False}) for token in tokens)
            kids = frozenset(str(jwt.get_unverified_header(token).get("kid")) for token in tokens)
            return SignIn(identity=identity, access=access, kids=kids, access_token=answer.tokens.access)
        case Challenged():
            return SignIn(refusal=f"{region} asks the canary for {answer.name}.")
        case Refused() if not _is_trouble(answer):
            return SignIn(refusal=f"{region} refuses the canary with {answer.code}: {answer.message}".rstrip(": "))
        case Refused():
            raise UnreadError(f"{region} answers sign-ins with {answer.code}.")
        case Silent():
            raise UnreadError(f"{region} gives sign-ins no answer ({answer.kind}).")
        case _:
            raise UnreadError(f"{region} answers sign-ins with neither tokens nor an error.")


def _is_trouble(answer: Refused) -> bool:
    """Tell whether a refusal speaks of the Region's own state rather than of the canary."""
    return (
        answer.code in INTERNAL_CODES | THROTTLING_CODES
        or answer.http_status >= _SERVER_ERROR
        or answer.http_status == _TOO_MANY_REQUESTS
    )


def second_factors(facts: Facts) -> tuple[str, ...]:
    """Return the canary's second factors, as the primary knows them."""
    known = facts(credentials)
    if isinstance(known, str):
        raise UnreadError(known)
    user = cognito(facts, Side.PRIMARY).admin_get_user(UserPoolId=facts.settings.user_pool_id, Username=known.username)
    return tuple(user.get("UserMFASettingList", ()))


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretVersion:
    """Where a secret stands.

    Attributes
    ----------
    primary_region
        The Region it is replicated from; empty where it is no replica.
    current
        The id of its current version.

    """

    primary_region: str
    current: str


def secret_version(facts: Facts, region: str) -> SecretVersion:
    """Return where the canary's secret stands in a Region."""
    arn = in_region(facts.settings.canary_secret_arn, region)
    described: Document = facts.site.client("secretsmanager", region).describe_secret(SecretId=arn)
    stages: Mapping[str, list[str]] = described.get("VersionIdsToStages", {})
    return SecretVersion(
        primary_region=described.get("PrimaryRegion", ""),
        current=next((version for version, names in stages.items() if _CURRENT in names), ""),
    )


def listed_keys(facts: Facts, source: KeySource) -> frozenset[str] | str:
    """Return the keys that a place serves, by ``kid``; or, as a sentence, that it serves none."""
    host = source.endpoint.host
    try:
        reply = facts.site.https.get(source.endpoint, source.path)
    except SilenceError as error:
        raise UnreadError(str(error)) from None
    if reply.status >= _SERVER_ERROR or reply.status == _TOO_MANY_REQUESTS:
        raise UnreadError(f"{host} answered with {reply.status}.")
    if reply.status != _OK:
        return f"{host} answered with {reply.status}."
    kids = frozenset(parse_jwks(reply.body))
    return kids or f"{host} lists no usable key."


def kept_keys(facts: Facts) -> KeptKeys:
    """Return the key set that the controller keeps."""
    return facts.site.ledger.load_keys()


def refusal_of_write(facts: Facts, operation: str) -> str:
    """Try a write on the replica with the canary's own token, and return the error code; empty if it was taken.

    Each leaves things as they are if it is taken against expectation.
    """
    signed_in, known = facts(sign_in, Side.STANDBY), facts(credentials)
    if signed_in.refusal or isinstance(known, str):
        raise UnreadError(signed_in.refusal or str(known))
    client = facts.site.unsigned_cognito(facts.settings.standby_region)
    try:
        if operation == "ChangePassword":
            client.change_password(
                AccessToken=signed_in.access_token, PreviousPassword=known.password, ProposedPassword=known.password
            )
        else:
            user = client.get_user(AccessToken=signed_in.access_token)
            held = {each["Name"]: each.get("Value", "") for each in user["UserAttributes"]}
            value = held.get(MARKER, str(int(facts.now)))
            client.update_user_attributes(
                AccessToken=signed_in.access_token, UserAttributes=[{"Name": MARKER, "Value": value}]
            )
    except ClientError as error:
        code = code_of(error)
        if code in INTERNAL_CODES | THROTTLING_CODES:
            raise
        return code
    return ""
