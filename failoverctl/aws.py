"""AWS clients with the caller's credentials, and explanations of their errors."""

from typing import TYPE_CHECKING, Any

from failoverctl.exit_codes import UnreachableError

if TYPE_CHECKING:
    from failoverctl.target import ControllerTarget

CONNECT_TIMEOUT_SECONDS = 5
READ_TIMEOUT_SECONDS = {"lambda": 75}
"""A function may run for 60 s, plus its start."""

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
    """Return the boto3 client of a service. It does not retry: the caller knows which calls are safe to repeat.

    Raises
    ------
    UnreachableError
        If the caller's AWS configuration has no Region, or does not have the profile.

    """
    import boto3  # noqa: PLC0415 - takes a fifth of a second, and help and completion don't need it
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
    """Return what a boto3 error means and what to do, as sentences."""
    from botocore import exceptions as boto  # noqa: PLC0415 - as above

    match error:
        case boto.ClientError():
            return _explain_error_response(error.response)
        case boto.NoCredentialsError() | boto.PartialCredentialsError():
            return "No AWS credentials were found. Set AWS_PROFILE or give --profile, or sign in to AWS first."
        case boto.ProfileNotFound():
            return f"{error}. Give --profile an existing one (aws configure list-profiles)."
        case boto.NoRegionError():
            return "No Region is given. Give --region the standby Region, where the controller's stack is."
        case boto.SSOError() | boto.TokenRetrievalError() | boto.CredentialRetrievalError():
            return f"Your AWS credentials can't be used: {error}. Sign in again (aws sso login)."
        case boto.ConnectTimeoutError() | boto.EndpointConnectionError() | boto.ProxyConnectionError():
            return (
                f"AWS can't be reached: {error}. Check the Region's name, your network, and the AWS Health Dashboard."
            )
        case boto.ReadTimeoutError():
            return f"AWS accepted the connection, but gave no answer: {error}."
        case _:
            return f"The call to AWS failed: {error}"


def _explain_error_response(response: Any) -> str:
    code, message = response["Error"].get("Code", ""), response["Error"].get("Message", "")
    details = f"{code}: {message}".rstrip(".")
    if code in _AUTHENTICATION_ERRORS:
        return f"AWS does not accept your credentials ({details}). Sign in to AWS again, or give another --profile."
    if code in _ACCESS_DENIED_ERRORS:
        return f"Your credentials don't allow this ({details}). docs/policies/operator.json has the permissions."
    if code in _THROTTLING_ERRORS:
        return f"AWS throttles the call ({details}). Try again in a moment."
    return f"AWS refused the call ({details})."


def is_retryable(error: Exception) -> bool:
    """Return whether a retry of the call may succeed."""
    from botocore import exceptions as boto  # noqa: PLC0415 - as above

    if isinstance(error, boto.ClientError):
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return error.response["Error"].get("Code") in _THROTTLING_ERRORS or status >= _MIN_SERVER_ERROR_STATUS
    return isinstance(error, boto.HTTPClientError | boto.ConnectionError) and not isinstance(error, boto.SSLError)


def is_access_denied(error: Exception) -> bool:
    """Return whether AWS knows the caller, but does not allow the call."""
    from botocore import exceptions as boto  # noqa: PLC0415 - as above

    return isinstance(error, boto.ClientError) and error.response["Error"].get("Code") in _ACCESS_DENIED_ERRORS
