"""What a replica does in each status, by the developer guide; everything else is for the primary."""

from enum import StrEnum

from sandbox.cognito.wire import AwsServiceError


class ReplicaStatus(StrEnum):
    """A replica's status, as ``ListUserPoolReplicas`` reports it."""

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
"""Operations on what each Region has of its own; the developer guide lists tags and log delivery as such."""

_INVALID_PARAMETER_OPERATIONS = frozenset(
    {
        "AddUserPoolClientSecret",
        "CreateIdentityProvider",
        "DeleteIdentityProvider",
        "DeleteUserPoolClientSecret",
        "UpdateIdentityProvider",
    },
)
"""Writes for which boto3's model lists no ``OperationNotEnabledException``: refused as a wrong parameter."""

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
    """Whether an administrator's operation changes nothing."""
    return operation in _READ_OPERATIONS or (operation.startswith(_READ_PREFIXES) and operation not in _END_USER_READS)


def is_permitted(operation: str, status: ReplicaStatus) -> bool:
    """Whether a replica of this status does an operation."""
    if is_read(operation) or operation in REGIONAL_OPERATIONS:
        return True
    return status is ReplicaStatus.ACTIVE and (
        operation in SIGN_IN_OPERATIONS or operation in _END_USER_OPERATIONS or operation == "AdminUserGlobalSignOut"
    )


def changes_replicated_state(operation: str) -> bool:
    """Whether an operation on the primary may change what its replica holds."""
    answers_only = {"AdminInitiateAuth", "GetTokensFromRefreshToken", "GetUser", "InitiateAuth"}
    return not is_read(operation) and operation not in answers_only


def build_not_enabled_error(operation: str) -> AwsServiceError:
    """Return the service's refusal of an operation that a replica doesn't do."""
    unlisted = operation in _INVALID_PARAMETER_OPERATIONS
    return AwsServiceError(
        "InvalidParameterException" if unlisted else "OperationNotEnabledException",
        "This operation is not enabled in this region for this User Pool",
    )
