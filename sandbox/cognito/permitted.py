"""What a replica does in each status, by the developer guide; everything else is for the primary."""

from enum import StrEnum

from sandbox.cognito.wire import Refusal


class Status(StrEnum):
    """A replica's status, as ``ListUserPoolReplicas`` reports it."""

    CREATING = "CREATING"
    INACTIVE = "INACTIVE"
    ACTIVE = "ACTIVE"
    DELETING = "DELETING"


SIGN_IN = frozenset(
    {
        "AdminInitiateAuth",
        "AdminRespondToAuthChallenge",
        "GetTokensFromRefreshToken",
        "InitiateAuth",
        "RespondToAuthChallenge",
    },
)

_END_USER = frozenset({"GetUser", "GlobalSignOut", "ListWebAuthnCredentials", "RevokeToken"})

REGIONAL_SETTINGS = frozenset(
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

_WITHOUT_THE_EXCEPTION = frozenset(
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
_READS = frozenset(
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
    return operation in _READS or (operation.startswith(_READ_PREFIXES) and operation not in _END_USER_READS)


def permitted(operation: str, status: Status) -> bool:
    """Whether a replica of this status does an operation."""
    if is_read(operation) or operation in REGIONAL_SETTINGS:
        return True
    return status is Status.ACTIVE and (
        operation in SIGN_IN or operation in _END_USER or operation == "AdminUserGlobalSignOut"
    )


def changes_what_replicates(operation: str) -> bool:
    """Whether an operation on the primary may change what its replica holds."""
    answers_only = {"AdminInitiateAuth", "GetTokensFromRefreshToken", "GetUser", "InitiateAuth"}
    return not is_read(operation) and operation not in answers_only


def not_enabled(operation: str) -> Refusal:
    """Return the service's refusal of an operation that a replica doesn't do."""
    unlisted = operation in _WITHOUT_THE_EXCEPTION
    return Refusal(
        "InvalidParameterException" if unlisted else "OperationNotEnabledException",
        "This operation is not enabled in this region for this User Pool",
    )
