import botocore.session
import pytest

from sandbox.cognito.replica_permissions import (
    ReplicaStatus,
    build_not_enabled_error,
    changes_replicated_state,
    is_permitted,
    is_read,
)

MODEL = botocore.session.get_session().get_service_model("cognito-idp")
OPERATIONS_WITHOUT_POOL = {"CreateUserPool", "GetProvisionedLimit", "ListUserPools", "UpdateProvisionedLimit"}
OPERATIONS = sorted(set(MODEL.operation_names) - OPERATIONS_WITHOUT_POOL)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_not_enabled_error_is_modelled_for_the_operation(operation: str) -> None:
    modelled = {shape.name for shape in MODEL.operation_model(operation).error_shapes}

    assert is_permitted(operation, ReplicaStatus.INACTIVE) or build_not_enabled_error(operation).code in modelled


def test_active_replica_permits_what_inactive_permits() -> None:
    for operation in OPERATIONS:
        assert is_permitted(operation, ReplicaStatus.ACTIVE) or not is_permitted(operation, ReplicaStatus.INACTIVE)


def test_only_active_replica_serves_users() -> None:
    served = {
        operation
        for operation in OPERATIONS
        if is_permitted(operation, ReplicaStatus.ACTIVE) and not is_permitted(operation, ReplicaStatus.INACTIVE)
    }

    assert served == {
        "AdminInitiateAuth",
        "AdminRespondToAuthChallenge",
        "AdminUserGlobalSignOut",
        "GetTokensFromRefreshToken",
        "GetUser",
        "GlobalSignOut",
        "InitiateAuth",
        "ListWebAuthnCredentials",
        "RespondToAuthChallenge",
        "RevokeToken",
    }


def test_read_operations_do_not_create_change_or_delete() -> None:
    reads = [operation for operation in OPERATIONS if is_read(operation)]

    assert {operation.removeprefix("Admin")[:3] for operation in reads} == {"Des", "Get", "Lis"}


def test_challenge_response_changes_replicated_state_and_sign_in_does_not() -> None:
    assert changes_replicated_state("RespondToAuthChallenge")
    assert not changes_replicated_state("InitiateAuth")
