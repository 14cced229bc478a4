"""Readers of the canary: its secret, its sign-ins and tokens, and the keys that verify them."""

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

_UNUSABLE_CODES = frozenset({"AccessDeniedException", "InvalidRequestException", "ResourceNotFoundException"})
"""Error codes of Secrets Manager for a secret that the roles may not read, is scheduled for deletion, or is missing.

IAM denies a partial ARN, because it compares the whole one.
"""

HARMLESS_ATTRIBUTE = "updated_at"
"""An attribute of the canary. Nothing depends on it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CanarySignIn:
    """The result of a sign-in.

    Attributes
    ----------
    identity, access
        The claims of the two tokens. Empty without tokens.
    kids
        The ids of the keys that signed the tokens.
    refusal
        Why there are no tokens, as a sentence. Empty with tokens.
    access_token
        The access token. The repr hides it.

    """

    identity: Mapping[str, Any] = field(default_factory=dict)
    access: Mapping[str, Any] = field(default_factory=dict)
    kids: frozenset[str] = frozenset()
    refusal: str = ""
    access_token: str = field(default="", repr=False)


def read_credentials(snapshot: Snapshot) -> Credentials | str:
    """Return the canary's credentials, or a message why its secret is unusable."""
    try:
        return parse_secret(snapshot.context.secret.read())
    except CanarySecretError as error:
        cause = error.__cause__
        if cause is None or (isinstance(cause, ClientError) and get_error_code(cause) in _UNUSABLE_CODES):
            return str(error)
        raise


def sign_in(snapshot: Snapshot, role: RegionRole) -> CanarySignIn:
    """Sign the canary in once, as users' apps do, and return the result.

    Raises
    ------
    FactUnavailableError
        If the Region fails, throttles or does not answer.

    """
    canary = snapshot.read(read_credentials)
    if isinstance(canary, str):
        raise FactUnavailableError(canary)
    login = LoginClient(client_id=snapshot.settings.client_id, https=snapshot.context.https, monotonic=time.monotonic)
    region = snapshot.settings.regions[role]
    return _parse_result(login.sign_in(build_cognito_endpoint(region), canary), region)


def _parse_result(result: ProbeResult, region: str) -> CanarySignIn:
    match result:
        case SignInSuccess():
            tokens = (result.tokens.id_token, result.tokens.access_token)
            identity, access = (jwt.decode(token, options={"verify_signature": False}) for token in tokens)
            kids = frozenset(str(jwt.get_unverified_header(token).get("kid")) for token in tokens)
            return CanarySignIn(identity=identity, access=access, kids=kids, access_token=result.tokens.access_token)
        case Challenged():
            return CanarySignIn(refusal=f"{region} asks the canary for {result.name}.")
        case ErrorResponse() if not _is_region_failure(result):
            return CanarySignIn(
                refusal=f"{region} refuses the canary with {result.code}: {result.message}".rstrip(": ")
            )
        case ErrorResponse():
            raise FactUnavailableError(f"{region} answers sign-ins with {result.code}.")
        case NoResponse():
            raise FactUnavailableError(f"{region} does not answer sign-ins ({result.kind}).")
        case _:
            raise FactUnavailableError(f"{region} answers sign-ins with neither tokens nor an error.")


def _is_region_failure(error: ErrorResponse) -> bool:
    """Return whether an error comes from the Region's state, not from the canary."""
    return (
        error.code in INTERNAL_CODES | THROTTLING_CODES
        or error.http_status >= _SERVER_ERROR
        or error.http_status == _TOO_MANY_REQUESTS
    )


def read_second_factors(snapshot: Snapshot) -> tuple[str, ...]:
    """Return the canary's second factors, as the primary describes them."""
    canary = snapshot.read(read_credentials)
    if isinstance(canary, str):
        raise FactUnavailableError(canary)
    user = get_cognito_client(snapshot, RegionRole.PRIMARY).admin_get_user(
        UserPoolId=snapshot.settings.user_pool_id, Username=canary.username
    )
    return tuple(user.get("UserMFASettingList", ()))


def read_secret_arn(snapshot: Snapshot) -> str:
    """Return the whole ARN of the canary's secret in the standby Region."""
    arn = snapshot.settings.canary_secret_arn
    client = snapshot.context.get_client("secretsmanager", snapshot.settings.standby_region)
    return str(client.describe_secret(SecretId=arn)["ARN"])


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretVersion:
    """The version of a secret in one Region.

    Attributes
    ----------
    primary_region
        The Region that the secret is replicated from. Empty if it is not replicated.
    current
        The id of the current version.

    """

    primary_region: str
    current: str


def read_secret_version(snapshot: Snapshot, region: str) -> SecretVersion:
    """Return the version of the canary's secret in a Region."""
    arn = replace_arn_region(snapshot.settings.canary_secret_arn, region)
    response: ServiceResponse = snapshot.context.get_client("secretsmanager", region).describe_secret(SecretId=arn)
    stages: Mapping[str, list[str]] = response.get("VersionIdsToStages", {})
    return SecretVersion(
        primary_region=response.get("PrimaryRegion", ""),
        current=next((version for version, names in stages.items() if _CURRENT_STAGE in names), ""),
    )


def list_served_keys(snapshot: Snapshot, source: KeySource) -> frozenset[str] | str:
    """Return the ``kid`` of each key that a source serves, or a message that it serves none."""
    host = source.endpoint.host
    try:
        response = snapshot.context.https.get(source.endpoint, source.path)
    except NoResponseError as error:
        raise FactUnavailableError(str(error)) from None
    if response.status >= _SERVER_ERROR or response.status == _TOO_MANY_REQUESTS:
        raise FactUnavailableError(f"{host} answered with HTTP status {response.status}.")
    if response.status != _OK:
        return f"{host} answered with HTTP status {response.status}."
    kids = frozenset(parse_jwks(response.body))
    return kids or f"{host} lists no usable key."


def read_cached_keys(snapshot: Snapshot) -> CachedJwks:
    """Return the key set that the controller has stored."""
    return snapshot.context.ledger.load_keys()


def try_write(snapshot: Snapshot, operation: str) -> str:
    """Try a write on the replica with the canary's token, and return the error code. Empty if it was accepted.

    Each operation writes the existing value, so even an accepted write changes nothing.
    """
    signed_in, canary = snapshot.read(sign_in, RegionRole.STANDBY), snapshot.read(read_credentials)
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
            attributes = {attribute["Name"]: attribute.get("Value", "") for attribute in user["UserAttributes"]}
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
