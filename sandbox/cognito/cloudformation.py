"""Resource types for replication: replicas, regional settings of a replica, and a pool's key and issuer.

The engine has ``AWS::Cognito::UserPoolDomain``. It calls the operations that `CustomDomains` answers.
"""

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.cognito.interceptor import Cognito
from sandbox.cognito.replica_snapshot import REGIONAL_SETTINGS
from sandbox.cognito.wire import AwsServiceError, JsonObject

USER_POOL = "AWS::Cognito::UserPool"
USER_POOL_REPLICA = "AWS::Cognito::UserPoolReplica"
REGIONAL_CONFIGURATION = "AWS::Cognito::UserPoolRegionalConfigurationAttachment"

_KEY_AND_ISSUER = ("KeyConfiguration", "IssuerConfiguration")

type UserPoolProperties = Mapping[str, Any]
type CreatedReplica = tuple[str, dict[str, Any]]
"""The physical id, and the attributes."""

type UserPoolHandlers = dict[str, Callable[..., Any]]


class ReplicaResourceError(Exception):
    """Cognito rejected a stack's resource. The message appears in the stack event."""

    @classmethod
    def from_service_error(cls, refusal: AwsServiceError) -> "ReplicaResourceError":
        """Return the stack's error for an error of Cognito."""
        return cls(f"{refusal.message} (Service: CognitoIdentityProvider, Error Code: {refusal.code})")


class UserPoolReplicaResources:
    """Creates and deletes replicas for stacks. A stack does not wait until a replica is INACTIVE.

    Parameters
    ----------
    get_scope
        Returns the account and the Region of the current stack.

    """

    def __init__(self, *, cognito: Cognito, get_scope: Callable[[], tuple[str, str]]) -> None:
        self._cognito = cognito
        self._get_scope = get_scope

    def create(self, _logical_id: str, properties: UserPoolProperties, _stack_name: str) -> CreatedReplica:
        """Create a replica.

        Raises
        ------
        ReplicaResourceError
            If Cognito rejects the call.

        """
        tags = {"UserPoolTags": properties["UserPoolTagsAtCreate"]} if "UserPoolTagsAtCreate" in properties else {}
        self._call("CreateUserPoolReplica", properties, tags)
        return f"{properties['UserPoolId']}|{properties['RegionName']}", {}

    def update(
        self, _replica_id: str, old: UserPoolProperties, new: UserPoolProperties, stack_name: str
    ) -> CreatedReplica:
        """Replace the replica if its pool or Region changes. All properties are create-only (the type's schema).

        Raises
        ------
        ReplicaResourceError
            If Cognito rejects the call, for example because the pool still has another replica.

        """
        if all(old[name] == new[name] for name in ("UserPoolId", "RegionName")):
            return f"{new['UserPoolId']}|{new['RegionName']}", {}
        return self.create("", new, stack_name)

    def delete(self, _replica_id: str, properties: UserPoolProperties) -> None:
        """Delete a replica; one that is gone already is no error.

        Raises
        ------
        ReplicaResourceError
            If Cognito rejects the call, for example because the replica is ACTIVE.

        """
        try:
            self._call("DeleteUserPoolReplica", properties, {})
        except ReplicaResourceError as error:
            if "ResourceNotFoundException" not in str(error):
                raise

    def _call(self, operation: str, properties: UserPoolProperties, extra: JsonObject) -> None:
        account, region = self._get_scope()
        document = {"UserPoolId": properties["UserPoolId"], "RegionName": properties["RegionName"], **extra}
        try:
            self._cognito.change_replica(operation, account, region, document)
        except AwsServiceError as refusal:
            raise ReplicaResourceError.from_service_error(refusal) from refusal


class RegionalConfigurationResources:
    """Sets a replica's status and regional settings for stacks in its Region.

    Deleting the resource makes the replica INACTIVE (inferred from the type's schema, not documented).

    Parameters
    ----------
    get_scope
        Returns the account and the Region of the current stack.

    """

    def __init__(self, *, cognito: Cognito, get_scope: Callable[[], tuple[str, str]]) -> None:
        self._cognito = cognito
        self._get_scope = get_scope

    def create(self, _logical_id: str, properties: UserPoolProperties, _stack_name: str) -> CreatedReplica:
        """Apply the template's settings.

        Raises
        ------
        ReplicaResourceError
            If Cognito rejects the call, for example because the replica is CREATING.

        """
        account, region = self._get_scope()
        pool_id = properties["UserPoolId"]
        try:
            settings = {name: value for name, value in properties.items() if name in REGIONAL_SETTINGS}
            self._cognito.configure_replica(account, region, pool_id, settings)
            if "Status" in properties:
                document = {"UserPoolId": pool_id, "RegionName": region, "Status": properties["Status"]}
                self._cognito.change_replica("UpdateUserPoolReplica", account, region, document)
        except AwsServiceError as refusal:
            raise ReplicaResourceError.from_service_error(refusal) from refusal
        return pool_id, {}

    def update(
        self, _pool_id: str, _old: UserPoolProperties, new: UserPoolProperties, stack_name: str
    ) -> CreatedReplica:
        """Apply the template's new settings.

        Raises
        ------
        ReplicaResourceError
            If Cognito rejects the call.

        """
        return self.create("", new, stack_name)

    def delete(self, pool_id: str, _properties: UserPoolProperties) -> None:
        """Make the replica INACTIVE; one that is gone already is no error.

        Raises
        ------
        ReplicaResourceError
            If Cognito rejects the call.

        """
        account, region = self._get_scope()
        document = {"UserPoolId": pool_id, "RegionName": region, "Status": "INACTIVE"}
        try:
            self._cognito.change_replica("UpdateUserPoolReplica", account, region, document)
        except AwsServiceError as refusal:
            if refusal.code != "ResourceNotFoundException":
                raise ReplicaResourceError.from_service_error(refusal) from refusal


def build_user_pool_handlers(
    engine: Mapping[str, Callable[..., Any]], cognito: Cognito, get_scope: Callable[[], tuple[str, str]]
) -> UserPoolHandlers:
    """Return the engine's user pool handlers with support for key and issuer."""

    def create(logical_id: str, properties: UserPoolProperties, stack_name: str) -> Any:
        created = engine["create"](logical_id, properties, stack_name)
        configure(created[0], properties)
        return created

    def update(pool_id: str, old: UserPoolProperties, new: UserPoolProperties, *rest: Any) -> Any:
        updated = engine["update"](pool_id, old, new, *rest)
        configure(pool_id, new)
        return updated

    def configure(pool_id: str, properties: UserPoolProperties) -> None:
        settings = {name: properties[name] for name in _KEY_AND_ISSUER if name in properties}
        try:
            cognito.configure_pool(*get_scope(), pool_id, settings)
        except AwsServiceError as refusal:
            raise ReplicaResourceError.from_service_error(refusal) from refusal

    return {**engine, "create": create, "update": update}
