"""Clients of AWS with the caller's own credentials, and what their errors mean for a person."""

from typing import TYPE_CHECKING, Any

from failoverctl.exit_codes import UnreachableError

if TYPE_CHECKING:
    from failoverctl.target import ControllerTarget

CONNECT_TIMEOUT_SECONDS = 5
READ_TIMEOUT_SECONDS = {"lambda": 75}
"""A function may take 60 s, and some more to start."""

_DEFAULT_READ_TIMEOUT_SECONDS = 10

_AUTHENTICATION_ERRORS = frozenset(
    {
        "ExpiredToken",
        "ExpiredTokenException",
        "IncompleteSignature",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "MissingAuthenticationToken",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
_ACCESS_DENIED_ERRORS = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"})
_THROTTLING_ERRORS = frozenset(
    {"RequestLimitExceeded", "Throttling", "ThrottlingException", "TooManyRequestsException"}
)
_MIN_SERVER_ERROR_STATUS = 500


def create_client(target: "ControllerTarget", service: str) -> Any:
    """Return the boto3 client of a service. It makes one attempt at each call: who calls knows what may be repeated.

    Raises
    ------
    UnreachableError
        If the caller's configuration names no Region or no such profile.

    """
    import boto3  # noqa: PLC0415 - a fifth of a second that completion and help don't need
    from botocore.config import Config  # noqa: PLC0415 - as above
    from botocore.exceptions import BotoCoreError  # noqa: PLC0415 - as above

    config = Config(
        connect_timeout=CONNECT_TIMEOUT_SECONDS,
        read_timeout=READ_TIMEOUT_SECONDS.get(service, _DEFAULT_READ_TIMEOUT_SECONDS),
        retries={"total_max_attempts": 1, "mode": "standard"},
    )
    try:
        session = boto3.session.Session(profile_name=target.profile or None, region_name=target.region or None)
        return session.client(service, config=config)  # type: ignore[call-overload] # the service is a variable
    except (BotoCoreError, ValueError) as error:
        raise UnreachableError(explain_error(error)) from None


def explain_error(error: Exception) -> str:
    """Return what an error of boto3 means, and the way out, as sentences."""
    from botocore import exceptions as boto  # noqa: PLC0415 - as above

    match error:
        case boto.ClientError():
            return _explain_error_response(error.response)
        case boto.NoCredentialsError() | boto.PartialCredentialsError():
            return "No AWS credentials were found. Set AWS_PROFILE or give --profile, or sign in to AWS first."
        case boto.ProfileNotFound():
            return f"{error}. Give --profile one that your AWS configuration has (aws configure list-profiles)."
        case boto.NoRegionError():
            return "No Region is named. Give --region with the standby Region, where the controller's stack is."
        case boto.SSOError() | boto.TokenRetrievalError() | boto.CredentialRetrievalError():
            return f"Your AWS credentials can't be used: {error}. Sign in again (aws sso login)."
        case boto.ConnectTimeoutError() | boto.EndpointConnectionError() | boto.ProxyConnectionError():
            return (
                f"AWS can't be reached: {error}. Check the Region's name, your network, and the AWS Health Dashboard."
            )
        case boto.ReadTimeoutError():
            return f"AWS took the call and gave no answer: {error}."
        case _:
            return f"AWS can't be asked: {error}"


def _explain_error_response(response: Any) -> str:
    code, message = response["Error"].get("Code", ""), response["Error"].get("Message", "")
    details = f"{code}: {message}".rstrip(".")
    if code in _AUTHENTICATION_ERRORS:
        return f"AWS does not accept your credentials ({details}). Sign in to AWS again, or give another --profile."
    if code in _ACCESS_DENIED_ERRORS:
        return f"Your credentials don't allow this ({details}). docs/policies/operator.json has what it needs."
    if code in _THROTTLING_ERRORS:
        return f"AWS throttles the call ({details}). Try again in a moment."
    return f"AWS refused the call ({details})."


def is_retryable(error: Exception) -> bool:
    """Tell whether the same call may succeed in a moment."""
    from botocore import exceptions as boto  # noqa: PLC0415 - as above

    if isinstance(error, boto.ClientError):
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return error.response["Error"].get("Code") in _THROTTLING_ERRORS or status >= _MIN_SERVER_ERROR_STATUS
    return isinstance(error, boto.HTTPClientError | boto.ConnectionError) and not isinstance(error, boto.SSLError)


def is_access_denied(error: Exception) -> bool:
    """Tell whether the caller is known, but not allowed to make this call."""
    from botocore import exceptions as boto  # noqa: PLC0415 - as above

    return isinstance(error, boto.ClientError) and error.response["Error"].get("Code") in _ACCESS_DENIED_ERRORS
