import botocore.session
import pytest

from sandbox.cognito.permitted import Status, changes_what_replicates, is_read, not_enabled, permitted

MODEL = botocore.session.get_session().get_service_model("cognito-idp")
OF_NO_POOL = {"CreateUserPool", "GetProvisionedLimit", "ListUserPools", "UpdateProvisionedLimit"}
OPERATIONS = sorted(set(MODEL.operation_names) - OF_NO_POOL)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_refusal_is_an_exception_that_boto3_knows_for_the_operation(operation: str) -> None:
    modelled = {shape.name for shape in MODEL.operation_model(operation).error_shapes}

    assert permitted(operation, Status.INACTIVE) or not_enabled(operation).code in modelled


def test_what_an_inactive_replica_does_an_active_one_does_too() -> None:
    for operation in OPERATIONS:
        assert permitted(operation, Status.ACTIVE) or not permitted(operation, Status.INACTIVE)


def test_users_are_served_by_an_active_replica_only() -> None:
    served = {
        operation
        for operation in OPERATIONS
        if permitted(operation, Status.ACTIVE) and not permitted(operation, Status.INACTIVE)
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


def test_no_read_creates_changes_or_deletes() -> None:
    reads = [operation for operation in OPERATIONS if is_read(operation)]

    assert {operation.removeprefix("Admin")[:3] for operation in reads} == {"Des", "Get", "Lis"}


def test_a_challenge_response_may_change_a_password_and_a_sign_in_changes_nothing() -> None:
    assert changes_what_replicates("RespondToAuthChallenge")
    assert not changes_what_replicates("InitiateAuth")
