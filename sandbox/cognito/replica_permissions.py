"""The operations that a replica supports in each status. Source: developer guide."""

from enum import StrEnum

from sandbox.cognito.wire import AwsServiceError


class ReplicaStatus(StrEnum):
    """A replica's status, as ``ListUserPoolReplicas`` reports it."""

    PENDING_CREATE = "PENDING_CREATE"
    """Documented in the developer guide, but not in the service model."""

    CREATING = "CREATING"
    INACTIVE = "INACTIVE"
    ACTIVE = "ACTIVE"
    DELETING = "DELETING"


SIGN_IN_OPERATIONS = frozenset(
    {
        "AdminInitiateAuth",
        "AdminRespondToAuthChallenge",
        "GetTokensFromRefreshToken",
        "InitiateAuth",
        "RespondToAuthChallenge",
    },
)

_END_USER_OPERATIONS = frozenset({"GetUser", "GlobalSignOut", "ListWebAuthnCredentials", "RevokeToken"})

REGIONAL_OPERATIONS = frozenset(
    {
        "CreateUserPoolDomain",
        "DeleteUserPoolDomain",
        "SetLogDeliveryConfiguration",
        "SetRiskConfiguration",
        "TagResource",
        "UntagResource",
        "UpdateUserPool",
        "UpdateUserPoolDomain",
        "UpdateUserPoolReplica",
    },
)
"""Operations on regional settings. The developer guide lists tags and log delivery as regional."""

_INVALID_PARAMETER_OPERATIONS = frozenset(
    {
        "AddUserPoolClientSecret",
        "CreateIdentityProvider",
        "DeleteIdentityProvider",
        "DeleteUserPoolClientSecret",
        "UpdateIdentityProvider",
    },
)
"""Writes whose boto3 model lacks ``OperationNotEnabledException``: rejected with ``InvalidParameterException``."""

_READ_PREFIXES = ("AdminGet", "AdminList", "Describe", "List")
_READ_OPERATIONS = frozenset(
    {
        "GetCSVHeader",
        "GetGroup",
        "GetIdentityProviderByIdentifier",
        "GetLogDeliveryConfiguration",
        "GetSigningCertificate",
        "GetUICustomization",
        "GetUserPoolClientSessionConfiguration",
        "GetUserPoolMfaConfig",
        "GetUserPoolSessionConfiguration",
    },
)
_END_USER_READS = frozenset({"ListDevices", "ListUserSessions", "ListWebAuthnCredentials"})


def is_read(operation: str) -> bool:
    """Return whether an administrator's operation only reads."""
    return operation in _READ_OPERATIONS or (operation.startswith(_READ_PREFIXES) and operation not in _END_USER_READS)


def is_permitted(operation: str, status: ReplicaStatus) -> bool:
    """Return whether a replica with this status supports an operation."""
    if is_read(operation) or operation in REGIONAL_OPERATIONS:
        return True
    return status is ReplicaStatus.ACTIVE and (
        operation in SIGN_IN_OPERATIONS or operation in _END_USER_OPERATIONS or operation == "AdminUserGlobalSignOut"
    )


def changes_replicated_state(operation: str) -> bool:
    """Return whether an operation on the primary may change replicated state."""
    unchanging = {"AdminInitiateAuth", "GetTokensFromRefreshToken", "GetUser", "InitiateAuth"}
    return not is_read(operation) and operation not in unchanging


def build_not_enabled_error(operation: str) -> AwsServiceError:
    """Return the service's error for an operation that a replica does not support."""
    is_invalid_parameter = operation in _INVALID_PARAMETER_OPERATIONS
    return AwsServiceError(
        "InvalidParameterException" if is_invalid_parameter else "OperationNotEnabledException",
        "This operation is not enabled in this region for this User Pool",
    )
