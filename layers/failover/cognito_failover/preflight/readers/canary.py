"""Readings of the canary: its secret, what it may sign in to, and what its tokens claim."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import jwt
from botocore.exceptions import ClientError

from cognito_failover.common.region import RegionRole
from cognito_failover.core.probe_result import Challenged, ErrorResponse, NoResponse, ProbeResult, SignInSuccess
from cognito_failover.core.verdict import INTERNAL_CODES, THROTTLING_CODES
from cognito_failover.preflight.facts import FactUnavailableError, ServiceResponse, Snapshot
from cognito_failover.preflight.readers.keys import replace_arn_region
from cognito_failover.preflight.readers.pool import get_cognito_client, get_error_code
from cognito_failover.probe.canary_credentials import CanarySecretError, Credentials, parse_secret
from cognito_failover.probe.https_client import NoResponseError
from cognito_failover.probe.jwks_cache import CachedJwks, KeySource, parse_jwks
from cognito_failover.probe.login import LoginClient, build_cognito_endpoint

_OK = 200
_TOO_MANY_REQUESTS = 429
_SERVER_ERROR = 500

_CURRENT_STAGE = "AWSCURRENT"

_NOT_FOUND_CODES = frozenset({"ResourceNotFoundException", "InvalidRequestException"})
"""What Secrets Manager answers of a secret that isn't there, or is being deleted."""

HARMLESS_ATTRIBUTE = "updated_at"
"""An attribute of the canary's that nothing depends on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CanarySignIn:
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


def read_credentials(snapshot: Snapshot) -> Credentials | str:
    """Return who the canary is, or why its secret is of no use."""
    try:
        return parse_secret(snapshot.context.secret.read())
    except CanarySecretError as error:
        cause = error.__cause__
        if cause is None or (isinstance(cause, ClientError) and get_error_code(cause) in _NOT_FOUND_CODES):
            return str(error)
        raise


def sign_in(snapshot: Snapshot, role: RegionRole) -> CanarySignIn:
    """Sign the canary in once, as users' apps do. A Region that fails, throttles or is silent is not read."""
    canary = snapshot(read_credentials)
    if isinstance(canary, str):
        raise FactUnavailableError(canary)
    login = LoginClient(client_id=snapshot.settings.client_id, https=snapshot.context.https, monotonic=time.monotonic)
    region = snapshot.settings.regions[role]
    return _parse_answer(login.sign_in(build_cognito_endpoint(region), canary), region)


def _parse_answer(answer: ProbeResult, region: str) -> CanarySignIn:
    match answer:
        case SignInSuccess():
            tokens = (answer.tokens.id_token, answer.tokens.access_token)
            identity, access = (jwt.decode(token, options={"verify_signature": False}) for token in tokens)
            kids = frozenset(str(jwt.get_unverified_header(token).get("kid")) for token in tokens)
            return CanarySignIn(identity=identity, access=access, kids=kids, access_token=answer.tokens.access_token)
        case Challenged():
            return CanarySignIn(refusal=f"{region} asks the canary for {answer.name}.")
        case ErrorResponse() if not _is_region_failure(answer):
            return CanarySignIn(
                refusal=f"{region} refuses the canary with {answer.code}: {answer.message}".rstrip(": ")
            )
        case ErrorResponse():
            raise FactUnavailableError(f"{region} answers sign-ins with {answer.code}.")
        case NoResponse():
            raise FactUnavailableError(f"{region} gives sign-ins no answer ({answer.kind}).")
        case _:
            raise FactUnavailableError(f"{region} answers sign-ins with neither tokens nor an error.")


def _is_region_failure(answer: ErrorResponse) -> bool:
    """Tell whether a refusal speaks of the Region's own state rather than of the canary."""
    return (
        answer.code in INTERNAL_CODES | THROTTLING_CODES
        or answer.http_status >= _SERVER_ERROR
        or answer.http_status == _TOO_MANY_REQUESTS
    )


def read_second_factors(snapshot: Snapshot) -> tuple[str, ...]:
    """Return the canary's second factors, as the primary knows them."""
    canary = snapshot(read_credentials)
    if isinstance(canary, str):
        raise FactUnavailableError(canary)
    user = get_cognito_client(snapshot, RegionRole.PRIMARY).admin_get_user(
        UserPoolId=snapshot.settings.user_pool_id, Username=canary.username
    )
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


def read_secret_version(snapshot: Snapshot, region: str) -> SecretVersion:
    """Return where the canary's secret stands in a Region."""
    arn = replace_arn_region(snapshot.settings.canary_secret_arn, region)
    response: ServiceResponse = snapshot.context.get_client("secretsmanager", region).describe_secret(SecretId=arn)
    stages: Mapping[str, list[str]] = response.get("VersionIdsToStages", {})
    return SecretVersion(
        primary_region=response.get("PrimaryRegion", ""),
        current=next((version for version, names in stages.items() if _CURRENT_STAGE in names), ""),
    )


def list_served_keys(snapshot: Snapshot, source: KeySource) -> frozenset[str] | str:
    """Return the keys that a place serves, by ``kid``; or, as a sentence, that it serves none."""
    host = source.endpoint.host
    try:
        reply = snapshot.context.https.get(source.endpoint, source.path)
    except NoResponseError as error:
        raise FactUnavailableError(str(error)) from None
    if reply.status >= _SERVER_ERROR or reply.status == _TOO_MANY_REQUESTS:
        raise FactUnavailableError(f"{host} answered with {reply.status}.")
    if reply.status != _OK:
        return f"{host} answered with {reply.status}."
    kids = frozenset(parse_jwks(reply.body))
    return kids or f"{host} lists no usable key."


def read_cached_keys(snapshot: Snapshot) -> CachedJwks:
    """Return the key set that the controller keeps."""
    return snapshot.context.ledger.load_keys()


def try_write(snapshot: Snapshot, operation: str) -> str:
    """Try a write on the replica with the canary's own token, and return the error code; empty if it was taken.

    Each leaves things as they are if it is taken against expectation.
    """
    signed_in, canary = snapshot(sign_in, RegionRole.STANDBY), snapshot(read_credentials)
    if signed_in.refusal or isinstance(canary, str):
        raise FactUnavailableError(signed_in.refusal or str(canary))
    client = snapshot.context.get_unsigned_cognito(snapshot.settings.standby_region)
    try:
        if operation == "ChangePassword":
            client.change_password(
                AccessToken=signed_in.access_token, PreviousPassword=canary.password, ProposedPassword=canary.password
            )
        else:
            user = client.get_user(AccessToken=signed_in.access_token)
            attributes = {each["Name"]: each.get("Value", "") for each in user["UserAttributes"]}
            value = attributes.get(HARMLESS_ATTRIBUTE, str(int(snapshot.now)))
            client.update_user_attributes(
                AccessToken=signed_in.access_token, UserAttributes=[{"Name": HARMLESS_ATTRIBUTE, "Value": value}]
            )
    except ClientError as error:
        code = get_error_code(error)
        if code in INTERNAL_CODES | THROTTLING_CODES:
            raise
        return code
    return ""
